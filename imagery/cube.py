"""NetCDF cube: variables, times, grid and nodata as it states them; no arrays."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import rasterio
from odc.geo.crs import CRS
from odc.geo.geobox import GeoBox
from pyproj.exceptions import CRSError
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from imagery.errors import ImageryError, UnreadableProduct
from imagery.raster import gdal_env

CUBE_SUFFIXES = (".nc", ".nc4", ".cdf")
VARIABLE, INDEX, TOLD_CRS = "lucerna:variable", "lucerna:index", "lucerna:crs"
"""Fields of a band in an item: variable, its band from 1, CRS that was told."""

_SINCE = re.compile(
    r"(?P<unit>\w+) since (?P<day>\d{4}-\d{1,2}-\d{1,2})"
    r"(?:[ T](?P<time>\d{1,2}:\d{1,2}(?::\d{1,2})?)(?:\.\d*)?)?"
    r"\s*(?:Z|UTC|[+-]?00:?00)?"
)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_CALENDARS = ("standard", "gregorian", "proleptic_gregorian")


@dataclass(frozen=True)
class Variable:
    """A variable of a cube that is laid out in space.

    Attributes:
        name: Its name.
        path: The name that GDAL has for it.
        times: Of each of its bands, aware UTC; empty where it has no time.
        bands: Number of its bands.
        dtype: Number type, "uint16".
        nodata: Number without data, where an attribute states it.
        scaling: Scale and offset, where attributes state one.
        crs: CRS, where it is stated; "EPSG:n" or WKT.
        geobox: Grid without CRS; None where it has none.
    """

    name: str
    path: Path
    times: tuple[datetime, ...]
    bands: int
    dtype: str
    nodata: float | None
    scaling: tuple[float, float] | None
    crs: str | None
    geobox: GeoBox | None


def variable_path(path: Path, name: str) -> Path:
    """The name that GDAL has for a variable of a NetCDF file.

    >>> variable_path(Path("/data/a b.nc"), "B02").as_posix()
    'netcdf:"/data/a b.nc":B02'
    """
    return Path(f'netcdf:"{path.absolute()}":{name}')


def epsg_name(text: str) -> str:
    """A CRS as "EPSG:n".

    Raises:
        ImageryError: The text names none with such a code.
    """
    try:
        code = CRS(text).epsg
    except CRSError:
        code = None
    if code is None:
        raise ImageryError(f"no CRS with an EPSG code: {text}; write EPSG:32631")
    return f"EPSG:{code}"


def variable_names(path: Path) -> list[str]:
    """Names of the variables of a cube.

    Raises:
        UnreadableProduct: It is no NetCDF, or has no variable laid out in space.
    """
    with _opened(path, Path(f'netcdf:"{path.absolute()}"')) as dataset:
        names = [one.rpartition(":")[2] for one in dataset.subdatasets]
        if not names and dataset.count:
            names = [dataset.tags(1).get("NETCDF_VARNAME", "")]
    if not any(names):
        raise UnreadableProduct(
            f"{path} has no variable laid out in space; give a NetCDF with x and y"
        )
    return names


def read_variable(path: Path, name: str) -> Variable:
    """What a cube states of a variable; nothing is taken that is only usual.

    GDAL's nodata is the default fill of NetCDF where no attribute states one (32769
    for unsigned 16 bits kept as signed): it is left out here.

    Raises:
        UnreadableProduct: It cannot be read, or its times make no sense.
    """
    place = variable_path(path, name)
    with _opened(path, place) as dataset:
        tags = dataset.tags()
        stated = any(f"{name}#{one}" in tags for one in ("_FillValue", "missing_value"))
        scaled = any(f"{name}#{one}" in tags for one in ("scale_factor", "add_offset"))
        fill = dataset.nodatavals[0] if stated else None
        placed = dataset.transform != rasterio.Affine.identity()
        epsg = None if dataset.crs is None else dataset.crs.to_epsg()
        return Variable(
            name=name,
            path=place,
            times=_times(dataset, name, path),
            bands=dataset.count,
            dtype=dataset.dtypes[0],
            nodata=None if fill is None else float(fill),
            scaling=(dataset.scales[0], dataset.offsets[0]) if scaled else None,
            crs=f"EPSG:{epsg}" if epsg else dataset.crs and dataset.crs.to_wkt(),
            geobox=(
                GeoBox(dataset.shape, dataset.transform, dataset.crs)
                if placed
                else None
            ),
        )


def is_float(variable: Variable) -> bool:
    """Whether numbers may be NaN, which then means no data."""
    return np.issubdtype(np.dtype(variable.dtype), np.floating)


@contextmanager
def _opened(path: Path, place: Path) -> Iterator[rasterio.DatasetReader]:
    with gdal_env(), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            dataset = rasterio.open(place, driver="netCDF")
        except RasterioError as error:
            raise UnreadableProduct(
                f"not a readable NetCDF: {path}; check the path and the file"
            ) from error
        with dataset:
            yield dataset


def _times(
    dataset: rasterio.DatasetReader, name: str, path: Path
) -> tuple[datetime, ...]:
    tags = dataset.tags()
    extra = tags.get("NETCDF_DIM_EXTRA", "{}").strip("{}")
    dimensions = [one for one in extra.split(",") if one]
    if not dimensions:
        return ()
    (axis, *others) = dimensions
    units = tags.get(f"{axis}#units", "")
    match = _SINCE.fullmatch(units.strip())
    seconds = None if match is None else _SECONDS.get(match["unit"].rstrip("s").lower())
    if others or match is None or seconds is None:
        raise UnreadableProduct(
            f"{name} in {path} has dimensions {', '.join(dimensions)} besides x and y "
            f"({units or 'no units'}); give a cube with one, a time in days, hours, "
            "minutes or seconds since a date"
        )
    calendar = tags.get(f"{axis}#calendar", "standard")
    if calendar not in _CALENDARS:
        raise UnreadableProduct(
            f"the times in {path} are of calendar {calendar}; give them in standard"
        )
    day, clock = match["day"].split("-"), (match["time"] or "0:0").split(":")
    try:
        first = datetime(*map(int, day), *map(int, clock), tzinfo=UTC)  # type: ignore[arg-type,misc]
        counts = [
            float(dataset.tags(band)[f"NETCDF_DIM_{axis}"])
            for band in range(1, dataset.count + 1)
        ]
        return tuple(first + timedelta(seconds=seconds * one) for one in counts)
    except (KeyError, ValueError, OverflowError) as error:
        raise UnreadableProduct(
            f"a time in {path} is damaged ({error}); check {axis} in it"
        ) from error

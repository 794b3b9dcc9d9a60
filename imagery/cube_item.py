"""NetCDF cube → a STAC item for each of its times."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox

from imagery.cube import (
    INDEX,
    TOLD_CRS,
    VARIABLE,
    Variable,
    epsg_name,
    is_float,
    read_variable,
    variable_names,
)
from imagery.errors import GridMismatch, ImageryError
from imagery.item_bands import band_entry
from imagery.naming import bands_by_name
from imagery.raster import open_raster
from imagery.scene import files_sha256
from imagery.stac import write_item
from imagery.stac_item import file_fields, item_of_assets, shape_fields
from imagery.told import Reading, Told, checked, sensor_of

Period = tuple[datetime, datetime]


def describe_cube(
    path: Path, told: Told, period: Period | None, crs: str | None = None
) -> list[Path]:
    """Write a STAC item beside a cube for one of its times, or for each.

    An item points at variables and their bands; no pixel is copied. What the cube
    states itself (times, CRS, grid, nodata, scale) is taken from it; an option says
    what it does not state, and of scale and nodata also otherwise.

    Args:
        path: The NetCDF file.
        told: What the pixels are; `bands` as in `bands_by_name`.
        period: Where given, the one time of the cube that lies in it is described,
            and the item holds for the period: a month of a monthly composite. If not
            given, each time is described as an instant.
        crs: CRS of a cube that states none, "EPSG:32631".

    Returns:
        The items, named after cube, time and sensor, in the order of time.

    Raises:
        ImageryError: Names and sensor do not fit; nodata or CRS is not stated and
            not told; a CRS is told against the cube; or not one time is in the period.
        GridMismatch: Variables differ in grid or times, or have none.
        UnreadableProduct: It is no NetCDF, or its times make no sense.
    """
    reading = checked(told, path)
    sensor = sensor_of(reading, path)
    meant = bands_by_name(variable_names(path), sensor, told.bands, path)
    variables: dict[str, Variable] = {}
    for band, names in meant.items():
        if len(names) > 1:
            raise ImageryError(
                f"band {band} may be {' or '.join(names)} in {path}; "
                f"name one: --bands {band}=NAME"
            )
        variables[band] = read_variable(path, names[0])
    _check_alike(list(variables.values()), path)
    told_crs = _told_crs(next(iter(variables.values())), crs, path)
    steps = _steps(next(iter(variables.values())), period, path)
    digest = files_sha256([path])
    items = [_item(path, reading, variables, step, told_crs, digest) for step in steps]
    stamps = [_stamp(when) for _, when, _ in steps]
    return [
        write_item(path.with_name(f"{path.stem}_{stamp}_{told.sensor}.json"), item)
        for stamp, item in zip(stamps, items, strict=True)
    ]


_Step = tuple[int, datetime, Period]
"""Band of each variable, its time in the cube, and the time that an item holds for."""


def _steps(first: Variable, period: Period | None, path: Path) -> list[_Step]:
    if not first.times:
        if period is None:
            raise ImageryError(f"{path} states no time; give --datetime")
        return [(1, period[0], period)]
    numbered = list(enumerate(first.times, start=1))
    if period is None:
        return [(band, time, (time, time)) for band, time in numbered]
    begins, ends = period
    within = [one for one in numbered if begins <= one[1] <= ends]
    if len(within) != 1:
        raise ImageryError(
            f"{len(within) or 'no'} times of {path} lie from {begins:%Y-%m-%d} to "
            f"{ends:%Y-%m-%d}; it has {len(numbered)}, from {min(first.times):%Y-%m-%d}"
            f" to {max(first.times):%Y-%m-%d}: give --datetime around one, or none"
        )
    ((band, time),) = within
    return [(band, time, period)]


def _item(
    path: Path,
    reading: Reading,
    variables: dict[str, Variable],
    step: _Step,
    told_crs: str | None,
    digest: str,
) -> dict[str, Any]:
    index, _, (begins, ends) = step
    entries = []
    for band, variable in variables.items():
        with open_raster(variable.path, told_crs) as dataset:
            geobox = GeoBox.from_rio(dataset)
            entry = band_entry(
                band,
                dataset,
                index,
                reading.sensor,
                _scaling(band, variable, reading),
                reading.quantity,
                _nodata(variable, reading, path),
            )
        entry |= {VARIABLE: variable.name, INDEX: index}
        entries.append(entry | ({} if told_crs is None else {TOLD_CRS: told_crs}))
    asset = {
        "href": f"./{path.name}",
        "type": "application/x-netcdf",
        "roles": ["data"],
        "bands": entries,
        **shape_fields(geobox),
        **file_fields(path, digest),
    }
    properties = reading.properties(begins, ends)
    name = f"{path.stem}_{reading.told.sensor}"
    return item_of_assets(name, geobox, {"data": asset}, properties, begins, ends)


def _scaling(band: str, variable: Variable, reading: Reading) -> tuple[float, float]:
    """Scale and offset: each as told, else as stated, else as usual."""
    told, usual = reading.told, reading.scaling(band)
    if told.metadata is not None:
        return usual
    stated = variable.scaling or ((1.0, 0.0) if is_float(variable) else usual)
    return (
        stated[0] if told.scale is None else told.scale,
        stated[1] if told.offset is None else told.offset,
    )


def _nodata(variable: Variable, reading: Reading, path: Path) -> float:
    if reading.told.nodata is not None:
        return reading.told.nodata
    if variable.nodata is not None:
        return variable.nodata
    if is_float(variable):
        return float("nan")
    raise ImageryError(
        f"{variable.name} in {path} states no number for no data; give --nodata, "
        "such as 65535"
    )


def _told_crs(variable: Variable, crs: str | None, path: Path) -> str | None:
    """The CRS to be used where the cube states none."""
    if crs is None:
        if variable.crs is None:
            raise ImageryError(
                f"{path} states no CRS; give --crs, such as EPSG:32631, or EPSG:4326 "
                "for longitude and latitude"
            )
        return None
    told = epsg_name(crs)
    if variable.crs is None:
        return told
    if variable.crs != told:
        raise ImageryError(
            f"{path} states its CRS itself and it is not {told}; leave --crs out"
        )
    return None


def _check_alike(variables: Sequence[Variable], path: Path) -> None:
    first = variables[0]
    for one in variables:
        if one.geobox is None:
            raise GridMismatch(
                f"{one.name} in {path} lies on no regular grid; resample it to one"
            )
        if (one.geobox, one.times, one.crs) != (first.geobox, first.times, first.crs):
            raise GridMismatch(
                f"{one.name} and {first.name} in {path} differ in grid or times; "
                f"take the ones alike with --bands"
            )
        if not one.times and one.bands != 1:
            raise GridMismatch(
                f"{one.name} in {path} has {one.bands} layers without a time; "
                "give one with times"
            )


def _stamp(when: datetime) -> str:
    whole = (when.hour, when.minute, when.second) == (0, 0, 0)
    return f"{when:%Y%m%d}" if whole else f"{when:%Y%m%dT%H%M%S}"

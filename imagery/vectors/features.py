"""The one reader of vector files: by what they hold, not by what they are called."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
from pyproj import CRS

from imagery.errors import InvalidUnits
from imagery.scene import files_sha256
from imagery.vectors.containers import (
    PARTS,
    SHAPEFILE,
    WANTED,
    check_json,
    check_package,
    one_line,
    unpacked_shapefile,
)
from imagery.vectors.place import named_crs, parsed_crs, to_crs84, with_crs
from imagery.vectors.tables import is_table, read_parquet, read_table

MAX_FILE_BYTES = 2 * 2**30
"""Size that a vector file may have."""

_SQLITE = b"SQLite format 3\0"
_TABLES = (".csv", ".tsv", ".txt", ".xls", ".xlsx", ".ods")
_HEAD_BYTES = 4096


@dataclass(frozen=True)
class Features:
    """The features of a vector file.

    Attributes:
        path: The file.
        frame: Its rows, in the CRS that it states or that was told.
        by_default: The CRS is that of the format: a GeoJSON that names none.
        option: Option of the command that tells a CRS; None where there is none.
    """

    path: Path
    frame: gpd.GeoDataFrame
    by_default: bool
    option: str | None

    def in_crs84(self) -> gpd.GeoSeries:
        """The geometries in CRS84, without heights.

        Raises:
            InvalidUnits: They lie off the Earth or far from where the CRS is used.
        """
        return to_crs84(
            self.path, self.frame, by_default=self.by_default, option=self.option
        )


def read_features(
    path: Path,
    *,
    crs: str | None = None,
    layer: str | None = None,
    option: str | None = None,
) -> Features:
    """The features of a vector file, those without a readable geometry with None.

    Only six kinds of file are opened, by their first bytes: others that GDAL reads
    may point to further files or addresses.

    Args:
        path: GeoPackage, GeoJSON, shapefile, that in a zip archive, CSV or TSV with
            WKT or with lon and lat, GeoParquet.
        crs: CRS of the coordinates, for a file that states none.
        layer: Layer of a GeoPackage; None where it has one.
        option: Option that names the file, such as `--units`: `--units-crs` and
            `--units-layer` are then advised. None where a user has no options.

    Raises:
        InvalidUnits: The file is missing, of another kind, damaged or has no rows;
            states no CRS or another than `crs`; has several layers or not this one.

    Memory: the whole file.
    """
    if not path.is_file():
        raise InvalidUnits(f"{path}: there is no such file; check the path")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InvalidUnits(
            f"{path}: is larger than {MAX_FILE_BYTES // 2**30} GB; split it"
        )
    crs_option = f"{option}-crs" if option else None
    told = None if crs is None else parsed_crs(crs, crs_option or "the CRS")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if layer is not None and not head.startswith(_SQLITE):
        raise InvalidUnits(
            f"{path}: is no GeoPackage and has no layer {layer!r}; leave the layer out"
        )
    frame, by_default = _rows(path, head, layer, option)
    if not len(frame):
        raise InvalidUnits(f"{path}: holds no rows; {WANTED}")
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InvalidUnits(f"{path}: is a table without outlines; {WANTED}")
    frame = with_crs(path, frame, told, by_default=by_default, option=crs_option)
    return Features(path, frame, by_default and told is None, crs_option)


def vector_sha256(path: Path) -> str:
    """SHA-256 of a vector file; of a shapefile with its parts, in fixed order."""
    if path.suffix.lower() != ".shp":
        return files_sha256([path])
    beside = [path.with_suffix(one) for one in PARTS[1:]]
    return files_sha256([path, *(one for one in beside if one.is_file())])


def _rows(
    path: Path, head: bytes, layer: str | None, option: str | None
) -> tuple[gpd.GeoDataFrame, bool]:
    """Rows, and whether the format and not the file says their CRS."""
    suffix = path.suffix.lower()
    if head.startswith(_SQLITE):
        check_package(path, head)
        return _read(path, str(path), _layer(path, layer, option)), False
    if head.startswith(b"PAR1"):
        return read_parquet(path), False
    if head.startswith(b"PK\x03\x04") and suffix not in _TABLES:
        with unpacked_shapefile(path) as shapefile:
            return _read(path, str(shapefile)), False
    if head.startswith(SHAPEFILE):
        if suffix != ".shp":
            raise InvalidUnits(f"{path}: is a shapefile; name it .shp")
        return _read(path, str(path)), False
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        top = check_json(path)
        frame = _read(path, f"GeoJSON:{path}")
        if "crs" in top:
            frame = frame.set_crs(_json_crs(path, top["crs"]), allow_override=True)
        return frame, "crs" not in top
    if not head.strip():
        raise InvalidUnits(f"{path}: is empty; {WANTED}")
    if is_table(head):
        return read_table(path), False
    if suffix in _TABLES:
        raise InvalidUnits(
            f"{path}: is a table without outlines (no column wkt, or lon and lat); "
            f"{WANTED}"
        )
    raise InvalidUnits(f"{path}: is no vector file that can be read; {WANTED}")


def _json_crs(path: Path, member: object) -> CRS | None:
    """The CRS of the member `crs` of a GeoJSON; null says that there is none.

    GDAL takes longitude and latitude for one that it does not know.
    """
    if member is None:
        return None
    match member:
        case {"type": "name", "properties": {"name": str(name)}}:
            return named_crs(path, name, "EPSG:31370")
        case {"type": "EPSG", "properties": {"code": int(code) | str(code)}}:
            return named_crs(path, f"EPSG:{code}", "EPSG:31370")
    raise InvalidUnits(
        f"{path}: has a member crs without the name of a CRS; write "
        '{"type": "name", "properties": {"name": "EPSG:31370"}}, or leave it out for '
        "longitude and latitude"
    )


def _layer(path: Path, wanted: str | None, option: str | None) -> str:
    """The layer to read of a GeoPackage."""
    try:
        listed = gpd.list_layers(str(path))
    except Exception as error:  # pyogrio raises many kinds for unreadable files
        raise InvalidUnits(
            f"{path}: cannot be read ({one_line(error)}); {WANTED}"
        ) from error
    layers = [str(one) for one in listed["name"][listed["geometry_type"].notna()]]
    if not layers:
        raise InvalidUnits(f"{path}: is a table without outlines; {WANTED}")
    shown = ", ".join(layers[:5])
    if wanted is not None and wanted not in layers:
        raise InvalidUnits(f"{path}: has no layer {wanted!r}; choose one of {shown}")
    if wanted is None and len(layers) > 1:
        advice = f"choose one with {option}-layer" if option else "keep one"
        raise InvalidUnits(f"{path}: holds {len(layers)} layers ({shown}); {advice}")
    return wanted or layers[0]


def _read(path: Path, source: str, layer: str | None = None) -> gpd.GeoDataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's notes on single rows
            return gpd.read_file(source, layer=layer, on_invalid="ignore")
    except Exception as error:  # pyogrio raises many kinds for unreadable files
        raise InvalidUnits(
            f"{path}: cannot be read ({one_line(error)}); {WANTED}"
        ) from error

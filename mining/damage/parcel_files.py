"""Files of parcels by what they hold, not by what they are called."""

import contextlib
import json
import sqlite3
import tempfile
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import geopandas as gpd

from imagery.errors import InvalidUnits
from imagery.scene import files_sha256

MAX_UNPACKED_BYTES = 400 * 2**20
"""Size that the shapefile of an archive may have."""

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_TABLES = (".csv", ".tsv", ".txt", ".xls", ".xlsx", ".ods")
_WANTED = "give GeoJSON, GeoPackage or a zipped shapefile"
_SHAPEFILE = b"\x00\x00\x27\x0a"
_SQLITE = b"SQLite format 3\0"
_COMPUTED = (2, 3)
"""What SQLite calls columns that it computes, stored or not."""


def read_parcel_rows(path: Path) -> gpd.GeoDataFrame:
    """The rows of a file of parcels, a geometry column among them.

    Only four kinds of file are opened, by their first bytes: others that GDAL reads
    may point to further files or addresses. Geometries that cannot be parsed are None.

    Raises:
        InvalidUnits: The file is missing, of another kind, damaged or has no rows.
    """
    if not path.is_file():
        raise InvalidUnits(f"{path}: there is no such file; check the path")
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(_SQLITE):
        _check_package(path, head)
        return _read(path, str(path), one_layer=True)
    if head.startswith(b"PK\x03\x04") and path.suffix.lower() == ".zip":
        return _unpacked(path)
    if head.startswith(_SHAPEFILE) and path.suffix.lower() == ".shp":
        return _read(path, str(path))
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        _check_json(path)
        return _read(path, f"GeoJSON:{path}")
    if not head.strip():
        raise InvalidUnits(f"{path.name}: is empty; {_WANTED}")
    if path.suffix.lower() in _TABLES:
        raise InvalidUnits(f"{path.name}: is a table without outlines; {_WANTED}")
    raise InvalidUnits(f"{path.name}: is no file of parcels; {_WANTED}")


def parcels_sha256(path: Path) -> str:
    """SHA-256 of a file of parcels; of a shapefile with its parts, in fixed order."""
    if path.suffix.lower() != ".shp":
        return files_sha256([path])
    beside = [path.with_suffix(one) for one in _PARTS[1:]]
    return files_sha256([path, *(one for one in beside if one.is_file())])


def _unpacked(path: Path) -> gpd.GeoDataFrame:
    """The one shapefile of an archive, unpacked under names of our own."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            parts = [
                one
                for one in archive.infolist()
                if PurePosixPath(one.filename).suffix.lower() in _PARTS
                and not PurePosixPath(one.filename).name.startswith("._")
            ]
            shapes = [one for one in parts if one.filename.lower().endswith(".shp")]
            if len(shapes) != 1:
                raise InvalidUnits(
                    f"{path.name}: holds {len(shapes)} shapefiles; pack exactly one"
                )
            stem = PurePosixPath(shapes[0].filename).with_suffix("")
            own = [
                one
                for one in parts
                if PurePosixPath(one.filename).with_suffix("") == stem
            ]
            if sum(one.file_size for one in own) > MAX_UNPACKED_BYTES:
                raise InvalidUnits(
                    f"{path.name}: unpacks to more than "
                    f"{MAX_UNPACKED_BYTES // 2**20} MB; split it"
                )
            with archive.open(shapes[0]) as shape:
                sound = shape.read(len(_SHAPEFILE)) == _SHAPEFILE
            if not sound:
                raise InvalidUnits(
                    f"{path.name}: {PurePosixPath(shapes[0].filename).name} in it is "
                    f"no shapefile; {_WANTED}"
                )
            for one in own:
                suffix = PurePosixPath(one.filename).suffix.lower()
                (Path(folder) / f"parcels{suffix}").write_bytes(archive.read(one))
            return _read(path, str(Path(folder) / "parcels.shp"))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise InvalidUnits(
            f"{path.name}: the archive cannot be read ({_one_line(error)}); {_WANTED}"
        ) from error


def _check_json(path: Path) -> None:
    """Refuse a CRS given as a link anywhere in a GeoJSON: GDAL would fetch it."""

    def look(members: Sequence[tuple[str, object]]) -> None:
        kinds = {str(value).lower() for key, value in members if key.lower() == "type"}
        linked = kinds & {"link", "url"}
        if linked and any(key.lower() == "properties" for key, _ in members):
            raise InvalidUnits(
                f"{path.name}: gives its CRS as a link, which is not followed; "
                "write coordinates in longitude and latitude"
            )

    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        json.loads(text, object_pairs_hook=look)
    except (ValueError, RecursionError) as error:
        raise InvalidUnits(
            f"{path.name}: cannot be read ({_one_line(error)}); {_WANTED}"
        ) from error


def _check_package(path: Path, head: bytes) -> None:
    """Refuse SQLite that is no GeoPackage, or one that computes what it shows.

    A view or a computed column can be written so that reading it never ends.
    """
    if head[68:70] != b"GP" and path.suffix.lower() != ".gpkg":
        raise InvalidUnits(f"{path.name}: is a database, no GeoPackage; {_WANTED}")
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as package:
            views = package.execute("SELECT name FROM sqlite_master WHERE type='view'")
            computed = [f"the view {one!r}" for (one,) in views]
            if not computed:
                layers = package.execute("SELECT table_name FROM gpkg_contents")
                for (layer,) in layers.fetchall():
                    columns = package.execute(
                        "SELECT name, hidden FROM pragma_table_xinfo(?)", (layer,)
                    )
                    computed += [
                        f"the computed column {name!r}"
                        for name, hidden in columns
                        if hidden in _COMPUTED
                    ]
    except sqlite3.Error as error:
        raise InvalidUnits(
            f"{path.name}: cannot be read ({_one_line(error)}); {_WANTED}"
        ) from error
    if computed:
        raise InvalidUnits(
            f"{path.name}: holds {computed[0]}; export the parcels as a plain layer"
        )


def _read(path: Path, source: str, *, one_layer: bool = False) -> gpd.GeoDataFrame:
    layers: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's notes on single rows
            if one_layer:
                layers = list(gpd.list_layers(source)["name"])
            frame = gpd.read_file(source, on_invalid="ignore")
    except Exception as error:  # pyogrio raises many kinds for unreadable files
        raise InvalidUnits(
            f"{path.name}: cannot be read ({_one_line(error)}); {_WANTED}"
        ) from error
    if len(layers) > 1:
        listed = ", ".join(layers[:5])
        raise InvalidUnits(
            f"{path.name}: holds {len(layers)} layers ({listed}); keep one"
        )
    if not len(frame):
        raise InvalidUnits(f"{path.name}: holds no rows; {_WANTED}")
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InvalidUnits(f"{path.name}: is a table without outlines; {_WANTED}")
    return frame


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]

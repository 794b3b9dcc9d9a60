"""What a vector file may not hold: links, computed rows, paths that lead out."""

import contextlib
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from imagery.errors import InvalidUnits

WANTED = (
    "give GeoPackage, GeoJSON, a shapefile, also zipped, GeoParquet, or CSV with WKT"
)
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
MAX_UNPACKED_BYTES = 400 * 2**20
"""Size that the content of a packed file may have."""

_KEPT = ("type", "crs", "properties", "name", "code")
"""Members of a GeoJSON that are kept, at any depth: those that can name its CRS."""

SHAPEFILE = b"\x00\x00\x27\x0a"
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError,
    OSError,
)  # fmt: skip
_COMPUTED = (2, 3)
"""What SQLite calls columns that it computes, stored or not."""


def one_line(error: Exception) -> str:
    """The message of an error on one line, cut short."""
    return " ".join(str(error).split())[:160]


@contextlib.contextmanager
def unpacked_shapefile(path: Path) -> Iterator[Path]:
    """The one shapefile of an archive, unpacked under names of our own.

    Raises:
        InvalidUnits: No archive, not one shapefile in it, too large, or a member that
            leads out of the archive.
    """
    with TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(path, archive, Path(folder))
        except _DAMAGED as error:
            raise InvalidUnits(
                f"{path}: the archive cannot be read ({one_line(error)}); {WANTED}"
            ) from error
        yield Path(folder) / "features.shp"


def _unpack(path: Path, archive: zipfile.ZipFile, folder: Path) -> None:
    for one in archive.infolist():
        inside = PurePosixPath(one.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts:
            raise InvalidUnits(
                f"{path}: holds {one.filename!r}, which leads out of the archive; "
                "pack the shapefile again"
            )
    parts = [
        one
        for one in archive.infolist()
        if PurePosixPath(one.filename).suffix.lower() in PARTS
        and not PurePosixPath(one.filename).name.startswith("._")
    ]
    shapes = [one for one in parts if one.filename.lower().endswith(".shp")]
    if len(shapes) != 1:
        raise InvalidUnits(f"{path}: holds {len(shapes)} shapefiles; pack exactly one")
    stem = PurePosixPath(shapes[0].filename).with_suffix("")
    own = [one for one in parts if PurePosixPath(one.filename).with_suffix("") == stem]
    if sum(one.file_size for one in own) > MAX_UNPACKED_BYTES:
        raise InvalidUnits(
            f"{path}: unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MB; split it"
        )
    with archive.open(shapes[0]) as shape:
        sound = shape.read(len(SHAPEFILE)) == SHAPEFILE
    if not sound:
        raise InvalidUnits(
            f"{path}: {PurePosixPath(shapes[0].filename).name} in it is no shapefile; "
            f"{WANTED}"
        )
    for one in own:
        suffix = PurePosixPath(one.filename).suffix.lower()
        (folder / f"features{suffix}").write_bytes(archive.read(one))


def check_json(path: Path) -> dict[str, object]:
    """The top members of a GeoJSON that gives no CRS as a link: GDAL would fetch it.

    Raises:
        InvalidUnits: It is no JSON, or gives a CRS as a link anywhere.
    """

    def look(members: Sequence[tuple[str, object]]) -> dict[str, object]:
        kinds = {str(value).lower() for key, value in members if key.lower() == "type"}
        linked = kinds & {"link", "url"}
        if linked and any(key.lower() == "properties" for key, _ in members):
            raise InvalidUnits(
                f"{path}: gives its CRS as a link, which is not followed; "
                "write coordinates in longitude and latitude"
            )
        return {key: value for key, value in members if key in _KEPT}

    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        top: dict[str, object] = json.loads(text, object_pairs_hook=look)
    except (ValueError, RecursionError) as error:
        raise InvalidUnits(
            f"{path}: cannot be read ({one_line(error)}); {WANTED}"
        ) from error
    return top


def check_package(path: Path, head: bytes) -> None:
    """Refuse SQLite that is no GeoPackage, or one that computes what it shows.

    A view or a computed column can be written so that reading it never ends.

    Raises:
        InvalidUnits: As said.
    """
    if head[68:70] != b"GP" and path.suffix.lower() != ".gpkg":
        raise InvalidUnits(f"{path}: is a database, no GeoPackage; {WANTED}")
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
            f"{path}: cannot be read ({one_line(error)}); {WANTED}"
        ) from error
    if computed:
        raise InvalidUnits(
            f"{path}: holds {computed[0]}; export the features as a plain layer"
        )

"""Measures PostGIS on the same parcels, where Debian's package of it is installed."""

import contextlib
import getpass
import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import parcels
import psycopg2
from speed_store import Row, cycled, timed

_PROGRAMS = Path("/usr/lib/postgresql")
_EXTENSIONS = Path("/usr/share/postgresql")
_TABLES = """
CREATE TABLE parcels (id text, crop text, day date, value numeric, sensor text,
  commune text, geom geometry(Polygon, 4326));
CREATE TABLE zones (id text, geom geometry(Polygon, 4326));
"""
_INDEXES = """
ALTER TABLE parcels ADD PRIMARY KEY (id);
CREATE INDEX ON parcels USING gist (geom);
CREATE INDEX ON parcels USING gist (crop, geom, day);
CREATE INDEX ON zones USING gist (geom);
"""
_MEETS = "ST_Intersects(geom, ST_GeomFromText(%s, 4326))"
WINDOW = f"SELECT id, crop FROM parcels WHERE {_MEETS}"
ATTRIBUTE = (
    "SELECT id, day::text FROM parcels WHERE crop = '3' "
    f"AND day BETWEEN '2017-04-10' AND '2017-04-16' AND {_MEETS}"
)
JOIN = (
    "SELECT zones.id, parcels.id FROM zones JOIN parcels "
    "ON ST_Intersects(zones.geom, parcels.geom)"
)


def programs() -> Path | None:
    """The folder of the newest server that has PostGIS; None where there is none."""
    found = [
        _PROGRAMS / one.parents[1].name / "bin"
        for one in sorted(_EXTENSIONS.glob("*/extension/postgis.control"))
    ]
    return found[-1] if found and (found[-1] / "initdb").exists() else None


def measured(
    size: int, zones: int, expected: Mapping[str, Sequence[set[Row]]], at: Sequence[int]
) -> dict[str, float]:
    """Seconds of loading and of each query, whose rows must be those expected.

    Args:
        size: Number of parcels.
        zones: Number of zones.
        expected: Rows by kind of query: `window` and `attribute` in each of the
            communes, and `join`.
        at: Those communes.
    """
    folder = programs()
    assert folder is not None
    with _server(folder) as connection, connection.cursor() as cursor:

        def rows(query: str, *values: str) -> set[Row]:
            cursor.execute(query, values)
            return set(cursor.fetchall())

        cursor.execute("CREATE EXTENSION postgis; CREATE EXTENSION btree_gist;")
        told = {"load": timed(lambda: _fill(cursor, size, zones))}
        boxes = {
            "window": [parcels.window_box(one).wkt for one in at],
            "attribute": [parcels.window_box(one, 1.0).wkt for one in at],
        }
        for kind, query in (("window", WINDOW), ("attribute", ATTRIBUTE)):
            found = [rows(query, one) for one in boxes[kind]]
            assert found == list(expected[kind]), f"PostGIS has other rows: {kind}"
            told[kind] = cycled(lambda one, query=query: rows(query, one), boxes[kind])
        assert rows(JOIN) == expected["join"][0], "PostGIS has other rows: join"
        told["join"] = cycled(rows, [JOIN])
    return told


def version() -> str:
    """Server and extension, as they tell it."""
    folder = programs()
    if folder is None:
        return "not installed"
    with _server(folder) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION postgis")
        cursor.execute(
            "SELECT current_setting('server_version'), PostGIS_Lib_Version()"
        )
        server, extension = cursor.fetchone()
    return f"PostgreSQL {server.split()[0]} with PostGIS {extension}"


def _fill(cursor: "psycopg2.extensions.cursor", size: int, zones: int) -> None:
    cursor.execute(_TABLES)
    for start in range(0, size, 20_000):
        lines = [
            f"p/{at}\t{at % 7}\t2017-04-{1 + at % 28:02}\t{at % 1000 / 1000}\t{at % 3}"
            f"\tc/{at // parcels.A_COMMUNE}\tSRID=4326;{parcels.text(at)}\n"
            for at in range(start, min(start + 20_000, size))
        ]
        cursor.copy_expert("COPY parcels FROM STDIN", io.StringIO("".join(lines)))
    lines = [
        f"z/{number}\tSRID=4326;{parcels.zone(number, zones, size).wkt}\n"
        for number in range(zones)
    ]
    cursor.copy_expert("COPY zones FROM STDIN", io.StringIO("".join(lines)))
    cursor.execute(_INDEXES)
    cursor.execute("ANALYZE")


@contextlib.contextmanager
def _server(folder: Path) -> "Iterator[psycopg2.extensions.connection]":
    """A server of its own in a temporary folder, reached by a socket there."""
    place = Path(tempfile.mkdtemp(prefix="lucerna-pg-"))
    own: list[str] = []
    if getpass.getuser() == "root":  # whom PostgreSQL refuses
        shutil.chown(place, "postgres")
        own = ["runuser", "-u", "postgres", "--"]
    data, quiet = str(place / "data"), {"check": True, "stdout": subprocess.DEVNULL}
    initdb = [str(folder / "initdb"), "-D", data, "-U", "bench", "-A", "trust"]
    subprocess.run([*own, *initdb], cwd="/", **quiet)
    control = [*own, str(folder / "pg_ctl"), "-D", data, "-w"]
    options = f"-c listen_addresses='' -k {place} -c shared_buffers=1GB"
    log = ["-l", str(place / "log"), "-o", options]
    subprocess.run([*control, *log, "start"], cwd="/", **quiet)
    try:
        connection = psycopg2.connect(host=str(place), user="bench", dbname="postgres")
        connection.autocommit = True
        with contextlib.closing(connection):
            yield connection
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], cwd="/", **quiet)
        shutil.rmtree(place, ignore_errors=True)

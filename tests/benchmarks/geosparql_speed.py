"""Writes docs/performance.md: how fast the knowledge base is, beside what it rests on.

python tests/benchmarks/geosparql_speed.py docs/performance.md [SIZES]...
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

import parcels
import speed_page
import speed_postgis
import speed_service
import speed_store
import speed_units
from speed_page import Line

from kb_api.embedded_store import EmbeddedStore
from lucerna.wiring import open_knowledge_base

ZONES = 1_000
UNITS = 100_000
SECONDS = 20.0
"""How long the service is asked, once alone and once beside a hostile query."""

_CHECKED = 100_000
"""Parcels that are loaded also with shapes checked, 3 000 in a second."""

_LOADED = 300_000
"""Parcels that are loaded in all to compare loads; at least one load of each kind."""


def main() -> None:
    """Measure each size in turn and the service, then write the page."""
    page, *texts = sys.argv[1:]
    sizes = [int(one) for one in texts] or [10_000, 100_000]
    began = time.monotonic()
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="lucerna-bench-") as folder:
        for size in sizes:
            (Path(folder) / str(size)).mkdir()
            rounds = max(1, min(5, _LOADED // size))
            lines += of_parcels(Path(folder) / str(size), size, rounds)
        lines += of_service(Path(folder), UNITS, SECONDS)
    minutes = (time.monotonic() - began) / 60
    text = speed_page.page(lines, sizes, minutes, speed_postgis.version())
    Path(page).write_text(text, "utf-8")
    say(f"written to {page} after {minutes:.1f} minutes")


def of_parcels(folder: Path, size: int, rounds: int) -> list[Line]:
    """What was measured with so many parcels, loaded so many times."""
    say(f"{size:,} parcels: writing them")
    file = folder / "parcels.nt"
    parcels.write(file, size, ZONES)
    say(f"{size:,} parcels: loads")
    checked = size <= _CHECKED
    loads = speed_store.load_times(folder, file, rounds, checked=checked)
    file.unlink()
    kb = folder / "kb"
    restart = Line("restart", size, speed_store.restart_s(kb / "store"))
    store = EmbeddedStore(kb / "store")
    say(f"{size:,} parcels: the index from the store")
    lines = [
        *speed_page.loads(size, loads),
        Line("reindex", size, speed_store.timed(store.reindex)),
        restart,
    ]
    at = speed_store.places(size)
    queries = {
        "window": [parcels.window_query(one) for one in at],
        "attribute": [parcels.attribute_query(one) for one in at],
        "join": [parcels.join_query()],
    }
    expected = {
        kind: [speed_store.asked(store, one) for one in each]
        for kind, each in queries.items()
    }
    assert all(map(len, expected["window"]))
    beside: dict[str, float] = {}
    if speed_postgis.programs() is not None:
        say(f"{size:,} parcels: PostGIS")
        beside = speed_postgis.measured(size, ZONES, expected, at)
        lines.append(Line("postgis load", size, beside["load"]))
    say(f"{size:,} parcels: queries")
    found = speed_store.query_times(store, queries, expected, folder / "snapshots")
    store.close()
    found |= http_times(kb, {name: queries[name] for name in ("window", "attribute")})
    for name, seconds in found.items():
        kind, _, way = name.partition(" ")
        given = beside.get(kind) if way in speed_page.COMPARED else None
        lines.append(Line(name, size, seconds, postgis=given))
    return lines


def http_times(kb: Path, queries: dict[str, list[str]]) -> dict[str, float]:
    """Median seconds over one connection to `lucerna serve`."""
    with (
        speed_service.served(kb) as address,
        speed_service.connected(address, 0) as send,
    ):

        def ask(query: str) -> None:
            assert send("/sparql", query.encode()) == 200

        return {
            f"{kind} http": speed_store.cycled(ask, each)
            for kind, each in queries.items()
        }


def of_service(folder: Path, units: int, seconds: float) -> list[Line]:
    """What was measured of the service over a base of so many units."""
    say(f"{units:,} units: writing and loading them")
    file, kb = folder / "units.nt", folder / "units"
    copies = speed_units.write(file, units)
    with open_knowledge_base(kb) as base:
        base.put_graphs({f"{speed_units.BASE}units": ("units", file.read_bytes())})
    file.unlink()
    say(f"{units:,} units: {speed_service.CLIENTS} clients")
    with speed_service.served(kb) as address:
        speed_service.pace(address, copies, seconds / 4)  # all is read once
        alone = speed_service.pace(address, copies, seconds)
        say(f"{units:,} units: the same beside a hostile query")
        with speed_service.hostile(address):
            beside = speed_service.pace(address, copies, seconds)
    return speed_page.paces(units, alone, beside)


def say(what: str) -> None:
    """Tell what is being done now."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


if __name__ == "__main__":
    main()

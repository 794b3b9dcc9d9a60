"""Prints how fast the indexed store is: windows, joins, building, restart.

python tests/benchmarks/geosparql_speed.py [SIZES]...
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox

sys.path.append(str(Path(__file__).parent))

import parcels

from kb_api.evaluation import evaluate
from kb_api.guard import check_query
from kb_api.loads import CATALOGUE, SHA256
from kb_api.outcome import Prepared
from kb_api.store import EmbeddedStore

GRAPH = ox.NamedNode("https://kb.example/graph/parcels")
ZONES = 1_000


def main() -> None:
    """Measure each size in turn, and print one table."""
    sizes = [int(one) for one in sys.argv[1:]] or [10_000, 100_000]
    columns = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            columns.append(measured(Path(folder), size))
    rows = [f"| | {' | '.join(f'{size:,}' for size in sizes)} |"]
    rows.append(f"| --- |{' ---: |' * len(sizes)}")
    for name in columns[0]:
        rows.append(f"| {name} | {' | '.join(one[name] for one in columns)} |")
    sys.stdout.write("\n".join(rows) + "\n")


def measured(folder: Path, size: int) -> dict[str, str]:
    """What was measured on a store of so many parcels, as text."""
    file = folder / "parcels.nt"
    parcels.write(file, size, ZONES)
    bulk_s = timed(lambda: load(folder / "store", file))
    file.unlink()
    store = EmbeddedStore(folder / "store")
    build_s = timed(store.reindex)
    store.close()
    began = time.perf_counter()
    store = EmbeddedStore(folder / "store")
    found = len(rows(store, parcels.window_query(0)))
    restart_s = time.perf_counter() - began
    told = {
        "bulk load and optimize, s": f"{bulk_s:.1f}",
        "index built from the store, s": f"{build_s:.2f}",
        "restart to the first window, s": f"{restart_s:.2f}",
        "features in the window": str(found),
    }
    last = size // parcels.A_COMMUNE - 1
    at = [round(last * share / 10) for share in range(11)]
    windows = [parcels.window_query(one) for one in at]
    attributes = [parcels.attribute_query(one) for one in at]
    told |= compared(store, "window", windows)
    told |= compared(store, "space, time, attribute", attributes)
    told |= compared(store, f"join with {ZONES:,} zones", [parcels.join_query()] * 3)
    store.close()
    return told


def compared(store: EmbeddedStore, name: str, queries: list[str]) -> dict[str, str]:
    """Median milliseconds with the index; of one run without it, but for joins."""
    for one in queries:
        assert store.run(one).indexed
    taken = [timed(lambda one=one: rows(store, one)) for one in queries * 5]
    plain = "-"
    if not name.startswith("join"):
        query = Prepared(queries[-1])
        seconds = timed(lambda: list(evaluate(store._store, query).results))
        plain = f"{seconds * 1e3:.0f}"
    median = statistics.median(taken) * 1e3
    return {f"{name}, ms": f"{median:.2f}", f"{name} without index, ms": plain}


def rows(store: EmbeddedStore, query: str) -> list[object]:
    """The rows, as the endpoint reads a query: guarded, and read to the end."""
    check_query(query)
    return list(store.run(query).results)


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def load(folder: Path, file: Path) -> None:
    """Make a store of a file, as quick as can be."""
    store = ox.Store(str(folder))
    store.bulk_load(path=file, format=ox.RdfFormat.N_TRIPLES, to_graph=GRAPH)
    store.add(ox.Quad(GRAPH, SHA256, ox.Literal("of this file"), CATALOGUE))
    store.optimize()


if __name__ == "__main__":
    main()

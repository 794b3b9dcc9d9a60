"""Measures the embedded store, beside plain Oxigraph: loads, windows, joins."""

import contextlib
import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import parcels
import pyoxigraph as ox

from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.pool import QueryWorkers
from kb_api.endpoint.written import Limits
from kb_api.evaluation import evaluate
from kb_api.guard import check_query
from kb_api.outcome import Prepared
from lucerna.loading import load_files
from lucerna.wiring import KnowledgeBase, open_knowledge_base

GRAPH = ox.NamedNode("https://kb.example/graph/parcels")
LIMITS = Limits(timeout_s=30, rows=100_000)
"""What `lucerna serve` enforces when nothing else is set."""

TURNS = 5
"""How often each query is timed."""

Row = tuple[str, ...]


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_s(work: Callable[[int], object], times: int) -> float:
    """The middle one of the seconds that each turn takes."""
    return statistics.median(timed(lambda at=at: work(at)) for at in range(times))


def bare_load(folder: Path, file: Path) -> None:
    """What pyoxigraph does without us: `bulk_load` and `optimize`."""
    store = ox.Store(str(folder))
    store.bulk_load(path=file, format=ox.RdfFormat.N_TRIPLES, to_graph=GRAPH)
    store.optimize()


def whole_load(base: KnowledgeBase, file: Path, *, check: bool) -> None:
    """What `lucerna load` does with an open base, up to the index beside the store."""
    assert isinstance(base.store, EmbeddedStore)
    load_files(
        [file],
        [],
        lambda: contextlib.nullcontext(base),
        iri_base=parcels.EX,
        graph=GRAPH.value,
        check=check,
    )
    assert base.store.prepare(parcels.window_query(0)).indexed


def load_times(
    folder: Path, file: Path, rounds: int, *, checked: bool
) -> dict[str, float]:
    """Median seconds of the loads, each in turn; the last leaves a base in `kb`.

    Args:
        folder: For the bases.
        file: N-Triples.
        rounds: How often each is loaded.
        checked: Whether it is loaded once with shapes and rules too.
    """
    taken: dict[str, list[float]] = {"bare": [], "unchecked": [], "checked": []}
    ways = (["checked"] if checked else []) + ["bare", "unchecked"] * rounds
    for name in ways:
        shutil.rmtree(folder / "kb", ignore_errors=True)
        os.sync()  # what was written before does not slow this down
        if name == "bare":
            taken[name].append(timed(lambda: bare_load(folder / "kb", file)))
            continue
        with open_knowledge_base(folder / "kb") as base:
            began = time.perf_counter()
            whole_load(base, file, check=name == "checked")
        taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(each) for name, each in taken.items() if each}


def restart_s(folder: Path) -> float:
    """Seconds from opening a store to the rows of its first window."""
    began = time.perf_counter()
    store = EmbeddedStore(folder)
    assert asked(store, parcels.window_query(0))
    taken = time.perf_counter() - began
    store.close()
    return taken


def asked(store: EmbeddedStore, query: str) -> set[Row]:
    """The rows by the index, guarded and read to the end as the endpoint does."""
    check_query(query)
    outcome = store.run(query)
    assert outcome.indexed
    assert not outcome.faults.count
    return rows_of(outcome.results)


def asked_unindexed(store: EmbeddedStore, query: str) -> set[Row]:
    """The same rows, the index left out."""
    return rows_of(evaluate(store._store, Prepared(query)).results)


def asked_plain(store: EmbeddedStore, query: str) -> set[Row]:
    """The same rows of Oxigraph alone, with its own functions."""
    return rows_of(store._store.query(query, use_default_graph_as_union=True))


def rows_of(results: object) -> set[Row]:
    """Rows as texts, names without the beginning that all share."""
    assert isinstance(results, ox.QuerySolutions)
    return {
        tuple(str(one.value).removeprefix(parcels.EX) for one in row) for row in results
    }


@contextlib.contextmanager
def pool_of(store: EmbeddedStore, folder: Path) -> Iterator[Callable[[str], bytes]]:
    """Asks the workers of the endpoint: guard, deadline, answer as it is sent."""
    workers = QueryWorkers(store, folder, LIMITS)

    def ask(query: str) -> bytes:
        began = time.monotonic()
        check_query(query)
        written = workers.run(query, None, "simple", began, "")
        assert written.indexed
        return written.content

    with contextlib.closing(workers):
        yield ask


def places(size: int) -> list[int]:
    """Eleven communes from first to last, to look in each."""
    last = size // parcels.A_COMMUNE - 1
    return [round(last * share / 10) for share in range(11)]


def cycled(work: Callable[[str], object], queries: Sequence[str]) -> float:
    """Median seconds over queries in turn, after one turn that is not counted."""
    for one in queries:
        work(one)
    turns = TURNS * len(queries)
    return median_s(lambda at: work(queries[at % len(queries)]), turns)


def query_times(
    store: EmbeddedStore,
    queries: dict[str, list[str]],
    expected: dict[str, list[set[Row]]],
    snapshots: Path,
) -> dict[str, float]:
    """Median seconds by kind of query and way of asking; without index of one run.

    Args:
        store: Holds the parcels.
        queries: By kind; joins are asked with the index only, as they take days else.
        expected: Their rows.
        snapshots: For the copies of the store that workers ask.
    """
    told: dict[str, float] = {}
    kinds = ("window", "attribute")
    for kind in kinds:
        for way, ask in (("plain", asked_plain), ("unindexed", asked_unindexed)):
            query, rows = queries[kind][-1], expected[kind][-1]
            told[f"{kind} {way}"] = timed(
                lambda ask=ask, query=query, rows=rows: _same(ask(store, query), rows)
            )
        told[f"{kind} process"] = cycled(lambda one: asked(store, one), queries[kind])
    with pool_of(store, snapshots) as in_pool:
        told |= {f"{kind} pool": cycled(in_pool, queries[kind]) for kind in kinds}
    told["join process"] = cycled(lambda one: asked(store, one), queries["join"])
    return told


def _same(found: set[Row], expected: set[Row]) -> None:
    assert found == expected, "the rows differ without the index"

"""Runs the GeoSPARQL compliance benchmark on the embedded store."""

import os
from pathlib import Path

import geosparql_scoring as scoring
import pyoxigraph as ox

from kb_api.embedded_store import EmbeddedStore
from kb_api.outcome import Regime

_ROOT = Path(__file__).parents[2]
BENCHMARK = (
    Path(os.environ.get("LUCERNA_TEST_DATA", _ROOT.parent / "shared"))
    / "conformance"
    / "geosparql"
)
GRAPH = "https://kb.example/graph/benchmark"


def regime_of(requirement: int) -> Regime:
    """What a requirement asks for: facts, entailed facts, or query rewriting."""
    if requirement <= 24:
        return "simple"
    return "rdfs" if requirement <= 27 else "rdfs+rewrite"


def grades(*, renamed: bool = False) -> list[tuple[scoring.Task, bool, bool]]:
    """Every query, and whether its answer is right: strictly, and in meaning."""
    data, tasks = scoring.tasks(BENCHMARK, renamed=renamed)
    triples = ox.parse(data, ox.RdfFormat.RDF_XML)
    content = b"".join(f"{quad.triple} .\n".encode() for quad in triples)
    store = EmbeddedStore()
    try:
        store.put_graphs({GRAPH: ("benchmark", content)})
        return [_graded(store, one) for one in tasks]
    finally:
        store.close()


def _graded(
    store: EmbeddedStore, task: scoring.Task
) -> tuple[scoring.Task, bool, bool]:
    outcome = store.run(task.query, regime_of(task.requirement))
    assert isinstance(outcome.results, ox.QuerySolutions)
    written = outcome.results.serialize(format=ox.QueryResultsFormat.XML)
    assert not outcome.faults.count, f"{task.name}: {outcome.faults.told}"
    assert written is not None
    rows = scoring.rows_of(written.decode())
    strict = scoring.is_right(rows, task, semantic=False)
    return task, strict, scoring.is_right(rows, task, semantic=True)

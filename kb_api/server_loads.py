"""A load as the requests that a SPARQL server takes: one, or as few as it allows."""

from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from kb_api.loads import CATALOGUE, LOAD, RDF_TYPE, TRIPLES, Change, removal_of
from kb_api.server_literals import exactly

UNFINISHED = (
    f"SELECT DISTINCT ?g {{ GRAPH {CATALOGUE} {{ ?g {RDF_TYPE} {LOAD} "
    f"FILTER NOT EXISTS {{ ?g {TRIPLES} ?n }} }} }} ORDER BY ?g"
)
"""Query for the graphs of which a load has begun and not ended."""

_OPERATION_FACTS = 1000  # Virtuoso 7.2.5 runs out of memory at 4 990
_REQUEST_BYTES = 8_000_000  # and takes no form of 16 MB

_AND = " ;\n"


def requests_of(
    changes: Sequence[Change], removed: Iterable[str], *, limited: bool
) -> Iterator[str]:
    """The SPARQL updates that replace and remove graphs and their catalogue entries.

    A graph is entered as one whose load has begun before its facts come, and with its
    number of facts when all of them are there: in between, nothing takes it for whole.

    Args:
        changes: Graphs as they will be.
        removed: IRIs of graphs that go.
        limited: Whether a request that is too long has to be several, and numbers be
            decimal, as on Virtuoso.
    """
    held: list[str] = []
    size = 0
    for operation in _operations(changes, removed, exact=limited):
        length = len(operation.encode())
        if limited and held and size + length > _REQUEST_BYTES:
            yield _AND.join(held)
            held, size = [], 0
        held.append(operation)
        size += length
    if held:
        yield _AND.join(held)


def _operations(
    changes: Sequence[Change], removed: Iterable[str], *, exact: bool
) -> Iterator[str]:
    for iri in (*removed, *(one.graph.value for one in changes)):
        yield removal_of(ox.NamedNode(iri))
    if not changes:
        return
    begun = [f"{one.graph} {RDF_TYPE} {LOAD} ." for one in changes]
    yield _insertion(CATALOGUE.value, begun)
    for change in changes:
        facts: list[str] = []
        for triple in change.triples():
            facts.append(exactly(f"{triple} .") if exact else f"{triple} .")
            if len(facts) == _OPERATION_FACTS:
                yield _insertion(change.graph.value, facts)
                facts.clear()
        if facts:
            yield _insertion(change.graph.value, facts)
    # Where another load has removed what was half, this one does not end.
    entries = "\n".join(f"{quad.triple} ." for one in changes for quad in one.entry)
    yield (
        f"INSERT {{ GRAPH {CATALOGUE} {{ {entries} }} }} "
        f"WHERE {{ GRAPH {CATALOGUE} {{ {' '.join(begun)} }} }}"
    )


def _insertion(graph: str, facts: Sequence[str]) -> str:
    body = "\n".join(facts)
    return f"INSERT DATA {{ GRAPH <{graph}> {{ {body} }} }}"

"""Changed graphs into an embedded store: in one transaction, large ones in bulk."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox

from kb_api.loads import CATALOGUE, Change, removal_of

BULK = 50_000
"""A load of new graphs with so many facts is written as files of its own."""

_GROWN = 10
"""A bulk that makes the store grow by one in so many is worth putting it in order,
without which look-ups in a store of millions take nine times as long."""

_MANY = 1_000_000
"""Facts of a store from which on order matters to look-ups."""

_log = logging.getLogger(__name__)


def write(
    store: ox.Store,
    changes: Sequence[Change],
    held: Mapping[str, int],
    *,
    removed: Iterable[str] = (),
    files: bool,
) -> bool:
    """Put changed graphs in place, all or none; whether the store grew much.

    Of a graph that is there already only the difference is written. The catalogue
    changes in the same transaction, so that its digests tell one state of the store
    from another.

    Args:
        store: Where they go.
        changes: What they will be.
        held: The graphs of the catalogue with their numbers of triples.
        removed: Graphs that go in the same transaction.
        files: Whether the store is on disk.
    """
    removals = [removal_of(ox.NamedNode(one)) for one in removed]
    if removals or any(
        one.graph.value in held or store.contains_named_graph(one.graph)
        for one in changes
    ):
        differences = [_difference(store, one) for one in changes]
        store.update(" ;\n".join([*removals, *differences]))
        return False
    if sum(one.count for one in changes) < BULK or not files:
        store.extend(quad for one in changes for quad in (*one.entry, *one.quads()))
        return False
    entries = "".join(f"{quad} .\n" for one in changes for quad in one.entry)
    content = b"\n".join([entries.encode(), *(one.content for one in changes)])
    store.bulk_load(content, format=ox.RdfFormat.N_QUADS)
    return grew_much(changes, held)


def grew_much(changes: Sequence[Change], held: Mapping[str, int]) -> bool:
    """Whether a store that held these graphs has to be put in order after a bulk."""
    loaded, before = sum(one.count for one in changes), sum(held.values())
    return loaded * _GROWN > before and loaded + before >= _MANY


def put_in_order(store: ox.Store, path: Path | None) -> None:
    """Make look-ups quick after a large load; where that fails, all is whole still."""
    try:
        store.optimize()
    except OSError as error:
        _log.warning(
            "%s was loaded into, and could not be put in order: %s; free space on its "
            "disk, else look-ups take longer",
            path,
            error,
        )


def _difference(store: ox.Store, change: Change) -> str:
    """The update that takes away what a graph loses and adds what it gains."""
    graph, new = change.graph, set(change.quads())
    held = set(store.quads_for_pattern(None, None, None, graph))
    lost, gained = held - new, new - held

    def data(quads: Iterable[ox.Quad]) -> str:
        return " ".join(f"{quad.triple} ." for quad in quads)

    return (
        f"DELETE DATA {{ GRAPH {graph} {{ {data(lost)} }} }} ; "
        f"DELETE WHERE {{ GRAPH {CATALOGUE} {{ {graph} ?p ?o }} }} ; "
        f"INSERT DATA {{ GRAPH {CATALOGUE} {{ {data(change.entry)} }} "
        f"GRAPH {graph} {{ {data(gained)} }} }}"
    )

"""The facts of overlaps of a base, kept in step with every load."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pyoxigraph as ox

from kb_api.loads import OVERLAPS, Change, changed, is_of_overlaps
from kb_api.overlaps.held import RELATIONS, Catalogue, Held, HeldGraphs, held_in
from kb_api.overlaps.relating import facts_of_overlaps
from kb_api.overlaps.things import Select, together
from ontology import LUC

_OVERLAP = {f"<{one}>".encode() for one in (LUC.overlapOf, LUC.overlapWith)}
_MEETS = RELATIONS[0]
_BATCH = 500

Contents: TypeAlias = dict[str, tuple[str, bytes]]


@dataclass(frozen=True)
class OverlapChanges:
    """What a load changes in the graphs of overlaps.

    Attributes:
        changes: Graphs as they will be.
        removed: Graphs that will be empty, and so go.
    """

    changes: tuple[Change, ...] = ()
    removed: tuple[str, ...] = ()


class KeptOverlaps:
    """What follows for the overlaps of a base from a change of its graphs.

    The facts of a graph's things with one another, and with those of the graphs that
    were there when it was loaded, stand in a graph of their own (`overlaps_graph`).
    So a new graph changes no other; and all of these graphs together are always what
    the things of the base give, whatever order they came in. A fact that another graph
    states stands only there.
    """

    def __init__(self, select: Select, read: Callable[[str], bytes]) -> None:
        """Of a store.

        Args:
            select: The rows of a query that names its graphs.
            read: A named graph as N-Triples; empty when there is none.
        """
        self._select = select
        self._read = read
        self._graphs = HeldGraphs(select)

    def after(
        self, changes: Sequence[Change], dropped: Collection[str] = ()
    ) -> OverlapChanges:
        """What a change of graphs, which is not written yet, changes in overlaps.

        Args:
            changes: Graphs that are new or replaced.
            dropped: Graphs that go.
        """
        given = [one for one in changes if not is_of_overlaps(one.graph.value)]
        new = {one.graph.value: held_in(one) for one in given}
        labels = {one.graph.value: one.label for one in given}
        catalogue = self._graphs.catalogue()
        names = {*new, *dropped}
        gone = self._graphs.of(catalogue, names & catalogue.keys())
        for name, one in new.items():
            self._graphs.keep(name, one)
        if not gone and not any(new.values()):
            return OverlapChanges()
        others = self._graphs.of(catalogue, catalogue.keys() - names)
        if any(one.stated for one in (*gone.values(), *new.values())):
            labels |= {name: catalogue[name][1] for name in others}
            return _changes(_anew(others | new, labels, catalogue), catalogue)
        contents: Contents = {overlaps_graph(name): ("", b"") for name in dropped}
        contents |= _contents(new, labels, list(others.values()))
        if iris := {iri for one in gone.values() for iri in one.things.iris.tolist()}:
            contents |= self._without(iris, contents, catalogue)
        return _changes(contents, catalogue)

    def anew(self) -> OverlapChanges:
        """What changes when all overlaps are computed from nothing."""
        catalogue = self._graphs.catalogue()
        held = self._graphs.of(catalogue, catalogue)
        labels = {name: catalogue[name][1] for name in held}
        return _changes(_anew(held, labels, catalogue), catalogue)

    def _without(
        self, gone: Collection[str], known: Collection[str], catalogue: Catalogue
    ) -> Contents:
        """The graphs of overlaps that speak of things, without what they say of them.

        Args:
            gone: IRIs of the things.
            known: Graphs that are left out.
            catalogue: The loaded graphs.
        """
        touched: set[str] = set()
        sought = sorted(gone)
        for begin in range(0, len(sought), _BATCH):
            values = " ".join(f"<{one}>" for one in sought[begin : begin + _BATCH])
            rows = self._select(
                f"SELECT DISTINCT ?graph {{ VALUES ?thing {{ {values} }} "
                f"{{ GRAPH ?graph {{ ?thing {_MEETS} ?other }} }} UNION "
                f"{{ GRAPH ?graph {{ ?other {_MEETS} ?thing }} }} }}"
            )
            touched |= {row["graph"].value for row in rows}
        names = {f"<{one}>".encode() for one in gone}
        return {
            name: (catalogue[name][1], _left(self._read(name), names))
            for name in sorted(touched & catalogue.keys())
            if is_of_overlaps(name) and name not in known
        }


def overlaps_graph(graph: str) -> str:
    """The graph of the overlaps that came with a graph.

    >>> overlaps_graph("https://kb.example/graph/units/cadastre")
    'https://w3id.org/lucerna/graph/overlaps/4de109c53bed066f'
    """
    return OVERLAPS + hashlib.sha256(graph.encode()).hexdigest()[:16]


def _contents(
    held: Mapping[str, Held], labels: Mapping[str, str], others: Iterable[Held]
) -> Contents:
    """The overlaps of graphs with one another and with others."""
    standing = list(others)
    stated = frozenset().union(*(one.stated for one in (*standing, *held.values())))
    contents: Contents = {}
    for name, one in held.items():
        facts: list[str] = []
        if len(one.things):
            around = together([other.things for other in standing])
            facts = facts_of_overlaps(one.things, around)
        content = "\n".join(fact for fact in facts if fact not in stated).encode()
        contents[overlaps_graph(name)] = f"overlaps of {labels[name]}", content
        standing.append(one)
    return contents


def _anew(
    held: Mapping[str, Held], labels: Mapping[str, str], catalogue: Catalogue
) -> Contents:
    """All graphs of overlaps: those that are not any more are empty."""
    emptied: Contents = {one: ("", b"") for one in catalogue if is_of_overlaps(one)}
    return emptied | _contents(dict(sorted(held.items())), labels, [])


def _left(content: bytes, gone: set[bytes]) -> bytes:
    """What lines of N-Triples say of other things."""
    parts = [line.rstrip(b" .").split(b" ", 2) for line in content.splitlines()]
    nodes = {
        subject
        for subject, predicate, value in parts
        if predicate in _OVERLAP and value in gone
    }
    nodes |= gone
    return b"\n".join(
        b" ".join((*part, b"."))
        for part in parts
        if part[0] not in nodes and part[2] not in gone
    )


def _changes(contents: Contents, catalogue: Catalogue) -> OverlapChanges:
    def is_held(graph: ox.NamedNode, digest: ox.Literal) -> bool:
        return catalogue.get(graph.value, ("", ""))[0] == digest.value

    kept = {name: one for name, one in contents.items() if one[1]}
    removed = [one for one in contents if one not in kept and one in catalogue]
    return OverlapChanges(tuple(changed(kept, is_held)), tuple(removed))

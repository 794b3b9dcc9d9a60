"""What of each graph counts for overlaps: its things, and what it states itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pyoxigraph as ox

from kb_api.geosparql.literals import GEO
from kb_api.loads import CATALOGUE, SHA256, Change, is_of_overlaps
from kb_api.overlaps.things import Select, Things, things_in, things_of, together

RELATIONS = (f"<{GEO}sfIntersects>", f"<{GEO}sfWithin>")
"""The properties of which overlaps are facts."""

Catalogue: TypeAlias = Mapping[str, tuple[str, str]]
"""Loaded graph to its digest and label."""

_LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
_MANY = 8
_BATCH = 50


@dataclass(frozen=True)
class Held:
    """What of one graph counts for overlaps.

    Attributes:
        digest: Of the graph, as the catalogue has it.
        things: Those that have a place.
        stated: Lines of N-Triples, with relations that the graph itself states.
    """

    digest: str
    things: Things
    stated: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return len(self.things) > 0 or len(self.stated) > 0


def held_in(change: Change) -> Held:
    """What of a graph counts, as a load leaves it."""
    tokens = [f" {one} ".encode() for one in RELATIONS]
    lines = [
        line
        for line in (change.content.splitlines() if _states(change) else ())
        if any(one in line for one in tokens)
    ]
    facts = ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_QUADS)
    stated = {f"{one.triple} ." for one in facts if str(one.predicate) in RELATIONS}
    return Held(change.digest, things_in(change.content), frozenset(stated))


class HeldGraphs:
    """What the graphs of a store hold, kept as long as their digests stay."""

    def __init__(self, select: Select) -> None:
        """Of a store, which answers queries that name their graphs."""
        self._select = select
        self._held: dict[str, Held] = {}

    def catalogue(self) -> Catalogue:
        """The loaded graphs as they are now; those that are not are let go."""
        rows = self._select(
            f"SELECT ?graph ?digest ?label {{ GRAPH {CATALOGUE} {{ "
            f"?graph {SHA256} ?digest ; {_LABEL} ?label }} }}"
        )
        found = {
            row["graph"].value: (row["digest"].value, row["label"].value)
            for row in rows
        }
        self._held = {
            name: one
            for name, one in self._held.items()
            if found.get(name, ("", ""))[0] == one.digest
        }
        return found

    def keep(self, name: str, held: Held) -> None:
        """Have ready what a graph will hold when its load is written."""
        self._held[name] = held

    def of(self, catalogue: Catalogue, names: Iterable[str]) -> dict[str, Held]:
        """What those of the loaded graphs hold that hold anything that counts."""
        wanted = [one for one in names if not is_of_overlaps(one)]
        missing = [one for one in wanted if one not in self._held]
        if len(missing) > _MANY:
            things = things_of(self._select)
        else:
            each = (things_of(self._select, one) for one in missing)
            things = {name: found for one in each for name, found in one.items()}
        stated = self._stated(missing)
        for one in missing:
            found = things.get(one, together([]))
            self._held[one] = Held(
                catalogue[one][0], found, frozenset(stated.get(one, ()))
            )
        return {one: self._held[one] for one in wanted if self._held[one]}

    def _stated(self, names: list[str]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for begin in range(0, len(names), _BATCH):
            parts = [
                f"{{ GRAPH <{name}> {{ ?one {relation} ?other }} "
                f"BIND({relation} AS ?relation) BIND(<{name}> AS ?graph) }}"
                for name in names[begin : begin + _BATCH]
                for relation in RELATIONS
            ]
            for row in self._select(
                f"SELECT ?graph ?one ?relation ?other {{ {' UNION '.join(parts)} }}"
            ):
                line = f"{row['one']} {row['relation']} {row['other']} ."
                found.setdefault(row["graph"].value, set()).add(line)
        return found


def _states(change: Change) -> bool:
    return any(one.encode() in change.content for one in RELATIONS)

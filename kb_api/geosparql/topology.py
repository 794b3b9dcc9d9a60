"""Rule C: topological properties, from the shapes and not only from what is said.

`?a geo:sfWithin ?b` holds where it is said, and where the function of that name holds
for a literal of ?a and one of ?b: their own, where they are geometries, or those of
the default geometry that is said of them, where they are features.

References:
    OGC 22-047r1 (GeoSPARQL 1.1), Query Rewrite Extension.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox
import shapely

from kb_api.geosparql.budget import Budget
from kb_api.geosparql.conditions import GEOF
from kb_api.geosparql.edits import Edit, iris_of
from kb_api.geosparql.entailment import INFERRED
from kb_api.geosparql.groups import Group, Statement, Triple
from kb_api.geosparql.index import SpatialIndex
from kb_api.geosparql.literals import GEO, SERIALISATIONS, place_of
from kb_api.geosparql.places import Placed
from kb_api.geosparql.relations import DISJOINT, RELATIONS, related
from kb_api.geosparql.tokens import Doubt, Part, closing, parts_of
from ontology.errors import QueryRejected

_PROPERTIES = {GEO + name: name for name in RELATIONS}
_NAMED = re.compile(rf"\\[uU]|(?:{'|'.join(RELATIONS)})(?![A-Za-z0-9_])")
_DEFAULT_GEOMETRY = ox.NamedNode(GEO + "hasDefaultGeometry")
_LITERAL = "(" + "|".join(f"<{iri}>" for iri in SERIALISATIONS) + ")"
_OURS = "lucerna_"
_MOST_COMPARED = 2_000
_A_LITERAL = 100
"""Corners that take as long as looking a literal up."""
_MOST_OBJECTS = 100_000


@dataclass(frozen=True)
class Expansion:
    """What the rule needs beside the query.

    Attributes:
        query: Its text.
        facts: What is said, without what is entailed of it.
        index: Of the geometries in these facts; None: the text alone must do.
        budget: What may be compared; beyond, the engine does it.
    """

    query: str
    facts: ox.Store
    index: Callable[[], SpatialIndex] | None
    budget: Budget

    def edits(self, groups: Sequence[Group]) -> Iterator[tuple[Edit, bool]]:
        """The edits, and for each whether the index gave a part of it."""
        if _OURS in self.query:
            raise Doubt("a variable of ours")
        left = len(mentions_of(self.query))
        for group in groups:
            for number, statement in enumerate(group.statements):
                found = {one.path.start for one in statement.triples if _relation(one)}
                if found:
                    _check(group)
                    left -= len(found)
                    yield self._of_statement(statement, group, number)
        if left:
            raise Doubt("it stands in a path, a list, or beside a blank node")

    def _of_statement(
        self, statement: Statement, group: Group, number: int
    ) -> tuple[Edit, bool]:
        texts, helped = [], False
        for at, triple in enumerate(statement.triples):
            name = _relation(triple)
            if name is None:
                texts.append(f"{self._written(triple)} .")
                continue
            text = None if group.graph else self._found(name, triple)
            helped = helped or text is not None
            end = f"{group.end}_{number}_{at}"
            texts.append(text or self._searched(name, triple, group, end))
        return (statement.start, statement.end, " ".join(texts)), helped

    def _written(self, triple: Triple) -> str:
        """A triple as it is written."""
        assert triple.subject is not None
        assert triple.object is not None
        path = self.query[triple.path.start : triple.path.end]
        return f"{triple.subject.text} {path} {triple.object.text}"

    def _searched(self, name: str, triple: Triple, group: Group, end: str) -> str:
        """The rule as a pattern, which the engine evaluates without an index."""
        assert triple.subject is not None
        assert triple.object is not None
        first, second = f"?{_OURS}1_{end}", f"?{_OURS}2_{end}"
        sides = (
            self._side(triple.subject, first, group)
            + self._side(triple.object, second, group)
            + f"FILTER(<{GEOF}{name}>({first}, {second}))"
        )
        both = f"{{ {{ {self._written(triple)} }} UNION {{ {sides} }} }}"
        parts = [triple.subject, triple.object]
        if group.graph is not None:  # the engine forgets it behind a sub-select
            parts.append(group.graph)
        names = {f"?{one.value}": None for one in parts if one.kind == "variable"}
        if names:
            return f"{{ SELECT DISTINCT {' '.join(names)} {both} }}"
        return f"FILTER(EXISTS {both})"

    def _side(self, part: Part, literal: str, group: Group) -> str:
        """The literals of a geometry, or of the default geometry of a feature."""
        node = f"{literal}_g"
        said = f"{part.text} {_DEFAULT_GEOMETRY} {node} ."
        if not group.graph:
            graph = f"{literal}_n"
            said = f"GRAPH {graph} {{ {said} }} FILTER({graph} != {INFERRED})"
        return (
            f"{{ {part.text} {_LITERAL} {literal} }} UNION "
            f"{{ {said} {node} {_LITERAL} {literal} }} "
        )

    def _found(self, name: str, triple: Triple) -> str | None:
        """The rule with the answers of the index; None where it has none."""
        subject, value = triple.subject, triple.object
        assert subject is not None
        assert value is not None
        kinds = (subject.kind, value.kind)
        if self.index is None or kinds not in (
            ("iri", "variable"),
            ("variable", "iri"),
        ):
            return None
        is_first = kinds[0] == "variable"
        variable, constant = (subject, value) if is_first else (value, subject)
        geometries: set[str] = set()
        try:
            places = self._places(constant.value)
        except ValueError:  # the engine tells of it
            return None
        for place in places:
            found = self._holding(name, place, self.index(), is_first=is_first)
            if found is None:
                return None
            geometries |= found
        objects = [*geometries]
        for one in geometries:
            objects += self._features(one)
            if len(objects) > _MOST_OBJECTS:
                return None
        values = iris_of(sorted(set(objects)))
        if values is None:
            return None
        given = f"VALUES {variable.text} {{ {values} }}"
        ways = f"{{ {self._written(triple)} }} UNION {{ {given} }}"
        return f"{{ SELECT DISTINCT {variable.text} {{ {ways} }} }}"

    def _places(self, iri: str) -> list[Placed]:
        """The shapes of a geometry, or of the default geometry of a feature."""
        node = ox.NamedNode(iri)
        quads = self.facts.quads_for_pattern(node, _DEFAULT_GEOMETRY, None, None)
        nodes = [node, *(quad.object for quad in quads)]
        literals = {literal for one in nodes for literal in self._literals(one)}
        return [place_of(one) for one in literals]

    def _literals(self, node: object) -> Iterator[ox.Literal]:
        if isinstance(node, ox.NamedNode | ox.BlankNode):
            for iri in SERIALISATIONS:
                link = ox.NamedNode(iri)
                for quad in self.facts.quads_for_pattern(node, link, None, None):
                    if isinstance(quad.object, ox.Literal):
                        yield quad.object

    def _features(self, geometry: str) -> list[str]:
        node = ox.NamedNode(geometry)
        quads = self.facts.quads_for_pattern(None, _DEFAULT_GEOMETRY, node, None)
        return [
            quad.subject.value if isinstance(quad.subject, ox.NamedNode) else "_:b"
            for quad in quads
        ]

    def _holding(
        self, name: str, place: Placed, index: SpatialIndex, *, is_first: bool
    ) -> set[str] | None:
        """The geometries that a relation holds for; None where they are too many."""
        if name in DISJOINT or place.shape.is_empty:
            names = index.names() if len(index) <= _MOST_COMPARED else None
        else:
            found = index.related(name, place, self.budget, is_first=is_first)
            if found is not None and found.is_exact:
                return set(found.subjects)
            names = None if found is None else found.subjects
        if names is None or len(names) > _MOST_COMPARED:
            return None
        corners = int(shapely.get_num_coordinates(place.shape))
        if not self.budget.allows((corners + _A_LITERAL) * len(names)):
            return None
        return {one for one in names if self._holds(name, one, place, is_first)}

    def _holds(self, name: str, one: str, place: Placed, is_first: bool) -> bool:
        """Whether a relation holds for a literal of a geometry."""
        node = ox.BlankNode(one[2:]) if one.startswith("_:") else ox.NamedNode(one)
        for literal in self._literals(node):
            try:
                pair = (place_of(literal), place)
                if related(name, *(pair if is_first else pair[::-1])):
                    return True
            except (ValueError, shapely.errors.GEOSException):
                continue
        return False


def refuse_unrewritten(query: str, doubt: str) -> None:
    """Refuse a query with topological properties that stays as it was asked.

    Without them it has all of its answers; with them it would lack some, silently.

    Raises:
        QueryRejected: It may have some.
    """
    try:
        found = [one.value.removeprefix(GEO) for one in mentions_of(query)]
    except Doubt:
        found = _NAMED.findall(query)
    if found:
        raise QueryRejected(
            f"the regime rdfs+rewrite cannot work out geo:{found[0]} in this query "
            f"({doubt}); give it as a triple of IRIs and variables, or ask with the "
            "regime rdfs"
        )


def mentions_of(query: str) -> list[Part]:
    """The topological properties that a query names, but in what it makes of them.

    Raises:
        Doubt: It is not surely understood.
    """
    parts = parts_of(query)
    begin = 0
    if parts[0].value == "CONSTRUCT" and parts[1].text == "{":
        begin = closing(parts, 1)
    return [
        one for one in parts[begin:] if one.kind == "iri" and one.value in _PROPERTIES
    ]


def _check(group: Group) -> None:
    """See that a basic graph pattern may be parted, and its triples written again.

    Raises:
        Doubt: A blank node may stand in one basic graph pattern only.
    """
    for triple in group.triples:
        for part in (triple.subject, triple.object):
            if part is None or part.kind == "blank":
                raise Doubt("a blank node beside a topological property")


def _relation(triple: Triple) -> str | None:
    """The relation that a triple's property stands for."""
    ends = (triple.subject, triple.object)
    if not all(one is not None and one.kind in ("iri", "variable") for one in ends):
        return None
    if not triple.path.is_direct or len(triple.path.last) != 1:
        return None
    return _PROPERTIES.get(next(iter(triple.path.last)))

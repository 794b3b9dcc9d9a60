"""Things that have a place: what they are, and their shapes."""

import enum
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyoxigraph as ox
import shapely
from numpy.typing import NDArray

from kb_api.geosparql.literals import GEO, SERIALISATIONS
from kb_api.geosparql.places import CRS84, transformed
from kb_api.geosparql.rows import BROKEN, objects, read_shapes
from ontology import LUC, SOSA

Select = Callable[[str], Iterable[ox.QuerySolution]]
"""The rows of a query that names its graphs."""

_GEOMETRY = f"<{GEO}hasDefaultGeometry>"
_SHOWS = f"<{SOSA.hasFeatureOfInterest}>"
_LEVEL = f"<{LUC.unitLevel}>"
_SCENE = f"<{LUC.Scene}>"
_FORMS = {iri: kind for iri, kind in SERIALISATIONS.items() if kind is not None}


class Kind(enum.IntEnum):
    """What has a place, the finer kind first."""

    STATION = 0
    PATCH = 1
    REGION = 2
    UNIT = 3
    FOOTPRINT = 4


_CLASSES = {
    Kind.STATION: f"<{LUC.Station}>",
    Kind.PATCH: f"<{LUC.Patch}>",
    Kind.REGION: f"<{LUC.Region}>",
}
_PATTERNS = {
    **{kind: f"?thing a {one}" for kind, one in _CLASSES.items()},
    Kind.UNIT: f"?thing {_LEVEL} ?level",
    Kind.FOOTPRINT: f"?scene a {_SCENE} ; {_SHOWS} ?thing",
}
_MARKS = [one.encode() for one in (*_CLASSES.values(), _LEVEL, _SCENE)]
_NEEDED = re.compile(
    "|".join(
        re.escape(one)
        for one in (
            *(*_CLASSES.values(), _LEVEL, _SCENE, _SHOWS, _GEOMETRY),
            *(f"<{one}>" for one in _FORMS),
        )
    ).encode()
)


@dataclass(frozen=True)
class Things:
    """Things of one graph or of several; all arrays have the same length.

    Attributes:
        iris: (thing,) object: their IRIs.
        kinds: (thing,) int8: of `Kind`.
        groups: (thing,) object: units of one group are not compared with each other:
            those of one graph that are of one level.
        shapes: (thing,) object: valid, in CRS84.
    """

    iris: NDArray[np.object_]
    kinds: NDArray[np.int8]
    groups: NDArray[np.object_]
    shapes: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.iris)


def together(things: Sequence[Things]) -> Things:
    """The things of all."""
    if not things:
        return _things([])
    return Things(
        np.concatenate([one.iris for one in things]),
        np.concatenate([one.kinds for one in things]),
        np.concatenate([one.groups for one in things]),
        np.concatenate([one.shapes for one in things]),
    )


def things_in(content: bytes) -> Things:
    """The things of a graph.

    Args:
        content: Its facts as lines of N-Quads, of this graph alone.
    """
    if not any(mark in content for mark in _MARKS) or _GEOMETRY.encode() not in content:
        return _things([])
    lines = [one for one in content.splitlines(True) if _NEEDED.search(one)]
    facts = ox.Store()
    facts.load(b"".join(lines), format=ox.RdfFormat.N_QUADS)

    def select(text: str) -> Iterable[ox.QuerySolution]:
        rows = facts.query(text)
        assert isinstance(rows, ox.QuerySolutions)
        return rows

    found = list(things_of(select).values())
    return together(found)


def things_of(select: Select, graph: str | None = None) -> dict[str, Things]:
    """The things of a graph, or of each graph that has any (None).

    A thing and its default geometry stand in one graph. Shapes that cannot be read,
    or cannot be brought to CRS84, are left out; what is no valid shape is mended.
    """
    where = "?graph" if graph is None else str(ox.NamedNode(graph))
    forms = ", ".join(f"<{one}>" for one in _FORMS)
    places = {one: at for at, one in enumerate(_FORMS)}
    found: dict[str, list[_Row]] = {}
    for kind, pattern in _PATTERNS.items():
        level = " ?level" if kind is Kind.UNIT else ""
        text = (
            f"SELECT ?graph ?thing ?form ?text{level} WHERE {{ "
            f"GRAPH {where} {{ {pattern} . ?thing {_GEOMETRY} ?geometry . "
            f"?geometry ?form ?shape . FILTER(?form IN ({forms})) }} "
            "BIND(STR(?shape) AS ?text) }"
        )
        for row in select(text):
            name = row["graph"].value if graph is None else graph
            group = f"{name} {row['level'].value}" if level else ""
            form = places[row["form"].value]
            one = _Row(row["thing"].value, kind, group, form, row["text"].value)
            found.setdefault(name, []).append(one)
    return {name: _things(rows) for name, rows in found.items()}


class _Row(NamedTuple):
    """One shape of a thing; in the order in which the first is taken."""

    iri: str
    kind: Kind
    group: str
    form: int
    text: str


def _things(rows: Sequence[_Row]) -> Things:
    """Things of one graph by IRI, each with the first of its shapes."""
    first = {row.iri: row for row in sorted(rows, reverse=True)}
    kept = [first[iri] for iri in sorted(first)]
    datatypes = [list(_FORMS.values())[row.form] for row in kept]
    shapes, systems = read_shapes([row.text for row in kept], datatypes)
    for at in np.flatnonzero((systems != CRS84) & (systems != BROKEN)).tolist():
        try:
            shapes[at] = transformed(shapes[at], systems[at], CRS84)
        except ValueError:
            shapes[at] = None
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes = shapely.force_2d(shapes)
    wrong = usable & ~shapely.is_valid(shapes)
    shapes[wrong] = shapely.make_valid(shapes[wrong])
    return Things(
        objects([row.iri for row in kept])[usable],
        np.array([row.kind for row in kept], np.int8)[usable],
        objects([row.group for row in kept])[usable],
        shapes[usable],
    )

"""Geometries of a store, row by row: who has which, in which graph and system."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyoxigraph as ox
import shapely
from numpy.typing import NDArray

from kb_api.geosparql.literals import SERIALISATIONS, WKT, read_literal
from kb_api.geosparql.places import CRS84
from kb_api.geosparql.shapes import Shapes, joined
from kb_api.wkt import is_plain, parse_plain

BROKEN = ""
"""What stands for the reference system of a literal that cannot be read."""

_SIGN = b"/geosparql#"
"""Stands in each fact with a property of GeoSPARQL."""


@dataclass(frozen=True)
class Rows:
    """Geometries, one row for each literal; all arrays have the same length.

    Attributes:
        subjects: (row,) object: IRI of the geometry, or the label of a blank node
            with `_:` before it.
        graphs: (row,) object: IRI of the graph; empty: the unnamed one.
        systems: (row,) object: IRI of the reference system, or `BROKEN`.
        shapes: Shape in that system, (east, north); None: broken.
    """

    subjects: NDArray[np.object_]
    graphs: NDArray[np.object_]
    systems: NDArray[np.object_]
    shapes: Shapes

    def __len__(self) -> int:
        return len(self.subjects)

    def taken(self, which: NDArray[np.bool_]) -> "Rows":
        """Those of the rows for which a mask is true; itself where it is for all."""
        if which.all():
            return self
        return Rows(
            self.subjects[which],
            self.graphs[which],
            self.systems[which],
            self.shapes.taken(which),
        )


def together(rows: Sequence[Rows]) -> Rows:
    """The rows of all."""
    rows = [one for one in rows if len(one)] or rows[:1]
    if len(rows) == 1:
        return rows[0]
    return Rows(
        np.concatenate([one.subjects for one in rows]),
        np.concatenate([one.graphs for one in rows]),
        np.concatenate([one.systems for one in rows]),
        joined([one.shapes for one in rows]),
    )


def rows_of(store: ox.Store, graphs: Iterable[str] | None = None) -> Rows:
    """The geometries of a store, of some of its graphs or of all (None).

    Memory: all of their literals at once.
    """
    wanted = [None] if graphs is None else [_graph(iri) for iri in graphs]
    return _rows(_quads(store, wanted))


def rows_in(nquads: bytes) -> Rows:
    """The geometries of facts, a line of N-Quads each."""
    lines = [line for line in nquads.split(b"\n") if _SIGN in line]
    quads = ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_QUADS)
    return _rows(quad for quad in quads if quad.predicate.value in SERIALISATIONS)


def _rows(quads: Iterable[ox.Quad]) -> Rows:
    subjects: list[str] = []
    names: list[str] = []
    texts: list[str] = []
    kinds: list[str] = []
    for quad in quads:
        subject = quad.subject
        assert isinstance(subject, ox.NamedNode | ox.BlankNode)
        mark = "_:" if isinstance(subject, ox.BlankNode) else ""
        subjects.append(mark + subject.value)
        graph = quad.graph_name
        names.append("" if isinstance(graph, ox.DefaultGraph) else graph.value)
        value = quad.object
        texts.append(value.value if isinstance(value, ox.Literal) else "")
        kinds.append(value.datatype.value if isinstance(value, ox.Literal) else BROKEN)
    shapes, systems = read_shapes(texts, kinds)
    return Rows(objects(subjects), objects(names), systems, Shapes.of(shapes))


def count_rows(store: ox.Store) -> int:
    """How many geometries a store has, broken ones too."""
    count = 0
    for iri in SERIALISATIONS:
        triple = f"?s <{iri}> ?o"
        both = f"{{ GRAPH ?g {{ {triple} }} }} UNION {{ {triple} }}"
        found = store.query(f"SELECT (COUNT(*) AS ?n) {{ {both} }}")
        assert isinstance(found, ox.QuerySolutions)
        count += sum(int(row["n"].value) for row in found)
    return count


def _quads(
    store: ox.Store, graphs: Sequence[ox.NamedNode | ox.DefaultGraph | None]
) -> Iterator[ox.Quad]:
    for iri in SERIALISATIONS:
        for graph in graphs:
            yield from store.quads_for_pattern(None, ox.NamedNode(iri), None, graph)


def _graph(iri: str) -> ox.NamedNode | ox.DefaultGraph:
    return ox.NamedNode(iri) if iri else ox.DefaultGraph()


def read_shapes(
    texts: Sequence[str], kinds: Sequence[str]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """The shapes of literals and the IRIs of their reference systems.

    Plain WKT is read all at once; what is not surely read alike in both ways, by
    `read_literal`.

    Args:
        texts: Of the literals.
        kinds: IRIs of their datatypes.

    Returns:
        (literal,) object each; None and `BROKEN` for what cannot be read.
    """
    shapes, systems = objects([None] * len(texts)), objects([BROKEN] * len(texts))
    plain = np.array(
        [
            at
            for at, (text, kind) in enumerate(zip(texts, kinds, strict=True))
            if kind == WKT and is_plain(text)
        ],
        np.intp,
    )
    if len(plain):
        read = parse_plain([texts[at] for at in plain.tolist()])
        places, owners = shapely.get_coordinates(read, return_index=True)
        read[owners[~np.isfinite(places).all(axis=1)]] = None
        shapes[plain], systems[plain] = read, CRS84
    for at in np.flatnonzero(shapely.is_missing(shapes)).tolist():
        systems[at] = BROKEN
        try:
            placed = read_literal(texts[at], kinds[at])
        except ValueError:
            continue
        shapes[at], systems[at] = placed.shape, placed.crs
    return shapes, systems


def objects(values: Sequence[object]) -> NDArray[np.object_]:
    """Values as an array of as many, whatever they are."""
    made = np.empty(len(values), object)
    made[:] = values
    return made

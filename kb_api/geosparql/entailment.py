"""What RDFS entails of a store, written into a graph of its own."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import pyoxigraph as ox

from kb_api.geosparql.literals import HAS_SERIALIZATION, SERIALISATIONS
from ontology.files import geosparql_graph

INFERRED = ox.NamedNode("https://w3id.org/lucerna/graph/inferred")
"""The graph of what is entailed; it stands in copies of a store only."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_TYPE = ox.NamedNode(_RDF + "type")
_SUB_CLASS = ox.NamedNode(_RDFS + "subClassOf")
_SUB_PROPERTY = ox.NamedNode(_RDFS + "subPropertyOf")
_DOMAIN = ox.NamedNode(_RDFS + "domain")
_RANGE = ox.NamedNode(_RDFS + "range")
_MOST_TURNS = 20

Links: TypeAlias = Mapping[ox.NamedNode, set[ox.NamedNode]]


def materialise(store: ox.Store, *, on_disk: bool) -> None:
    """Write what RDFS entails of all graphs of a store into `INFERRED`.

    Beside the facts it takes the axioms of GeoSPARQL, simple features and GML. Rules
    rdfs2, 3, 5, 7, 9 and 11 are applied until they add nothing; what a graph of the
    store says already is not repeated, so that the union of all graphs counts nothing
    twice.

    Args:
        store: Is changed: a copy, never the store that loads go to.
        on_disk: Whether it is; then triples are written in bulk. Memory: what one
            class or property gains; else all.

    References:
        RDF 1.1 Semantics (W3C 2014), section 9.2.1.
    """
    store.extend(_quads(one for one in _axioms() if not _says(store, one)))
    schema: list[tuple[str, ...]] = []
    for _ in range(_MOST_TURNS):
        before, schema = schema, _schema(store)
        if schema == before:
            return
        classes = _closed(_links(store, _SUB_CLASS))
        properties = _closed(_links(store, _SUB_PROPERTY))
        gained = itertools.chain(
            _chains(store, _SUB_CLASS, classes),
            _chains(store, _SUB_PROPERTY, properties),
            _super_properties(store, properties),
            _typed(store, _ways(store, properties, classes)),
        )
        if on_disk:
            store.bulk_extend(_quads(gained))
        else:
            store.extend(list(_quads(gained)))


def adds_serialisations(store: ox.Store) -> bool:
    """Whether a geometry has a literal by entailment that no fact of it gives.

    An index of the facts is then no index of what is entailed.
    """
    for iri in SERIALISATIONS:
        if iri != HAS_SERIALIZATION and _has(store, ox.NamedNode(iri), INFERRED):
            return True
    general = ox.NamedNode(HAS_SERIALIZATION)
    return any(
        isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value not in SERIALISATIONS
        and _has(store, quad.subject, None)
        for quad in store.quads_for_pattern(None, _SUB_PROPERTY, general, None)
    )


def _has(store: ox.Store, link: ox.NamedNode, graph: ox.NamedNode | None) -> bool:
    quads = store.quads_for_pattern(None, link, None, graph)
    return next(iter(quads), None) is not None


@functools.cache
def _axioms() -> list[ox.Triple]:
    text = geosparql_graph().serialize(format="nt", encoding="utf-8")
    return [quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)]


def _says(store: ox.Store, triple: ox.Triple) -> bool:
    found = store.quads_for_pattern(triple.subject, triple.predicate, triple.object)
    return next(iter(found), None) is not None


def _schema(store: ox.Store) -> list[tuple[str, ...]]:
    """All that the rules are made of, to see whether they have changed it."""
    return sorted(
        (link.value, one.value, other.value)
        for link in (_SUB_CLASS, _SUB_PROPERTY, _DOMAIN, _RANGE)
        for one, others in _links(store, link).items()
        for other in others
    )


def _links(store: ox.Store, link: ox.NamedNode) -> Links:
    found: dict[ox.NamedNode, set[ox.NamedNode]] = defaultdict(set)
    for quad in store.quads_for_pattern(None, link, None):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(
            quad.object, ox.NamedNode
        ):
            found[quad.subject].add(quad.object)
    return found


def _closed(links: Links) -> Links:
    """What is reached over one link or more, without the beginning itself."""
    found = {}
    for start in links:
        reached: set[ox.NamedNode] = set()
        waiting = [start]
        while waiting:
            for other in links.get(waiting.pop(), ()):
                if other not in reached:
                    reached.add(other)
                    waiting.append(other)
        found[start] = reached - {start}
    return found


def _ways(
    store: ox.Store, properties: Links, classes: Links
) -> dict[ox.NamedNode, list[str]]:
    """Class to the patterns whose ?s is one of its members."""
    found: dict[ox.NamedNode, list[str]] = defaultdict(list)
    for one, others in classes.items():
        for cls in others:
            found[cls].append(f"?s {_TYPE} {one}")
    types = {one for one, others in properties.items() if _TYPE in others}
    for link, pattern in (
        (_DOMAIN, "?s {} ?any"),
        (_RANGE, "?any {} ?s FILTER (!isLiteral(?s))"),
    ):
        links = _links(store, link)
        for one in {*links, *properties}:
            above = (one, *properties.get(one, ()))
            direct = {cls for each in above for cls in links.get(each, ())}
            for cls in direct.union(*(classes.get(cls, ()) for cls in direct)):
                found[cls].append(pattern.format(one))
    for one in types:
        for cls, others in list(classes.items()):
            for other in others:
                found[other].append(f"?s {one} {cls}")
    return found


def _chains(store: ox.Store, link: ox.NamedNode, closed: Links) -> Iterator[ox.Triple]:
    for one, others in closed.items():
        for other in others:
            triple = ox.Triple(one, link, other)
            if not _says(store, triple):
                yield triple


def _super_properties(store: ox.Store, properties: Links) -> Iterator[ox.Triple]:
    for target, sources in _turned(properties).items():
        known: set[tuple[Any, ...]] | None = None
        for source in sources:
            for pair in _rows(store, f"SELECT ?s ?o {{ ?s {source} ?o }}"):
                if known is None:
                    known = set(_rows(store, f"SELECT ?s ?o {{ ?s {target} ?o }}"))
                if pair not in known:
                    known.add(pair)
                    yield ox.Triple(pair[0], target, pair[1])


def _typed(store: ox.Store, ways: Mapping[Any, list[str]]) -> Iterator[ox.Triple]:
    for target, patterns in ways.items():
        known: set[tuple[Any, ...]] | None = None
        for pattern in patterns:
            for one in _rows(store, f"SELECT DISTINCT ?s {{ {pattern} }}"):
                if known is None:
                    held = f"SELECT ?s {{ ?s {_TYPE} {target} }}"
                    known = set(_rows(store, held))
                if one not in known:
                    known.add(one)
                    yield ox.Triple(one[0], _TYPE, target)


def _quads(triples: Iterable[ox.Triple]) -> Iterator[ox.Quad]:
    return (
        ox.Quad(one.subject, one.predicate, one.object, INFERRED) for one in triples
    )


def _turned(links: Links) -> Links:
    found: dict[ox.NamedNode, set[ox.NamedNode]] = defaultdict(set)
    for one, others in links.items():
        for other in others:
            found[other].add(one)
    return found


def _rows(store: ox.Store, text: str) -> Iterator[tuple[Any, ...]]:
    """Rows over all graphs; with few terms they are read faster than quads."""
    rows = store.query(text, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    return map(tuple, rows)

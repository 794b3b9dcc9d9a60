"""Literals that only an answered filter reads are not fetched; all others are."""

import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

sys.path.append(str(Path(__file__).parent))

from field_queries import GEO, HEAD, INSIDE, G, H, facts, feature, rows_of

from kb_api.embedded_store import EmbeddedStore

BODY = "?f geo:hasDefaultGeometry ?g ."


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    made = EmbeddedStore()
    here = [feature("a", "POINT(10 5)"), feature("b", "POINT(2 2)")]
    typed = "ex:a-g a geo:Geometry ; ex:by ex:z . ex:b-g ex:by ex:z . ex:a ex:n 1 ."
    made.put_graphs(
        {
            G: ("g", facts(*here, typed)),
            H: ("h", facts(feature("c", "POINT(20 20)"), "ex:c ex:next ex:a .")),
        }
    )
    return made


SPARED = [
    ("?f", f"{BODY} ?g geo:asWKT ?w . FILTER(INSIDE)"),
    ("?f", f"?g geo:asWKT ?w . {BODY} FILTER(INSIDE)"),
    ("?f", f"{BODY} ?g geo:asWKT ?w FILTER(INSIDE)"),
    ("?f", f"{BODY} FILTER(INSIDE) ?g geo:asWKT ?w"),
    ("?g", "?g geo:asWKT ?w FILTER(INSIDE)"),
    ("?g", "?g geo:asWKT ?w ; ex:by ?z . FILTER(INSIDE)"),
    ("?g", "?g ex:by ?z ; geo:asWKT ?w . FILTER(INSIDE)"),
    ("?g", "?g ex:by ?z ; geo:asWKT ?w ; ex:by ex:z FILTER(INSIDE)"),
    ("?g", "{ ?g ex:by ?z } ?g geo:asWKT ?w . FILTER(INSIDE)"),
    ("?g", "{ ?g geo:asWKT ?w } FILTER(INSIDE)"),
    ("?f", "?f geo:hasDefaultGeometry/geo:asWKT ?w FILTER(INSIDE)"),
    ("?f", "?f a ex:Field ; geo:hasDefaultGeometry / geo:asWKT ?w ; a ?t "
           "FILTER(INSIDE)"),
    ("?x", "?x ex:next/geo:hasDefaultGeometry/geo:asWKT ?w . FILTER(INSIDE)"),
    ("?f", f"?f a ex:Field MINUS {{ {BODY} ?g geo:asWKT ?w FILTER(INSIDE) }}"),
    ("?f", f"?f a ex:Field OPTIONAL {{ {BODY} ?g geo:asWKT ?w FILTER(INSIDE) }}"),
    ("(COUNT(*) AS ?n)", f"{BODY} ?g geo:asWKT ?w . FILTER(INSIDE)"),
    ("?f", f"{{ {BODY} ?g geo:asWKT ?w }} UNION "
           f"{{ {BODY} ?f ex:n ?n . ?g geo:asWKT ?w }} FILTER(INSIDE)"),
]  # fmt: skip

FETCHED = [
    ("?f ?w", f"{BODY} ?g geo:asWKT ?w . FILTER(INSIDE)"),
    ("*", f"{BODY} ?g geo:asWKT ?w . FILTER(INSIDE)"),
    ("DISTINCT *", f"{BODY} ?g geo:asWKT ?w . FILTER(INSIDE)"),
    ("(COUNT(?w) AS ?n)", f"{BODY} ?g geo:asWKT ?w . FILTER(INSIDE)"),
    ("?f", f"{BODY} ?g geo:asWKT ?w . FILTER(INSIDE) FILTER(STRLEN(?w) > 3)"),
    ("?f", f"{BODY} ?g geo:asWKT ?w . FILTER(INSIDE) OPTIONAL {{ ?h ex:says ?w }}"),
    ("?f", f"GRAPH ?x {{ {BODY} ?g geo:asWKT ?w . FILTER(INSIDE) }}"),
    ("?g", "?g geo:asWKT ?w , ?v . FILTER(INSIDE)"),
    ("?g", "?g geo:asWKT ?v , ?w . FILTER(INSIDE)"),
    ("?g", "?g geo:asWKT ?w ; a ?t . FILTER(INSIDE)"),
    ("?g", "?g geo:hasSerialization ?w . FILTER(INSIDE)"),
    ("?g", "?g geo:asWKT|geo:asGML ?w . FILTER(INSIDE)"),
    ("?f", "?f geo:hasDefaultGeometry*/geo:asWKT ?w . FILTER(INSIDE)"),
    ("?f", "?f geo:hasDefaultGeometry [ geo:asWKT ?w ] . FILTER(INSIDE)"),
    ("?f ?geometry_w", "?f geo:hasDefaultGeometry/geo:asWKT ?w ; a ?geometry_w "
                       "FILTER(INSIDE)"),
    ("?f", f"{{ {BODY} ?g geo:asWKT ?w }} UNION {{ {BODY} ?g geo:asWKT|geo:asGML ?w }} "
           "FILTER(INSIDE)"),
]  # fmt: skip
"""The last but one would be cut short if the name were not taken already."""


def query_of(selected: str, body: str) -> str:
    return f"SELECT {selected} {{ {body.replace('INSIDE', INSIDE)} }}"


@pytest.mark.parametrize(("selected", "body"), SPARED)
def test_a_literal_that_nothing_else_reads_is_not_fetched(
    store: EmbeddedStore, selected: str, body: str
) -> None:
    query = query_of(selected, body)
    prepared = store.prepare(HEAD + query).text
    assert "?w" not in prepared
    assert "geo:asWKT" not in prepared.removeprefix(HEAD)
    assert rows_of(store, query, indexed=True)


@pytest.mark.parametrize(("selected", "body"), FETCHED)
def test_a_literal_that_something_may_read_is_fetched(
    store: EmbeddedStore, selected: str, body: str
) -> None:
    query = query_of(selected, body)
    assert "?w" in store.prepare(HEAD + query).text
    rows_of(store, query, indexed=True)


def test_literals_of_both_sides_of_a_join_are_not_fetched(store: EmbeddedStore) -> None:
    other = "?h ex:next ?x ; geo:hasDefaultGeometry ?i . ?i geo:asWKT ?v ."
    one = f"?f a ex:Field . {BODY} ?g geo:asWKT ?w ."
    query = f"SELECT ?f ?h {{ {one} {other} FILTER(geof:sfEquals(?w, ?v)) }}"
    assert "geo:asWKT" not in store.prepare(HEAD + query).text.removeprefix(HEAD)
    assert rows_of(store, query, indexed=True) == ["c c"]


@pytest.mark.parametrize("name", ["asGML", "asGeoJSON", "hasSerialization"])
def test_where_geometries_have_other_serialisations_literals_are_fetched(
    name: str,
) -> None:
    made = EmbeddedStore()
    other = f'ex:z-g geo:{name} "POINT(3 3)"^^geo:wktLiteral .'
    made.put_graphs({G: ("g", facts(feature("b", "POINT(2 2)"), other))})
    query = query_of("?g", "?g geo:asWKT ?w FILTER(INSIDE)")
    assert "?w" in made.prepare(HEAD + query).text
    assert rows_of(made, query, indexed=True) == ["b-g"]


def test_where_a_geometry_stands_in_no_named_graph_literals_are_fetched() -> None:
    made = EmbeddedStore()
    wkt = ox.Literal("POINT(2 2)", datatype=ox.NamedNode(GEO + "wktLiteral"))
    quad = ox.Quad(ox.NamedNode("urn:g"), ox.NamedNode(GEO + "asWKT"), wkt)
    made._store.add(quad)
    query = query_of("?g", "?g geo:asWKT ?w FILTER(INSIDE)")
    assert "?w" in made.prepare(HEAD + query).text
    rows_of(made, query, indexed=True)


def test_a_join_tells_of_literals_that_cannot_be_read() -> None:
    made = EmbeddedStore()
    broken = [feature(f"x{at}", "POINT(nowhere)") for at in range(3)]
    zone = feature("z", "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0))").replace("Field", "Zone")
    made.put_graphs({G: ("g", facts(feature("b", "POINT(2 2)"), zone, *broken))})
    other = "?h a ex:Zone ; geo:hasDefaultGeometry ?i . ?i geo:asWKT ?v ."
    one = f"?f a ex:Field . {BODY} ?g geo:asWKT ?w ."
    query = f"SELECT ?f {{ {one} {other} FILTER(geof:sfWithin(?w, ?v)) }}"
    assert rows_of(made, query, indexed=True) == ["b"]
    found = made.run(HEAD + query)
    assert isinstance(found.results, ox.QuerySolutions)
    assert len(list(found.results)) == 1
    assert found.faults.count == 3
    assert "a literal that cannot be read" in next(iter(found.faults.told))
    # Those that the triples rule out are in no pair anyway.
    zones = query.replace("?f a ex:Field", "?f a ex:Zone")
    assert made.run(HEAD + zones).faults.count == 0

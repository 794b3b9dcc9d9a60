"""Topological properties from the shapes; by the index and by the text alone."""

import pyoxigraph as ox
import pytest

from kb_api.embedded_store import EmbeddedStore
from kb_api.evaluation import evaluate
from kb_api.geosparql.rewrite import rewritten
from ontology.errors import QueryRejected

G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"
GEO = "http://www.opengis.net/ont/geosparql#"
HEAD = f"PREFIX ex: <https://kb.example/> PREFIX geo: <{GEO}> "

# z is a box around the points b and d, t touches it from outside; a is far away. of z
# and b something is said too, and of far, which has no shape.
FACTS = """
@prefix ex: <https://kb.example/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> .
ex:a a ex:Field ; geo:hasDefaultGeometry ex:a-g . ex:a-g geo:asWKT "POINT(20 20)"^^geo:wktLiteral .
ex:b a ex:Field ; geo:hasDefaultGeometry ex:b-g ; geo:sfWithin ex:z , ex:other .
ex:b-g geo:asWKT "POINT(2 2)"^^geo:wktLiteral .
ex:z a ex:Zone ; geo:hasDefaultGeometry ex:z-g ; geo:hasGeometry ex:z-p .
ex:z-g geo:asWKT "POLYGON((1 1, 4 1, 4 4, 1 4, 1 1))"^^geo:wktLiteral .
ex:z-p geo:asWKT "POINT(3 3)"^^geo:wktLiteral .
ex:far a ex:Field ; geo:sfWithin ex:z .
"""  # noqa: E501
MORE = """
@prefix ex: <https://kb.example/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> .
ex:d a ex:Field ; geo:hasDefaultGeometry ex:d-g . ex:d-g geo:asWKT "POINT(3 2)"^^geo:wktLiteral .
ex:t a ex:Zone ; geo:hasDefaultGeometry ex:t-g .
ex:t-g geo:asWKT "POLYGON((4 1, 6 1, 6 4, 4 4, 4 1))"^^geo:wktLiteral .
"""  # noqa: E501


def ntriples(text: str) -> bytes:
    triples = ox.parse(text, format=ox.RdfFormat.TURTLE)
    return "".join(f"{one.triple} .\n" for one in triples).encode()


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    made = EmbeddedStore()
    made.put_graphs({G: ("g", ntriples(FACTS)), H: ("h", ntriples(MORE))})
    return made


def rows(results: object) -> list[str]:
    if isinstance(results, ox.QueryBoolean):
        return [str(bool(results))]
    assert isinstance(results, ox.QuerySolutions)
    return sorted(
        " ".join("-" if one is None else one.value.rpartition("/")[2] for one in row)
        for row in results
    )


def check(
    store: EmbeddedStore, query: str, expected: list[str], *, indexed: bool
) -> None:
    text = HEAD + query
    found = store.run(text, "rdfs+rewrite")
    assert found.indexed is indexed
    assert rows(found.results) == expected
    alone = rewritten(text, store._store, None, store._store)
    assert not alone.indexed
    assert rows(evaluate(store._store, alone).results) == expected
    assert not store.run(text).indexed


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?x { ex:z geo:sfContains ?x }", "b b-g d d-g z z-g z-p"),
        ("SELECT ?x { ex:z-g geo:sfContains ?x }", "b b-g d d-g z z-g z-p"),
        ("SELECT ?x { ?x geo:sfWithin ex:z }", "b b-g d d-g far z z-g z-p"),
        ("SELECT ?x { ?x geo:sfWithin ex:other }", "b"),
        ("SELECT ?x { ?x a ex:Field ; geo:sfWithin ex:z ; . }", "b d far"),
        ("SELECT ?x { ?x a ex:Field ; geo:ehInside ex:z }", "b d"),
        ("SELECT ?x { ?x geo:rcc8eq ex:z }", "z z-g"),
        ("SELECT ?x { ?x geo:rcc8ec ex:z }", "t t-g"),
        ("SELECT ?x { ex:t geo:sfDisjoint ?x }", "a a-g b b-g d d-g z-p"),
        ("SELECT ?x { ex:none geo:sfWithin ?x }", ""),
        ("SELECT ?x { ?x a ex:Zone OPTIONAL { ?x geo:sfContains ex:b } }", "t z"),
        ("SELECT ?x { ?x a ex:Zone FILTER EXISTS { ?x geo:sfContains ex:b } }", "z"),
        ("SELECT ?x { ?x a ex:Zone MINUS { ?x geo:sfTouches ex:z } }", "z"),
        ("SELECT ?x { VALUES ?x { ex:b ex:a } ?x geo:sfWithin ex:z }", "b"),
        ("SELECT (COUNT(*) AS ?n) { ?x geo:sfWithin ex:z , ex:z-g }", "7"),
        ("ASK { ?x geo:sfCrosses ex:z }", "False"),
    ],
)  # fmt: skip
def test_one_side_is_given(store: EmbeddedStore, query: str, expected: str) -> None:
    check(store, query, expected.split(), indexed=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?x ?y { ?x geo:sfTouches ?y . ?x a ex:Zone . ?y a ex:Zone }",
         ["t z", "z t"]),
        ("SELECT ?x ?y { ?x a ex:Field ; geo:sfWithin ?y . ?y a ex:Zone }",
         ["b z", "d z", "far z"]),
        ("SELECT ?x { ?x geo:sfTouches ?x }", []),
        ("ASK { ex:b geo:sfWithin ex:z-g }", ["True"]),
        ("ASK { ex:far geo:sfWithin ex:z }", ["True"]),
        ("ASK { ex:a geo:sfWithin ex:z }", ["False"]),
        ("SELECT ?y { ?y a ex:Zone . ex:d geo:sfWithin ex:z }", ["t", "z"]),
        # within a graph, both are of that graph
        (f"SELECT ?x {{ GRAPH <{H}> {{ ?x geo:sfWithin ex:z }} }}", []),
        ("SELECT ?x ?n { GRAPH ?n { ?x geo:sfWithin ex:z-g } "
         f"FILTER(?n IN (<{G}>, <{H}>)) }}",
         ["b g", "b-g g", "z g", "z-g g", "z-p g"]),
    ],
)  # fmt: skip
def test_both_or_neither_is_given(
    store: EmbeddedStore, query: str, expected: list[str]
) -> None:
    check(store, query, expected, indexed=False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?p { ex:b ?p ex:z }", ["geosparql#sfWithin"]),
        ("BASE <urn:x> SELECT ?p { ex:b ?p ex:z }", ["geosparql#sfWithin"]),
        ("CONSTRUCT { ?x geo:sfWithin ?y } WHERE { ?x ex:none ?y }", []),
    ],
)
def test_where_no_topological_property_is_named_what_is_said_counts(
    store: EmbeddedStore, query: str, expected: list[str]
) -> None:
    prepared = store.prepare(HEAD + query, "rdfs+rewrite")
    assert prepared.text == HEAD + query
    found = store.run(HEAD + query, "rdfs+rewrite").results
    assert isinstance(found, ox.QueryTriples | ox.QuerySolutions)
    told = [*found] if isinstance(found, ox.QueryTriples) else rows(found)
    assert told == expected


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("SELECT ?x { ?x geo:sfWithin ex:z ; ex:none [] }", "sfWithin"),
        ("SELECT ?x { ?x geo:sfWithin+ ex:z }", "sfWithin"),
        ("SELECT ?x { ?x geo:sfWithin/ex:none ex:z }", "sfWithin"),
        ("SELECT ?x { ?x ^geo:sfContains ex:z }", "sfContains"),
        ("SELECT ?x { ?x geo:sfWithin|geo:ehInside ex:z }", "sfWithin"),
        ("SELECT ?x { ?x geo:sfWithin [ a ex:Zone ] }", "sfWithin"),
        ("SELECT ?x { [] geo:sfContains ?x }", "sfContains"),
        ("SELECT ?x { ?x ?p ex:z FILTER(?p = geo:rcc8ntpp) }", "rcc8ntpp"),
        ("CONSTRUCT WHERE { ?x geo:sfWithin ex:z }", "sfWithin"),
        ("BASE <urn:x> SELECT ?x { ?x geo:sfWithin ex:z }", "sfWithin"),
        ("SELECT ?\u00e9 { ?\u00e9 geo:sfWithin ex:z }", "sfWithin"),
        ("SELECT ?lucerna_x { ?lucerna_x geo:sfWithin ex:z }", "sfWithin"),
        ("SELECT ?x { ?x geo:sfWithin ex:z . ?y geo:sfWithin+ ex:z }", "sfWithin"),
    ],
)
def test_on_doubt_a_topological_property_is_refused_by_name(
    store: EmbeddedStore, query: str, name: str
) -> None:
    with pytest.raises(QueryRejected, match=f"cannot work out geo:{name} in this"):
        store.run(HEAD + query, "rdfs+rewrite")
    assert store.run(HEAD + query).results is not None


def test_a_property_that_is_escaped_is_refused_too(store: EmbeddedStore) -> None:
    query = f"SELECT ?x {{ ?x <{GEO}sf\\u0057ithin> ex:z }}"
    with pytest.raises(QueryRejected, match="cannot work out"):
        store.run(HEAD + query, "rdfs+rewrite")
    assert rows(store.run(HEAD + query).results) == ["b", "far"]


def test_several_literals_count_each(store: EmbeddedStore) -> None:
    made = EmbeddedStore()
    made._store.extend(store._store)
    other = 'ex:a-g geo:asWKT "POINT(2 3)"^^geo:wktLiteral . '
    far = "ex:b-g geo:asGML \"<gml:Point xmlns:gml='http://www.opengis.net/gml/3.2'>"
    far += '<gml:pos>50 50</gml:pos></gml:Point>"^^geo:gmlLiteral .'
    head = HEAD.replace("PREFIX", "@prefix").replace("> ", "> . ")
    made.put_graphs({H + "2": ("more", ntriples(head + other + far))})
    expected = ["a", "a-g", "b", "b-g", "d", "d-g", "far", "z", "z-g", "z-p"]
    check(made, "SELECT ?x { ?x geo:sfWithin ex:z }", expected, indexed=True)


@pytest.mark.parametrize("above", ["asWKT", "hasSerialization"])
def test_literals_by_entailment_are_not_missed(above: str) -> None:
    made = EmbeddedStore()
    head = HEAD.replace("PREFIX", "@prefix").replace("> ", "> . ")
    head += "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    literal = '"POINT(1 1)"^^geo:wktLiteral'
    facts = (
        f"ex:outline rdfs:subPropertyOf geo:{above} . "
        f"ex:z geo:hasDefaultGeometry ex:z-g . ex:z-g ex:outline {literal} . "
        f"ex:y geo:hasDefaultGeometry ex:y-g . ex:y-g geo:asWKT {literal} ."
    )
    made.put_graphs({G: ("g", ntriples(head + facts))})
    query = (
        f"{HEAD} SELECT ?g {{ ?g geo:{above} ?w FILTER("
        "<http://www.opengis.net/def/function/geosparql/sfIntersects>"
        '(?w, "POINT(1 1)"^^geo:wktLiteral)) }'
    )
    assert rows(made.run(query, "rdfs").results) == ["y-g", "z-g"]
    property_query = f"{HEAD} SELECT ?x {{ ex:y geo:sfEquals ?x }}"
    assert rows(made.run(property_query, "rdfs+rewrite").results) == [
        "y", "y-g", "z", "z-g",
    ]  # fmt: skip

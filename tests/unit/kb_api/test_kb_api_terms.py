"""Values as users write them: what becomes of each, and what is refused."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_api.embedded_store import EmbeddedStore
from kb_api.questions import Parameter, Question, parse_question
from kb_api.terms import parse_term, to_value
from ontology.errors import QueryRejected

TEXT = """# title: A question
# number: 99
# description: For this test.
# parameter: level concept "lvl:high" the level
# parameter: text text "" any text
# column: x text what came
PREFIX lvl: <https://w3id.org/lucerna/scheme/change-level/>
PREFIX clc: <https://w3id.org/lucerna/scheme/clc/>
SELECT ?x {
  VALUES (?text) { (UNDEF) }
  BIND(?text AS ?x)
}
"""
QUESTION: Question = parse_question("probe", TEXT)
XSD = "http://www.w3.org/2001/XMLSchema#"
CLC = "https://w3id.org/lucerna/scheme/clc/"
LVL = "https://w3id.org/lucerna/scheme/change-level/"
FACTS = f"""
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX luc: <https://w3id.org/lucerna/ont#>
PREFIX tsn: <http://purl.org/net/tsn#>
INSERT DATA {{ GRAPH <https://kb.example/g> {{
  <{CLC}23> a skos:Concept ; skos:prefLabel "Pastures"@en ; skos:notation "23" .
  <{CLC}231> a skos:Concept ; skos:prefLabel "Pastures"@en ; skos:notation "231" ;
    luc:kindOf <{CLC}23>, <{CLC}231> .
  <{CLC}23> luc:kindOf <{CLC}23> .
  <{CLC}221> a skos:Concept ; skos:prefLabel "Vineyards"@en, "Vignobles"@fr .
  <{LVL}high> a skos:Concept ; skos:prefLabel "high change"@en .
  <https://kb.example/u/1> tsn:hasIdentifier "33063" ; tsn:hasName "Bordeaux" ;
    luc:unitLevel <https://kb.example/level> .
  <https://kb.example/station/1> tsn:hasName "Bordeaux" .
  <https://kb.example/u/2> tsn:hasIdentifier "33064" ; tsn:hasName "Twin" ;
    luc:unitLevel <https://kb.example/level> .
  <https://kb.example/u/3> tsn:hasIdentifier "33065" ; tsn:hasName "Twin" ;
    luc:unitLevel <https://kb.example/level> .
}} }}
"""


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    base = EmbeddedStore()
    base._store.update(FACTS)
    return base


def term(store: EmbeddedStore, kind: str, text: str, default: str | None = None) -> str:
    parameter = Parameter("p", kind, default, "for this test")
    return str(parse_term(store, QUESTION, parameter, text))


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("number", "0.30", f'"0.30"^^<{XSD}decimal>'),
        ("number", "1e-3", f'"0.001"^^<{XSD}decimal>'),
        ("integer", "3", f'"3"^^<{XSD}integer>'),
        ("date", "2017-04-27", f'"2017-04-27"^^<{XSD}date>'),
        ("text", 'say "x"', '"say \\"x\\""'),
        ("concept", "vignobles", f"<{CLC}221>"),
        ("concept", "clc:221", f"<{CLC}221>"),
        ("concept", "231", f"<{CLC}231>"),
        ("concept", "Pastures", f"<{CLC}23>"),
        ("unit", "33063", "<https://kb.example/u/1>"),
        ("unit", "bordeaux", "<https://kb.example/u/1>"),
    ],
)
def test_accepted(store: EmbeddedStore, kind: str, text: str, expected: str) -> None:
    assert term(store, kind, text) == expected


def test_a_bare_word_is_looked_for_beside_the_default(store: EmbeddedStore) -> None:
    assert term(store, "concept", "high", default="lvl:high") == f"<{LVL}high>"


def test_a_shape_keeps_its_coordinates(store: EmbeddedStore) -> None:
    written = term(store, "wkt", "point(-0.5 44.8)")
    assert written.startswith('"POINT (-0.5 44.8)"^^<http://www.opengis.net/')


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("number", "a lot", "give a number"),
        ("number", "nan", "give a number"),
        ("number", "1e-50000000", "give a number"),
        ("number", "1e99", "too large or too small"),
        ("wkt", "CIRCULARSTRING(0 0,1 1,2 2)", "as WKT in CRS84"),
        ("integer", "3.5", "whole number"),
        ("date", "27.04.2017", "YYYY-MM-DD"),
        ("wkt", "POLYGON((0 0))", "as WKT in CRS84"),
        (
            "wkt",
            "GEOMETRYCOLLECTION(" * 40_000 + "POINT(1 1)" + ")" * 40_000,
            "as WKT in CRS84",
        ),
        ("wkt", "POINT(400 44)", "leaves the Earth"),
        ("iri", "x> . } DROP ALL", "give an IRI"),
        ("iri", "https://kb.example/a> }", "Invalid IRI"),
        ("concept", "Vineyard", "did you mean Vineyards"),
        ("concept", "clc:999", "has no concept"),
        ("unit", "Twin", "more than one unit"),
        ("unit", "Nowhere", "no unit of the base"),
    ],
)
def test_refused(store: EmbeddedStore, kind: str, text: str, told: str) -> None:
    with pytest.raises(QueryRejected, match=told) as caught:
        term(store, kind, text)
    assert str(caught.value).startswith("probe: p=")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_text_leaves_its_place(text: str) -> None:
    bound = QUESTION.bind({"text": ox.Literal(text)})
    rows = EmbeddedStore().query(bound)
    assert isinstance(rows, ox.QuerySolutions)
    assert [row["x"].value for row in rows] == [text]


@pytest.mark.parametrize("text", ["many", "9" * 5_000, ""])
@pytest.mark.parametrize("kind", ["integer", "decimal", "double", "int"])
def test_what_is_no_number_comes_back_as_its_text(text: str, kind: str) -> None:
    value = to_value(ox.Literal(text, datatype=ox.NamedNode(XSD + kind)))
    assert value == (text if kind[0] == "i" or text in ("many", "") else float("inf"))


def test_a_triple_term_comes_back_as_its_text() -> None:
    one = ox.NamedNode("urn:a")
    assert to_value(ox.Triple(one, one, ox.Literal("b"))) == '<urn:a> <urn:a> "b"'


def test_values_come_back_typed() -> None:
    decimal = ox.Literal("1.25", datatype=ox.NamedNode(XSD + "decimal"))
    assert [
        to_value(one) for one in (decimal, ox.Literal(3), ox.Literal(True), None)
    ] == [
        1.25,
        3,
        True,
        None,
    ]

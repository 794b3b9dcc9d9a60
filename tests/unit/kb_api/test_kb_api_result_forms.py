"""Results in every form, read back by libraries that did not write them."""

import csv
import io
import json
from xml.etree import ElementTree

import geopandas as gpd
import pytest
import shapely
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.sparql.results.tsvresults import TSVResultParser
from rdflib.query import Result

from kb_api.embedded_store import EmbeddedStore
from kb_api.result_forms import (
    CSV,
    FORMS,
    JSON_LD,
    N_TRIPLES,
    RDF_XML,
    RESULTS_JSON,
    RESULTS_XML,
    TSV,
    TURTLE,
    offered_for,
    serialise,
)
from kb_api.rows_geojson import GEOJSON
from ontology.errors import QueryRejected

GEO = "http://www.opengis.net/ont/geosparql#"
TRIPLES = f"""
<https://kb.example/a> <https://w3id.org/lucerna/ont#highHa> "1.25"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<https://kb.example/a> <http://www.w3.org/2000/01/rdf-schema#label> "Les Épures, <\\"1\\">"@fr .
<https://kb.example/a> <{GEO}asWKT> "POLYGON((0 44,1 44,1 45,0 44))"^^<{GEO}wktLiteral> .
<https://kb.example/b> <{GEO}asWKT> "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(44.5 2.25)"^^<{GEO}wktLiteral> .
<https://kb.example/c> <{GEO}asWKT> "POINT(broken"^^<{GEO}wktLiteral> .
<https://kb.example/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/lucerna/ont#Region> .
"""  # noqa: E501
ROWS = (
    "SELECT ?s ?ha ?label { ?s <https://w3id.org/lucerna/ont#highHa> ?ha . "
    "?s <http://www.w3.org/2000/01/rdf-schema#label> ?label }"
)
SHAPES = f"SELECT ?s ?wkt {{ ?s <{GEO}asWKT> ?wkt }} ORDER BY ?s"
LABEL = 'Les Épures, <"1">'


@pytest.fixture
def store() -> EmbeddedStore:
    store = EmbeddedStore()
    store.put_graphs({"https://kb.example/g": ("test", TRIPLES.encode())})
    return store


def rows(store: EmbeddedStore, media_type: str, query: str = ROWS) -> bytes:
    return serialise(store.query(query), media_type)


@pytest.mark.parametrize(
    ("media_type", "form"), [(RESULTS_JSON, "json"), (RESULTS_XML, "xml")]
)
def test_rows_are_read_by_rdflib(
    store: EmbeddedStore, media_type: str, form: str
) -> None:
    (found,) = Result.parse(io.BytesIO(rows(store, media_type)), format=form)
    assert found == (
        URIRef("https://kb.example/a"),
        Literal("1.25", datatype="http://www.w3.org/2001/XMLSchema#decimal"),
        Literal(LABEL, lang="fr"),
    )


def test_rows_as_csv_and_tsv(store: EmbeddedStore) -> None:
    table = list(csv.reader(io.StringIO(rows(store, CSV).decode())))
    assert table == [["s", "ha", "label"], ["https://kb.example/a", "1.25", LABEL]]
    (found,) = TSVResultParser().parse(io.BytesIO(rows(store, TSV)))
    assert found[0] == URIRef("https://kb.example/a")
    assert found[2] == Literal(LABEL, lang="fr")


@pytest.mark.parametrize(
    ("query", "word"),
    [("ASK {}", "true"), ("ASK { <https://kb.example/none> ?p ?o }", "false")],
)
def test_truth_values(store: EmbeddedStore, query: str, word: str) -> None:
    assert json.loads(rows(store, RESULTS_JSON, query))["boolean"] is (word == "true")
    tree = ElementTree.fromstring(rows(store, RESULTS_XML, query))
    namespace = "{http://www.w3.org/2005/sparql-results#}"
    assert tree.findtext(f"{namespace}boolean") == word


@pytest.mark.parametrize(
    ("media_type", "form"),
    [(TURTLE, "turtle"), (N_TRIPLES, "nt"), (RDF_XML, "xml"), (JSON_LD, "json-ld")],
)
def test_a_graph_is_read_by_rdflib(
    store: EmbeddedStore, media_type: str, form: str
) -> None:
    expected = Graph().parse(data=TRIPLES, format="nt")
    assert len(expected) == 6
    subjects = " ".join(f"<{s}>" for s in sorted(set(expected.subjects())))
    query = f"CONSTRUCT {{ ?s ?p ?o }} {{ VALUES ?s {{ {subjects} }} ?s ?p ?o }}"
    text = rows(store, media_type, query)
    assert set(Graph().parse(data=text, format=form)) == set(expected)


def constructed(template: str, form: str) -> bytes:
    return rows(EmbeddedStore(), form, f"CONSTRUCT {{ {template} }} {{}}")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("45000.0", "double"),
        ("many", "integer"),
        ("007", "integer"),
        ("1", "boolean"),
        ("2017-04-19T10:56:21Z", "dateTime"),
    ],
)
def test_json_ld_keeps_a_literal_as_it_was_written(text: str, kind: str) -> None:
    datatype = f"http://www.w3.org/2001/XMLSchema#{kind}"
    told = constructed(f'<x:s> <x:p> "{text}"^^<{datatype}>', JSON_LD)
    assert json.loads(told) == [
        {"@id": "x:s", "x:p": [{"@type": datatype, "@value": text}]}
    ]


def test_json_ld_refuses_what_it_cannot_say() -> None:
    about = "<x:s> <x:p> <<( <x:a> <x:b> <x:c> )>>"
    assert b"<<( <x:a> <x:b> <x:c> )>>" in constructed(about, N_TRIPLES)
    with pytest.raises(QueryRejected, match=r"ld\+json .*RDF 1\.2.*text/turtle"):
        constructed(about, JSON_LD)


def test_rows_with_wkt_are_features(store: EmbeddedStore) -> None:
    text = rows(store, GEOJSON, SHAPES)
    assert json.loads(text)["rowsWithoutGeometry"] == 1
    frame = gpd.read_file(io.BytesIO(text))
    assert frame["s"].tolist() == [f"https://kb.example/{one}" for one in "abc"]
    assert shapely.equals(
        frame.geometry.iloc[0], shapely.from_wkt("POLYGON((0 44,1 44,1 45,0 44))")
    )
    # EPSG:4326 has latitude first.
    assert (frame.geometry.iloc[1].x, frame.geometry.iloc[1].y) == (2.25, 44.5)
    assert frame.geometry.iloc[2] is None


def test_geojson_needs_wkt_in_a_known_crs(store: EmbeddedStore) -> None:
    with pytest.raises(QueryRejected, match="no column of the answer has WKT"):
        rows(store, GEOJSON)
    unknown = f'"<https://crs.example/1> POINT(1 2)"^^<{GEO}wktLiteral>'
    with pytest.raises(QueryRejected, match=r"crs\.example/1"):
        rows(store, GEOJSON, f"SELECT ?w {{ VALUES ?w {{ {unknown} }} }}")


def test_no_rows_are_no_features(store: EmbeddedStore) -> None:
    told = json.loads(rows(store, GEOJSON, "SELECT ?w { ?w <https://kb.example/x> 1 }"))
    assert told == {
        "type": "FeatureCollection", "rowsWithoutGeometry": 0, "features": [],
    }  # fmt: skip


def test_every_form_is_offered_for_something(store: EmbeddedStore) -> None:
    queries = ("SELECT * { ?s ?p ?o }", "ASK {}", "DESCRIBE <https://kb.example/a>")
    offered = {one for query in queries for one in offered_for(store.query(query))}
    assert offered == set(FORMS.values())

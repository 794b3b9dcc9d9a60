"""What a stranger with the write token sends breaks nothing for all others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from rdflib import Graph, Literal, Namespace

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.graph_store import GraphStore
from kb_api.endpoint.in_process import InProcess
from kb_api.endpoint.written import Limits

TOKEN = "a secret of the tests"
MINE = "https://kb.example/graph/mine"
VOID = Namespace("http://rdfs.org/ns/void#")
GEO = "http://www.opengis.net/ont/geosparql#"
PREFIXES = (
    f"PREFIX geo: <{GEO}> "
    "PREFIX geof: <http://www.opengis.net/def/function/geosparql/> "
)
SQUARE = "'POLYGON((0 0, 9 0, 9 9, 0 9, 0 0))'^^geo:wktLiteral"
BROKEN = [
    ("CURVEPOLYGON(COMPOUNDCURVE(" * 20_000, "wktLiteral"),
    ("MULTISURFACE(CURVEPOLYGON(" * 20_000, "wktLiteral"),
    ("MULTICURVE(COMPOUNDCURVE(" * 20_000, "wktLiteral"),
    ("CIRCULARSTRING(0 0,1 1,2 0)", "wktLiteral"),
    ("GEOMETRYCOLLECTION(CIRCULARSTRING(0 0,1 1,2 0))", "wktLiteral"),
    ("<MultiPoint><m><Polygon/></m></MultiPoint>", "gmlLiteral"),
    (r"{\"type\":" * 200, "geoJSONLiteral"),
]


@pytest.fixture
def store() -> EmbeddedStore:
    return EmbeddedStore()


@pytest.fixture
def client(store: EmbeddedStore, tmp_path: Path) -> Iterator[TestClient]:
    runner = InProcess(store, Limits(rows=100))
    app = create_app(
        store,
        version="1",
        quicklook_folder=tmp_path,
        runner=runner,
        graphs=GraphStore(store, runner, TOKEN),
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


def put(
    client: TestClient,
    content: str | bytes,
    kind: str = "application/n-triples",
    graph: str = MINE,
) -> tuple[int, str]:
    """The status and what is told."""
    answer = client.put(
        "/store",
        params={"graph": graph},
        content=content,
        headers={"Content-Type": kind},
    )
    return answer.status_code, answer.text


def test_shapes_that_cannot_be_read_leave_index_and_numbers_whole(
    client: TestClient,
) -> None:
    facts = [
        f'<https://x/{at}> <{GEO}asWKT> "{text}"^^<{GEO}{kind}> .'
        for at, (text, kind) in enumerate([("POINT(1 2)", "wktLiteral"), *BROKEN])
    ]
    assert put(client, "\n".join(facts)) == (201, "")
    query = f"SELECT ?g {{ ?g geo:asWKT ?w FILTER(geof:sfWithin(?w, {SQUARE})) }}"
    answer = client.get("/sparql", params={"query": PREFIXES + query})
    assert answer.status_code == 200
    rows = answer.json()["results"]["bindings"]
    assert [row["g"]["value"] for row in rows] == ["https://x/0"]
    assert answer.headers["lucerna-index"] == "used"
    assert answer.headers["lucerna-faults"] == str(len(BROKEN))
    about = client.get("/.well-known/void", headers={"Accept": "text/turtle"})
    told = Graph().parse(data=about.text, format="turtle")
    assert (None, VOID.triples, Literal(len(facts))) in told
    assert "((1.000000 2.000000, " in about.text


@pytest.mark.parametrize(("text", "kind"), BROKEN[:6])
@pytest.mark.parametrize("call", ["sfIntersects({}, {})", "metricDistance({}, {}) < 9"])
def test_a_constant_that_cannot_be_read_is_told_and_ends_nothing(
    client: TestClient, text: str, kind: str, call: str
) -> None:
    put(client, f'<https://x/0> <{GEO}asWKT> "POINT(1 2)"^^<{GEO}wktLiteral> .')
    test = call.format("?w", f"'{text}'^^geo:{kind}")
    query = f"SELECT * {{ ?g geo:asWKT ?w FILTER(geof:{test}) }}"
    answer = client.post("/sparql", data={"query": PREFIXES + query})
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"]["bindings"] == []
    assert answer.headers["lucerna-faults"] == "1"


@pytest.mark.parametrize(
    ("content", "kind", "status", "told"),
    [
        (
            "<urn:a> <urn:p> " + "<<( <urn:a> <urn:p> " * 20_000 + "<urn:o>"
            + ")>>" * 20_000 + " .",
            "application/n-triples", 400, "brackets deeper than 100",
        ),
        ('{"https://x/p":' * 6_000 + "1" + "}" * 6_000, "application/ld+json", 400,
         "objects and arrays deeper than 100"),
        ("<a>" * 50_000 + "</a>" * 50_000, "application/rdf+xml", 400,
         "elements deeper than 100"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "application/rdf+xml", 400,
         "document type (DTD)"),
        ('<urn:a> <urn:p> "' + "a" * 2**24 + '" .', "text/turtle", 413,
         "larger than 16 MiB; shorten it"),
        ("<urn:a> <urn:p> <<( _:b <urn:q> <urn:o> )>> .", "text/turtle", 422,
         "has blank nodes"),
    ],
    ids=["triple terms", "json", "xml", "entities", "large", "blank"],
)  # fmt: skip
def test_rdf_that_would_overrun_a_parser_is_refused_with_one_line(
    client: TestClient,
    store: EmbeddedStore,
    content: str,
    kind: str,
    status: int,
    told: str,
) -> None:
    answered, text = put(client, content, kind)
    assert (answered, told in text, "\n" in text) == (status, True, False), text
    assert store.graphs() == {}

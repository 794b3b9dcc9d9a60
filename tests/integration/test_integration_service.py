"""The REST API and the SPARQL endpoint over a real store with hand-made facts."""

import csv
import http.server
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from rdflib import Graph, URIRef
from shapely import from_wkt
from shapely.geometry import shape

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.sparql import MAX_BODY_BYTES
from ontology import GEO
from ontology.files import inferred_graph, schemes_graph

BASE = Path(__file__).parents[1] / "small_base.ttl"
RESULT = "https://lucerna.example/result/a1"
PARCEL = "https://lucerna.example/unit/parcel/"
HIGH = "https://w3id.org/lucerna/ont#highHa"


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    store = EmbeddedStore()
    graphs = {"facts": Graph().parse(BASE), "schemes": schemes_graph()}
    graphs["inferred"] = inferred_graph()
    store.put_graphs(
        {
            f"https://lucerna.example/graph/{name}": (
                name,
                graph.serialize(format="nt", encoding="utf-8"),
            )
            for name, graph in graphs.items()
        }
    )
    return store


@pytest.fixture(scope="module")
def client(
    store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "a1-before.png").write_bytes(b"\x89PNG picture")
    (folder / "secret.png").write_bytes(b"not in the graph")
    app = create_app(store, version="1.2.3", quicklook_folder=folder)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def refused(answer: httpx.Response, status: int) -> str:
    """The detail of a problem document with this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert set(body) == {"type", "title", "status", "detail"}
    return str(body["detail"])


def test_health_names_the_version(client: TestClient) -> None:
    body = client.get("/api/v1/health").json()
    assert body == {"ok": True, "version": "1.2.3"}


def test_units_have_hectares_and_shapes(client: TestClient) -> None:
    query = {"result": RESULT, "unit_level": "parcel"}
    answer = client.get("/api/v1/units.geojson", params=query)
    assert answer.headers["content-type"] == "application/geo+json"
    found = {one["id"]: one["properties"] for one in answer.json()["features"]}
    assert len(found) == 12
    assert found[f"{PARCEL}P05@2017"] == {
        "identifier": "P05",
        "name": "Bas Pré",
        "level": "parcel",
        "observed_ha": 1.0,
        "none_ha": 0.41,
        "low_ha": 0.1,
        "middle_ha": 0.2,
        "high_ha": 0.29,
        "high_share": 0.29,
        "valid_pixels": 100,
        "cloudy_pixels": 0,
        "total_pixels": 100,
        "assessable": True,
        "main_land_cover": "Vineyards",
    }
    clouded = found[f"{PARCEL}P11@2017"]
    assert (clouded["assessable"], clouded["high_share"]) == (False, None)
    first = answer.json()["features"][0]["geometry"]
    assert first["coordinates"][0][0] == [-0.16, 44.806]


def test_regions_have_area_and_score(client: TestClient) -> None:
    answer = client.get("/api/v1/regions.geojson", params={"result": RESULT})
    (region,) = answer.json()["features"]
    assert region["id"] == "https://lucerna.example/region/a1/r1"
    assert region["properties"] == {
        "area_m2": 20400.0,
        "mean_score": 62.5,
        "max_score": 91.0,
    }


def test_an_unknown_result_or_level_is_told(client: TestClient) -> None:
    unknown = {"result": RESULT + "0"}
    assert RESULT + "0" in refused(
        client.get("/api/v1/units.geojson", params=unknown), 404
    )
    refused(client.get("/api/v1/regions.geojson", params=unknown), 404)
    detail = refused(client.get("/api/v1/units.geojson", params={"result": "a b"}), 400)
    assert "no IRI" in detail
    assert "result" in refused(client.get("/api/v1/units.geojson"), 400)
    none = {"result": RESULT, "unit_level": "canton"}
    assert client.get("/api/v1/units.geojson", params=none).json()["features"] == []


def test_results_name_images_pictures_and_levels(client: TestClient) -> None:
    change_vector, spectral_angle = client.get("/api/v1/results").json()
    assert change_vector["method"] == "change-vector"
    levels = "https://w3id.org/lucerna/scheme/unit-level/"
    assert spectral_angle == {
        "iri": RESULT,
        "method": "spectral-angle",
        "methodVersion": "1",
        "beginsAt": "2017-04-19T10:56:21Z",
        "endsAt": "2017-04-29T10:56:51Z",
        "before": "https://lucerna.example/scene/before",
        "after": "https://lucerna.example/scene/after",
        "simulated": True,
        "quicklookBefore": "a1-before.png",
        "quicklookAfter": "a1-after.png",
        "bounds3857": [-18089.0, 5590639.0, -14917.0, 5593621.0],
        "unitLevels": [levels + "commune", levels + "parcel"],
    }


def test_concepts_come_by_scheme(client: TestClient) -> None:
    cover = client.get("/api/v1/concepts", params={"scheme": "clc"}).json()
    assert len(cover) == 5 + 15 + 44
    (vineyards,) = [one for one in cover if one["notation"] == "221"]
    assert vineyards["label"] == "Vineyards"
    assert vineyards["broader"] == ["https://w3id.org/lucerna/scheme/clc/22"]
    levels = client.get("/api/v1/concepts", params={"scheme": "lvl"}).json()
    ordered = [one["notation"] for one in levels if one["order"] is not None]
    assert ordered == ["none", "low", "middle", "high"]
    everything = client.get("/api/v1/concepts").json()
    assert len({one["iri"] for one in everything}) == len(everything) > len(cover)


def test_a_question_has_typed_rows(client: TestClient) -> None:
    listed = client.get("/api/v1/questions").json()
    assert [one["number"] for one in listed] == sorted(one["number"] for one in listed)
    changed = next(one for one in listed if one["name"] == "changed_units")
    assert {"name": "least", "type": "number", "default": "0.3"}.items() <= next(
        one for one in changed["parameters"] if one["name"] == "least"
    ).items()
    values = {"least": "0.5", "kind": "Vineyards"}
    answer = client.get("/api/v1/questions/changed_units", params=values).json()
    assert answer["count"] == 3
    assert [(one["identifier"], one["share"]) for one in answer["rows"]] == [
        ("P01", 0.9),
        ("P02", 0.6),
        ("P01", 0.5),
    ]
    none = {"kind": "clc:311"}
    answer = client.get("/api/v1/questions/changed_units", params=none).json()
    assert (answer["count"], answer["rows"]) == (0, [])


def test_bad_questions_are_told(client: TestClient) -> None:
    path = "/api/v1/questions/"
    assert "changed_units" in refused(client.get(path + "nothing"), 404)
    assert "color" in refused(client.get(path + "changed_units?color=red"), 400)
    assert "least" in refused(client.get(path + "changed_units?least=much"), 400)
    assert "twice" in refused(client.get(path + "changed_units?least=1&least=0"), 400)


@pytest.mark.parametrize(
    "name",
    ["secret.png", "a1-after.png", "..%2Fsecret.png", "../app.py", "a1-before.png/"],
)
def test_only_known_pictures_are_served(client: TestClient, name: str) -> None:
    answer = client.get("/api/v1/quicklooks/a1-before.png")
    assert answer.content == b"\x89PNG picture"
    assert answer.headers["content-type"] == "image/png"
    answer = client.get(f"/api/v1/quicklooks/{name}", follow_redirects=False)
    assert answer.status_code in (307, 404)


SELECT = f"SELECT ?h WHERE {{ ?o <{HIGH}> ?h }} ORDER BY DESC(?h) LIMIT 1"


def test_a_select_comes_as_json_or_csv_by_each_way(client: TestClient) -> None:
    # 0.9 + 0.3 ... the highest of all is commune 1: P01 .9, P02 .6, P05 .29, P06 .1.
    by_get = client.get("/sparql", params={"query": SELECT})
    assert by_get.headers["content-type"] == "application/sparql-results+json"
    (row,) = by_get.json()["results"]["bindings"]
    assert float(row["h"]["value"]) == pytest.approx(1.89)
    by_form = client.post("/sparql", data={"query": SELECT})
    direct = client.post(
        "/sparql",
        content=SELECT,
        headers={"Content-Type": "application/sparql-query; charset=utf-8"},
    )
    assert by_form.json() == direct.json() == by_get.json()
    table = client.get(
        "/sparql", params={"query": SELECT}, headers={"Accept": "text/csv"}
    )
    assert table.headers["content-type"].startswith("text/csv")
    assert list(csv.reader(io.StringIO(table.text))) == [["h"], ["1.89"]]


def test_rows_with_wkt_come_as_geojson_where_that_is_accepted(
    client: TestClient,
) -> None:
    wkt = "http://www.opengis.net/ont/geosparql#asWKT"
    accept = {"Accept": "application/geo+json, text/html;q=0.9"}
    query = f"SELECT ?place ?shape {{ ?place <{wkt}> ?shape }}"
    found = client.get("/sparql", params={"query": query}, headers=accept)
    assert found.headers["content-type"] == "application/geo+json"
    facts = {(str(s), str(o)) for s, p, o in Graph().parse(BASE) if str(p) == wkt}
    assert facts
    features = {
        (one["properties"]["place"], shape(one["geometry"]).normalize().wkt)
        for one in found.json()["features"]
    }
    assert features == {(s, from_wkt(text).normalize().wkt) for s, text in facts}
    detail = refused(
        client.get("/sparql", params={"query": SELECT}, headers=accept), 400
    )
    assert "no column of the answer has WKT" in detail


def test_ask_and_construct_have_their_own_forms(client: TestClient) -> None:
    asked = client.get("/sparql", params={"query": "ASK { ?s ?p 1.89 }"})
    assert asked.json()["boolean"] is True
    query = f"CONSTRUCT {{ <{PARCEL}P05@2017> ?p ?o }} {{ <{PARCEL}P05@2017> ?p ?o }}"
    built = client.get("/sparql", params={"query": query})
    assert built.headers["content-type"].startswith("text/turtle")
    stated = Graph().parse(data=built.text, format="turtle")
    facts = Graph().parse(BASE)
    wanted = {one for one in facts if str(one[0]) == f"{PARCEL}P05@2017"}
    # It lies in a commune, which nobody has said.
    parcel = URIRef(f"{PARCEL}P05@2017")
    commune = URIRef("https://lucerna.example/unit/commune/SIM01@2017")
    assert set(stated) == wanted | {
        (parcel, GEO.sfWithin, commune),
        (parcel, GEO.sfIntersects, commune),
    }
    detail = refused(
        client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"}),
        406,
    )
    assert "text/turtle" in detail


def test_bad_requests_are_told(client: TestClient) -> None:
    def get(**parameters: Any) -> httpx.Response:  # noqa: ANN401
        return client.get("/sparql", params=parameters)

    assert "2:" in refused(get(query="SELECT * {\n ?s ?p"), 400)
    assert "exactly one" in refused(get(format="csv"), 400)
    assert "exactly one" in refused(get(query=[SELECT, SELECT]), 400)
    graph = {"query": SELECT, "default-graph-uri": "http://g"}
    assert "default-graph-uri" in refused(get(**graph), 400)
    assert "INSERT" in refused(get(query="INSERT DATA { <a> <b> <c> }"), 400)
    assert "updates" in refused(client.post("/sparql", data={"update": "x"}), 400)
    kind = {"Content-Type": "application/sparql-update"}
    assert "updates" in refused(client.post("/sparql", content="x", headers=kind), 400)
    kind = {"Content-Type": "application/json"}
    assert "json" in refused(client.post("/sparql", content="x", headers=kind), 415)
    kind = {"Content-Type": "application/sparql-query"}
    large = "#" * (MAX_BODY_BYTES + 1)
    assert "bytes" in refused(client.post("/sparql", content=large, headers=kind), 413)
    refused(client.post("/sparql", content=b"\xff", headers=kind), 400)
    refused(client.put("/sparql"), 405)
    refused(client.get("/api/v2/health"), 404)


class _Recorder(http.server.BaseHTTPRequestHandler):
    """Writes down that somebody called."""

    calls: list[str]

    def do_GET(self) -> None:
        self.calls.append(self.path)
        self.send_response(500)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_no_query_reaches_another_service(
    client: TestClient, store: EmbeddedStore
) -> None:
    calls: list[str] = []
    handler = type("Handler", (_Recorder,), {"calls": calls})
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    there = f"<http://127.0.0.1:{server.server_port}/x>"
    queries = [
        f"SELECT * {{ SERVICE {there} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ service silent{there}{{ ?s ?p ?o }} }}",
        f"PREFIX : {there} SELECT * {{ SERVICE:{{ ?s ?p ?o }} }}",
        f"PREFIX S: {there} SELECT * {{ SERVICES:{{ ?s ?p ?o }} }}",
        f"SELECT * {{ ?s ?p trueSERVICE{there} {{ ?s ?p ?o }} }}",
        f"PREFIX : {there} SELECT * {{ ?s ?p 1.SERVICE:{{ ?s ?p ?o }} }}",
        f"SELECT * {{ VALUES ?v {{ {there} }} FILTER(0<1)SERVICE?v#>\n{{ ?s ?p 1 }} }}",
        f"SELECT * {{ VALUES ?v {{ {there} }} S\\u0045RVICE ?v {{ ?s ?p ?o }} }}",
        f"SELECT * {{ ?s ?p 'a\\u0027 }} SERVICE {there} {{ ?s ?p ?o }} #' }}",
        f"SELECT * {{ BIND('\\\\' AS ?a) SERVICE {there} {{ ?s ?p 'x' }} }}",
    ]
    try:
        with pytest.raises(OSError, match="500"):
            list(store.query(queries[0]))  # the listener would be heard of
        assert calls == ["/x"]
        calls.clear()
        for query in queries:
            assert client.get("/sparql", params={"query": query}).status_code in (
                200,
                400,
            )
        assert calls == []
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_the_store_is_unchanged_and_large_answers_are_packed(
    client: TestClient, store: EmbeddedStore
) -> None:
    before = store.dump()
    client.post("/sparql", data={"query": "DROP ALL"})
    client.post("/sparql", data={"update": "DROP ALL"})
    assert store.dump() == before
    query = {"query": "SELECT * { ?s ?p ?o }"}
    packed = client.get("/sparql", params=query, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    rows = json.loads(packed.text)["results"]["bindings"]
    assert len(rows) > 1000

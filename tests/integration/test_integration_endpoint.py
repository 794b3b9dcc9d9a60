"""The endpoint over HTTP with killable workers: limits, and what it tells of itself."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from rdflib import (
    DCAT,
    DCTERMS,
    RDF,
    RDFS,
    VOID,
    XSD,
    Graph,
    Literal,
    Namespace,
    URIRef,
)
from shapely import from_wkt, total_bounds

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.description import Abilities
from kb_api.endpoint.pool import QueryWorkers
from kb_api.endpoint.written import Limits
from kb_api.overlaps.upkeep import overlaps_graph

BASE = Path(__file__).parents[1] / "small_base.ttl"
FACTS = "https://lucerna.example/graph/facts"
OTHER = "https://lucerna.example/graph/other"
HOSTILE = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
ENTAILMENT = Namespace("http://www.w3.org/ns/entailment/")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
ABILITIES = Abilities(
    functions={"http://www.opengis.net/def/function/geosparql/area": "area"},
    aggregates={"http://www.opengis.net/def/function/geosparql/aggUnion": "union"},
    regimes={"rdfs": "RDFS entailment"},
)
TIMEOUT_S, ROWS = 2, 300


@pytest.fixture(scope="module")
def facts() -> Graph:
    return Graph().parse(BASE)


@pytest.fixture(scope="module")
def client(
    facts: Graph, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("base")
    store = EmbeddedStore(folder / "store")
    other = (
        b"<https://kb.example/x> <http://www.opengis.net/ont/geosparql#asWKT> "
        b'"<http://www.opengis.net/def/crs/EPSG/0/4326> POINT (50 16)"'
        b"^^<http://www.opengis.net/ont/geosparql#wktLiteral> ."
    )
    content = facts.serialize(format="nt", encoding="utf-8")
    store.put_graphs({FACTS: ("The facts", content), OTHER: ("Another", other)})
    workers = QueryWorkers(store, folder / "copies", Limits(TIMEOUT_S, ROWS))
    app = create_app(
        store,
        version="1",
        quicklook_folder=folder,
        runner=workers,
        abilities=ABILITIES,
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        while client.get("/sparql?query=ASK%20{}").status_code == 503:
            pass  # the first worker is starting
        yield client
    workers.close()
    store.close()


def test_limits_and_what_happened_stand_in_the_headers(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 300"})
    assert answer.status_code == 200
    assert len(answer.json()["results"]["bindings"]) == ROWS
    told = {"Lucerna-Timeout-Seconds": "2", "Lucerna-Max-Rows": "300"}
    assert (
        told.items() <= {name.title(): v for name, v in answer.headers.items()}.items()
    )
    assert answer.headers["lucerna-index"] == "unused"
    assert answer.headers["lucerna-faults"] == "0"
    assert "lucerna-fault-messages" not in answer.headers


def test_help_of_the_index_and_errors_inside_functions_are_told(
    client: TestClient,
) -> None:
    prefixes = (
        "PREFIX geo: <http://www.opengis.net/ont/geosparql#> "
        "PREFIX geof: <http://www.opengis.net/def/function/geosparql/> "
        "PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/> "
    )
    window = (
        "SELECT ?g { ?g geo:asWKT ?w FILTER(geof:sfIntersects(?w, "
        "'POLYGON((15 49, 17 49, 17 51, 15 51, 15 49))'^^geo:wktLiteral)) }"
    )
    answer = client.get("/sparql", params={"query": prefixes + window})
    (row,) = answer.json()["results"]["bindings"]
    assert row["g"]["value"] == "https://kb.example/x"
    assert answer.headers["lucerna-index"] == "used"
    broken = (
        "SELECT (geof:area(?w, uom:metre) AS ?a) { VALUES ?w { "
        "'POLYGON((é'^^geo:wktLiteral 'no WKT'^^geo:wktLiteral } }"
    )
    answer = client.get("/sparql", params={"query": prefixes + broken})
    assert answer.json()["results"]["bindings"] == [{}, {}]
    assert answer.headers["lucerna-faults"] == "2"
    messages = json.loads(answer.headers["lucerna-fault-messages"])
    assert len(messages) == 2
    assert all(one.startswith("area: ") for one in messages)


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json"])
def test_one_row_too_many_is_told_and_nothing_is_cut_off(
    client: TestClient, accept: str
) -> None:
    query = {"query": "SELECT * { ?s ?p ?o } LIMIT 301"}
    answer = client.get("/sparql", params=query, headers={"Accept": accept})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["lucerna-max-rows"] == "300"
    assert "more than 300 rows" in answer.json()["detail"]
    assert "LIMIT and OFFSET" in answer.json()["detail"]


def test_past_the_deadline_is_503_while_others_are_answered(
    client: TestClient,
) -> None:
    with ThreadPoolExecutor() as threads:
        begun = time.monotonic()
        late = threads.submit(client.post, "/sparql", data={"query": HOSTILE})
        ended: list[float] = []
        late.add_done_callback(lambda _: ended.append(time.monotonic()))
        answered = 0
        while not late.done():
            health = client.get("/api/v1/health")
            asked = client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"})
            assert (health.status_code, asked.json()["boolean"]) == (200, True)
            answered += 1
    assert TIMEOUT_S <= ended[0] - begun < TIMEOUT_S + 1
    answer = late.result()
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["lucerna-timeout-seconds"] == "2"
    assert "longer than 2 s and was stopped" in answer.json()["detail"]
    assert answered >= 3


def test_the_descriptions_answer_head_too(client: TestClient) -> None:
    for path in ("/sparql", "/.well-known/void"):
        assert client.head(path).status_code == 200


def test_the_endpoint_describes_itself(client: TestClient) -> None:
    answer = client.get("/sparql", headers={"Accept": "application/rdf+xml"})
    assert answer.headers["content-type"] == "application/rdf+xml"
    told = Graph().parse(data=answer.text, format="xml")
    service = URIRef("http://testserver/sparql")
    assert (service, RDF.type, SD.Service) in told
    assert (service, SD.endpoint, service) in told
    assert (service, SD.supportedLanguage, SD.SPARQL11Query) in told
    assert (service, SD.feature, SD.UnionDefaultGraph) in told
    assert (service, SD.defaultEntailmentRegime, ENTAILMENT.Simple) in told
    forms = set(told.objects(service, SD.resultFormat))
    assert {FORMATS.SPARQL_Results_JSON, FORMATS.Turtle, FORMATS["N-Triples"]} < forms
    assert len(forms) == 9
    (area,) = told.objects(service, SD.extensionFunction)
    assert (str(area), RDF.type) == (next(iter(ABILITIES.functions)), RDF.type)
    assert (area, RDF.type, SD.Function) in told
    assert told.value(area, RDFS.label) == Literal("area")
    assert len(list(told.objects(service, SD.extensionAggregate))) == 1
    regime = URIRef("http://testserver/sparql?regime=rdfs")
    assert (regime, SD.defaultEntailmentRegime, ENTAILMENT.RDFS) in told
    dataset = told.value(service, SD.defaultDataset)
    named = {
        str(told.value(one, SD.name)) for one in told.objects(dataset, SD.namedGraph)
    }
    assert named == {FACTS, OTHER, overlaps_graph(FACTS)}


def test_void_tells_counts_classes_place_and_time_of_each_graph(
    client: TestClient, facts: Graph
) -> None:
    answer = client.get("/.well-known/void", headers={"Accept": "text/turtle"})
    told = Graph().parse(data=answer.text, format="turtle")
    base = next(told.subjects(VOID.sparqlEndpoint, None))
    by_label = {
        str(told.value(one, RDFS.label)): one for one in told.objects(base, VOID.subset)
    }
    # The small base has 46 pairs that meet: 17 lie within, 29 share some ground.
    triples = {label: told.value(one, VOID.triples) for label, one in by_label.items()}
    assert triples == {
        "The facts": Literal(len(facts)),
        "Another": Literal(1),
        "overlaps of The facts": Literal(46 + 17 + 29 * 4),
    }
    assert int(told.value(base, VOID.triples)) == len(facts) + 1 + 179
    graph = by_label["The facts"]
    assert told.value(graph, VOID.triples) == Literal(len(facts))
    classes = {
        told.value(one, VOID["class"]): int(str(told.value(one, VOID.entities)))
        for one in told.objects(graph, VOID.classPartition)
    }
    counted = {
        kind: len(set(facts.subjects(RDF.type, kind)))
        for kind in facts.objects(None, RDF.type)
    }
    assert classes == counted
    shapes = [from_wkt(str(one)) for one in facts.objects(None, GEO.asWKT)]
    place = told.value(graph, DCTERMS.spatial)
    box = from_wkt(str(told.value(place, DCAT.bbox)))
    assert box.bounds == pytest.approx(tuple(total_bounds(shapes)), abs=1e-6)
    times = {
        str(one)[:10]
        for one in facts.objects()
        if isinstance(one, Literal)
        and one.datatype in (XSD.dateTime, XSD.date, XSD.gYearMonth)
    }
    period = told.value(graph, DCTERMS.temporal)
    ends = told.value(period, DCAT.startDate), told.value(period, DCAT.endDate)
    assert {str(one) for one in ends} <= times
    assert str(ends[0]) == "2017-04-19"
    assert (graph, DCTERMS.modified, None) in told
    point = told.value(told.value(by_label["Another"], DCTERMS.spatial), DCAT.bbox)
    assert from_wkt(str(point)).bounds == (16, 50, 16, 50)  # latitude came first
    assert (by_label["Another"], DCTERMS.temporal, None) not in told
    assert client.get("/.well-known/void", headers={"Accept": "a/b"}).status_code == 406

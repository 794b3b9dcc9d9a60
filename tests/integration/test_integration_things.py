"""Dereferenceable IRIs: a page whose links lead on, and RDF by Accept header."""

import html.parser
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import GEO

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.graph_store import GraphStore
from kb_api.endpoint.in_process import InProcess
from kb_api.endpoint.written import Limits
from ontology.files import inferred_graph, ontology_graph, schemes_graph

BASE = Path(__file__).parents[1] / "small_base.ttl"
IRI_BASE = "https://lucerna.example/"
PARCEL = "unit/parcel/P05@2017"
TOKEN = "a secret of the tests"
HUB = "https://kb.example/hub"
FACTS = f"{IRI_BASE}graph/facts"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def facts() -> Graph:
    return Graph().parse(BASE)


@pytest.fixture(scope="module")
def client(
    facts: Graph, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    store = EmbeddedStore()
    ours = ontology_graph() + schemes_graph() + inferred_graph()
    odd = Graph()
    for i in range(60):
        odd.add(
            (
                URIRef(f"https://kb.example/{i}"),
                URIRef("https://kb.example/at"),
                URIRef(HUB),
            )
        )
        odd.add(
            (
                URIRef(f"{IRI_BASE}odd/A%20{i}?b"),
                URIRef("https://kb.example/n"),
                Literal(i),
            )
        )
    odd.add(
        (
            URIRef(f"{IRI_BASE}odd/A%201"),
            URIRef("https://kb.example/to"),
            URIRef("javascript:alert(1)"),
        )
    )
    store.put_graphs(
        {
            iri: (
                iri.rpartition("/")[2],
                graph.serialize(format="nt", encoding="utf-8"),
            )
            for iri, graph in {
                FACTS: facts,
                "https://kb.example/o": ours,
                "https://kb.example/odd": odd,
            }.items()
        }
    )
    runner = InProcess(store, Limits(rows=10_000))
    app = create_app(
        store,
        version="1",
        quicklook_folder=tmp_path_factory.mktemp("pictures"),
        runner=runner,
        graphs=GraphStore(store, runner, TOKEN),
        iri_base=IRI_BASE,
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


class Page(html.parser.HTMLParser):
    """The links and texts of a page, and the tags that it is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def page_of(client: TestClient, address: str) -> Page:
    answer = client.get(address, headers=HTML)
    assert answer.status_code == 200, (address, answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return Page(answer.text)


def test_a_thing_is_told_to_people_by_name(client: TestClient) -> None:
    page = page_of(client, f"/things/{PARCEL}")
    assert "Bas Pré" in page.texts  # its name is the title
    assert f"{IRI_BASE}{PARCEL}" in page.texts
    assert "Simulated commune 1" in page.texts  # what it is part of, by name
    assert "This base holds simulated data" in page.texts
    assert "/things/unit/commune/SIM01@2017" in page.links
    assert "/things/geometry/p05" in page.links
    assert any("luc%23" in one or "ont%23" in one for one in page.links)  # properties
    assert page_of(client, f"/things?iri={IRI_BASE}{PARCEL}").texts == page.texts


def test_every_link_of_the_pages_leads_to_an_answer(client: TestClient) -> None:
    seen, waiting = set(), [f"/things/{PARCEL}"]
    while waiting and len(seen) < 120:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        assert address.startswith(("/things", "/sparql?query="))
        if address.startswith("/things"):
            waiting += page_of(client, address).links
        else:
            assert client.get(address).status_code == 200, address
    assert len(seen) == 120


@pytest.mark.parametrize(
    ("accept", "media_type", "form"),
    [
        ("text/turtle", "text/turtle", "turtle"),
        ("application/ld+json", "application/ld+json", "json-ld"),
        ("application/rdf+xml;q=0.5", "application/rdf+xml", "xml"),
        ("*/*", "text/turtle", "turtle"),
    ],
)
def test_programs_get_the_facts_of_a_thing(
    client: TestClient, facts: Graph, accept: str, media_type: str, form: str
) -> None:
    wanted = Graph()
    for fact in facts.triples((URIRef(f"{IRI_BASE}{PARCEL}"), None, None)):
        wanted.add(fact)
    assert len(wanted) == 6
    for relation in (GEO.sfIntersects, GEO.sfWithin):
        commune = URIRef(f"{IRI_BASE}unit/commune/SIM01@2017")
        wanted.add((URIRef(f"{IRI_BASE}{PARCEL}"), relation, commune))
    for address in (f"/things/{PARCEL}", f"/things?iri={IRI_BASE}{PARCEL}"):
        answer = client.get(address, headers={"Accept": accept})
        assert answer.headers["content-type"].partition(";")[0] == media_type
        assert answer.headers["vary"] == "Accept"
        assert isomorphic(Graph().parse(data=answer.text, format=form), wanted)


def test_hostile_names_are_only_text(client: TestClient) -> None:
    page = page_of(client, "/things/unit/parcel/P03@2017")
    assert "<img src=/nowhere onerror=alert(1)>" in page.texts
    assert page.tags.isdisjoint({"img", "script"})
    page = page_of(client, "/things/odd/A%201")
    assert "javascript:alert(1)" in page.texts
    assert not [one for one in page.links if one.startswith("javascript")]


def test_iris_are_taken_as_they_are_written(client: TestClient) -> None:
    odd = f"{IRI_BASE}odd/A%207?b"
    answer = client.get(
        "/things", params={"iri": odd}, headers={"Accept": "text/turtle"}
    )
    (fact,) = Graph().parse(data=answer.text, format="turtle")
    assert (str(fact[0]), fact[2]) == (odd, Literal(7))
    assert client.get("/things/odd/A%207", headers=HTML).status_code == 404


def test_where_there_is_much_a_link_leads_to_all(client: TestClient) -> None:
    page = page_of(client, f"/things?iri={HUB}")
    shown = [
        one
        for one in page.links
        if "kb.example%2F" in one and one.startswith("/things")
    ]
    assert len(shown) == 50
    (all_of_it,) = [one for one in page.links if one.startswith("/sparql")]
    rows = client.get(all_of_it, headers={"Accept": "text/csv"}).text
    assert rows.count("https://kb.example/at") == 60


@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_what_the_base_does_not_know_is_told(client: TestClient, accept: str) -> None:
    headers = {"Accept": accept}
    answer = client.get("/things/unit/none", headers=headers)
    assert answer.status_code == 404
    assert f"<{IRI_BASE}unit/none>" in answer.json()["detail"]
    answer = client.get("/things", params={"iri": "no iri"}, headers=headers)
    assert (answer.status_code, "no IRI" in answer.text) == (400, True)
    assert client.get("/things", headers=headers).status_code == 400
    answer = client.get(f"/things/{PARCEL}", headers={"Accept": "image/png"})
    assert answer.status_code == 406


def test_a_graph_has_its_content_at_its_own_address(
    client: TestClient, facts: Graph
) -> None:
    answer = client.get("/things/graph/facts", headers={"Accept": "text/turtle"})
    stated = Graph().parse(data=answer.text, format="turtle")
    assert len(stated) == len(facts)  # as terms they differ in 0.10 and 0.1
    assert set(stated.subjects()) == set(facts.subjects())
    assert "facts" in page_of(client, "/things/graph/facts").texts
    headers = {"Content-Type": "text/turtle", "Authorization": f"Bearer {TOKEN}"}
    content = "<https://x/a> <https://x/p> 1 ."
    address = "/things/graph/new%20one"
    assert client.put(address, content=content).status_code == 401
    assert client.put(address, content=content, headers=headers).status_code == 201
    assert client.head(address).status_code == 200
    told = client.get("/store", params={"graph": f"{IRI_BASE}graph/new%20one"})
    assert len(Graph().parse(data=told.text, format="turtle")) == 1
    assert client.delete(address, headers=headers).status_code == 204
    assert client.get(address).status_code == 404
    described = client.get("/api/v1/openapi.json")
    assert "/things/{rest}" in json.loads(described.text)["paths"]

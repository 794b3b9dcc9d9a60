"""The Graph Store Protocol over HTTP: read by all, written by who has the token."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from rdflib import Graph
from rdflib.compare import isomorphic

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.graph_store import GraphStore
from kb_api.endpoint.in_process import InProcess
from kb_api.endpoint.written import Limits
from kb_api.loads import CATALOGUE, ONTOLOGY
from kb_api.overlaps.upkeep import overlaps_graph
from ontology import OWN_GRAPHS

TOKEN = "a secret of the tests"
RIGHT = {"Authorization": f"Bearer {TOKEN}"}
MINE, OTHER = "https://kb.example/graph/mine", "https://kb.example/graph/other"
TURTLE = """@prefix x: <https://kb.example/> .
x:a x:p "é \\" } \\n", 1.5 ; x:q <relative> ."""
REMOTE_CONTEXT = '{"@context": "http://127.0.0.1:9/x", "a": 1}'
ALL = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture
def store() -> EmbeddedStore:
    store = EmbeddedStore()
    store.put_graphs({OTHER: ("other", b'<https://x/o> <https://x/p> "1" .')})
    return store


def client_of(store: EmbeddedStore, token: str | None, folder: Path) -> TestClient:
    runner = InProcess(store, Limits(rows=100))
    graphs = GraphStore(store, runner, token)
    app = create_app(
        store, version="1", quicklook_folder=folder, runner=runner, graphs=graphs
    )
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def client(store: EmbeddedStore, tmp_path: Path) -> Iterator[TestClient]:
    with client_of(store, TOKEN, tmp_path) as client:
        yield client


def send(
    client: TestClient,
    method: str,
    content: str | bytes = TURTLE,
    kind: str = "text/turtle",
    graph: str = MINE,
) -> httpx.Response:
    headers = RIGHT | {"Content-Type": kind}
    return client.request(
        method, "/store", params={"graph": graph}, content=content, headers=headers
    )


def read(client: TestClient, graph: str = MINE) -> Graph:
    answer = client.get("/store", params={"graph": graph})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/turtle")
    return Graph().parse(data=answer.text, format="turtle")


def told(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("text/turtle; charset=utf-8", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
    ],
)
def test_a_graph_that_is_put_is_read_back(
    client: TestClient, kind: str, form: str
) -> None:
    wanted = Graph().parse(data=TURTLE, format="turtle", publicID=MINE)
    content = TURTLE if form == "turtle" else wanted.serialize(format=form)
    assert send(client, "PUT", content, kind).status_code == 201
    assert isomorphic(read(client), wanted)
    assert send(client, "PUT", content, kind).status_code == 204
    assert isomorphic(read(client), wanted)
    accept = {"Accept": "application/rdf+xml"}
    answer = client.get("/store", params={"graph": MINE}, headers=accept)
    assert isomorphic(Graph().parse(data=answer.text, format="xml"), wanted)


def test_put_replaces_post_adds_delete_removes(
    client: TestClient, store: EmbeddedStore
) -> None:
    before = store.dump()
    assert send(client, "PUT", "<https://x/a> <https://x/p> 1 .").status_code == 201
    assert send(client, "PUT", "<https://x/a> <https://x/p> 2 .").status_code == 204
    assert {str(one) for one in read(client).objects()} == {"2"}
    assert send(client, "POST", "<https://x/a> <https://x/p> 3 .").status_code == 204
    assert {str(one) for one in read(client).objects()} == {"2", "3"}
    assert store.graphs() == {MINE: 2, OTHER: 1}
    assert send(client, "DELETE").status_code == 204
    assert store.dump() == before
    assert "no graph" in told(client.get("/store", params={"graph": MINE}), 404)
    assert "no graph" in told(send(client, "DELETE"), 404)
    assert send(client, "POST").status_code == 201


def test_head_is_get_without_the_body(client: TestClient) -> None:
    send(client, "PUT")
    there = client.get("/store", params={"graph": MINE})
    head = client.head("/store", params={"graph": MINE})
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length"):
        assert head.headers[name] == there.headers[name]
    assert client.head("/store", params={"graph": MINE + "0"}).status_code == 404


@pytest.mark.parametrize(
    "right",
    [None, "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ", f"Bearer {TOKEN}x"],
)
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_without_the_token_nothing_is_written(
    client: TestClient, store: EmbeddedStore, method: str, right: str | None
) -> None:
    before = store.dump()
    headers = {"Content-Type": "text/turtle"}
    headers |= {} if right is None else {"Authorization": right}
    query = {"graph": OTHER}
    answer = client.request(method, "/store", params=query, headers=headers)
    assert "send it as Authorization: Bearer" in told(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text
    assert store.dump() == before


def test_without_a_token_set_nobody_writes(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    with client_of(store, None, tmp_path) as client:
        assert "LUCERNA_WRITE_TOKEN" in told(send(client, "PUT"), 403)
        assert "LUCERNA_WRITE_TOKEN" in told(send(client, "DELETE", graph=OTHER), 403)
        assert len(read(client, OTHER)) == 1


@pytest.mark.parametrize(
    ("content", "kind", "status", "words"),
    [
        ("<https://x/a> <https://x/p>", "text/turtle", 400, "read as text/turtle"),
        ("{", "application/ld+json", 400, "cannot be read as application/ld+json"),
        (REMOTE_CONTEXT, "application/ld+json", 400, "cannot be read as"),
        ("<r><", "application/rdf+xml", 400, "nothing was written"),
        (b"<https://x/a> <https://x/p> '\xff' .", "text/turtle", 400, "be read as"),
        ("[] <https://x/p> 1 .", "text/turtle", 422, "blank nodes; give them IRIs"),
        ("<https://x/o> <https://x/p> '1' .", "text/turtle", 422, "stands already in"),
        ("a,b", "text/csv", 415, "text/turtle"),
    ],
)
def test_a_bad_body_changes_nothing(
    client: TestClient,
    store: EmbeddedStore,
    content: str | bytes,
    kind: str,
    status: int,
    words: str,
) -> None:
    send(client, "PUT", "<https://x/mine> <https://x/p> 1 .")
    before = store.dump()
    for method in ("PUT", "POST"):
        detail = told(send(client, method, content, kind), status)
        assert words in detail
        assert "\n" not in detail
        assert store.dump() == before


def test_names_that_are_none_and_graphs_of_the_service_are_refused(
    client: TestClient, store: EmbeddedStore
) -> None:
    before = store.dump()
    inferred, overlaps = f"{OWN_GRAPHS}inferred", overlaps_graph("https://x/mine")
    for graph in (ONTOLOGY, CATALOGUE.value, inferred, overlaps):
        for method in ("PUT", "POST", "DELETE"):
            answer = send(client, method, graph=graph)
            assert "kept by the service" in told(answer, 403)
    assert "no IRI" in told(send(client, "PUT", graph="a b"), 400)
    assert "no IRI" in told(send(client, "PUT", graph="https://x/> } DROP ALL"), 400)
    assert "name one graph" in told(client.get("/store?default"), 400)
    assert "name one graph" in told(client.put("/store", headers=RIGHT), 400)
    assert "name one graph" in told(client.get("/store"), 400)
    assert store.dump() == before


def test_a_graph_too_large_to_be_read_at_once_is_told(client: TestClient) -> None:
    lines = "\n".join(f"<https://x/{i}> <https://x/p> {i} ." for i in range(101))
    assert send(client, "PUT", lines).status_code == 201
    answer = client.get("/store", params={"graph": MINE})
    assert "more than 100 rows" in told(answer, 413)


def test_queries_see_what_was_put(client: TestClient) -> None:
    def count() -> int:
        rows = client.get("/sparql", params={"query": ALL}).json()["results"]
        return int(rows["bindings"][0]["n"]["value"])

    before = count()
    send(client, "PUT", "<https://x/a> <https://x/p> 1, 2, 3 .")
    catalogue = 5  # class, digest, number, label and time of the load
    assert count() == before + 3 + catalogue
    send(client, "DELETE")
    assert count() == before

"""A thousand malformed queries: 400 with the place, never 500, never a crash."""

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.guard import tokens

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared"))
PLACE = re.compile(r"\b\d+:\d+|\bline \d+, column \d+")
WANTED = 1000
EXTRA = ["}", "{", ")", "(", ".", ";", ",", "^", '"', "<", "\\"]
EXTRA += ["SELECT", "WHERE", "FILTER", "?x", "SERVICE"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("pictures")
    store = EmbeddedStore()
    fact = b'<https://kb.example/a> <https://kb.example/p> "1" .'
    store.put_graphs({"https://kb.example/g": ("g", fact)})
    app = create_app(store, version="1", quicklook_folder=folder)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def valid_queries() -> list[str]:
    """The question library, and the queries of the benchmark where it is at hand."""
    files = sorted((ROOT / "ontology" / "queries").glob("*.rq"))
    assert files
    files += sorted((DATA / "conformance" / "geosparql" / "queries").glob("*.rq"))
    return [one.read_text("utf-8") for one in files]


def broken(query: str, chance: random.Random) -> str:
    """The query with one or two of its tokens left out, put in or exchanged."""
    spans = [(one.start, one.start + len(one.text)) for one in tokens(query)]
    for _ in range(chance.randint(1, 2)):
        begin, end = chance.choice(spans)
        other, last = chance.choice(spans)
        match chance.choice(["delete", "insert", "swap", "cut"]):
            case "delete":
                query = query[:begin] + query[end:]
            case "insert":
                query = f"{query[:begin]} {chance.choice(EXTRA)} {query[begin:]}"
            case "swap":
                query = query[:begin] + query[other:last] + query[end:]
            case "cut":
                query = query[:end]
        spans = [(one.start, one.start + len(one.text)) for one in tokens(query)]
        if not spans:
            break
    return query


def test_malformed_queries_are_told_with_their_place(
    client: TestClient, sample_seed: int
) -> None:
    chance, valid = random.Random(sample_seed), valid_queries()
    refused = asked = 0
    while refused < WANTED:
        query = broken(chance.choice(valid), chance)
        answer = client.post("/sparql", data={"query": query})
        asked += 1
        if query.strip():
            assert answer.status_code in (200, 400), (query, answer.text)
        if answer.status_code == 400 and query.strip():
            detail = answer.json()["detail"]
            assert PLACE.search(detail), (query, detail)
            assert "\n" not in detail
            refused += 1
    assert asked < 3 * WANTED  # most of what is asked is malformed


def test_the_queries_that_they_are_made_of_are_answered(client: TestClient) -> None:
    library = len(list((ROOT / "ontology" / "queries").glob("*.rq")))
    for query in valid_queries()[:library]:
        assert client.post("/sparql", data={"query": query}).status_code == 200, query
    unknown = "PREFIX x: <https://kb.example/>\nSELECT (x:f(1) AS ?y) {}"
    answer = client.post("/sparql", data={"query": unknown})
    assert answer.status_code == 400
    assert "function <https://kb.example/f>" in answer.json()["detail"]
    assert "2:9" in answer.json()["detail"]

"""Regimes of entailment at the endpoint and at the command line."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.in_process import outcome_of
from kb_api.endpoint.pool import AT_ONCE, QueryWorkers
from kb_api.endpoint.written import Limits
from kb_api.geosparql import entailed
from kb_api.outcome import QueryResult
from ontology.errors import QueryRejected, QueryTimeout, StoreUnavailable

EX, GEO = "https://kb.example/", "http://www.opengis.net/ont/geosparql#"
FACTS = (
    f"<{EX}v> <{GEO}hasDefaultGeometry> <{EX}g> .\n"
    f'<{EX}g> <{GEO}asWKT> "POINT(1 1)"^^<{GEO}wktLiteral> .\n'
).encode()
ASKED = f"SELECT ?x {{ ?x a <{GEO}Feature> }}"
JSON = "application/sparql-results+json"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path_factory.mktemp("base") / "store")
    store.put_graphs({EX + "graph": ("facts", FACTS)})
    yield store
    store.close()


@pytest.fixture(scope="module")
def client(store: EmbeddedStore) -> Iterator[TestClient]:
    assert store.path is not None
    workers = QueryWorkers(store, store.path.with_name("copies"), Limits(20, 300))
    app = create_app(
        store, version="1", quicklook_folder=store.path.parent, runner=workers
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    workers.close()


def found(answer: Any) -> list[str]:  # noqa: ANN401
    assert answer.status_code == 200, answer.text
    return [row["x"]["value"] for row in answer.json()["results"]["bindings"]]


def test_the_parameter_chooses_what_a_query_sees(client: TestClient) -> None:
    for regime, expected in (
        ("simple", []),
        ("rdfs", [EX + "v"]),
        ("rdfs+rewrite", [EX + "v"]),
    ):
        given = {"query": ASKED, "regime": regime}
        assert found(client.get("/sparql", params=given)) == expected
        assert found(client.post("/sparql", data=given)) == expected
        direct = client.post(
            f"/sparql?regime={regime}",  # the plus as it is: a space in a form
            content=ASKED,
            headers={"Content-Type": "application/sparql-query"},
        )
        assert found(direct) == expected
    assert found(client.get("/sparql", params={"query": ASKED})) == []


@pytest.mark.parametrize(
    ("regimes", "told"),
    [
        (["owl"], "there is no regime 'owl'; choose one of simple, rdfs, rdfs+rewrite"),
        ([""], "there is no regime ''"),
        (["rdfs", "simple"], "give one regime at most"),
    ],
)
def test_another_regime_is_refused(
    regimes: list[str], told: str, client: TestClient
) -> None:
    answer = client.get("/sparql", params={"query": ASKED, "regime": regimes})
    assert answer.status_code == 400
    assert told in answer.json()["detail"]


class Server:
    """A store that is not ours."""

    def query(self, text: str) -> QueryResult:
        raise AssertionError(f"a server was asked {text}")


def test_a_server_is_not_asked_for_a_regime() -> None:
    with pytest.raises(QueryRejected, match="rdfs is refused: a SPARQL server"):
        outcome_of(Server(), ASKED, "rdfs")


@pytest.fixture
def go_on(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Nothing is worked out before this is set."""
    go_on, original = threading.Event(), entailed.materialise

    def slow(*given: Any, **named: Any) -> None:  # noqa: ANN401
        go_on.wait()
        original(*given, **named)

    monkeypatch.setattr(entailed, "materialise", slow)
    return go_on


def test_who_cannot_wait_for_it_is_told_so(
    tmp_path: Path, go_on: threading.Event
) -> None:
    store = EmbeddedStore(tmp_path / "store")
    store.put_graphs({EX + "graph": ("facts", FACTS)})
    with pytest.raises(QueryTimeout, match="still being worked out after a load"):
        store.make_ready("rdfs", 0.05)
    store.make_ready("simple", 0)
    go_on.set()
    store.make_ready("rdfs", 60)
    assert len(list(store.run(ASKED, "rdfs").results)) == 1
    store.close()


def test_what_cannot_be_made_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EmbeddedStore(tmp_path / "store")
    store.put_graphs({EX + "graph": ("facts", FACTS)})

    def full(*given: Any, **named: Any) -> None:  # noqa: ANN401
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(entailed, "materialise", full)
        with pytest.raises(StoreUnavailable, match=r"No space left.*free space there"):
            store.run(ASKED, "rdfs")
    assert len(list(store.run(ASKED, "rdfs").results)) == 1
    store.close()


def test_the_command_has_the_same_regimes(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "kb" / "store")
    store.put_graphs({EX + "graph": ("facts", FACTS)})
    store.close()

    def run(*given: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lucerna", "sparql", "--kb", "kb", "--json"]
        return subprocess.run(
            [*command, *given],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    rows = json.loads(run("--regime", "rdfs", ASKED).stdout)["results"]["bindings"]
    assert [row["x"]["value"] for row in rows] == [EX + "v"]
    refused = run("--regime", "owl", ASKED)
    assert refused.returncode == 1
    assert "there is no regime 'owl'" in refused.stderr
    call = "<http://www.opengis.net/def/function/geosparql/area>(1)"
    faulty = run(f"SELECT ({call} AS ?x) {{}}")
    assert json.loads(faulty.stdout)["results"]["bindings"] == [{}]
    assert "1 value is unbound: area: takes 2 arguments, not 1" in faulty.stderr


def test_others_go_on_while_it_is_worked_out(
    tmp_path: Path, go_on: threading.Event
) -> None:
    """More queries wait for what is entailed than run at the same time."""
    store = EmbeddedStore(tmp_path / "store")
    store.put_graphs({EX + "graph": ("facts", FACTS)})
    workers = QueryWorkers(store, tmp_path / "copies", Limits(60, 300))
    with ThreadPoolExecutor(2 * AT_ONCE) as threads:
        try:
            waiting = [
                threads.submit(workers.run, ASKED, JSON, "rdfs", time.monotonic(), "")
                for _ in range(AT_ONCE + 1)
            ]
            simple = workers.run(ASKED, JSON, "simple", time.monotonic(), "")
            assert json.loads(simple.content)["results"]["bindings"] == []
            assert not any(one.done() for one in waiting)
        finally:
            go_on.set()
        for one in waiting:
            rows = json.loads(one.result().content)["results"]["bindings"]
            assert [row["x"]["value"] for row in rows] == [EX + "v"]
    workers.close()
    store.close()

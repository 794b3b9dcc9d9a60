"""The pages stand beside the API in one app, and give nothing away."""

import asyncio
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from bokeh.util.token import get_token_payload
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from ontology.files import inferred_graph, schemes_graph
from ui.app import mount_ui
from ui.client import ApiClient
from ui.components.bundles import ASSETS
from ui.home_page import question_links
from ui.navigation import PAGES

T = TypeVar("T")
BUNDLE = ASSETS / "geo_map.js"

pytestmark = pytest.mark.skipif(
    not BUNDLE.is_file(), reason="the browser bundles are not built; run make setup"
)


def complete(work: Coroutine[Any, Any, T]) -> T:
    """What the work gives, in a thread: browser tests leave a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("pictures")
    app = create_app(EmbeddedStore(), version="1", quicklook_folder=folder)
    mount_ui(app)
    return app


@pytest.mark.parametrize("path", ["/", "/search", "/label", "/damage"])
def test_every_page_is_served(app: FastAPI, path: str) -> None:
    with TestClient(app) as client:
        page = client.get(path)
        assert page.status_code == 200
        assert "<title>Lucerna</title>" in page.text
        assert client.get("/api/v1/health").json()["ok"] is True


def test_no_cookie_or_header_gets_into_the_page(app: FastAPI) -> None:
    with TestClient(app, cookies={"session": "s3cret-cookie"}) as client:
        headers = {"Authorization": "s3cret-header", "X-Mine": "s3cret-mine"}
        page = client.get("/search?question=rank_units", headers=headers)
    token = re.search(r'"token":\s*"([^"]+)"', page.text)
    assert token is not None
    payload = get_token_payload(token[1])
    assert payload["cookies"] == {}
    assert payload["headers"] == {}
    assert "s3cret" not in repr(payload) + page.text
    assert payload["arguments"] == {"question": [b"rank_units"]}


def test_the_bundle_is_served_packed_and_asks_nothing_of_other_hosts(
    app: FastAPI,
) -> None:
    with TestClient(app) as client:
        answer = client.get(
            f"/assets/{BUNDLE.name}", headers={"Accept-Encoding": "gzip"}
        )
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.content == BUNDLE.read_bytes()
        assert client.get("/assets/nothing.js").status_code == 404
        style = Path("ui/bundles/geo_map.css").name
        assert client.get(f"/assets/../bundles/{style}").status_code == 404


def test_a_mistyped_page_leads_to_the_pages_and_the_api_stays_itself(
    app: FastAPI,
) -> None:
    with TestClient(app) as client:
        lost = client.get("/serach")
        assert lost.status_code == 404
        for name, address in PAGES.items():
            assert f'<a href="{address}">{name}</a>' in lost.text
        unknown = client.get("/api/v1/serach")
        assert (unknown.status_code, "html" in unknown.text) == (404, False)
        assert client.get("/api/v1/openapi.json").json()["info"]


def test_pages_ask_the_api_without_a_socket(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app)
    client = ApiClient(httpx.AsyncClient(transport=transport, base_url="http://here"))
    questions = complete(client.questions())
    assert [one["name"] for one in questions][:1] == ["changed_units"]
    assert complete(client.results()) == []
    answer = complete(client.ask("image_pairs", {}))
    assert (answer["count"], answer["rows"]) == (0, [])


def test_every_question_of_the_home_page_runs_as_it_stands(tmp_path: Path) -> None:
    store = EmbeddedStore()
    meaning = (schemes_graph() + inferred_graph()).serialize(format="nt").encode()
    store.put_graphs({"https://x/schemes": ("schemes", meaning)})
    app = create_app(store, version="1", quicklook_folder=tmp_path)
    with TestClient(app) as client:
        links = question_links(client.get("/api/v1/questions").json())
        names = [re.findall(r"question=(\w+)", link)[0] for link in links]
        assert "changed_units" in names
        assert "unit_record" not in names
        for name in names:
            answer = client.get(f"/api/v1/questions/{name}")
            assert (name, answer.status_code) == (name, 200), answer.text

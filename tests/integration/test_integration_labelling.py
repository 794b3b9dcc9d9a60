"""Label sessions over HTTP, kept in a real catalogue."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from imagery.synthetic import Sample
from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from lucerna.database import catalogue_url, open_catalogue
from lucerna.labelling.service import LabelService
from lucerna.workers import Workers
from mining.catalogue.filling import add_scenes
from mining.labelling.label_store import published_labels

PREFIX = "/api/v1/labelling"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, sample: Sample) -> str:
    """URL of a catalogue with the patches of one simulated scene."""
    url = catalogue_url(tmp_path_factory.mktemp("catalogue"))
    with open_catalogue(url) as catalogue:
        add_scenes(catalogue, [sample.after], size=32)
    return url


@pytest.fixture(scope="module")
def client(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with (
        Workers(1) as workers,
        contextlib.closing(LabelService(url, workers, lambda _: None)) as labels,
    ):
        app = create_app(
            EmbeddedStore(),
            version="1",
            quicklook_folder=tmp_path_factory.mktemp("pictures"),
            labelling=labels,
        )
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client


def identity(number: int) -> str:
    """A ULID whose order is that of the numbers."""
    return f"01ARZ3NDEKTSV4RRFFQ{number:07d}"


def event(number: int, patch: str, action: str, undoes: int | None = None) -> Any:  # noqa: ANN401
    return {
        "id": identity(number),
        "patch": patch,
        "action": action,
        "undoes": None if undoes is None else identity(undoes),
        "at": f"2017-05-01T08:00:{number:02d}Z",
    }


def opened(client: TestClient, category: str, annotator: str = "Anna") -> Any:  # noqa: ANN401
    body = {"category": category, "annotator": annotator, "strategy": "random"}
    return client.post(f"{PREFIX}/sessions", json=body).raise_for_status().json()


def detail(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["detail"])


def test_an_event_that_is_sent_twice_is_kept_once(client: TestClient, url: str) -> None:
    title = {"title": "Flooded vineyard", "concept": "clc:221"}
    made = client.post(f"{PREFIX}/categories", json=title).raise_for_status().json()
    session = opened(client, made["name"])
    address = f"{PREFIX}/sessions/{session['session']}"
    batch = client.get(f"{address}/batch").json()
    assert batch["number"] == 1
    patches = [one["id"] for one in batch["patches"]]
    assert len(set(patches)) == 24
    assert {one["label"] for one in batch["patches"]} == {None}

    events = [event(1, patches[0], "positive"), event(2, patches[1], "negative")]
    for _ in range(2):
        body = {"events": events}
        answer = client.post(f"{address}/events", json=body).raise_for_status().json()
        assert answer["accepted"] == [identity(1), identity(2)]
        counters = answer["counters"]
        assert (counters["positive"], counters["negative"]) == (1, 1)
        assert counters["unlabelled"] == counters["patches"] - 2
    with open_catalogue(url) as catalogue:
        kept = published_labels(catalogue, made["name"]).labels
    assert [(one.id, one.annotator) for one in kept] == [
        (identity(1), "Anna"),
        (identity(2), "Anna"),
    ]


def test_an_undo_brings_the_earlier_label_back(client: TestClient) -> None:
    name = client.post(f"{PREFIX}/categories", json={"title": "Undone"}).json()["name"]
    address = f"{PREFIX}/sessions/{opened(client, name)['session']}"
    patch = client.get(f"{address}/batch").json()["patches"][0]["id"]

    def label_after(*events: Any) -> tuple[str | None, str | None]:  # noqa: ANN401
        body = {"events": list(events)}
        client.post(f"{address}/events", json=body).raise_for_status()
        first = client.get(f"{address}/batch").json()["patches"][0]
        return first["label"], first["event"]

    told = label_after(event(11, patch, "positive"), event(12, patch, "negative"))
    assert told == ("negative", identity(12))
    assert label_after(event(13, patch, "undo", 12)) == ("positive", identity(11))
    assert label_after(event(14, patch, "undo", 11)) == (None, None)
    history = client.get(address).json()["history"]
    assert [one["id"] for one in history] == [identity(one) for one in range(11, 15)]
    assert history[2]["undoes"] == identity(12)
    others = f"{PREFIX}/sessions/{opened(client, name, 'Bo')['session']}/events"
    foreign = {"events": [event(15, patch, "undo", 11)]}
    assert identity(11) in detail(client.post(others, json=foreign), 400)


def test_a_session_is_resumed_and_others_do_not_see_its_batch(
    client: TestClient,
) -> None:
    name = client.post(f"{PREFIX}/categories", json={"title": "Shared"}).json()["name"]
    anna = opened(client, name)
    assert opened(client, name)["session"] == anna["session"]
    assert opened(client, name, "Bo")["session"] != anna["session"]
    address = f"{PREFIX}/sessions/{anna['session']}/batch"
    first = client.get(address).json()
    second = client.post(address, json={"number": 1}).json()
    assert second["number"] == 2
    assert client.post(address, json={"number": 1}).json() == second
    assert len({one["id"] for one in first["patches"] + second["patches"]}) == 48


def test_a_picture_is_a_png_and_unknown_things_are_told(client: TestClient) -> None:
    name = client.post(f"{PREFIX}/categories", json={"title": "Seen"}).json()["name"]
    address = f"{PREFIX}/sessions/{opened(client, name)['session']}"
    batch = client.get(f"{address}/batch").json()
    picture = client.get("/" + batch["patches"][0]["thumbnail"]).raise_for_status()
    assert picture.content.startswith(b"\x89PNG\r\n")
    detail(client.get(f"{PREFIX}/patches/none.png"), 404)
    detail(client.get(f"{PREFIX}/sessions/none"), 404)
    nobody = {"category": "none", "annotator": "Anna", "strategy": "random"}
    detail(client.post(f"{PREFIX}/sessions", json=nobody), 404)
    stray = {"events": [event(31, "no-such-patch", "positive")]}
    assert "no-such-patch" in detail(client.post(f"{address}/events", json=stray), 404)

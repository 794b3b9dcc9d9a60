"""What the label routes refuse, before and after they ask the service."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.labelling import MAX_EVENTS
from ontology.errors import QueryRejected

PREFIX = "/api/v1/labelling"
FIRST = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
SECOND = "01ARZ3NDEKTSV4RRFFQ69G5FAW"
AT = "2017-05-01T08:00:00Z"


class OneSession:
    """Knows one session and one patch, and writes down what it is given."""

    def __init__(self) -> None:
        self.given: list[Any] = []
        self.number = 1

    def categories(self) -> list[dict[str, Any]]:
        return []

    def add_category(self, title: str, concept: str | None) -> dict[str, Any]:
        self.given.append((title, concept))
        return {"name": "made", "title": title, "concept": concept}

    def open_session(
        self, category: str, annotator: str, strategy: str
    ) -> dict[str, Any]:
        if category != "made":
            raise LookupError(f"no category {category!r}; add it first")
        if "<" in annotator:
            raise QueryRejected("the name of the annotator has the character '<'")
        self.given.append((annotator, strategy))
        return {"session": "s1"}

    def state(self, session: str) -> dict[str, Any]:
        if session == "broken":
            return {}["missing"]
        if session != "s1":
            raise LookupError(f"no session {session!r}; start one")
        return {"session": "s1"}

    def batch(self, session: str) -> dict[str, Any]:
        self.state(session)
        return {"number": self.number, "ready": True, "patches": []}

    def next_batch(self, session: str) -> dict[str, Any]:
        self.number += 1
        return self.batch(session)

    def record(self, session: str, events: list[dict[str, Any]]) -> dict[str, Any]:
        self.state(session)
        if events[0]["patch"] == "unknown":
            raise QueryRejected("no patch 'unknown' in this session")
        self.given.extend(events)
        return {"accepted": [one["id"] for one in events], "counters": {}}

    def pause(self, session: str) -> dict[str, Any]:
        return self.state(session)

    def thumbnail(self, patch: str) -> bytes | None:
        return b"\x89PNG" if patch == "scene.a-64-0-1" else None


@pytest.fixture
def service() -> OneSession:
    return OneSession()


@pytest.fixture
def client(service: OneSession, tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(
        EmbeddedStore(), version="1", quicklook_folder=tmp_path, labelling=service
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def refused(answer: httpx.Response, status: int) -> str:
    """The detail of a problem document with this status, which is one line."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    detail = str(answer.json()["detail"])
    assert "\n" not in detail
    return detail


def event(**about: object) -> dict[str, object]:
    known = {"id": FIRST, "patch": "a", "action": "positive", "undoes": None, "at": AT}
    return known | about


@pytest.mark.parametrize(
    "path", ["categories", "sessions", "sessions/s1/events", "sessions/s1/batch",
             "sessions/s1/pause"],
)  # fmt: skip
@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""],
)
def test_a_form_of_another_site_is_refused(
    client: TestClient, service: OneSession, path: str, kind: str
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    body = b'{"number": 1, "title": "x"}'
    answer = client.post(f"{PREFIX}/{path}", content=body, headers=headers)
    assert "application/json" in refused(answer, 415)
    assert service.given == []
    assert service.number == 1


def test_names_come_to_the_service_as_written_and_it_alone_refuses(
    client: TestClient, service: OneSession
) -> None:
    body = {"category": "made", "annotator": " Zoë O'Neil-Şahin ", "strategy": "random"}
    assert client.post(f"{PREFIX}/sessions", json=body).json() == {"session": "s1"}
    made = client.post(f"{PREFIX}/categories", json={"title": " 1 & 2 "})
    assert made.status_code == 201
    concept = {"title": "vines", "concept": "clc:221"}
    client.post(f"{PREFIX}/categories", json=concept)
    given = [(" Zoë O'Neil-Şahin ", "random"), (" 1 & 2 ", None), ("vines", "clc:221")]
    assert service.given == given
    body["annotator"] = "<b>"
    detail = refused(client.post(f"{PREFIX}/sessions", json=body), 400)
    assert detail == "the name of the annotator has the character '<'"


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("sessions", {"annotator": "a" * 301}),
        ("sessions", {"annotator": 7}),
        ("sessions", {"strategy": "best"}),
        ("sessions", {"category": ""}),
        ("categories", {"title": "a" * 301}),
        ("categories", {"title": None}),
        ("categories", {"concept": "https://" + "a" * 300}),
    ],
)
def test_types_and_lengths_are_refused_before_the_service_is_asked(
    client: TestClient, service: OneSession, path: str, wrong: dict[str, object]
) -> None:
    known: dict[str, dict[str, object]] = {
        "sessions": {"category": "made", "annotator": "A", "strategy": "margin"},
        "categories": {"title": "vines", "concept": "clc:221"},
    }
    detail = refused(client.post(f"{PREFIX}/{path}", json=known[path] | wrong), 400)
    assert next(iter(wrong)) in detail
    assert service.given == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "1"},
        {"action": "maybe"},
        {"at": "2017-05-01T08:00:00"},
        {"patch": ""},
        {"at": "9999-12-31T23:59:59-14:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"undoes": "1"},
        {"annotator": "someone else"},
    ],
)
def test_a_malformed_event_is_refused(
    client: TestClient, service: OneSession, wrong: dict[str, object]
) -> None:
    body = {"events": [event(), event(**wrong)]}
    refused(client.post(f"{PREFIX}/sessions/s1/events", json=body), 400)
    assert service.given == []


def test_events_come_to_the_service_as_they_were_given(
    client: TestClient, service: OneSession
) -> None:
    events = [event(), event(id=SECOND, action="undo", undoes=FIRST)]
    answer = client.post(f"{PREFIX}/sessions/s1/events", json={"events": events})
    assert answer.json()["accepted"] == [FIRST, SECOND]
    assert service.given == events
    many = {"events": [event()] * (MAX_EVENTS + 1)}
    refused(client.post(f"{PREFIX}/sessions/s1/events", json=many), 400)
    none: dict[str, object] = {"events": []}
    refused(client.post(f"{PREFIX}/sessions/s1/events", json=none), 400)


def test_unknown_things_are_404_and_faults_of_ours_are_not(client: TestClient) -> None:
    body = {"category": "none", "annotator": "A", "strategy": "margin"}
    detail = refused(client.post(f"{PREFIX}/sessions", json=body), 404)
    assert detail == "no category 'none'; add it first"
    for path in ("", "/batch"):
        detail = refused(client.get(f"{PREFIX}/sessions/s2{path}"), 404)
        assert detail == "no session 's2'; start one"
    for path, content in (("batch", {"number": 1}), ("pause", {})):
        refused(client.post(f"{PREFIX}/sessions/s2/{path}", json=content), 404)
    unknown = {"events": [event(patch="unknown")]}
    refused(client.post(f"{PREFIX}/sessions/s1/events", json=unknown), 400)
    refused(client.get(f"{PREFIX}/sessions/broken"), 500)


def test_a_batch_ends_once(client: TestClient) -> None:
    address = f"{PREFIX}/sessions/s1/batch"
    assert client.post(address, json={"number": 1}).json()["number"] == 2
    # The answer was lost and is asked for again.
    assert client.post(address, json={"number": 1}).json()["number"] == 2
    assert client.post(address, json={"number": 2}).json()["number"] == 3
    refused(client.post(address, json={}), 400)


def test_a_batch_ends_once_when_it_is_asked_for_at_once(
    client: TestClient, service: OneSession
) -> None:
    meeting = threading.Barrier(2)
    plain = service.batch

    def batch(session: str) -> dict[str, Any]:
        told = plain(session)
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(0.2)  # both would come here before either goes on
        return told

    service.batch = batch  # type: ignore[method-assign]
    address = f"{PREFIX}/sessions/s1/batch"
    with ThreadPoolExecutor(2) as clients:
        answers = [clients.submit(client.post, address, json={"number": 1})]
        answers.append(clients.submit(client.post, address, json={"number": 1}))
    assert [one.result().json()["number"] for one in answers] == [2, 2]


def test_half_a_character_in_a_name_is_a_bad_request(client: TestClient) -> None:
    body = b'{"category": "\\ud800", "annotator": "A", "strategy": "margin"}'
    headers = {"Content-Type": "application/json"}
    refused(client.post(f"{PREFIX}/sessions", content=body, headers=headers), 400)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data"])
def test_a_huge_body_is_refused_while_it_is_read(client: TestClient, kind: str) -> None:
    headers = {"Content-Type": kind}
    body = (b" " * 2**17 for _ in range(9))
    answer = client.post(f"{PREFIX}/sessions", content=body, headers=headers)
    assert refused(answer, 413) == "the body is larger than 1048576 bytes; send less"


def test_a_thumbnail_is_a_picture_and_nothing_else(client: TestClient) -> None:
    answer = client.get(f"{PREFIX}/patches/scene.a-64-0-1.png")
    assert answer.content == b"\x89PNG"
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "'none'" in refused(client.get(f"{PREFIX}/patches/none.png"), 404)


def test_without_a_catalogue_every_path_says_so(tmp_path: Path) -> None:
    app = create_app(EmbeddedStore(), version="1", quicklook_folder=tmp_path)
    with TestClient(app) as client:
        for path in ("categories", "sessions/s1", "patches/a.png"):
            detail = refused(client.get(f"{PREFIX}/{path}"), 404)
            assert "lucerna patches" in detail
        refused(client.post(f"{PREFIX}/sessions", json={}), 404)

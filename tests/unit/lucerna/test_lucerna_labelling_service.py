"""Label sessions with real workers and both databases."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from kb_api.labelling import Labelling
from lucerna.labelling.service import LabelService
from lucerna.workers import Workers
from mining.catalogue.catalogue import Catalogue
from mining.labelling.label_store import published_labels
from ontology.errors import QueryRejected

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as pool:
        yield pool


class Facts:
    """Stands where the graph is: counts what was published, and can fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.running = 0
        self.most = 0
        self.problem: str | None = None
        self.held = threading.Event()
        self.held.set()

    def publish(self, category: str) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        assert self.held.wait(20)
        self.calls.append(category)
        self.running -= 1
        if self.problem is not None:
            raise QueryRejected(self.problem)


@pytest.fixture
def facts() -> Facts:
    return Facts()


@pytest.fixture
def service(
    catalogue: Catalogue, workers: Workers, facts: Facts
) -> Iterator[LabelService]:
    url = catalogue.engine.url.render_as_string(hide_password=False)
    opened = LabelService(url, workers, facts.publish)
    opened.add_category("Wet places", "clc:411")
    yield opened
    opened.close()


class Annotator:
    """Answers batches: patches of row 0 are of the category, all others not."""

    def __init__(self, service: LabelService, name: str = "Anna") -> None:
        self.service = service
        self.session: str = service.open_session("wet-places", name, "diverse")[
            "session"
        ]
        self.said = 0

    def event(
        self, patch: str, action: str, undoes: str | None = None
    ) -> dict[str, Any]:
        self.said += 1
        text, number = "", self.said
        for _ in range(12):
            number, digit = divmod(number, 32)
            text = _DIGITS[digit] + text
        return {
            "id": "01JX00" + self.session[:8].upper() + text,
            "patch": patch,
            "action": action,
            "undoes": undoes,
            "at": datetime.now(UTC).isoformat(),
        }

    def answer(self, patches: list[dict[str, Any]]) -> None:
        found = {True: "positive", False: "negative"}
        events = [
            self.event(one["id"], found[one["id"].startswith("S2A_T30TYQ-64-0-")])
            for one in patches
        ]
        self.service.record(self.session, events)

    def finish_batch(self) -> dict[str, Any]:
        self.answer(self.service.batch(self.session)["patches"])
        self.service.settle(self.session)
        return self.service.next_batch(self.session)


def test_the_service_is_what_the_routes_ask_for(service: LabelService) -> None:
    asked: Labelling = service
    assert asked.categories() == [
        {
            "name": "wet-places",
            "title": "Wet places",
            "concept": "clc:411",
            "positives": 0,
            "negatives": 0,
            "skipped": 0,
        }
    ]


def test_all_of_a_category_are_found_soon(
    service: LabelService, facts: Facts, catalogue: Catalogue
) -> None:
    anna = Annotator(service)
    first = service.batch(anna.session)
    assert (first["number"], len(first["patches"])) == (1, 24)
    second = anna.finish_batch()
    assert second["number"] == 2
    shown = {one["id"] for one in first["patches"]}
    assert not shown & {one["id"] for one in second["patches"]}
    third = anna.finish_batch()
    anna.answer(third["patches"])
    service.settle(anna.session)
    state = service.state(anna.session)
    assert state["counters"] == {
        "positive": 20,
        "negative": 52,
        "skip": 0,
        "unlabelled": 28,
        "patches": 100,
    }, "72 labels find all 20 among 100; by lot it would be 14"
    last = state["curve"][-1]
    assert (last["labels"], last["found"]) == (72, 20)
    assert last["estimate"] > 0.9
    assert state["model_version"] == len(state["curve"])
    assert [one["labels"] for one in state["curve"]] == sorted(
        one["labels"] for one in state["curve"]
    )
    assert set(facts.calls) == {"wet-places"}
    assert state["published"]["problem"] is None
    assert state["published"]["at"].endswith("Z")
    events = published_labels(catalogue, "wet-places").labels
    assert {one.iteration for one in events} == {1, 2, 3}
    assert {one.model_version for one in events if one.iteration == 2} != {0}


def test_the_next_batch_is_ready_before_it_is_asked_for(service: LabelService) -> None:
    anna = Annotator(service)
    service.settle(anna.session)
    patches = service.batch(anna.session)["patches"]
    anna.answer(patches[:12])
    service.settle(anna.session)
    upcoming = service.state(anna.session)["upcoming"]
    assert len(upcoming) == 24
    following = service.next_batch(anna.session)["patches"]
    assert [one["thumbnail"] for one in following] == upcoming


def test_a_batch_that_is_not_ready_is_made_up_at_once(service: LabelService) -> None:
    anna = Annotator(service)
    service.settle(anna.session)
    seen: set[str] = set()
    for number in range(1, 5):
        begun = time.monotonic()
        batch = (
            service.next_batch(anna.session)
            if number > 1
            else service.batch(anna.session)
        )
        assert time.monotonic() - begun < 3, "no waiting for a worker"
        assert batch["number"] == number
        ids = {one["id"] for one in batch["patches"]}
        assert len(ids) == 24
        anna.answer(batch["patches"])
        assert not ids & seen, "labelled ones are not shown again"
        seen |= ids
    last = {one["id"] for one in service.next_batch(anna.session)["patches"]}
    assert len(last) == 4
    again = {one["id"] for one in service.next_batch(anna.session)["patches"]}
    assert again == last, "left open, so shown again"
    anna.answer(service.batch(anna.session)["patches"])
    assert service.next_batch(anna.session)["patches"] == []


def test_a_session_resumes_where_it_stopped(
    service: LabelService, catalogue: Catalogue, workers: Workers
) -> None:
    anna = Annotator(service)
    patches = service.batch(anna.session)["patches"]
    said = anna.event(patches[0]["id"], "positive")
    service.record(anna.session, [said, anna.event(patches[1]["id"], "skip")])
    service.settle(anna.session)
    before = service.batch(anna.session)
    url = catalogue.engine.url.render_as_string(hide_password=False)
    again = LabelService(url, workers, lambda category: None)
    state = again.open_session("wet-places", "Anna", "diverse")
    assert state["session"] == anna.session
    assert [one["action"] for one in state["history"]] == ["positive", "skip"]
    assert again.batch(anna.session) == before
    assert [one["label"] for one in before["patches"][:3]] == ["positive", "skip", None]
    assert before["patches"][0]["event"] == said["id"]
    again.settle(anna.session)
    again.close()


def test_undo_and_the_same_event_twice(service: LabelService) -> None:
    anna = Annotator(service)
    patch = service.batch(anna.session)["patches"][0]["id"]
    said = anna.event(patch, "positive")
    undo = anna.event(patch, "undo", said["id"])
    first = service.record(anna.session, [said])
    assert first["accepted"] == [said["id"]]
    assert first["counters"]["positive"] == 1
    assert service.record(anna.session, [said])["counters"] == first["counters"]
    assert service.record(anna.session, [undo])["counters"]["positive"] == 0
    assert service.batch(anna.session)["patches"][0]["label"] is None
    assert [one["undoes"] for one in service.state(anna.session)["history"]] == [
        None,
        said["id"],
    ]


def test_a_publication_that_fails_is_told_and_the_next_heals_it(
    service: LabelService, facts: Facts
) -> None:
    anna = Annotator(service)
    facts.problem = "the graph breaks a rule; see the report"
    service.pause(anna.session)
    service.settle(anna.session)
    told = service.state(anna.session)["published"]
    assert told == {"at": None, "problem": "the graph breaks a rule; see the report"}
    facts.problem = None
    service.pause(anna.session)
    service.settle(anna.session)
    assert service.state(anna.session)["published"]["problem"] is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_preparation_that_fails_is_told_and_the_next_heals_it(
    service: LabelService, catalogue: Catalogue
) -> None:
    anna = Annotator(service)
    service.settle(anna.session)
    assert service.state(anna.session)["problem"] is None
    url = catalogue.engine.url.render_as_string(hide_password=False)
    broken = f"{url}/none/catalogue.sqlite"
    service._url = broken  # what the worker opens
    anna.finish_batch()
    service.settle(anna.session)
    problem = service.state(anna.session)["problem"]
    assert "unable to open database file" in problem
    assert "\n" not in problem
    service._url = url
    anna.finish_batch()
    service.settle(anna.session)
    assert service.state(anna.session)["problem"] is None


def test_one_publication_of_a_category_at_a_time(
    service: LabelService, facts: Facts
) -> None:
    anna = Annotator(service)
    facts.held.clear()
    for _ in range(5):
        service.pause(anna.session)
    facts.held.set()
    service.settle(anna.session)
    assert facts.most == 1
    assert len(facts.calls) == 2, "one, and one more for all asked meanwhile"


def test_labels_of_one_kind_only_go_on(service: LabelService) -> None:
    anna, ben = Annotator(service), Annotator(service, "Ben")
    for one in service.batch(anna.session)["patches"]:
        service.record(anna.session, [anna.event(one["id"], "negative")])
    service.settle(anna.session)
    assert service.state(anna.session)["curve"] == [], "nothing to learn from yet"
    assert len(service.next_batch(anna.session)["patches"]) == 24
    service.add_category("Dry", None)
    dry = service.open_session("dry", "Ben", "margin")["session"]
    for one in service.batch(dry)["patches"]:
        service.record(dry, [ben.event(one["id"], "positive")])
    service.settle(dry)
    (*_, last) = service.state(dry)["curve"]
    assert last == {"labels": 24, "found": 24, "estimate": None}
    assert len(service.next_batch(dry)["patches"]) == 24


def test_no_title_is_given_the_category_of_another(service: LabelService) -> None:
    titles = [
        "\U0001f347\U0001f347",
        "..",
        "Vineyard",
        "Vineyard!",
        "Straße",
        "STRASSE!",
    ]
    made = [service.add_category(title, None) for title in titles]
    assert [one["title"] for one in made] == titles
    assert len({one["name"] for one in made}) == len(titles)
    assert [one["name"] for one in made[2::2]] == ["vineyard", "strasse"]
    again = [" vineyard! ", "STRASSE", "Strasse!", "VINEYARD"]
    held = [service.add_category(title, None)["title"] for title in again]
    assert held == ["Vineyard!", "Straße", "STRASSE!", "Vineyard"]
    composed, apart = "Vignes gel\u00e9es", "Vignes gele\u0301es"
    first = service.add_category(composed, None)
    assert service.add_category(apart, None) == first


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("<b>Anna</b>", "character '<'"),
        ("Anna\x00", r"character '\\x00'"),
        ("Anna\nBen", r"character '\\n'"),
        ("Anna\u2028Ben", r"character '\\u2028'"),
        ("Anna\u202egnp", r"character '\\u202e'"),
        ("A" * 81, "81 characters"),
        ("  ", "no name"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_names_with_markup_are_refused(
    service: LabelService, name: str, reason: str
) -> None:
    with pytest.raises(QueryRejected, match=reason):
        service.open_session("wet-places", name, "diverse")
    with pytest.raises(QueryRejected, match=reason):
        service.add_category(name, None)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_unknown_or_not_allowed_is_told(service: LabelService) -> None:
    anna = Annotator(service)
    patch = service.batch(anna.session)["patches"][0]["id"]
    with pytest.raises(LookupError, match="no category 'dry'"):
        service.open_session("dry", "Anna", "diverse")
    with pytest.raises(QueryRejected, match="choose one of diverse, margin, random"):
        service.open_session("wet-places", "Anna", "best")
    with pytest.raises(LookupError, match="no session 'x'"):
        service.state("x")
    with pytest.raises(LookupError, match="no patch 'nowhere'"):
        service.record(anna.session, [anna.event("nowhere", "positive")])
    known = anna.event(patch, "skip")
    for wrong in ("1", known["id"].lower(), "8" + known["id"][1:]):
        with pytest.raises(QueryRejected, match="is no event identifier"):
            service.record(anna.session, [known | {"id": wrong}])
    with pytest.raises(QueryRejected, match="lies in the future; set the clock"):
        service.record(anna.session, [known | {"id": "7ZZZZZZZZZ" + known["id"][10:]}])
    with pytest.raises(QueryRejected, match="names what it undoes"):
        service.record(anna.session, [known | {"undoes": known["id"]}])
    for concept in ("221", "javascript:alert(1)", "https://x/<b>", "clc:", ""):
        with pytest.raises(QueryRejected, match="neither an IRI nor a CORINE code"):
            service.add_category("Dry places", concept)
    with pytest.raises(QueryRejected, match="names what it undoes"):
        service.record(anna.session, [anna.event(patch, "undo")])
    timeless = anna.event(patch, "skip") | {"at": "2026-05-01T09:30:00"}
    with pytest.raises(QueryRejected, match="has no time zone"):
        service.record(anna.session, [timeless])
    with pytest.raises(QueryRejected, match="tied to clc:411"):
        service.add_category("Wet places", "clc:412")
    assert service.thumbnail("nowhere") is None
    assert service.state(anna.session)["history"] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_names_are_kept_as_written(service: LabelService) -> None:
    title = "Vignes gelées d'avril"
    assert service.add_category(title, None)["title"] == title
    state = service.open_session("vignes-gelees-d-avril", "Zoë O'Neil", "margin")
    assert (state["annotator"], state["title"]) == ("Zoë O'Neil", title)

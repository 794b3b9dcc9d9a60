"""The Label page's logic without a browser: form, session, progress."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import pytest

from ui.client import ApiClient
from ui.label.form import NEW, LabelForm
from ui.label.learning_curve import LearningCurve
from ui.label.page import EMPTY, PAUSED, LabelPage
from ui.label.progress import status_of

T = TypeVar("T")

CLC = "https://w3id.org/lucerna/scheme/clc"
HOSTILE = "<img src=x onerror=alert(1)>"
STATE: dict[str, Any] = {
    "session": "s1",
    "category": "vines",
    "title": HOSTILE,
    "annotator": "Anna & Co",
    "strategy": "margin",
    "iteration": 2,
    "model_version": 1,
    "counters": {
        "positive": 3, "negative": 20, "skip": 1, "unlabelled": 1976, "patches": 2000,
    },
    "curve": [
        {"labels": 0, "estimate": None, "found": 0},
        {"labels": 23, "estimate": 0.75, "found": 9},
    ],
    "history": [],
    "pending": False,
    "problem": None,
    "published": {"at": None, "problem": None},
    "upcoming": [],
}  # fmt: skip


def complete(work: Coroutine[Any, Any, T]) -> T:
    """What the work gives, in a thread: browser tests leave a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


class Api:
    """Answers from this file, and writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.categories: list[dict[str, Any]] = [category("vines", HOSTILE)]
        self.state = STATE

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if request.method == "POST":
            body = json.loads(request.content)
            self.told.append((path, body))
            return self.post(path, body)
        match path:
            case "/labelling/categories":
                return httpx.Response(200, json=self.categories)
            case "/concepts":
                return httpx.Response(200, json=[concept("221", "vineyards")])
            case "/labelling/sessions/s1":
                return httpx.Response(200, json=self.state)
            case "/overview":
                return httpx.Response(200, json={"simulated": True})
        return httpx.Response(404, json={"detail": f"there is no {path}"})

    def post(self, path: str, body: Any) -> httpx.Response:  # noqa: ANN401
        match path:
            case "/labelling/categories":
                made = category("made", body["title"])
                self.categories.append(made)
                return httpx.Response(201, json=made)
            case "/labelling/sessions" if not body["annotator"]:
                return httpx.Response(400, json={"detail": "give a name"})
        return httpx.Response(200, json=self.state)


def category(name: str, title: str) -> dict[str, Any]:
    counts = {"positives": 1, "negatives": 0, "skipped": 5}
    return {"name": name, "title": title, "concept": None, **counts}


def concept(notation: str, label: str) -> dict[str, Any]:
    about = {"iri": f"{CLC}/{notation}", "scheme": CLC, "schemeLabel": "CLC"}
    rest = {"broader": [], "colour": None, "order": None}
    return {**about, "notation": notation, "label": label, **rest}


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, api: Api) -> LabelPage:
    """A page over an API that answers from this file; the bundle needs no build."""
    monkeypatch.setattr("ui.label.page.bundle_address", lambda name: "assets/none.js")
    transport = httpx.MockTransport(api)
    return LabelPage(
        ApiClient(httpx.AsyncClient(transport=transport, base_url="http://x"))
    )


def test_a_category_is_chosen_and_a_session_begins(page: LabelPage, api: Api) -> None:
    complete(page.open())
    assert page._badge.visible
    assert page.form._category.options == {f"{HOSTILE} (1 label)": "vines",
                                           "New category …": NEW}  # fmt: skip
    assert not page.form._title.visible
    page.form._annotator.value_input = " Anna & Co "
    page.form._strategy.value = "diverse"
    complete(page.begin())
    asked = {"category": "vines", "annotator": "Anna & Co", "strategy": "diverse"}
    assert api.told == [("/labelling/sessions", asked)]
    assert (page.grid.session, page.grid.visible) == ("s1", True)
    assert (page._welcome.visible, page._asking.visible) == (False, False)
    # What people wrote is text; numbers have their words.
    assert "&lt;img src=x" in page.progress._about.object
    assert HOSTILE not in page.progress._about.object
    assert "<strong>1,976</strong>unlabelled" in page.progress._counters.object
    assert page.progress.curve.points == [(23.0, 0.75)]


def test_a_new_category_is_made_with_its_concept(page: LabelPage, api: Api) -> None:
    complete(page.open())
    page.form._category.value = NEW
    assert page.form._title.visible
    page.form._title.value_input = "Young vines"
    page.form._concept.value = "clc:221"
    page.form._annotator.value_input = "Anna"
    complete(page.begin())
    made = {"title": "Young vines", "concept": "clc:221"}
    assert api.told[0] == ("/labelling/categories", made)
    assert api.told[1][1]["category"] == "made"
    assert "Young vines (1 label)" in page.form._category.options


def test_a_refusal_is_told_and_the_form_stays(page: LabelPage) -> None:
    complete(page.open())
    complete(page.begin())
    assert page.problem == "give a name"
    assert page._alert.visible
    assert (page.grid.session, page._asking.visible) == ("", True)
    page.form._annotator.value_input = "Anna"
    complete(page.begin())
    assert not page._alert.visible


def test_an_address_resumes_a_session(page: LabelPage) -> None:
    complete(page.open("s1"))
    assert page.grid.session == "s1"
    assert page.form.annotator == "Anna & Co"
    complete(page.open("s2"))
    assert "s2" in page.problem


def test_a_pause_waits_for_labels_and_is_resumed(page: LabelPage, api: Api) -> None:
    complete(page.open("s1"))
    page.grid.waiting = 2
    complete(page.pause())
    assert "2 labels" in page.problem
    assert api.told == []
    page.grid.waiting = 0
    complete(page.pause())
    assert api.told == [("/labelling/sessions/s1/pause", {})]
    assert (page.grid.session, page._text.object, page.problem) == ("", PAUSED, "")
    complete(page.resume())
    assert (page.grid.session, page._welcome.visible) == ("s1", False)


def test_a_catalogue_without_patches_is_told(page: LabelPage, api: Api) -> None:
    api.state = {**STATE, "counters": dict.fromkeys(STATE["counters"], 0)}
    complete(page.open("s1"))
    assert (page.grid.session, page._text.object) == ("", EMPTY)
    assert page._welcome.visible


def test_the_drawer_follows_the_grid_but_no_other_session(page: LabelPage) -> None:
    complete(page.open("s1"))
    counters = {**STATE["counters"], "positive": 4}
    page.grid.state = {**STATE, "counters": counters}
    assert 'data-count="4"' in page.progress._counters.object
    page.grid.state = {**STATE, "session": "s0", "counters": STATE["counters"]}
    assert 'data-count="4"' in page.progress._counters.object


def test_status_tells_of_the_model_and_of_trouble() -> None:
    calm = {"problem": None, "published": None}
    started = {"model_version": 0, "pending": True, **calm}
    assert status_of(started) == [("No model yet, preparing the next batch …", False)]
    failed = {"at": "2017-05-01T08:00:00Z", "problem": "<b> is locked"}
    later = {"model_version": 2, "pending": False, **calm, "published": failed}
    assert status_of(later) == [
        ("Model v2, next batch ready.", False),
        ("Not yet facts of the base: <b> is locked", True),
    ]
    assert status_of({**later, "problem": "<i> is full"})[:2] == [
        ("Model v2.", False),
        ("The next batch could not be prepared: <i> is full", True),
    ]
    published = {**failed, "problem": None}
    told = status_of({**later, "published": published})
    assert told[1] == ("Facts of the base since 2017-05-01 08:00 UTC.", False)


def test_a_curve_grows_in_one_figure() -> None:
    curve = LearningCurve()
    figure = curve._figure.object
    curve.fill(STATE["curve"])
    first = figure[()].Curve.I.dframe().values.tolist()
    curve.fill([*STATE["curve"], {"labels": 47, "estimate": 0.9, "found": 20}])
    second = figure[()].Curve.I.dframe().values.tolist()
    assert first == [[23.0, 0.75]]
    assert second == [[23.0, 0.75], [47.0, 0.9]]
    assert curve._figure.object is figure


def test_titles_that_are_equal_are_told_apart() -> None:
    form = LabelForm()
    twins = [category("vines", "Vines"), category("vines-2", "Vines")]
    form.offer(twins, [])  # type: ignore[arg-type]
    assert list(form._category.options.values()) == ["vines", "vines-2", NEW]
    form._category.value = "vines-2"
    form.offer(twins, [])  # type: ignore[arg-type]
    assert form.category == "vines-2"
    assert form.strategy == "diverse"

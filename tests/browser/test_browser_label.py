"""An annotator labels by key; nothing is lost, and nothing arrives twice."""

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from imagery.synthetic import Sample
from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from lucerna.database import catalogue_url, open_catalogue
from lucerna.labelling.service import LabelService
from lucerna.workers import Workers
from mining.catalogue.filling import add_scenes
from mining.labelling.label_store import published_labels, put_category
from mining.labelling.labels import Category, LabelEvent
from ui.app import mount_ui

EVENTS = "**/labelling/sessions/*/events"
HOSTILE = "<img src=/nowhere onerror=alert(1)> & vines"

Serve = Callable[[Any], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory, sample: Sample) -> str:
    """URL of a catalogue with the patches of one simulated scene."""
    url = catalogue_url(tmp_path_factory.mktemp("catalogue"))
    with open_catalogue(url) as opened:
        assert add_scenes(opened, [sample.after], size=32).patches > 72
        put_category(opened, Category("hostile", HOSTILE, None))
    return url


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, catalogue: str, serve: Serve
) -> Iterator[str]:
    """Address of a service with this catalogue, over an empty base."""
    with (
        Workers(1) as workers,
        contextlib.closing(LabelService(catalogue, workers, lambda _: None)) as labels,
    ):
        app = create_app(
            EmbeddedStore(),
            version="0",
            quicklook_folder=tmp_path_factory.mktemp("pictures"),
            labelling=labels,
        )
        mount_ui(app)
        with serve(app) as address:
            yield address


def begin(visit: Page, service: str, annotator: str, *, new: str = "") -> Locator:
    """A session by the form, where asked of a new category; the grid it shows."""
    visit.goto(f"{service}/label")
    visit.get_by_role("combobox", name="Category").click()
    if new:
        visit.get_by_role("menuitem", name="New category …").click()
        visit.get_by_label("Name of the new category").fill(new)
    else:
        visit.get_by_role("menuitem", name=HOSTILE).click()
    visit.get_by_label("Your name").fill(annotator)
    visit.get_by_role("button", name="Start or resume").click()
    return drawn(visit, 1)


def drawn(visit: Page, number: int) -> Locator:
    frame = visit.locator(f'.frame[data-ready="{number}"]')
    frame.wait_for()
    return frame


def labels(frame: Locator) -> list[str | None]:
    return [one.get_attribute("data-label") for one in frame.locator(".cell").all()]


def counter(visit: Page, name: str) -> Locator:
    return visit.locator(f"li.{name} strong")


def events(catalogue: str, category: str) -> list[LabelEvent]:
    """Everything that the catalogue keeps of a category."""
    with open_catalogue(catalogue) as opened:
        return list(published_labels(opened, category).labels)


def test_twenty_patches_are_labelled_one_undone_and_the_session_resumed(
    visit: Page, service: str, catalogue: str
) -> None:
    frame = begin(visit, service, "Anna Lefèvre", new="Vineyard")
    assert labels(frame) == [""] * 24
    keys = "ppnnsppnnsppnnsppnns"
    for key in keys:
        visit.keyboard.press(key)
    words = {"p": "positive", "n": "negative", "s": "skip"}
    given = [words[key] for key in keys] + [""] * 4
    # Painted at once, whether or not the service knows by now.
    assert labels(frame) == given
    visit.keyboard.press("u")
    given[19] = ""
    assert labels(frame) == given
    expect(frame).to_have_attribute("data-waiting", "0")
    for name, count in (("positive", 8), ("negative", 8), ("skip", 3)):
        expect(counter(visit, name)).to_have_text(str(count))

    assert re.search(r"\?session=\w+", visit.url)
    visit.reload()
    frame = drawn(visit, 1)
    assert labels(frame) == given
    expect(counter(visit, "positive")).to_have_text("8")
    expect(visit.get_by_text("Anna Lefèvre")).to_be_visible()
    # The history is there too: the eighteenth decision is undone out of turn.
    history = frame.locator(".history button")
    expect(history).to_have_count(10)
    frame.get_by_role("button", name="Undo negative").first.click()
    given[18] = ""
    assert labels(frame) == given
    expect(frame).to_have_attribute("data-waiting", "0")
    expect(counter(visit, "negative")).to_have_text("7")

    visit.keyboard.press("Enter")
    frame = drawn(visit, 2)
    assert labels(frame) == [""] * 24
    kept = Counter(one.action for one in events(catalogue, "vineyard"))
    assert kept == {"positive": 8, "negative": 8, "skip": 4, "undo": 2}
    assert {one.annotator for one in events(catalogue, "vineyard")} == {"Anna Lefèvre"}


def test_labels_given_without_a_connection_arrive_once(
    visit: Page, service: str, catalogue: str
) -> None:
    frame = begin(visit, service, "Bo", new="Lost connection")
    attempts: list[str] = []

    def reach_but_not_answer(route: Route) -> None:
        attempts.append(str(route.request.post_data))
        if len(attempts) == 1:
            route.fetch()  # stored, and the answer is lost
        route.abort("connectionreset")

    visit.route(EVENTS, reach_but_not_answer)
    visit.keyboard.press("p")
    visit.keyboard.press("n")
    badge = frame.locator(".waiting")
    expect(badge).to_contain_text("2 labels waiting")
    assert labels(frame)[:3] == ["positive", "negative", ""]
    visit.keyboard.press("Enter")
    expect(frame.get_by_role("alert")).to_contain_text("waiting for the service")
    expect(frame).to_have_attribute("data-batch", "1")
    assert [one.action for one in events(catalogue, "lost-connection")] == ["positive"]

    # A reload forgets nothing, and the connection comes back.
    visit.reload()
    visit.unroute(EVENTS)
    visit.evaluate("window.dispatchEvent(new Event('online'))")
    frame = drawn(visit, 1)
    expect(frame).to_have_attribute("data-waiting", "0")
    expect(badge).to_be_hidden()
    assert labels(frame)[:3] == ["positive", "negative", ""]
    kept = events(catalogue, "lost-connection")
    assert [one.action for one in kept] == ["positive", "negative"]
    stored = visit.evaluate("Object.keys(localStorage)")
    assert [key for key in stored if key.startswith("lucerna.")] == []


def test_keys_do_nothing_in_a_field_and_the_mouse_does_all(
    visit: Page, service: str, catalogue: str
) -> None:
    frame = begin(visit, service, "Cy")
    # The title is text, not markup.
    expect(visit.get_by_role("heading", name=HOSTILE)).to_be_visible()
    cells = frame.locator(".cell")
    cells.nth(7).click()
    expect(cells.nth(7)).to_have_attribute("data-label", "positive")
    cells.nth(7).click()
    expect(cells.nth(7)).to_have_attribute("data-label", "negative")
    expect(cells.nth(7)).to_contain_text("✕ negative")
    frame.get_by_role("button", name="undo").first.click()
    expect(cells.nth(7)).to_have_attribute("data-label", "positive")

    visit.keyboard.press("ArrowDown")
    visit.keyboard.press(" ")
    view = visit.get_by_role("dialog", name="Patch")
    expect(view.get_by_role("heading")).to_have_text("Patch 14 of 24")
    visit.keyboard.press("s")
    expect(view.get_by_role("heading")).to_have_text("Patch 15 of 24")
    visit.keyboard.press("Escape")
    expect(view).to_be_hidden()
    expect(cells.nth(13)).to_have_attribute("data-label", "skip")
    visit.keyboard.press("?")
    expect(visit.get_by_role("dialog", name="Keys")).to_contain_text("next batch")
    visit.keyboard.press("?")

    expect(frame).to_have_attribute("data-waiting", "0")
    visit.get_by_role("button", name="Pause").click()
    field = visit.get_by_label("Your name")
    field.fill("")
    field.press_sequentially("pns u?")
    expect(field).to_have_value("pns u?")
    visit.get_by_role("button", name="Resume", exact=True).click()
    frame = drawn(visit, 1)
    assert Counter(labels(frame)) == {"": 22, "positive": 1, "skip": 1}


def test_a_refused_name_is_told_in_one_line(visit: Page, service: str) -> None:
    visit.goto(f"{service}/label")
    visit.get_by_label("Your name").fill(HOSTILE)
    visit.get_by_role("button", name="Start or resume").click()
    alert = visit.get_by_role("alert").filter(has_text="annotator")
    expect(alert).to_contain_text("has the character '<'; leave out markup")


def test_the_home_page_leads_to_the_others_and_is_honest_when_empty(
    visit: Page, service: str
) -> None:
    visit.goto(f"{service}/")
    expect(visit.get_by_text("The base holds no images and no results")).to_be_visible()
    pages = visit.get_by_role("navigation", name="Pages")
    expect(pages.locator("[aria-current=page]")).to_have_text("Home")
    visit.get_by_role("link", name="Label", exact=True).last.click()
    visit.wait_for_url("**/label")
    expect(pages.locator("[aria-current=page]")).to_have_text("Label")

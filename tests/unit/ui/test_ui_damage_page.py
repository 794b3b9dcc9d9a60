"""The Damage page's logic without a browser: a report that is not there."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import panel as pn
import pytest

from ui.client import ApiClient
from ui.damage.form import DamageForm
from ui.damage.page import DamagePage

CHOICES: dict[str, Any] = {
    "perils": [{"name": "frost", "label": "frost"}],
    "events": [],
    "grades": [],
    "maxUploadBytes": 1,
}
RUNNING = {"id": "0123456789ab", "state": "running", "done": 0, "of": 3, "problem": ""}


class Api:
    """Answers the page; `reports` are states of the report, the last one for ever."""

    def __init__(self) -> None:
        self.states = [httpx.Response(404, json={"detail": "no report"})]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        match request.method, request.url.path.removeprefix("/api/v1"):
            case "GET", "/damage/choices":
                return httpx.Response(200, json=CHOICES)
            case "POST", "/damage/reports":
                assert json.loads(request.content)["peril"] == "frost"
                return httpx.Response(202, json=RUNNING)
            case "GET", "/damage/reports" | "/results":
                return httpx.Response(200, json=[])
        return self.states.pop(0) if self.states[1:] else self.states[0]


def complete(work: Coroutine[Any, Any, None]) -> None:
    """Do the work in a thread: browser tests leave a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, api: Api) -> DamagePage:
    """A page over an API that answers from this file; the bundle needs no build."""
    monkeypatch.setattr("ui.damage.map.bundle_address", lambda name: "assets/none.js")
    monkeypatch.setattr("ui.damage.page.POLL_SECONDS", 0.01)
    transport = httpx.MockTransport(api)
    return DamagePage(
        ApiClient(httpx.AsyncClient(transport=transport, base_url="http://x"))
    )


def test_a_report_that_is_not_there_can_be_made_again(page: DamagePage) -> None:
    complete(page.open("0123456789ab"))
    assert page.problem.startswith("Report 0123456789ab is not there: ")
    assert "Choose its parcels and event again" in page.problem
    assert "\n" not in page.problem
    assert page._alert.visible
    assert page.form.values()["peril"] == "frost", "the form is filled for a new one"


def test_a_report_that_is_lost_while_it_is_made_is_told(
    page: DamagePage, api: Api
) -> None:
    complete(page.open(""))
    assert page.problem == ""
    api.states.insert(0, httpx.Response(200, json=RUNNING))
    complete(page.make())
    assert page.problem.startswith("Report 0123456789ab is not there: ")
    assert not page.form._bar.visible


def test_another_trouble_is_told_as_the_service_says_it(
    page: DamagePage, api: Api
) -> None:
    failed = {**RUNNING, "state": "failed", "problem": "no parcel can be read"}
    api.states = [httpx.Response(200, json=failed)]
    complete(page.open("0123456789ab"))
    assert page.problem == "no parcel can be read"


def test_no_other_peril_is_chosen_while_they_are_offered() -> None:
    form = DamageForm()
    pn.panel(form).get_root()
    chosen: list[str] = []
    form._peril.param.watch(lambda event: chosen.append(event.new), "value")
    perils = [{"name": one, "label": one} for one in ("drought", "frost", "hail")]
    form.offer({**CHOICES, "perils": perils}, [], [])
    assert chosen == ["frost"]
    assert form.values()["peril"] == "frost"

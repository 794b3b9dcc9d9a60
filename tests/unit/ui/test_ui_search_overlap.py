"""Answers that come late, while the page has gone on to something else."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest
from search_answers import QUESTION, answers, client, complete

from ui.search.page import SearchPage


class Late:
    """Answers as `answers` does; to one request only when it is let go."""

    def __init__(self, request: str) -> None:
        self._request = request
        self.come, self.gone = asyncio.Event(), asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if self._request in str(request.url):
            self.come.set()
            await asyncio.wait_for(self.gone.wait(), 20)
        return answers(request)

    async def during(
        self, begun: Coroutine[Any, Any, object], then: Coroutine[Any, Any, object]
    ) -> None:
        """Begin the one, which waits; do the other, and then finish the first."""
        first = asyncio.ensure_future(begun)
        await asyncio.wait_for(self.come.wait(), 20)
        await then
        self.gone.set()
        await first


async def search_for(page: SearchPage, least: str) -> None:
    page.form.fill({"least": least})
    await page.search()


@pytest.mark.parametrize(
    "late", ["changed_units/sparql?shape=&least=0.2", "changed_units?shape=&least=0.2"]
)
def test_what_comes_late_changes_nothing_of_a_later_answer(
    page: SearchPage, late: str
) -> None:
    async def overlap() -> None:
        waiting = Late(late)
        await page.open({})
        page.views.turn_to_chart()
        page._client = client(waiting)
        await waiting.during(search_for(page, "0.2"), search_for(page, "0.05"))

    complete(overlap())
    assert page.pager.count == 120
    assert page.queries.query == "# shape=&least=0.05"
    assert page.views.bars._answer is not None
    assert page.views.bars._answer["count"] == 120
    assert page.chips.chips[0]["text"] == "Least share: 5 %"
    assert page.bar.search == "?question=changed_units&least=0.05&view=chart"


def test_an_answer_is_named_by_what_was_asked_not_by_what_is_typed_since(
    page: SearchPage,
) -> None:
    async def type_on() -> None:
        page.form.fill({"least": "0.4"})

    async def overlap() -> None:
        waiting = Late("least=0.05&limit=50")
        await page.open({})
        page._client = client(waiting)
        await waiting.during(search_for(page, "0.05"), type_on())

    complete(overlap())
    assert page.form.values()["least"] == "0.4"
    assert page.chips.chips[0]["text"] == "Least share: 5 %"
    page.pager._go("Next page", None)
    assert page.bar.search == "?question=changed_units&least=0.05&page=2"


def test_a_step_back_that_is_overtaken_changes_nothing(page: SearchPage) -> None:
    async def overlap() -> None:
        waiting = Late("least=0.05&limit=50")
        await page.open({})
        page._client = client(waiting)
        back = page._reopen({"least": "0.05", "selected": "https://x/M1"})
        await waiting.during(back, search_for(page, "0.2"))

    complete(overlap())
    assert (page.pager.count, page.chart.map.selected) == (9, "")


def test_a_unit_told_of_late_leaves_the_form_to_the_one_chosen_since(
    page: SearchPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.search.fields.bundle_address", lambda name: "none.js")
    unit = {"name": "unit", "type": "unit", "default": "", "description": "unit"}
    record: Any = {**QUESTION, "name": "unit_record", "parameters": [unit]}
    one, other = "https://x/unit/1", "https://x/unit/2"

    def no_places(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"places": [], "count": 0})

    async def overlap() -> None:
        await page.open({})
        page._client = client(no_places)
        page.form.offer([record], [])
        told = asyncio.Event()

        async def tell(chosen: str, **_: object) -> None:
            if chosen == one:
                await told.wait()

        monkeypatch.setattr(page.drawer, "tell", tell)
        page.drawer.panel.open = True
        for chosen in (one, other):
            page.chart.map.selected = chosen
            for _ in range(20):
                await asyncio.sleep(0)
        told.set()
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0)

    complete(overlap())
    assert page.form.values() == {"unit": other}


def test_a_query_that_cannot_be_told_is_a_problem_in_one_line(page: SearchPage) -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/changed_units/sparql"):
            return httpx.Response(503, json={"detail": "the store is locked"})
        return answers(request)

    page._client = client(silent)
    complete(page.open({}))
    assert page.problem == "the store is locked"
    assert page.answer is None

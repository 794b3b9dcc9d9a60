"""The home page's words, and the links between the pages."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from ui.api_records import Overview
from ui.client import ApiClient
from ui.home_page import EMPTY, HomePage, holdings, page_html
from ui.navigation import PAGES, navigation


def parameter(default: str | None, description: str) -> Any:  # noqa: ANN401
    about = {"name": "one", "type": "text"}
    return {**about, "default": default, "description": description}


def question(name: str, title: str, *parameters: Any) -> Any:  # noqa: ANN401
    about = {"name": name, "title": title, "number": 1, "description": ""}
    return {**about, "parameters": list(parameters), "columns": []}


NOTHING: Overview = {
    "scenes": 0,
    "changeResults": 0,
    "classifications": 0,
    "observations": 0,
    "stations": 0,
    "units": {},
    "labelledPatches": 0,
    "reports": 0,
    "triples": 5219,
    "begins": None,
    "ends": None,
    "weatherBegins": None,
    "weatherEnds": None,
    "simulated": False,
}
SOME: Overview = {
    **NOTHING,
    "scenes": 1,
    "changeResults": 2,
    "units": {"parcel": 1200, "commune": 2},
    "begins": "2017-04-19T10:56:21Z",
    "ends": "2017-04-29T10:56:51Z",
    "weatherBegins": "2016-01",
    "weatherEnds": "2017-04-30",
    "observations": 31,
    "stations": 1,
    "simulated": True,
}
QUESTIONS = [
    question("rank_units", "Units <ranked>", parameter("ul:commune", "level")),
    question("all_images", "Images", parameter(None, "since; empty: any")),
    question("unit_record", "One unit", parameter(None, "the unit asked about")),
]
REPORTS = [
    {
        "id": f"frost-{n}",
        "title": f"Frost {n}" if n else None,
        "peril": "frost",
        "issued": "2017-05-04T10:00:00Z",
        "parcels": 1204,
    }
    for n in range(5)
]


def open_page(answer: httpx.Response) -> HomePage:
    """A page over an API whose overview is this answer."""

    def answers(request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/api/v1/questions":
                return httpx.Response(200, json=QUESTIONS)
            case "/api/v1/damage/reports":
                return httpx.Response(200, json=REPORTS)
        return answer

    transport = httpx.MockTransport(answers)
    http = httpx.AsyncClient(transport=transport, base_url="http://x")
    page = HomePage(ApiClient(http))
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, page.open()).result()
    return page


def test_numbers_have_words_in_the_right_number() -> None:
    text = holdings(SOME)
    assert "<strong>1</strong>scene<" in text
    assert "<strong>2</strong>change results<" in text
    assert "<strong>1,200</strong>parcels<" in text
    assert text.index("parcels") < text.index("communes") < text.index("land-cover")
    assert (
        "Images from 19 April 2017 to 29 April 2017 · "
        "Weather from January 2016 to 30 April 2017 · 5,219 triples" in text
    )
    assert "<strong>31</strong>observations of units<" in text
    assert "<strong>1</strong>weather station<" in text
    assert "simulated" in text
    assert "simulated" not in holdings({**SOME, "simulated": False})


def test_an_empty_base_says_so_and_how_to_fill_it() -> None:
    text = page_html(NOTHING)
    assert EMPTY in text
    assert "<strong>" not in text
    assert "triples" not in text


def test_a_page_shows_the_numbers_or_why_there_are_none() -> None:
    page = open_page(httpx.Response(200, json=SOME))
    assert holdings(SOME) in page._body.object
    assert page._badge.visible
    failed = open_page(httpx.Response(503, json={"detail": "<b>locked</b>"}))
    assert "No numbers: &lt;b&gt;locked&lt;/b&gt;" in failed._body.object
    assert failed.problem == "<b>locked</b>"


def test_questions_that_run_and_recent_reports_are_linked() -> None:
    text = open_page(httpx.Response(200, json=SOME))._body.object
    assert '<a href="search?question=rank_units">Units &lt;ranked&gt;</a>' in text
    assert "question=all_images" in text
    assert "question=unit_record" not in text
    about = "1,204 parcels, made on 4 May 2017"
    assert f'<a href="damage?report=frost-0">frost</a>: {about}' in text
    assert f'<a href="damage?report=frost-2">Frost 2</a>: {about}' in text
    assert "frost-3" not in text


@pytest.mark.parametrize("current", list(PAGES))
def test_every_page_links_to_all_and_marks_itself(current: str) -> None:
    (links,) = navigation(current)
    for name, address in PAGES.items():
        marked = ' aria-current="page"' if name == current else ""
        assert f'<a href="{address}"{marked}>{name}</a>' in links.object
    assert links.object.count("aria-current") == 1

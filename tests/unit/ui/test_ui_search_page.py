"""The page's logic without a browser: search, map and table follow each other."""

import json

import httpx
import pytest
from search_answers import ROWS, answers, client, complete

from ui.client import ApiProblem
from ui.search.map import box_wkt
from ui.search.page import SearchPage
from ui.search.telling import NO_UNITS


def test_opening_answers_the_question_of_the_address(page: SearchPage) -> None:
    complete(page.open({"question": "changed_units", "least": "0.2"}))
    assert page.form.values() == {"shape": "", "least": "0.2"}
    assert page.answer is not None
    assert page.answer["count"] == 9
    map_ = page.chart.map
    assert map_.matching
    assert sorted(map_.matched) == sorted({row["unit"] for row in ROWS})
    assert map_.least_share == 0.2
    assert map_.picture == {"url": "api/v1/quicklooks/a.png", "bounds": [0, 0, 1, 1]}
    assert "result=https%3A%2F%2Fx%2Fr2" in map_.units_url
    assert page.chart.simulated


@pytest.mark.parametrize("page_text", ["²", "9" * 5000, "-1", "0"])
def test_an_address_with_no_number_of_a_page_opens_the_first(
    page: SearchPage, page_text: str
) -> None:
    complete(page.open({"least": "0.05", "page": page_text}))
    assert identifiers(page)[0] == "M999"


def test_a_row_turns_the_map_and_a_unit_finds_its_row(page: SearchPage) -> None:
    complete(page.open({}))
    map_, table = page.chart.map, page.table
    table._table.selection = [1]
    assert map_.selected == "https://x/P1"
    assert page.chart.result == "https://x/r1"
    # The same unit has a row of the result shown first; of units the eighth row.
    map_.selected = "https://x/Q5"
    assert table.chosen == 8
    map_.selected = "https://x/P1"
    assert table.chosen == 1
    map_.selected = "https://x/elsewhere"
    assert table.chosen is None
    assert map_.selected == "https://x/elsewhere"


def test_rows_are_walked_through_in_a_ring(page: SearchPage) -> None:
    complete(page.open({}))
    table = page.table
    table._step(-1)
    assert table.chosen == 8
    table._step(1)
    assert table.chosen == 0


def test_no_rows_and_a_refusal_are_told(page: SearchPage) -> None:
    complete(page.open({"least": "0.6"}))
    assert page._status.object == NO_UNITS
    assert page.chart.map.matching
    assert page.chart.map.matched == []
    page.form.fill({"least": "0.95"})
    complete(page.search())
    assert page.problem == "least is too much"
    assert page._alert.visible
    assert page.answer is None
    assert not page.chart.map.matching
    page.form.fill({"least": "0.3"})
    complete(page.search())
    assert not page._alert.visible


def test_what_is_drawn_or_seen_becomes_the_shape(page: SearchPage) -> None:
    complete(page.open({}))
    page.form.drawing = "box"
    assert page.chart.map.drawing == "box"
    drawn = box_wkt([-0.2, 44.8, -0.1, 44.9])
    page.chart.map.param.update(area=drawn, drawing="")
    assert page.form.values()["shape"] == drawn
    assert not page.form.drawing
    page.chart.map.extent = [0, 44, 1, 45]
    page.form.param.trigger("view_wanted")
    assert page.chart.map.area == box_wkt([0, 44, 1, 45])
    page.form.set_area("")
    assert page.chart.map.area == ""


def test_a_problem_of_the_api_keeps_its_status_and_detail() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, content=json.dumps({"detail": "locked"}))

    with pytest.raises(ApiProblem, match="locked") as caught:
        complete(client(fail).questions())
    assert caught.value.status == 503

    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ApiProblem, match="does not answer"):
        complete(client(silent).results())


def identifiers(page: SearchPage) -> list[str]:
    assert page.answer is not None
    return [one["identifier"] for one in page.answer["rows"]]


def test_pages_of_the_answer_are_asked_for_and_all_units_are_marked(
    page: SearchPage,
) -> None:
    complete(page.open({"least": "0.05", "page": "2"}))
    assert identifiers(page) == [f"M{999 - n}" for n in range(50, 100)]
    assert page._status.object == "Rows 51 to 100 of 120"
    assert len(page.chart.map.matched) == 120
    assert "page=2" in page.bar.search
    # A unit of another page brings its page, and the walk goes on over its edge.
    page.chart.map.selected = "https://x/M119"
    assert identifiers(page)[0] == "M899"
    assert page.table.chosen == 19
    page.table._step(1)
    assert (identifiers(page)[0], page.table.chosen) == ("M999", 0)
    page.table._step(-1)
    assert (identifiers(page)[0], page.table.chosen) == ("M899", 19)
    page.pager._go("Previous page", None)
    assert identifiers(page)[0] == "M949"


def test_an_order_is_that_of_all_rows(page: SearchPage) -> None:
    complete(page.open({"least": "0.05"}))
    page.table._table.sorters = [{"field": "Identifier", "dir": "asc"}]
    assert page.table.sort == "identifier"
    assert identifiers(page)[:2] == ["M880", "M881"]
    assert "sort=identifier" in page.bar.search


def test_filters_are_chips_that_can_be_taken_away(page: SearchPage) -> None:
    complete(page.open({"shape": "POINT(0 45)", "least": "0.2"}))
    assert page.chips.chips == [
        {"name": "shape", "text": "Shape: drawn area", "removable": True},
        {"name": "least", "text": "Least share: 20 %", "removable": True},
    ]
    page.chips.param.update(removed="shape", removals=1)
    assert page.form.values() == {"shape": "", "least": "0.2"}
    page.chips.param.update(removed="least", removals=2)
    assert page.chips.chips == [
        {"name": "least", "text": "Least share: 30 %", "removable": False}
    ]
    assert page.bar.search == "?question=changed_units"


def test_rows_whose_shapes_have_no_place_are_shown_and_that_is_told(
    page: SearchPage,
) -> None:
    def unknown(request: httpx.Request) -> httpx.Response:
        if request.headers["accept"] == "application/geo+json":
            return httpx.Response(400, json={"detail": "a shape is in <x>, no CRS"})
        return answers(request)

    page._client = client(unknown)
    complete(page.run("SELECT * {\n}"))
    assert page.pager.count == 60
    assert page.problem == "a shape is in <x>, no CRS"
    assert page.chart.map.shapes == {}


def test_nothing_found_offers_what_would_be(page: SearchPage) -> None:
    complete(page.open({"least": "0.6"}))
    (button,) = page.relaxing._buttons.objects
    assert button.label == "Without “Least share: 60 %”: 9 rows"
    button.param.trigger("clicks")
    assert page.answer is not None
    assert page.answer["count"] == 9
    assert page.relaxing._buttons.objects == []


def test_the_way_back_brings_the_earlier_answer(page: SearchPage) -> None:
    complete(page.open({"least": "0.2"}))
    first = page.bar.search
    page.form.fill({"least": "0.05"})
    complete(page.search())
    assert page.pager.count == 120
    page.bar.param.update(visited=first, visits=1)
    assert page.form.values()["least"] == "0.2"
    assert page.pager.count == 9


def test_a_query_of_ones_own_fills_the_same_table_and_map(page: SearchPage) -> None:
    complete(page.open({}))
    assert page.queries.query == "# shape=&least=0.3"
    page.queries.editor.value = "SELECT * {\n}"
    page.queries.editor.runs += 1
    assert page._status.object == "Rows 1 to 50 of 60"
    assert page.chips.chips[0]["name"] == "query"
    assert page.queries.query == "SELECT * {\n}"
    drawn = page.chart.map.shapes["features"]
    assert len(drawn) == 59
    assert drawn[6]["geometry"]["coordinates"] == [7, 45]
    assert drawn[6]["id"] == "https://x/7"
    rows = page.files._rows()
    assert rows is not None
    assert rows.read().splitlines()[:2] == ["patch,n,wkt", "https://x/0,0,POINT(0 45)"]
    link = page.bar.search

    page.queries.editor.value = "SELECT *\nnone"
    page.queries.param.trigger("wanted")
    error = page.queries.editor.error
    assert (error["line"], error["column"]) == (2, 5)
    assert page.queries.query == "SELECT *\nnone"
    assert page.answer is None
    page.bar.param.update(visited=link, visits=1)
    assert page.pager.count == 60

    page.chips.param.update(removed="query", removals=1)
    assert page.pager.count == 9
    assert page.queries.query == "# shape=&least=0.3"
    assert page.chart.map.shapes == {}

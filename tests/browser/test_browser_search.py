"""A visitor asks, reads the table, and finds each row on the map and back."""

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import Page, expect
from search_visits import AGRICULTURAL_30, PARCEL, cells, click_at, open_search


def test_a_search_lists_the_units_and_a_row_is_seen_on_the_map(
    visit: Page, service: str
) -> None:
    visit.goto(f"{service}/")
    visit.get_by_role("navigation", name="Pages").get_by_role(
        "link", name="Search"
    ).click()
    visit.wait_for_url("**/search**")
    chart = visit.locator(".map[data-ready]")
    expect(chart).to_have_attribute("data-units", "12")
    expect(chart).to_have_attribute("data-regions", "1")
    expect(chart).to_have_attribute("data-matched", "4")
    visit.get_by_role("button", name="Search", exact=True).click()
    expect(visit.get_by_text("6 rows", exact=True)).to_be_visible()
    shown = zip(cells(visit, "Identifier"), cells(visit, "Share (%)"), strict=True)
    assert list(shown) == AGRICULTURAL_30
    expect(visit.get_by_text("Simulated data")).to_be_visible()

    visit.locator(".tabulator-row").nth(3).click()
    expect(chart).to_have_attribute("data-selected", PARCEL.format("P03"))
    # The name of P03 is markup in the data; it is shown, not run.
    assert cells(visit, "Name")[3] == "<img src=/nowhere onerror=alert(1)>"


def test_a_click_on_the_map_selects_the_row(visit: Page, service: str) -> None:
    chart = open_search(visit, service, "?question=changed_units&least=0.05")
    expect(visit.get_by_text("9 rows", exact=True)).to_be_visible()
    click_at(chart, -0.1513, 44.8123)
    expect(chart).to_have_attribute("data-selected", PARCEL.format("P06"))
    row = visit.locator(".tabulator-row.tabulator-selected")
    expect(row).to_contain_text("P06")
    # A parcel that is not in the answer is selected on the map only.
    click_at(chart, -0.1573, 44.8168)
    expect(chart).to_have_attribute("data-selected", PARCEL.format("P09"))
    expect(row).to_have_count(0)


def test_a_row_of_another_result_turns_the_map_to_it(visit: Page, service: str) -> None:
    chart = open_search(visit, service)
    expect(chart).to_have_attribute("data-picture", "api/v1/quicklooks/a1-after.png")
    visit.locator(".tabulator-row").nth(2).click()
    expect(chart).to_have_attribute("data-picture", "api/v1/quicklooks/b2-after.png")
    expect(chart).to_have_attribute("data-selected", PARCEL.format("P01"))
    visit.get_by_role("button", name="Image before").click()
    expect(chart).to_have_attribute("data-picture", "api/v1/quicklooks/b2-before.png")


def test_an_address_reopens_the_same_rows(visit: Page, service: str) -> None:
    query = "?question=rank_units&kind=&level=lvl:middle&unit_level=ul:commune"
    chart = open_search(visit, service, query)
    first = cells(visit, "Name"), cells(visit, "Changed (ha)")
    expect(chart).to_have_attribute("data-units", "2")
    assert "question=rank_units" in visit.url
    visit.goto("about:blank")
    visit.go_back()
    visit.locator(".map[data-ready]").wait_for()
    assert (cells(visit, "Name"), cells(visit, "Changed (ha)")) == first


def test_all_is_done_by_keyboard(visit: Page, service: str) -> None:
    chart = open_search(visit, service)
    visit.get_by_role("button", name="Next row").focus()
    visit.keyboard.press("Enter")
    expect(chart).to_have_attribute("data-selected", PARCEL.format("P01"))
    visit.keyboard.press("Enter")
    expect(chart).to_have_attribute("data-selected", PARCEL.format("P02"))
    before = chart.get_attribute("data-view")
    chart.focus()
    visit.keyboard.press("ArrowRight")
    expect(chart).not_to_have_attribute("data-view", str(before))
    visit.get_by_role("combobox", name="Kind").fill("Forests")
    option = visit.get_by_role("option", name="Forests (31)", exact=True)
    option.wait_for()
    visit.keyboard.press("ArrowDown")
    expect(option).to_have_class(re.compile("focused"))
    visit.keyboard.press("Enter")
    kind = visit.get_by_role("combobox", name="Kind")
    expect(kind).to_have_value("Forests (31)")
    visit.get_by_role("button", name="Search", exact=True).focus()
    visit.keyboard.press("Enter")
    expect(visit.get_by_text("No unit matches")).to_be_visible()
    expect(chart).to_have_attribute("data-matched", "0")


def test_a_refused_value_is_told_in_one_line(visit: Page, service: str) -> None:
    open_search(visit, service, "?question=changed_units&shape=<b>nowhere</b>")
    alert = visit.get_by_role("alert")
    expect(alert).to_contain_text("shape='<b>nowhere</b>'")
    expect(alert).to_contain_text("WKT")
    assert visit.locator("b", has_text="nowhere").count() == 0


def test_a_selected_unit_is_told_all_about_beside_the_map(
    visit: Page, service: str
) -> None:
    chart = open_search(visit, service)
    alone = chart.bounding_box()
    visit.locator(".tabulator-row").first.click()
    opener = visit.get_by_role("button", name="All about this unit")
    expect(opener).to_be_enabled()
    opener.focus()
    visit.keyboard.press("Enter")
    panel = visit.get_by_role("complementary", name="Clos du Tertre (parcel)")
    expect(panel).to_be_visible()
    expect(panel.get_by_role("heading", name="Clos du Tertre (parcel)")).to_be_focused()
    # Both results, and the two images of them with the radar image of the land cover.
    expect(panel).to_contain_text("3 images, 2 change intervals")
    expect(panel.locator("canvas").first).to_be_visible()
    expect(panel).to_contain_text("spectral-angle 2017-04-19 to 2017-04-29")
    expect(visit.locator(".tabulator-row").first).to_be_visible()
    with visit.expect_download() as waiting:
        panel.get_by_role("link", name="Record as CSV").click()
    text = Path(waiting.value.path()).read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [one["value"] for one in rows if one["property"] == "identifier"] == ["P01"]
    # Another unit is told of at once, without taking the focus.
    visit.locator(".tabulator-row").nth(1).click()
    told = visit.get_by_role("complementary", name=re.compile("parcel"))
    expect(told.locator("dd").first).to_have_text("P02")
    told.locator("summary").first.focus()
    visit.keyboard.press("Escape")
    expect(told).to_have_count(0)
    expect(opener).to_be_focused()
    # Closed, it leaves all the room to the map again.
    assert alone is not None
    visit.wait_for_function(
        "([map, width]) => map.getBoundingClientRect().width === width",
        arg=[chart.element_handle(), alone["width"]],
    )


def test_nothing_found_offers_what_would_be(visit: Page, service: str) -> None:
    open_search(visit, service, "?question=changed_units&kind=clc:31&least=0.05")
    expect(visit.get_by_text("No unit matches")).to_be_visible()
    visit.get_by_role("button", name="Without “Kind").click()
    expect(visit.get_by_text(re.compile(r"^\d+ rows$"))).to_be_visible()
    assert cells(visit, "Identifier")[0] == "P01"
    assert "NaN" not in visit.locator(".tabulator-row").first.inner_text()

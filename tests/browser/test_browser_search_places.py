"""A visitor bounds an answer by a place or a drawn shape, and looks at pictures."""

import math
import re

import pytest
from playwright.sync_api import Page, expect
from search_visits import cells, click_at, open_search


def test_a_place_is_found_while_typing_and_bounds_the_answer(
    visit: Page, service: str
) -> None:
    chart = open_search(visit, service)
    place = visit.get_by_role("combobox", name="Place")
    place.press_sequentially("COMMUNE 2")
    option = visit.get_by_role("option", name="Simulated commune 2")
    expect(option).to_contain_text("commune · SIM02")
    place.press("ArrowDown")
    place.press("Enter")
    expect(place).to_have_value("Simulated commune 2")
    place.press("Enter")
    # P03 and P04 are the parcels of that commune.
    expect(visit.get_by_text("2 rows", exact=True)).to_be_visible()
    assert cells(visit, "Identifier") == ["P03", "P04"]
    expect(chart).to_have_attribute("data-matched", "2")
    visit.reload()
    expect(visit.get_by_text("2 rows", exact=True)).to_be_visible()
    expect(place).to_have_value("Simulated commune 2")

    # The chip takes the place away, by key; Back brings it again.
    visit.get_by_role("button", name="Remove filter Place").press("Delete")
    expect(visit.get_by_text("6 rows", exact=True)).to_be_visible()
    expect(place).to_have_value("")
    visit.go_back()
    expect(visit.get_by_text("2 rows", exact=True)).to_be_visible()
    expect(place).to_have_value("Simulated commune 2")


def test_enter_right_after_typing_asks_and_opens_no_list(
    visit: Page, service: str
) -> None:
    open_search(visit, service)
    place = visit.get_by_role("combobox", name="Place")
    asked: list[str] = []
    visit.on("request", lambda one: asked.append(one.url))
    # Both within one task, so that no list can have been asked for between them.
    place.evaluate(
        """(field) => {
          field.value = 'SIM02';
          field.dispatchEvent(new InputEvent('input', {bubbles: true}));
          const told = {key: 'Enter', bubbles: true, composed: true};
          field.dispatchEvent(new KeyboardEvent('keydown', told));
          // Comes after all timers of the field.
          return new Promise((resolve) => { setTimeout(resolve, 150); });
        }"""
    )
    expect(visit.get_by_text("2 rows", exact=True)).to_be_visible()
    expect(place).to_have_attribute("aria-expanded", "false")
    assert [one for one in asked if "/places" in one] == []


def test_a_drawn_box_bounds_the_answer(visit: Page, service: str) -> None:
    chart = open_search(visit, service)
    visit.get_by_role("button", name="Draw box").click()
    expect(chart).to_have_attribute("data-drawing", "box")
    click_at(chart, -0.1608, 44.8055)
    click_at(chart, -0.1542, 44.8100)
    shape = visit.get_by_label("Shape")
    expect(shape).to_have_value(re.compile(r"^POLYGON\(\("))
    visit.get_by_role("button", name="Search", exact=True).click()
    expect(visit.get_by_text("2 rows", exact=True)).to_be_visible()
    assert cells(visit, "Identifier") == ["P01", "P01"]


def test_a_box_is_dragged_and_the_map_stays(visit: Page, service: str) -> None:
    chart = open_search(visit, service)
    seen = str(chart.get_attribute("data-view"))
    frame = chart.bounding_box()
    assert frame is not None
    visit.get_by_role("button", name="Draw box").click()
    expect(chart).to_have_attribute("data-drawing", "box")
    across, down = frame["x"] + 200, frame["y"] + 120
    visit.mouse.move(across, down)
    visit.mouse.down()
    visit.mouse.move(across + 60, down + 30, steps=4)
    visit.mouse.move(across + 100, down + 50, steps=4)
    visit.mouse.up()
    shape = visit.get_by_label("Shape")
    expect(shape).to_have_value(re.compile(r"^POLYGON\(\("))
    expect(chart).not_to_have_attribute("data-drawing", "box")
    assert chart.get_attribute("data-view") == seen
    corners = re.findall(r"(-?[\d.]+) (-?[\d.]+)", shape.input_value())
    east = [float(x) for x, _ in corners]
    metres = float(seen.split()[2])
    assert math.radians(max(east) - min(east)) * 6378137 == pytest.approx(
        100 * metres, rel=0.02
    )


def test_a_polygon_is_drawn_by_pointer_and_by_keys(visit: Page, service: str) -> None:
    chart = open_search(visit, service)
    visit.get_by_role("button", name="Draw polygon").click()
    expect(chart).to_have_attribute("data-drawing", "polygon")
    # A triangle that meets P01 alone: its third side leaves P02 and P05 out.
    click_at(chart, -0.1606, 44.8052)
    click_at(chart, -0.1552, 44.8058)
    click_at(chart, -0.1604, 44.8098)
    visit.keyboard.press("Enter")
    expect(chart).to_have_attribute("data-area", re.compile(r"^POLYGON\(\("))
    expect(visit.get_by_label("Shape")).to_have_value(re.compile(r"^POLYGON\(\("))
    visit.get_by_role("button", name="Search", exact=True).click()
    expect(visit.get_by_text("2 rows", exact=True)).to_be_visible()
    assert cells(visit, "Identifier") == ["P01", "P01"]
    visit.get_by_role("button", name="Clear shape").click()
    expect(chart).to_have_attribute("data-area", "")

    visit.get_by_role("button", name="Draw polygon").press("Enter")
    expect(chart).to_be_focused()
    for step, corner in enumerate(["ArrowRight", "ArrowDown", "ArrowLeft"], 1):
        before = str(chart.get_attribute("data-view"))
        visit.keyboard.press(corner)
        expect(chart).not_to_have_attribute("data-view", before)
        visit.keyboard.press("Space")
        expect(chart).to_have_attribute("data-corners", str(step))
    visit.keyboard.press("Enter")
    expect(chart).to_have_attribute("data-area", re.compile(r"^POLYGON\(\("))
    visit.get_by_role("button", name="Draw box").click()
    visit.keyboard.press("Escape")
    expect(chart).not_to_have_attribute("data-drawing", "box")


def test_the_pictures_are_swiped_by_key_and_kept_in_the_link(
    visit: Page, service: str
) -> None:
    chart = open_search(visit, service)
    visit.get_by_role("button", name="Both, swipe").click()
    expect(chart).to_have_attribute("data-before", "api/v1/quicklooks/a1-before.png")
    expect(chart).to_have_attribute("data-picture", "api/v1/quicklooks/a1-after.png")
    line = visit.get_by_role("slider", name="Before and after")
    line.press("End")
    expect(chart).to_have_attribute("data-split", "100")
    line.press("ArrowLeft")
    expect(chart).to_have_attribute("data-split", "98")
    expect(visit).to_have_url(re.compile("picture=Both"))
    visit.reload()
    expect(chart).to_have_attribute("data-before", "api/v1/quicklooks/a1-before.png")


def test_patches_are_drawn_where_they_lie(visit: Page, service: str) -> None:
    chart = open_search(visit, service, "?question=labelled_patches")
    count = len(cells(visit, "Category"))
    expect(chart).to_have_attribute("data-shapes", str(count))
    expect(chart).to_have_attribute("data-units", "0")
    visit.locator(".tabulator-row").first.click()
    expect(chart).to_have_attribute("data-selected", re.compile("/patch/"))


def test_a_day_that_is_half_typed_is_told_and_not_left_out(
    visit: Page, service: str
) -> None:
    open_search(visit, service)
    month = visit.get_by_role("spinbutton", name="Month").first
    month.click()
    month.press_sequentially("02")
    visit.get_by_role("button", name="Search", exact=True).click()
    told = visit.get_by_text("Complete or clear Since; then search.")
    expect(told).to_be_visible()
    expect(visit.locator(".tabulator-row")).to_have_count(0)
    year = visit.get_by_role("spinbutton", name="Year").first
    year.click()
    year.press_sequentially("2017")
    day = visit.get_by_role("spinbutton", name="Day").first
    day.press_sequentially("01")
    visit.get_by_role("button", name="Search", exact=True).click()
    expect(visit.get_by_text("Since: 2017-02-01")).to_be_visible()

"""What stands on a page has room there: nothing is cut off or out of reach."""

import re

import pytest
from playwright.sync_api import Page, expect
from search_visits import open_search


def test_four_days_stand_in_two_rows_within_the_drawer(
    visit: Page, service: str
) -> None:
    open_search(visit, service, "?question=low_vegetation")
    days = visit.locator(".MuiPickersInputBase-root")
    expect(days).to_have_count(4)
    expect(days.last).to_be_visible()
    since, until, reference, end = [one.bounding_box() or {} for one in days.all()]
    assert since["y"] == until["y"] < reference["y"] == end["y"]
    assert since["x"] == reference["x"] < until["x"] == end["x"]
    assert end["x"] + end["width"] <= 330


@pytest.mark.parametrize(("name", "width"), [("", 390), ("search", 360)])
def test_the_notice_and_the_theme_fit_the_bar_of_a_telephone(
    visit: Page, service: str, name: str, width: int
) -> None:
    visit.set_viewport_size({"width": width, "height": 844})
    visit.goto(f"{service}/{name}")
    right = 0.0
    theme = visit.get_by_role("button", name=re.compile("theme|dark|light", re.I))
    bar = (
        visit.locator("nav").get_by_role("link", name="Damage"),
        visit.locator(".MuiChip-root", has_text="Simulated data"),
        theme,
    )
    for one in bar:
        expect(one).to_be_visible()
    for one in bar:
        box = one.bounding_box()
        assert box is not None
        assert box["x"] >= right
        right = box["x"] + box["width"]
    assert right <= width


def test_the_legend_folds_where_it_would_cover_the_map(
    visit: Page, service: str
) -> None:
    visit.goto(f"{service}/search")
    legend = visit.locator("details.legend")
    expect(legend).to_have_attribute("open", "")
    visit.set_viewport_size({"width": 900, "height": 800})
    expect(legend).not_to_have_attribute("open", "")
    visit.set_viewport_size({"width": 1280, "height": 800})
    expect(legend).to_have_attribute("open", "")
    visit.get_by_role("slider", name="Opacity of units").press("Home")
    expect(visit.locator(".map")).to_have_attribute("data-opacity", "0")

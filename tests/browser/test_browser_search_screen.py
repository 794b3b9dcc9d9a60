"""The Search page on a narrow screen and in the dark."""

import re

from playwright.sync_api import Page, expect
from search_visits import contrast, open_search


def test_on_a_narrow_screen_the_drawer_does_not_cover_the_page(
    visit: Page, service: str
) -> None:
    visit.set_viewport_size({"width": 390, "height": 844})
    chart = open_search(visit, service)
    expect(visit.locator(".MuiBackdrop-root")).to_have_count(0)
    box = chart.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    visit.get_by_role("button", name="Open drawer").click()
    expect(visit.get_by_role("combobox", name="Place")).to_be_visible()


def test_the_page_can_be_read_in_the_dark(visit: Page, service: str) -> None:
    open_search(visit, service)
    visit.get_by_role("button", name=re.compile("theme|dark|light", re.I)).click()
    expect(visit.get_by_text("6 rows", exact=True)).to_be_visible()
    next_row = visit.get_by_role("button", name="Next row")
    expect(next_row).to_have_css("color", "rgb(111, 168, 220)")
    for name in ("Remove filter Kind", "Next row", "Draw polygon", "Choose date"):
        button = visit.get_by_role("button", name=name).first
        assert contrast(button) >= 4.5, name
    assert contrast(visit.get_by_role("combobox", name="Place")) >= 4.5
    assert contrast(visit.locator(".legend summary")) >= 4.5

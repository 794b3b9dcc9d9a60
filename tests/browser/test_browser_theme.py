"""Light or dark: as the system prefers at first, then as the visitor chose."""

import pytest
from playwright.sync_api import Page, expect

DARK, LIGHT = "rgb(18, 18, 18)", "rgb(255, 255, 255)"


@pytest.mark.parametrize(
    ("scheme", "first", "other"), [("dark", DARK, LIGHT), ("light", LIGHT, DARK)]
)
def test_the_choice_is_kept_on_reload_and_on_other_pages(
    visit: Page, service: str, scheme: str, first: str, other: str
) -> None:
    visit.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visit.goto(f"{service}/")
    visit.get_by_role("link", name="Search").first.wait_for()
    body = visit.locator("body")
    expect(body).to_have_css("background-color", first)
    toggle = visit.get_by_role("button", name="Toggle theme")
    toggle.click()
    expect(body).to_have_css("background-color", other)
    kept = "default" if other == LIGHT else "dark"
    visit.wait_for_function("(theme) => document.cookie.includes(theme)", arg=kept)
    for page in ("", "damage"):
        # What the service sends is of the right colour before any script runs.
        sent = visit.goto(f"{service}/{page}")
        assert sent is not None
        assert ("background-default: #121212" in sent.text()) == (other == DARK)
        toggle.wait_for()
        expect(body).to_have_css("background-color", other)

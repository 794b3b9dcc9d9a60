"""What axe-core (WCAG 2.1 A and AA) finds on each page: nothing that is ours."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN = (
    "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
    ".then((found) => [found.passes.length, found.violations.flatMap(({id, nodes}) =>"
    " nodes.map(({html, any}) => [id, html, any.map((one) => one.message).join()]))])"
)
KNOWN = {
    ("aria-progressbar-name", "MuiLinearProgress-root"): "busy line of Page, unnamed",
    ("aria-prohibited-attr", "sx="): "help sign of panel-material-ui fields, no role",
    ("aria-prohibited-attr", "Resize sidebar"): "edge of Page's drawer, no role",
    ("aria-required-children", "tabulator"): "grid of Tabulator with a plain child",
    ("scrollable-region-focusable", "cm-scroller"): "CodeMirror scrolls by its text",
}
"""Rule and part of the element: why it is the library's and not ours to mend."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "search", "label", "damage"])
def test_a_page_has_no_barrier_of_ours(
    visit: Page, service: str, path: str, scheme: str
) -> None:
    visit.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    visit.goto(f"{service}/{path}")
    match path:
        case "":
            visit.get_by_text("triples").wait_for()
        case "search":
            visit.locator(".map[data-ready]").wait_for()
            visit.locator(".tabulator-row").first.click()
            visit.get_by_role("button", name="All about this unit").click()
            visit.locator("aside canvas").first.wait_for()
            visit.get_by_role("button", name="Show the SPARQL of this answer").click()
            visit.locator(".cm-content").wait_for()
        case "label":
            visit.get_by_text("this service has no patch catalogue").wait_for()
        case "damage":
            visit.get_by_text("Choose a file of parcels, or drop it").wait_for()
    visit.evaluate(AXE.read_text("utf-8"))
    held, found = visit.evaluate(RUN)
    assert held > 10, "rules that the page was checked by, and holds"
    ours = [
        (rule, html[:200], why)
        for rule, html, why in found
        if not any(rule == known and part in html for known, part in KNOWN)
    ]
    assert ours == []

"""An answer as pages, chart, files and the query behind it."""

import csv
import io
import json
import re
import urllib.parse
from pathlib import Path

from playwright.sync_api import Page, expect
from search_visits import AGRICULTURAL_30, cells, open_search

OWN = (
    "PREFIX luc: <https://w3id.org/lucerna/ont#> "
    "PREFIX geo: <http://www.opengis.net/ont/geosparql#> "
    "PREFIX tsn: <http://purl.org/net/tsn#> "
    "SELECT ?unit ?identifier ?wkt WHERE { ?unit a luc:Parcel ; "
    "luc:unitLevel ?level ; tsn:hasIdentifier ?identifier ; "
    "geo:hasDefaultGeometry/geo:asWKT ?wkt } ORDER BY DESC(?identifier)"
)


def test_the_whole_answer_is_a_file(visit: Page, service: str) -> None:
    open_search(visit, service, "?question=changed_units&least=0.45")
    with visit.expect_download() as waiting:
        visit.get_by_role("link", name="CSV").click()
    text = Path(waiting.value.path()).read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    found = [(one["identifier"], f"{100 * float(one['share']):.1f}") for one in rows]
    assert found == [one for one in AGRICULTURAL_30 if float(one[1]) >= 45]
    with visit.expect_download() as waiting:
        visit.get_by_role("link", name="GeoJSON").click()
    features = json.loads(Path(waiting.value.path()).read_text("utf-8"))["features"]
    assert [one["properties"]["identifier"] for one in features] == [
        name for name, _ in found
    ]
    # The corners of P01 as tests/small_base.ttl writes them.
    west, south = features[0]["geometry"]["coordinates"][0][0]
    assert (west, south) == (-0.16, 44.806)


def test_the_query_is_shown_changed_and_run(visit: Page, service: str) -> None:
    chart = open_search(visit, service, "?question=changed_units&least=0.5")
    expect(visit.get_by_text("3 rows", exact=True)).to_be_visible()
    visit.get_by_role("button", name="Show the SPARQL").click()
    editor = visit.get_by_role("textbox", name="SPARQL query")
    expect(editor).to_contain_text("Units that changed on a share of their land")
    # Lines further down are drawn when they are scrolled to.
    visit.locator(".cm-scroller").evaluate("one => { one.scrollTop = 300 }")
    expect(editor).to_contain_text("0.5")
    editor.press("Control+a")
    editor.press_sequentially("SELECT ?unit ?name WHERE { ?unit a luc:Parcel ")
    editor.press("Escape")
    editor.press("Control+Enter")
    told = visit.get_by_role("alert").filter(has_text="does not parse")
    expect(told).to_be_visible()
    expect(visit.locator(".editor")).to_have_attribute(
        "data-error", re.compile(r"^1:\d+$")
    )

    editor.press("Control+a")
    editor.press("Delete")
    visit.keyboard.insert_text(OWN)
    editor.press("Control+Enter")
    expect(visit.get_by_text("12 rows", exact=True)).to_be_visible()
    expect(told).to_be_hidden()
    assert cells(visit, "Identifier")[:2] == ["P12", "P11"]
    expect(chart).to_have_attribute("data-shapes", "12")
    with visit.expect_download() as waiting:
        visit.get_by_role("button", name="CSV").click()
    lines = Path(waiting.value.path()).read_text("utf-8").splitlines()
    assert (lines[0], len(lines)) == ("unit,identifier,wkt", 13)

    # The link holds the query; the chip leads back to the question.
    link = visit.url
    visit.goto("about:blank")
    visit.goto(link)
    expect(visit.get_by_text("12 rows", exact=True)).to_be_visible()
    visit.get_by_role("button", name="Remove filter Query").click()
    expect(visit.get_by_text("6 rows", exact=True)).to_be_visible()
    expect(chart).to_have_attribute("data-units", "12")


def test_all_rows_are_paged_through_and_put_in_order(visit: Page, service: str) -> None:
    numbers = " ".join(str(n) for n in range(1, 121))
    query = urllib.parse.quote(f"SELECT ?n {{ VALUES ?n {{ {numbers} }} }}")
    open_search(visit, service, f"?query={query}&page=2")
    expect(visit.get_by_text("Rows 51 to 100 of 120")).to_be_visible()
    assert cells(visit, "N")[0] == "51"
    visit.get_by_role("button", name="Next page").click()
    expect(visit.get_by_text("Rows 101 to 120 of 120")).to_be_visible()
    expect(visit.get_by_role("button", name="Next page")).to_be_disabled()
    visit.get_by_role("button", name="First").press("Enter")
    expect(visit.get_by_text("Rows 1 to 50 of 120")).to_be_visible()
    head = visit.get_by_role("columnheader", name="N")
    head.click()
    expect(visit).to_have_url(re.compile("sort=n"))
    head.click()
    expect(visit).to_have_url(re.compile("sort=-n"))
    # The largest of all rows, not of the page.
    row = visit.locator(".tabulator-row .tabulator-cell[tabulator-field='N']").first
    expect(row).to_have_text("120")


def test_a_chart_has_a_bar_for_each_row_and_is_kept_in_the_link(
    visit: Page, service: str
) -> None:
    open_search(visit, service)
    visit.get_by_role("tab", name="Chart").click()
    expect(visit.get_by_text("All 6 rows, by share (%)")).to_be_visible()
    expect(visit.locator("li:has(.bar)")).to_have_count(6)
    assert visit.locator("li:has(.bar)").first.inner_text().split() == [
        "Clos", "du", "Tertre", "90",
    ]  # fmt: skip
    expect(visit).to_have_url(re.compile("view=chart"))
    visit.reload()
    expect(visit.get_by_text("All 6 rows, by share (%)")).to_be_visible()

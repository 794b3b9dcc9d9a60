"""A visitor asks, reads the table, and finds each row on the map and back."""

import csv
import io
import json
import math
import re
import urllib.parse
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

# What tests/small_base.ttl says by hand: parcel and share of level high, both results.
AGRICULTURAL_30 = [
    ("P01", "90.0"),
    ("P02", "60.0"),
    ("P01", "50.0"),
    ("P03", "45.0"),
    ("P02", "40.0"),
    ("P04", "30.0"),
]
OWN = (
    "PREFIX luc: <https://w3id.org/lucerna/ont#> "
    "PREFIX geo: <http://www.opengis.net/ont/geosparql#> "
    "PREFIX tsn: <http://purl.org/net/tsn#> "
    "SELECT ?unit ?identifier ?wkt WHERE { ?unit a luc:Parcel ; "
    "luc:unitLevel ?level ; tsn:hasIdentifier ?identifier ; "
    "geo:hasDefaultGeometry/geo:asWKT ?wkt } ORDER BY DESC(?identifier)"
)
PARCEL = "https://lucerna.example/unit/parcel/{}@2017"


def open_search(visit: Page, service: str, query: str = "") -> Locator:
    visit.goto(f"{service}/search{query}")
    chart = visit.locator(".map[data-ready]")
    chart.wait_for()
    return chart


def cells(visit: Page, column: str) -> list[str]:
    found = visit.locator(f".tabulator-row .tabulator-cell[tabulator-field='{column}']")
    found.first.wait_for()
    return [text.strip() for text in found.all_inner_texts()]


def click_at(chart: Locator, lon: float, lat: float) -> None:
    """Click where a place lies, by the view that the map states."""
    x = 6378137 * math.radians(lon)
    y = 6378137 * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    east, north, metres = map(float, str(chart.get_attribute("data-view")).split())
    box = chart.bounding_box()
    assert box is not None
    right = box["width"] / 2 + (x - east) / metres
    down = box["height"] / 2 - (y - north) / metres
    chart.click(position={"x": right, "y": down})


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
    first = cells(visit, "Name"), cells(visit, "Area (ha)")
    expect(chart).to_have_attribute("data-units", "2")
    assert "question=rank_units" in visit.url
    visit.goto("about:blank")
    visit.go_back()
    visit.locator(".map[data-ready]").wait_for()
    assert (cells(visit, "Name"), cells(visit, "Area (ha)")) == first


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


def test_a_refused_value_is_told_in_one_line(visit: Page, service: str) -> None:
    open_search(visit, service, "?question=changed_units&shape=<b>nowhere</b>")
    alert = visit.get_by_role("alert")
    expect(alert).to_contain_text("shape='<b>nowhere</b>'")
    expect(alert).to_contain_text("WKT")
    assert visit.locator("b", has_text="nowhere").count() == 0


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
    # Closed, it leaves all the room to the map.
    box = visit.viewport_size
    assert alone is not None
    assert box is not None
    assert alone["x"] + alone["width"] > box["width"] - 60


def test_patches_are_drawn_where_they_lie(visit: Page, service: str) -> None:
    chart = open_search(visit, service, "?question=labelled_patches")
    count = len(cells(visit, "Category"))
    expect(chart).to_have_attribute("data-shapes", str(count))
    expect(chart).to_have_attribute("data-units", "0")
    visit.locator(".tabulator-row").first.click()
    expect(chart).to_have_attribute("data-selected", re.compile("/patch/"))


def test_nothing_found_offers_what_would_be(visit: Page, service: str) -> None:
    open_search(visit, service, "?question=changed_units&kind=clc:31&least=0.05")
    expect(visit.get_by_text("No unit matches")).to_be_visible()
    visit.get_by_role("button", name="Without “Kind").click()
    expect(visit.get_by_text(re.compile(r"^\d+ rows$"))).to_be_visible()


def test_the_query_is_shown_changed_and_run(visit: Page, service: str) -> None:
    chart = open_search(visit, service, "?question=changed_units&least=0.5")
    expect(visit.get_by_text("3 rows", exact=True)).to_be_visible()
    visit.get_by_role("button", name="Show the SPARQL").click()
    editor = visit.get_by_role("textbox", name="SPARQL query")
    expect(editor).to_contain_text("Units that changed on a share of their land")
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


def contrast(one: Locator) -> float:
    """The contrast (WCAG 2) of an element's text on what lies behind it."""
    found = one.evaluate(
        """async (one) => {
          const all = [];
          for (let at = one; at; at = at.parentNode || at.host) {
            if (at instanceof Element) all.push(at);
          }
          const turning = all.flatMap((at) => at.getAnimations());
          await Promise.allSettled(turning.map((at) => at.finished));
          const back = all.map((at) => getComputedStyle(at).backgroundColor);
          return [getComputedStyle(one).color, ...back];
        }"""
    )
    channels = [[float(n) for n in re.findall(r"[\d.]+", text)] for text in found]
    ground = [0.0, 0.0, 0.0]
    for red, green, blue, *alpha in reversed(channels[1:]):
        a = alpha[0] if alpha else 1.0
        layer = (red, green, blue)
        ground = [a * c + (1 - a) * g for c, g in zip(layer, ground, strict=True)]
    bright, dim = sorted((luminance(channels[0][:3]), luminance(ground)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(rgb: list[float]) -> float:
    parts = [one / 255 for one in rgb]
    linear = [
        p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

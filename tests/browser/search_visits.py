"""How tests visit the Search page: open it, read the table, click at a place."""

import math
import re

from playwright.sync_api import Locator, Page

# What tests/small_base.ttl says by hand: parcel and share of level high, both results.
AGRICULTURAL_30 = [
    ("P01", "90.0"),
    ("P02", "60.0"),
    ("P01", "50.0"),
    ("P03", "45.0"),
    ("P02", "40.0"),
    ("P04", "30.0"),
]
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

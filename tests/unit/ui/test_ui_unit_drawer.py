"""All about one unit: what is drawn over which days, and the records in words."""

import asyncio
import datetime
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import holoviews as hv
import httpx
import pandas as pd
import pytest

from ui.api_records import Timeline
from ui.client import ApiClient
from ui.search.drawer import UnitDrawer
from ui.search.record import record_html
from ui.search.timeline import FIGURES, figure_rows, span_of, words_of

UNIT = "https://x/unit/P1"


def night(day: int, ground: float | None, rain: float | None) -> dict[str, Any]:
    return {
        "kind": "night",
        "begins": f"2017-04-{day - 1:02}T12:00:00Z",
        "ends": f"2017-04-{day:02}T12:00:00Z",
        "groundMinimumC": ground,
        "airMinimumC": None,
        "airMeanC": None,
        "airMaximumC": None,
        "rainMm": rain,
    }


TOLD: Timeline = {
    "unit": UNIT,
    "identifier": "P1",
    "name": "Clos <b>",
    "level": "parcel",
    "station": {"name": "S <1>", "distanceKm": 1.5},
    "weather": [night(11, -4.0, None), night(21, 1.0, 6.5)],
    "images": [
        {"scene": "a", "time": "2017-04-10T10:00:00Z", "cloud": 0.256},
        {"scene": "b", "time": "2017-04-20T10:00:00Z", "cloud": None},
    ],
    "change": [
        {
            "result": "r",
            "method": "cva",
            "begins": "2017-04-10T10:00:00Z",
            "ends": "2017-04-20T10:00:00Z",
            "highShare": 0.5,
        }
    ],
    "vegetation": [],
}
NOTHING: Timeline = {
    **TOLD,
    "weather": [],
    "images": [],
    "change": [],
    "station": None,
}
at = datetime.datetime
hv.extension("bokeh", logo=False)
ROWS = [
    {
        "record": record,
        "about": about,
        "property": name,
        "value": value,
        "begins": begins,
        "ends": begins,
        "source": f"https://x/{record}",
    }
    for record, about, name, value, begins in [
        ("unit", UNIT, "identifier", "<i>P1", None),
        ("change", "cva", "high change, ha", 0.32994, "2017-04-20T10:00:00Z"),
        ("change", "angle", "high change, ha", 0.5, "2017-04-20T10:00:00Z"),
    ]
]


def answers(request: httpx.Request) -> httpx.Response:
    if request.url.params["unit"] != UNIT:
        return httpx.Response(404, json={"detail": "no unit Q"})
    if request.url.path.endswith("/timeline"):
        return httpx.Response(200, json=TOLD)
    body = {"question": "unit_record", "columns": [], "rows": ROWS, "count": 3}
    return httpx.Response(200, json=body)


def tell(drawer: UnitDrawer, unit: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, drawer.tell(unit)).result()


@pytest.fixture
def drawer() -> UnitDrawer:
    transport = httpx.MockTransport(answers)
    http = httpx.AsyncClient(transport=transport, base_url="http://here")
    return UnitDrawer(ApiClient(http))


def test_each_fact_has_its_place_in_a_figure() -> None:
    rows = figure_rows(TOLD)
    assert rows["temperature"]["ground minimum"] == [
        (at(2017, 4, 11), -4.0),
        (at(2017, 4, 21), 1.0),
    ]
    assert rows["temperature"]["air minimum"] == []
    assert rows["rain"]["rain"] == [
        (at(2017, 4, 20, 12), 0.0, at(2017, 4, 21, 12), 6.5)
    ]
    assert rows["change"] == {
        "change": [(at(2017, 4, 10, 10), 50, at(2017, 4, 20, 10), 50)],
        "cloud": [(at(2017, 4, 10, 10), 25.6)],
        "image": [(at(2017, 4, 20, 10), 0)],
    }
    # From the noon before the first night to noon after the last, and a day more.
    assert span_of(TOLD) == (at(2017, 4, 9, 10), at(2017, 4, 22, 12))
    assert span_of(NOTHING) is None


def test_all_figures_span_the_same_days() -> None:
    span = span_of(TOLD)
    assert span is not None
    rows = figure_rows(TOLD)
    for name in ("temperature", "rain", "change"):
        figure = hv.render(FIGURES[name](span, rows[name]))
        assert [moment(one) for one in (figure.x_range.start, figure.x_range.end)] == [
            pd.Timestamp(2017, 4, 9, 10),
            pd.Timestamp(2017, 4, 22, 12),
        ]


def moment(value: Any) -> pd.Timestamp:  # noqa: ANN401
    """An end of an axis: milliseconds since 1970, or a moment as it is."""
    number = isinstance(value, int | float)
    return pd.Timestamp(value, unit="ms") if number else pd.Timestamp(value)


def test_what_is_drawn_is_said_in_words() -> None:
    assert words_of(TOLD) == (
        "2 nights, 2 images, 1 change interval. Weather of S &lt;1>, 1.5 km away."
    )
    assert words_of(NOTHING) == "Nothing dated is known of this unit."


def test_the_panel_opens_at_a_unit_and_closes(drawer: UnitDrawer) -> None:
    assert (drawer.panel.open, drawer.panel.visible) == (False, False)
    tell(drawer, UNIT)
    assert (drawer.panel.open, drawer.panel.openings) == (True, 1)
    assert drawer.panel.title == "Clos <b> (parcel)"
    assert drawer.timeline.shown == ["temperature", "rain", "change"]
    assert "&lt;i&gt;P1" in drawer.record.object
    assert "answer.csv?unit=https%3A%2F%2Fx%2Funit%2FP1" in drawer._told.object
    drawer.close()
    assert (drawer.panel.visible, drawer.unit) == (False, "")


def test_a_unit_that_is_not_there_is_told(drawer: UnitDrawer) -> None:
    tell(drawer, "https://x/unit/Q")
    assert drawer.problem == "no unit Q"
    assert drawer.panel.open is False


def test_records_stand_by_what_they_are_about() -> None:
    text = record_html(ROWS)
    assert text.count("<details") == 2
    assert 'Change <span class="soft">(2)</span>' in text
    assert "<h4>cva <span class='soft'>2017-04-20</span></h4>" in text
    assert "<dt>high change, ha</dt><dd>0.3299</dd>" in text
    assert "Source: https://x/change" in text

"""A chart shows the largest of a number, and says of how many rows."""

from typing import Any

from ui.api_records import Answer
from ui.search.chart import NO_NUMBER, AnswerChart, bars_html, largest, numeric


def column(name: str, unit: str) -> Any:  # noqa: ANN401
    return {"name": name, "unit": unit, "description": ""}


COLUMNS = [
    column("unit", "iri"),
    column("name", "text"),
    column("level_ha", "ha"),
    column("share", "share"),
    column("rain_mm", "mm"),
]


def answer(rows: list[Any], count: int | None = None) -> Answer:
    return {
        "question": "",
        "columns": COLUMNS,
        "rows": rows,
        "count": len(rows) if count is None else count,
    }


ROWS: list[Any] = [
    {"unit": f"https://x/{n}", "name": f"N{n % 3}", "level_ha": n / 2}
    | {"share": n / 100, "rain_mm": None}
    for n in range(40)
]


def test_bars_are_the_largest_with_a_name_each() -> None:
    bars = largest(answer(ROWS), COLUMNS[3])
    assert len(bars) == 30
    # Shares are shown in percent: row 39 is N0, 38 is N2, 37 is N1, 36 is N0 again.
    assert bars[:4] == [("N0", 39), ("N2", 38), ("N1", 37), ("N0 (2)", 36)]


def test_only_numbers_that_are_there_can_be_charted() -> None:
    assert [one["name"] for one in numeric(answer(ROWS))] == ["level_ha", "share"]


def test_the_chart_says_what_it_leaves_out() -> None:
    chart = AnswerChart()
    chart.fill(answer(ROWS, 500))
    assert chart._column.value == "share"
    assert chart._told.object == (
        "The 30 largest among the first 40 of 500 rows, by share (%)"
    )
    chart._column.value = "level_ha"
    assert "by level (ha)" in chart._told.object
    assert chart._figure.object.startswith("<ol><li><span>N0</span>")
    assert "<span>19.5</span>" in chart._figure.object
    chart.fill(answer(ROWS[:5]))
    assert chart._told.object == "All 5 rows, by level (ha)"
    none: Answer = {**answer([]), "columns": [column("name", "text")]}
    chart.fill({**none, "rows": [{"name": "a"}], "count": 1})
    assert chart._told.object == NO_NUMBER
    assert not chart._figure.visible


def test_bars_are_as_long_as_their_numbers_and_names_are_text() -> None:
    shown = bars_html([("<b>", 30), ("half", 15), ("below", -10)])
    # From -10 to 30: nought lies at a quarter.
    assert "<b>" not in shown
    assert "left:25.00%;width:75.00%" in shown
    assert "left:25.00%;width:37.50%" in shown
    assert "left:0.00%;width:25.00%" in shown

"""What people read in a table, cell by cell."""

from typing import Any

import pandas as pd
import pytest

from kb_api.questions import questions
from ui.api_records import Column, Value
from ui.search.results import ResultTable
from ui.search.table import (
    NUMBERS,
    alignments,
    cell,
    method_early,
    shown_columns,
    table_frame,
    title_of,
)


def column(name: str, unit: str) -> Column:
    return {"name": name, "unit": unit, "description": f"the {name}"}


COLUMNS = [
    column("unit", "iri"),
    column("identifier", "text"),
    column("kind_label", "text"),
    column("level_ha", "ha"),
    column("share", "share"),
    column("begins", "datetime"),
    column("ground_minimum_c", "°C"),
    column("gust_ms", "m/s"),
    column("station_km", "km"),
    column("valid_pixels", "count"),
    column("cloud_percent", "%"),
    column("days_between", "days"),
    column("points", "number"),
    column("ndvi", "index"),
]


def test_iris_are_left_out_unless_nothing_else_remains() -> None:
    assert next(one["name"] for one in shown_columns(COLUMNS)) == "identifier"
    only = [column("unit", "iri")]
    assert shown_columns(only) == only


def test_heads_are_words_with_units() -> None:
    assert [title_of(one) for one in COLUMNS[1:]] == [
        "Identifier",
        "Kind",
        "Changed (ha)",
        "Share (%)",
        "Begins (UTC)",
        "Ground minimum (°C)",
        "Gust (m/s)",
        "Station (km)",
        "Valid pixels",
        "Cloud (%)",
        "Days between",
        "Points",
        "Ndvi",
    ]


def test_every_unit_of_the_questions_is_that_of_a_number_or_of_words() -> None:
    units = {column.unit for one in questions() for column in one.columns}
    words = {"text", "iri", "wkt", "date", "datetime", "boolean", "any"}
    assert {"ha", "°C", "iri"} < units
    assert units - words == units & NUMBERS


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("2017-04-19T10:56:21Z", "datetime", "2017-04-19 10:56"),
        (0.29, "share", 29.0),
        (12, "count", 12),
        (12.5, "%", 12.5),
        (12.5, "days", 12.5),
        (4.25, "number", 4.25),
        (-0.125, "index", -0.125),
        (None, "index", None),
        (1.5, "any", "1.5"),
        (True, "boolean", "yes"),
        (False, "boolean", "no"),
        (None, "text", ""),
        (None, "ha", None),
        ("<b>", "text", "<b>"),
    ],
)
def test_a_cell_is_readable(value: Value, unit: str, shown: object) -> None:
    assert cell(value, unit) == shown


def test_all_rows_are_in_the_frame_in_order() -> None:
    rows: list[dict[str, Value]] = [
        {"unit": "https://x/2", "identifier": "P2", "level_ha": 0.5},
        {"unit": "https://x/1", "identifier": "P1", "level_ha": None},
    ]
    columns = [COLUMNS[0], COLUMNS[1], COLUMNS[3]]
    frame = table_frame(columns, rows)
    assert list(frame.columns) == ["Identifier", "Changed (ha)"]
    assert list(frame.index) == [0, 1]
    assert list(frame["Identifier"]) == ["P2", "P1"]
    assert frame["Changed (ha)"][0] == 0.5
    assert pd.isna(frame["Changed (ha)"][1])
    assert alignments(columns) == {"Identifier": "left", "Changed (ha)": "right"}


def test_a_table_that_was_empty_shows_the_next_rows_as_they_are() -> None:
    columns = [column("name", "text"), column("level_ha", "ha")]
    about: dict[str, Any] = {"question": "", "columns": columns}
    table = ResultTable(paged=False)
    model = table.__panel__().get_root()
    table.fill({**about, "rows": [], "count": 0})
    table.fill({**about, "rows": [{"name": "Clos", "level_ha": 1}], "count": 1})
    whole = [type(one.formatter).__name__ for one in model.columns]
    assert whole == ["StringFormatter", "NumberFormatter"]
    table.fill({**about, "rows": [{"name": "Clos", "level_ha": 0.25}], "count": 1})
    assert model.columns[1].formatter.format == "0,0.0[00000]"


def test_the_method_stands_by_the_name_where_rows_differ_in_it() -> None:
    columns = [column(name, "text") for name in ("identifier", "name", "kind")]
    columns += [column("share", "share"), column("method", "text")]
    both: list[dict[str, Value]] = [{"method": "ndvi"}, {"method": "spectral-angle"}]
    found = [one["name"] for one in method_early(columns, both)]
    assert found == ["identifier", "name", "method", "kind", "share"]
    assert method_early(columns, both[:1]) == columns

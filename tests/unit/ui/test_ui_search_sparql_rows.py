"""SPARQL results become rows with units, whatever their form."""

import csv
from typing import Any

from ui.search.asking import in_order
from ui.search.sparql_rows import answer_of, csv_of

XSD = "http://www.w3.org/2001/XMLSchema#"


def literal(value: str, kind: str = "") -> dict[str, str]:
    return {"type": "literal", "value": value, **({"datatype": kind} if kind else {})}


def test_values_have_their_kind_and_columns_their_unit() -> None:
    row: dict[str, Any] = {
        "n": literal("3", f"{XSD}integer"),
        "share": literal("0.25", f"{XSD}decimal"),
        "ok": literal("true", f"{XSD}boolean"),
        "at": literal("2017-04-19T10:56:21Z", f"{XSD}dateTime"),
        "unit": {"type": "uri", "value": "https://x/a"},
        "wkt": literal("POINT(0 1)", "http://www.opengis.net/ont/geosparql#wktLiteral"),
    }
    names = [*row, "empty"]
    answer = answer_of({"head": {"vars": names}, "results": {"bindings": [row, {}]}})
    assert answer["count"] == 2
    assert answer["rows"][0] == {
        "n": 3,
        "share": 0.25,
        "ok": True,
        "at": "2017-04-19T10:56:21Z",
        "unit": "https://x/a",
        "wkt": "POINT(0 1)",
        "empty": None,
    }
    assert answer["rows"][1] == dict.fromkeys(names)
    assert [one["unit"] for one in answer["columns"]] == [
        "count", "count", "text", "datetime", "text", "wkt", "text",
    ]  # fmt: skip


def test_a_graph_is_its_lines_and_a_truth_is_a_row() -> None:
    assert answer_of("<a> <b> <c> .\n\n<d> <e> <f> .\n")["rows"] == [
        {"turtle": "<a> <b> <c> ."},
        {"turtle": "<d> <e> <f> ."},
    ]
    assert answer_of({"head": {}, "boolean": False})["rows"] == [{"answer": False}]


def test_a_file_of_rows_runs_nothing_in_a_spreadsheet() -> None:
    formula = literal("=cmd|' /C calc'!A0")
    number = literal("-4.5", f"{XSD}decimal")
    rows: list[dict[str, Any]] = [{"a": formula, "b": number}, {"b": literal(" @x,y")}]
    answer = answer_of({"head": {"vars": ["a", "b"]}, "results": {"bindings": rows}})
    table = list(csv.reader(csv_of(answer)))
    assert table == [["a", "b"], ["'=cmd|' /C calc'!A0", "-4.5"], ["", "' @x,y"]]


def test_rows_are_put_in_order_with_empty_ones_last() -> None:
    rows: list[Any] = [{"n": 2}, {"n": None}, {"n": 10}]
    assert in_order(rows, "n") == [{"n": 2}, {"n": 10}, {"n": None}]
    assert in_order(rows, "-n") == [{"n": 10}, {"n": 2}, {"n": None}]

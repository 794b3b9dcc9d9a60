"""Results of a free query as an answer that a table, map and chart can show."""

import csv
import datetime
import io
from collections.abc import Mapping
from typing import Any

from ui.api_records import Answer, Column, Value

_XSD = "http://www.w3.org/2001/XMLSchema#"
_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_INTEGERS = {_XSD + one for one in ("integer", "int", "long", "nonNegativeInteger")}
_NUMBERS = {_XSD + one for one in ("decimal", "double", "float")}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNITS = {_WKT: "wkt", _XSD + "dateTime": "datetime", _XSD + "date": "date"}


def answer_of(results: Mapping[str, Any] | str) -> Answer:
    """SPARQL results as rows; a graph as the lines of its Turtle.

    >>> answer_of({"head": {}, "boolean": True})["rows"]
    [{'answer': True}]
    """
    if isinstance(results, str):
        lines: list[dict[str, Value]] = [
            {"turtle": line} for line in results.splitlines() if line.strip()
        ]
        return _answer([_column("turtle", "text")], lines)
    if "boolean" in results:
        rows: list[dict[str, Value]] = [{"answer": bool(results["boolean"])}]
        return _answer([_column("answer", "boolean")], rows)
    names = results["head"]["vars"]
    bindings = results["results"]["bindings"]
    columns = [_column(name, _unit(name, bindings)) for name in names]
    found = [
        {name: _value(row[name]) if name in row else None for name in names}
        for row in bindings
    ]
    return _answer(columns, found)


def has_shapes(answer: Answer) -> bool:
    """Whether a column of the rows is WKT."""
    return any(one["unit"] == "wkt" for one in answer["columns"])


def identified(rows: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The first rows of a FeatureCollection that have a place, each with its id.

    What a row is about is the first address among its properties.
    """
    features = []
    for one in rows["features"][:most]:
        values = one["properties"].values()
        iris = [value for value in values if str(value).startswith("http")]
        if one["geometry"] is not None:
            features.append({**one, "id": iris[0]} if iris else one)
    return {"type": "FeatureCollection", "features": features}


def csv_of(answer: Answer) -> io.StringIO:
    """All rows as CSV, with the names of the columns.

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    names = [one["name"] for one in answer["columns"]]
    lines = csv.writer(out)
    lines.writerow(names)
    for row in answer["rows"]:
        lines.writerow([_disarmed(row[name]) for name in names])
    out.seek(0)
    return out


def _disarmed(value: Value) -> Value:
    armed = isinstance(value, str) and value.lstrip().startswith(_FORMULA)
    return f"'{value}" if armed else value


def _answer(columns: list[Column], rows: list[dict[str, Value]]) -> Answer:
    return {"question": "", "columns": columns, "rows": rows, "count": len(rows)}


def _column(name: str, unit: str) -> Column:
    return {"name": name, "unit": unit, "description": f"?{name}"}


def _unit(name: str, bindings: list[dict[str, Any]]) -> str:
    """The unit of a column whose values all have one kind; else text."""
    kinds = {row[name].get("datatype", "") for row in bindings if name in row}
    if kinds and kinds <= _INTEGERS | _NUMBERS:
        return "count"
    return _UNITS.get(kinds.pop(), "text") if len(kinds) == 1 else "text"


def _value(term: Mapping[str, Any]) -> Value:
    text, kind = str(term["value"]), term.get("datatype", "")
    try:
        if kind in _INTEGERS:
            return int(text)
        if kind in _NUMBERS:
            return float(text)
        if kind == _XSD + "dateTime":
            datetime.datetime.fromisoformat(text)
    except ValueError:
        return text
    if kind == _XSD + "boolean":
        return text in ("true", "1")
    return text

"""Rows of an answer as a table: what is shown, and in which words."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ui.api_records import Column, Value

_UNSAID = {"count", "number", "index", "days"}
"""Units of numbers that the head of a column does not repeat."""

NUMBERS = _UNSAID | {"ha", "share", "%", "km", "h", "mm", "m", "m/s", "°C"}
_HIDDEN = {"iri", "wkt"}
_NAMES = ("identifier", "name")


def shown_columns(columns: Sequence[Column]) -> list[Column]:
    """The columns for people, without IRIs and shapes as long as others remain."""
    kept = [one for one in columns if one["unit"] not in _HIDDEN]
    return kept or list(columns)


def title_of(column: Column) -> str:
    """The head of a column: its name in words with its unit of measure.

    >>> title_of({"name": "level_ha", "unit": "ha", "description": ""})
    'Level (ha)'
    >>> title_of({"name": "level_ha", "unit": "ha",
    ...           "description": "hectares at the level asked for or above"})
    'Changed (ha)'
    """
    name, unit = column["name"], column["unit"]
    if unit == "share":
        unit = "%"
    if unit in NUMBERS - _UNSAID:
        plain = unit.replace("°", "").replace("/", "").replace("%", "percent").lower()
        words = name.removesuffix(f"_{plain}").replace("_", " ")
        if words in ("hectares", "level"):
            changed = "level" in column["description"]
            words = "changed" if changed else "area" if words == "hectares" else words
        return f"{_capital(words)} ({unit})"
    words = name.removesuffix("_label").replace("_", " ")
    return _capital(words) + (" (UTC)" if unit == "datetime" else "")


def method_early(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Value]]
) -> list[Column]:
    """The columns, with that of the method before the numbers where methods differ.

    Else rows of one unit by two methods look like the same row twice.
    """
    methods = {row.get("method") for row in rows} - {None}
    found = [one for one in columns if one["name"] == "method"]
    if len(methods) < 2 or not found:
        return list(columns)
    others = [one for one in columns if one["name"] != "method"]
    named = [i for i, one in enumerate(others) if one["name"] in _NAMES]
    place = max(named, default=-1) + 1
    return others[:place] + found + others[place:]


def table_frame(
    columns: Sequence[Column], rows: Sequence[dict[str, Value]]
) -> pd.DataFrame:
    """The shown columns of all rows, in their order, the row number as index."""
    shown = shown_columns(columns)
    data: dict[str, list[Any]] = {
        title_of(one): [cell(row[one["name"]], one["unit"]) for row in rows]
        for one in shown
    }
    return pd.DataFrame(data, index=pd.RangeIndex(len(rows)))


def cell(value: Value, unit: str) -> str | int | float | None:
    """A value as it stands in the table.

    >>> cell("2017-04-19T10:56:21Z", "datetime"), cell(0.4312, "share")
    ('2017-04-19 10:56', 43.1)
    """
    if value is None:
        return None if unit in NUMBERS else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "datetime":
        return str(value)[:16].replace("T", " ")
    if unit == "share" and isinstance(value, int | float):
        return round(100 * value, 1)
    if unit in NUMBERS and isinstance(value, int | float):
        return value
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def alignments(columns: Sequence[Column]) -> dict[str, str]:
    """Numbers stand to the right, all else to the left."""
    return {
        title_of(one): "right" if one["unit"] in NUMBERS else "left"
        for one in shown_columns(columns)
    }


def kinds(
    columns: Sequence[Column], rows: Sequence[dict[str, Value]]
) -> dict[str, str]:
    """What stands in each shown column: text, whole numbers, or numbers.

    >>> ha = {"name": "area_ha", "unit": "ha", "description": ""}
    >>> kinds([ha], [{"area_ha": 2}, {"area_ha": 2.5}]), kinds([ha], [])
    ({'Area (ha)': 'number'}, {'Area (ha)': 'whole'})
    """
    found = {}
    for one in shown_columns(columns):
        cells = (cell(row[one["name"]], one["unit"]) for row in rows)
        number = "number" if any(isinstance(it, float) for it in cells) else "whole"
        found[title_of(one)] = number if one["unit"] in NUMBERS else "text"
    return found


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]

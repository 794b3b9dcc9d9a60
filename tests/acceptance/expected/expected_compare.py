"""Rows of an answer against expected rows: all rows, all columns, stated tolerances."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

HECTARES = (0.0002, 1e-6)
TOLERANCES = {
    "level_ha": HECTARES,
    "observed_ha": HECTARES,
    "hectares": HECTARES,
    "share": (0.0005, 0.0),
    "station_km": (0.0006, 0.0),
}
"""Column to absolute and relative tolerance; all other numbers have four digits."""

FOUR_DIGITS = (6e-5, 0.0)


def assert_rows(
    found: Sequence[Row], expected: Sequence[Row], key: Sequence[str]
) -> None:
    """Fail unless both hold the same rows, whatever their order.

    Args:
        found: Rows of the product.
        expected: Rows worked out by other means.
        key: Columns that tell a row from all others; compared exactly.
    """
    ours, theirs = _by_key(expected, key), _by_key(found, key)
    assert theirs.keys() == ours.keys(), (
        f"missing {sorted(ours.keys() - theirs.keys(), key=str)[:5]}, "
        f"unexpected {sorted(theirs.keys() - ours.keys(), key=str)[:5]}"
    )
    wrong = [
        f"{one}: {column} is {theirs[one].get(column)!r}, expected {value!r}"
        for one, row in ours.items()
        for column, value in row.items()
        if not agrees(column, theirs[one].get(column), value, row)
    ]
    assert not wrong, f"{len(wrong)} values differ: " + "; ".join(wrong[:8])


def assert_descending(found: Sequence[Row], column: str) -> None:
    """Fail unless the rows stand in falling order of a column."""
    values = [row[column] for row in found]
    assert values == sorted(values, reverse=True), f"{column} does not fall: {values}"


def between(values: Iterable[float], wanted: float) -> float:
    """A limit near `wanted` that no value is so near to that rounding decides."""
    held = list(values)
    limit = wanted
    while any(abs(one - limit) < 0.001 for one in held):
        limit = round(limit + 0.0005, 4)
    return limit


def agrees(column: str, found: object, expected: object, row: Row) -> bool:
    """Whether a value is as expected, within the tolerance of its column."""
    if isinstance(expected, bool) or not isinstance(expected, int | float):
        return bool(found == expected)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    absolute, relative = _tolerance(column, row)
    return math.isclose(found, expected, rel_tol=relative, abs_tol=absolute + 1e-12)


def _tolerance(column: str, row: Row) -> tuple[float, float]:
    told = str(row.get("property", ""))
    if column == "value" and told.endswith(", ha"):
        return HECTARES
    if column == "value" and told == "distance, km":
        return TOLERANCES["station_km"]
    return TOLERANCES.get(column, FOUR_DIGITS)


def _by_key(rows: Sequence[Row], key: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    held = {tuple(row[name] for name in key): row for row in rows}
    assert len(held) == len(rows), f"rows repeat in {', '.join(key)}"
    return held

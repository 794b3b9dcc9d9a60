"""What an answer tells of itself: how many rows, about what, on which page."""

from collections.abc import Mapping
from typing import Any

from ontology import PREFIXES
from ui.api_records import Answer, Value
from ui.search.address import QUERY
from ui.search.asking import MARKED, PAGE, Asking, QueryAsked, is_placed
from ui.search.form import SearchForm
from ui.search.pager import Pager

STATUS = {
    "font": "16px/1.5 Roboto, system-ui, sans-serif",
    "color": "var(--mui-palette-text-primary, #1b1b1b)",
}
"""How what is told looks."""
NO_ROWS = "Nothing matches; try other values, or leave more of them open."
NO_UNITS = (
    "No unit matches; try a smaller share, a lower level, another kind of land, "
    "or a longer time."
)


def status_of(answer: Answer, pager: Pager, marked: int, drawn: int) -> str:
    """How many rows there are and which are seen, in words."""
    count = answer["count"]
    if count == 0:
        return NO_UNITS if has_units(answer) else NO_ROWS
    words = pager.words()
    if marked and marked < count:
        words += f"; the first {MARKED:,} are marked on the map"
    elif not marked and is_placed(answer) and count > drawn:
        words += f"; the first {drawn:,} are drawn on the map"
    return words


def said_of(
    asking: Asking, form: SearchForm
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """What is asked in words for the address, and the filters of it."""
    if isinstance(asking, QueryAsked):
        query = {"name": QUERY, "text": "Query of your own", "removable": True}
        return {QUERY: asking.query}, [query]
    return {"question": form.question, **form.changed_values()}, form.filters()


def page_of(
    unit: str,
    result: str,
    marks: list[dict[str, Value]],
    row: Mapping[str, Value] | None,
) -> int | None:
    """The number of the page, from 0, that has the unit's row, best of this result.

    None where no page has it, or the chosen row is of the unit already.
    """
    if row is not None and row.get("unit") == unit:
        return None
    places = [i for i, one in enumerate(marks) if one.get("unit") == unit]
    places.sort(key=lambda i: marks[i].get("result") != result)
    return places[0] // PAGE if places else None


def expand(text: str) -> str:
    """The IRI that a prefixed name stands for; anything else as it is."""
    prefix, _, local = text.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else text


def thing_of(row: Mapping[str, Value]) -> str:
    """What a row is about, of what the map can show."""
    for name in ("unit", "parcel", "patch", "region"):
        if row.get(name):
            return str(row[name])
    return ""


def has_units(answer: Answer) -> bool:
    """Whether the rows are about units."""
    return any(one["name"] == "unit" for one in answer["columns"])


def speaks_of_units(answer: Answer) -> bool:
    """Whether the rows are about units and bring no shapes of their own."""
    own = any(one["unit"] == "wkt" for one in answer["columns"])
    return has_units(answer) and not own


def share_of(text: Value) -> float:
    """The share that a value of a question means; 0.3 where it means none."""
    try:
        return min(1.0, max(0.0001, float(str(text))))
    except ValueError:
        return 0.3

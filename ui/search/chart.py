"""An answer as a chart: bars of one of its numbers, the largest first."""

import html
from collections.abc import Sequence

import panel as pn
import panel_material_ui as pmui
import param

from ui.api_records import Answer, Column, Value
from ui.search.table import NUMBERS, cell, title_of

MOST = 30
"""Bars that fit beside each other and can be read."""

_STYLE = """
:host { color: var(--mui-palette-text-primary, #1b1b1b); }
ol { list-style: none; margin: 0; padding: 0; max-height: 330px; overflow: auto; }
li {
  display: grid; grid-template-columns: minmax(90px, 190px) 1fr 74px; gap: 10px;
  align-items: center; min-height: 24px; font: 13px/1.3 Roboto, system-ui, sans-serif;
}
li > :first-child { text-align: right; overflow-wrap: anywhere; }
.track { position: relative; height: 15px; }
.bar {
  position: absolute; top: 0; bottom: 0; min-width: 1px; border-radius: 2px;
  background: #3d85c6;
}
li:hover .bar { background: #e69f00; }
"""

_TOLD = """
:host { color: var(--mui-palette-text-primary, #1b1b1b);
  font: 14px/1.43 Roboto, system-ui, sans-serif; }
"""

_NAMES = ("name", "identifier", "kind_label", "category", "station", "method")


class AnswerChart(pn.viewable.Viewer):
    """Bars of a numeric column, by name; which column can be chosen.

    Each bar is a line of text with its length beside it, so that names stay whole,
    and screen readers read them. What changes while its tab is being opened is made
    anew or is plain HTML: a component of React loses a change between its first
    rendering and its first effect.
    """

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._answer: Answer | None = None
        self._column: pmui.Select | None = None
        self._told = pn.pane.HTML("", stylesheets=[_TOLD], margin=(10, 10))
        self._head = pn.FlexBox(self._told, align_items="center", margin=0)
        self._figure = pn.pane.HTML(
            "", stylesheets=[_STYLE], sizing_mode="stretch_width", margin=(0, 10)
        )

    def __panel__(self) -> pn.viewable.Viewable:
        """The choice of the number, and the figure."""
        return pn.Column(
            self._head,
            self._figure,
            sizing_mode="stretch_width",
            margin=0,
        )

    def fill(self, answer: Answer) -> None:
        """Show these rows; the count of the answer tells how many there are."""
        self._answer = answer
        numbers = {title_of(one): one["name"] for one in numeric(answer)}
        self._figure.visible = bool(numbers)
        self._offer(numbers)
        self._show()

    def tell(self, why: str) -> None:
        """Show no bars, and why."""
        self._answer = None
        self._figure.visible = False
        self._offer({})
        self._told.object = html.escape(why)

    def _offer(self, numbers: dict[str, str]) -> None:
        """Offer these numbers, by their titles; the one shown stays the one shown."""
        kept = self._column.value if self._column else None
        if kept not in numbers.values():
            kept = _first(list(numbers.values()))
        self._column = None
        if numbers:
            self._column = pmui.Select(
                label="Number", options=numbers, value=kept, size="small", width=220,
                margin=(10, 10),
            )  # fmt: skip
            self._column.param.watch(self._show, "value")
        self._head.objects = [*([self._column] if self._column else []), self._told]

    def _show(self, *_: param.parameterized.Event) -> None:
        answer, name = self._answer, self._column.value if self._column else None
        if answer is None or not name:
            self._told.object = NO_NUMBER if answer and answer["count"] else ""
            return
        column = next(one for one in answer["columns"] if one["name"] == name)
        bars = largest(answer, column)
        told = told_of(answer, len(bars), title_of(column))
        self._told.object = html.escape(told)
        self._figure.object = bars_html(bars)


NO_NUMBER = "This answer has no number that a chart could show."


def numeric(answer: Answer) -> list[Column]:
    """The columns of numbers that any row has."""
    return [
        one
        for one in answer["columns"]
        if one["unit"] in NUMBERS
        and any(_is_number(row[one["name"]]) for row in answer["rows"])
    ]


def largest(answer: Answer, column: Column) -> list[tuple[str, float]]:
    """Name and number of the `MOST` rows with the largest, the largest first.

    Rows of one name are told apart by a number in brackets.
    """
    held = [row for row in answer["rows"] if _is_number(row[column["name"]])]
    held.sort(key=lambda row: -_shown(row, column))
    bars: list[tuple[str, float]] = []
    seen: dict[str, int] = {}
    for row in held[:MOST]:
        name = _name(row, answer["columns"])
        seen[name] = seen.get(name, 0) + 1
        label = name if seen[name] == 1 else f"{name} ({seen[name]})"
        bars.append((label, _shown(row, column)))
    return bars


def told_of(answer: Answer, bars: int, title: str) -> str:
    """How many rows the chart has, of how many.

    >>> told_of({"question": "", "columns": [], "rows": [], "count": 512}, 30, "Share")
    'The 30 largest of 512 rows, by share'
    """
    count = answer["count"]
    if bars == count:
        return f"All {count:,} rows, by {title.lower()}"
    if len(answer["rows"]) < count and answer["rows"]:
        among = f" among the first {len(answer['rows']):,}"
        return f"The {bars} largest{among} of {count:,} rows, by {title.lower()}"
    return f"The {bars} largest of {count:,} rows, by {title.lower()}"


def bars_html(bars: Sequence[tuple[str, float]]) -> str:
    """A line for each bar; lengths are shares of the span that begins at nought."""
    numbers = [number for _, number in bars]
    low, high = min([0.0, *numbers]), max([0.0, *numbers])
    span = high - low or 1.0
    lines = []
    for name, number in bars:
        left = 100 * (min(0.0, number) - low) / span
        width = 100 * abs(number) / span
        lines.append(
            f"<li><span>{html.escape(name)}</span>"
            f'<span class="track"><span class="bar" '
            f'style="left:{left:.2f}%;width:{width:.2f}%"></span></span>'
            f"<span>{number:,.6g}</span></li>"
        )
    return f"<ol>{''.join(lines)}</ol>"


def _name(row: dict[str, Value], columns: Sequence[Column]) -> str:
    parts = [str(row[name]) for name in _NAMES if row.get(name)]
    if parts:
        return parts[0]
    texts = [one["name"] for one in columns if one["unit"] == "text"]
    return next((str(row[one]) for one in texts if row[one]), "row")


def _shown(row: dict[str, Value], column: Column) -> float:
    value = cell(row[column["name"]], column["unit"])
    return float(value) if isinstance(value, int | float) else 0.0


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _first(names: Sequence[str]) -> str | None:
    """The share where there is one, else the first number."""
    return "share" if "share" in names else next(iter(names), None)

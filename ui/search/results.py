"""The answer as a table whose rows can be walked through and chosen from outside."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models.widgets.tables import NumberFormatter, StringFormatter

from ui.api_records import Answer, Value
from ui.search.table import (
    alignments,
    kinds,
    method_early,
    shown_columns,
    table_frame,
    title_of,
)

PAGE_SIZE = 7
_ROW_PX = 30
_HEAD_PX = 44
_MOST_PX = 344

_FORMATS: dict[str, Callable[[], Any]] = {
    "text": lambda: StringFormatter(null_format=""),
    "whole": NumberFormatter,
    "number": lambda: NumberFormatter(format="0,0.0[00000]"),
}
"""Said of every column: a table keeps those that it guessed from other rows."""

_COMPACT = """
.tabulator { font-size: 13px !important; }
.tabulator .tabulator-row { min-height: 30px !important; height: 30px !important; }
.tabulator .tabulator-cell { padding: 5px 10px !important; height: 30px !important; }
.tabulator .tabulator-col-content { padding: 7px 10px !important; }
.tabulator .tabulator-footer { padding: 2px 0 !important; }
.tabulator .tabulator-page { padding: 2px 9px !important; font-size: 12px !important; }
"""


class ResultTable(pn.viewable.Viewer):
    """Rows of an answer, paged here or by who fills it; at most one is chosen."""

    chosen = param.Integer(
        None, allow_None=True, doc="Number of the row; None: no row."
    )
    paged = param.Boolean(
        True,
        constant=True,
        doc="Whether it gets all rows and pages them; else a page that scrolls.",
    )
    beyond = param.Integer(0, doc="-1 or 1: a step out of the page that it got.")
    sort = param.String(doc="Column that a click on its head sorts by, - for falling.")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._answer: Answer | None = None
        self._kinds: dict[str, str] = {}
        self._table = pn.widgets.Tabulator(
            pd.DataFrame(),
            pagination="remote" if self.paged else None,
            page_size=PAGE_SIZE,
            selectable=1,
            disabled=True,
            show_index=False,
            layout="fit_data_stretch",
            sizing_mode="stretch_width",
            margin=(0, 10),
            stylesheets=[_COMPACT],
            visible=False,
        )
        step = {"variant": "text", "size": "small", "margin": (4, 2), "visible": False}
        self._back = pmui.Button(label="Previous row", **step)
        self._on = pmui.Button(label="Next row", **step)
        self._back.on_click(lambda _: self._step(-1))
        self._on.on_click(lambda _: self._step(1))
        self._table.param.watch(self._selected, "selection")
        if not self.paged:
            self._table.param.watch(self._sorted, "sorters")

    def __panel__(self) -> pn.viewable.Viewable:
        """The table itself."""
        return self._table

    def tools(self) -> list[Any]:
        """Buttons that walk through the rows, also by keyboard."""
        return [self._back, self._on]

    def clear(self) -> None:
        """Show no table."""
        self._answer = None
        self._table.selection = []
        self._set_visible(False)

    def fill(self, answer: Answer) -> None:
        """Show the rows of an answer, none of them chosen."""
        columns = method_early(answer["columns"], answer["rows"])
        self._answer = answer
        self._table.param.update(selection=[], page=1)
        if not self.paged:
            most = _HEAD_PX + _ROW_PX * len(answer["rows"])
            self._table.height = min(_MOST_PX, most)
        found = kinds(columns, answer["rows"])
        if found != self._kinds:
            self._kinds = found
            self._table.formatters = {
                name: _FORMATS[of]() for name, of in found.items()
            }
        self._table.param.update(
            value=table_frame(columns, answer["rows"]),
            text_align=alignments(columns),
            header_tooltips={
                title_of(one): one["description"] for one in shown_columns(columns)
            },
        )
        self._set_visible(bool(answer["rows"]))

    def row(self) -> dict[str, Value] | None:
        """The chosen row with all its columns."""
        if self._answer is None or self.chosen is None:
            return None
        return self._answer["rows"][self.chosen]

    def choose(self, fits: Callable[[dict[str, Value]], bool], *, result: str) -> None:
        """Choose the first row that fits, best one of this result, and page to it.

        A chosen row that fits stays; where none fits, none is chosen.
        """
        row = self.row()
        if row is not None and fits(row):
            return
        rows = self._answer["rows"] if self._answer else []
        found = [i for i, one in enumerate(rows) if fits(one)]
        found.sort(key=lambda i: rows[i].get("result") != result)
        self._go(found[0] if found else None)

    def choose_at(self, number: int) -> None:
        """Choose a row by its number; negative ones count from the end."""
        rows = len(self._answer["rows"]) if self._answer else 0
        if -rows <= number < rows:
            self._go(number % rows)

    def _step(self, by: int) -> None:
        """Choose the next or the previous row in the order that is shown."""
        order = [int(i) for i in self._table.current_view.index]
        if not order:
            return
        if self.chosen is None:
            place = 0 if by > 0 else len(order) - 1
        else:
            place = order.index(self.chosen) + by
        if not self.paged and not 0 <= place < len(order):
            self.beyond = by
            return
        self._go(order[place % len(order)])

    def _go(self, number: int | None) -> None:
        if number is None:
            self._table.selection = []
            return
        order = [int(i) for i in self._table.current_view.index]
        if self.paged:
            self._table.page = order.index(number) // PAGE_SIZE + 1
        self._table.selection = [number]

    def _selected(self, event: param.parameterized.Event) -> None:
        self.chosen = event.new[0] if event.new else None

    def _sorted(self, event: param.parameterized.Event) -> None:
        """A head was clicked: the order is that of all rows, not of this page."""
        if self._answer is None:
            return
        heads = {title_of(one): one["name"] for one in self._answer["columns"]}
        asked = [one for one in event.new if one["field"] in heads]
        names = [
            ("-" if one["dir"] == "desc" else "") + heads[one["field"]] for one in asked
        ]
        self.sort = names[0] if names else ""

    def _set_visible(self, visible: bool) -> None:
        for one in (self._table, self._back, self._on):
            one.visible = visible

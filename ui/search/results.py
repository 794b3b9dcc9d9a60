"""The answer as a table whose rows can be walked through and chosen from outside."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from ui.client import Answer, Value
from ui.search.table import alignments, shown_columns, table_frame, title_of

PAGE_SIZE = 7

_COMPACT = """
.tabulator { font-size: 13px !important; }
.tabulator .tabulator-row { min-height: 30px !important; height: 30px !important; }
.tabulator .tabulator-cell { padding: 5px 10px !important; height: 30px !important; }
.tabulator .tabulator-col-content { padding: 7px 10px !important; }
.tabulator .tabulator-footer { padding: 2px 0 !important; }
.tabulator .tabulator-page { padding: 2px 9px !important; font-size: 12px !important; }
"""


class ResultTable(pn.viewable.Viewer):
    """All rows of an answer, paged; at most one is chosen."""

    chosen = param.Integer(
        None, allow_None=True, doc="Number of the row; None: no row."
    )

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._answer: Answer | None = None
        self._table = pn.widgets.Tabulator(
            pd.DataFrame(),
            pagination="remote",
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
        """Show all rows of an answer, none of them chosen."""
        columns = answer["columns"]
        self._answer = answer
        self._table.param.update(selection=[], page=1)
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

    def _step(self, by: int) -> None:
        """Choose the next or the previous row in the order that is shown."""
        order = [int(i) for i in self._table.current_view.index]
        if not order:
            return
        if self.chosen is None:
            place = 0 if by > 0 else len(order) - 1
        else:
            place = (order.index(self.chosen) + by) % len(order)
        self._go(order[place])

    def _go(self, number: int | None) -> None:
        if number is None:
            self._table.selection = []
            return
        order = [int(i) for i in self._table.current_view.index]
        self._table.page = order.index(number) // PAGE_SIZE + 1
        self._table.selection = [number]

    def _selected(self, event: param.parameterized.Event) -> None:
        self.chosen = event.new[0] if event.new else None

    def _set_visible(self, visible: bool) -> None:
        for one in (self._table, self._back, self._on):
            one.visible = visible

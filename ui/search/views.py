"""The answer as table or chart, in tabs; the chart is made when it is looked at."""

from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ui.client import ApiProblem
from ui.search.asking import CHARTED, Asking
from ui.search.chart import AnswerChart
from ui.search.results import ResultTable

CHART = 1


class AnswerViews(pn.viewable.Viewer):
    """Tabs with the page of the table, and a chart of the whole answer."""

    charted = param.Boolean(False, doc="Whether the chart is looked at.")

    def __init__(self, table: ResultTable, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._asking: Asking | None = None
        self._charted: Asking | None = None
        self.bars = AnswerChart()
        tabs: list[Any] = [("Table", table), ("Chart", self.bars)]
        self._tabs = pmui.Tabs(
            objects=tabs, sizing_mode="stretch_width", margin=(0, 10), visible=False
        )
        self._tabs.param.watch(self._look, "active")

    def __panel__(self) -> pn.viewable.Viewable:
        """The tabs."""
        return self._tabs

    def turn_to_chart(self) -> None:
        """Look at the chart."""
        self._tabs.active = CHART

    async def offer(self, asking: Asking | None, count: int) -> None:
        """Show an answer of this many rows; nothing where there are none."""
        self._asking = asking
        self._tabs.visible = count > 0
        await self._look()

    async def _look(self, *_: object) -> None:
        """Make the chart of the answer, once it is looked at."""
        self.charted = bool(self._tabs.active == CHART)
        asking = self._asking
        if asking is None or not self.charted or asking is self._charted:
            return
        try:
            answer = await asking.part(0, CHARTED, "")
        except ApiProblem as error:
            if asking is self._asking:
                self.bars.tell(str(error))
            return
        if asking is self._asking:
            self._charted = asking
            self.bars.fill(answer)

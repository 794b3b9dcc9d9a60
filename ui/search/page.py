"""Where, when, what: a question as a form, its answer as a map and a table."""

import asyncio
import urllib.parse
from collections.abc import Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ontology import PREFIXES
from ui.client import Answer, ApiClient, ApiProblem, Value
from ui.navigation import navigation
from ui.search.form import SearchForm
from ui.search.map import SearchMap
from ui.search.results import ResultTable

NO_ROWS = "Nothing matches; try other values, or leave more of them open."
NO_UNITS = (
    "No unit matches; try a smaller share, a lower level, another kind of land, "
    "or a longer time."
)


class SearchPage(pn.viewable.Viewer):
    """The state of one visit; the form, map and table follow it and each other."""

    answer = param.Dict(None, allow_None=True, doc="Of the last search.")
    problem = param.String(doc="Why there is no answer, in one line; empty: none.")

    def __init__(self, client: ApiClient, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._client = client
        self.form = SearchForm()
        self.chart = SearchMap()
        self.table = ResultTable()
        self._alert = pmui.Alert(severity="error", sizing_mode="stretch_width")
        self._badge = pmui.Chip(
            label="Simulated data", color="warning", visible=False, margin=(10, 10)
        )
        self._status = pmui.Typography("", variant="subtitle1", margin=(8, 10))
        self.form.param.watch(self.search, "asked")
        self.form.param.watch(self._draw, "drawing")
        self.table.param.watch(self._row_chosen, "chosen")
        map_ = self.chart.map
        map_.param.watch(self._unit_chosen, "selected")
        map_.param.watch(self._box_drawn, "box")
        map_.param.watch(lambda e: self.form.param.update(drawing=e.new), "drawing")
        map_.param.watch(lambda e: self.param.update(problem=e.new), "trouble")
        self.param.watch(self._show_problem, "problem")
        self._show_problem()

    def header(self) -> list[Any]:
        """What stands in the app bar."""
        return [*navigation("Search"), self._badge]

    def sidebar(self) -> list[Any]:
        """What stands in the drawer."""
        return [self.form]

    def main(self) -> list[Any]:
        """What stands beside the drawer."""
        tools = pn.FlexBox(
            self._status, *self.table.tools(), align_items="center", margin=0
        )
        return [pn.Column(self._alert, self.chart, tools, self.table, margin=(4, 12))]

    def start(self) -> None:
        """Fill the page when it is loaded, by the question in its address."""
        asked = {
            name: values[-1].decode("utf-8", "replace")
            for name, values in pn.state.session_args.items()
        }

        async def fill() -> None:
            await self.open(asked)

        pn.state.onload(fill)

    async def open(self, asked: Mapping[str, str]) -> None:
        """Offer what the base holds, then answer the question asked.

        Args:
            asked: `question` and values of its parameters; may be empty.
        """
        try:
            questions, concepts, results = await asyncio.gather(
                self._client.questions(),
                self._client.concepts(),
                self._client.results(),
            )
        except ApiProblem as error:
            self.problem = str(error)
            return
        self.chart.offer(results, concepts)
        self.form.offer(questions, concepts)
        self._badge.visible = self.chart.simulated
        self.form.choose(asked.get("question", ""))
        self.form.fill(asked)
        if not results:
            self._status.object = "The knowledge base holds no change result yet."
            return
        await self.search()

    async def search(self, *_: object) -> None:
        """Ask the question of the form; show rows or the reason why not."""
        name, values = self.form.question, self.form.values()
        self._remember({"question": name, **values})
        try:
            answer = await self._client.ask(name, values)
        except ApiProblem as error:
            self.problem = str(error)
            self.answer = None
            self._status.object = ""
            self.table.clear()
            self.chart.map.matching = False
            return
        self.problem = ""
        self.answer = dict(answer)
        self._status.object = count_of(answer)
        self.table.fill(answer)
        self._show_on_map(answer, values)

    def _show_on_map(self, answer: Answer, values: Mapping[str, str]) -> None:
        rows = answer["rows"]
        level = expand(values.get("unit_level", ""))
        results = [str(row["result"]) for row in rows if row.get("result")]
        shown = self.chart.result in results or not results
        self.chart.turn_to("" if shown else results[0], level)
        has_units = _has_units(answer)
        unit = self.form.first_of("unit")
        self.chart.map.param.update(
            least_share=_share(values.get("least", "") if has_units else ""),
            matching=has_units,
            matched=sorted({str(row["unit"]) for row in rows}) if has_units else [],
            selected=values[unit] if unit else "",
        )

    def _row_chosen(self, event: param.parameterized.Event) -> None:
        """A row is selected in the table: its unit is on the map."""
        row = self.table.row()
        if row is None:
            return
        self.chart.turn_to(str(row.get("result") or ""))
        if row.get("unit") and self.chart.map.selected != row["unit"]:
            self.chart.map.selected = str(row["unit"])

    def _unit_chosen(self, event: param.parameterized.Event) -> None:
        """A unit is selected on the map: its row is in the table, or its name asked."""
        unit = self.form.first_of("unit")
        if unit and event.new:
            self.form.fill({unit: event.new})
        self.table.choose(
            lambda row: row.get("unit") == event.new, result=self.chart.result
        )

    def _draw(self, event: param.parameterized.Event) -> None:
        self.chart.map.drawing = event.new

    def _box_drawn(self, event: param.parameterized.Event) -> None:
        shape = self.form.first_of("wkt")
        if shape and event.new:
            self.form.fill({shape: box_wkt(event.new)})

    def _show_problem(self, *_: object) -> None:
        self._alert.param.update(title=self.problem, visible=bool(self.problem))

    def _remember(self, asked: Mapping[str, str]) -> None:
        """Put the question into the address, for links and bookmarks."""
        if pn.state.location is not None:
            pn.state.location.search = "?" + urllib.parse.urlencode(asked)


def count_of(answer: Answer) -> str:
    """How many rows there are, in words.

    >>> count_of({"question": "rank_units", "columns": [], "rows": [], "count": 1})
    '1 row'
    """
    if answer["count"] == 0:
        return NO_UNITS if _has_units(answer) else NO_ROWS
    return f"{answer['count']:,} row{'' if answer['count'] == 1 else 's'}"


def box_wkt(box: list[float]) -> str:
    """A box (west, south, east, north in CRS84) as WKT.

    >>> box_wkt([0, 44, 1, 45])
    'POLYGON((0 44, 1 44, 1 45, 0 45, 0 44))'
    """
    west, south, east, north = box
    corners = [(west, south), (east, south), (east, north), (west, north)]
    ring = ", ".join(f"{x:.9g} {y:.9g}" for x, y in [*corners, corners[0]])
    return f"POLYGON(({ring}))"


def expand(text: str) -> str:
    """The IRI that a prefixed name stands for; anything else as it is."""
    prefix, _, local = text.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else text


def _has_units(answer: Answer) -> bool:
    return any(one["name"] == "unit" for one in answer["columns"])


def _share(text: Value) -> float:
    try:
        return min(1.0, max(0.0001, float(str(text))))
    except ValueError:
        return 0.3

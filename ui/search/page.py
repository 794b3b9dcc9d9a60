"""Where, when, what: a question as a form, its answer as map, table and files."""

import asyncio
from collections.abc import Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ui.api_records import Answer, Value
from ui.client import ApiClient, ApiProblem
from ui.components.address_bar import AddressBar
from ui.components.filter_chips import FilterChips
from ui.navigation import navigation, simulated_badge
from ui.search.address import QUERY, opened, pack, page_before, unpack
from ui.search.asking import PAGE, Asking, QueryAsked, QuestionAsked
from ui.search.drawer import RECORD, UnitDrawer
from ui.search.files import AnswerFiles
from ui.search.form import Lacking, SearchForm
from ui.search.map import AFTER, SearchMap, box_wkt
from ui.search.pager import Pager
from ui.search.query_panel import QueryPanel
from ui.search.relaxing import Relaxing
from ui.search.results import ResultTable
from ui.search.telling import STATUS, expand, page_of, said_of, status_of, thing_of
from ui.search.views import AnswerViews


class SearchPage(pn.viewable.Viewer):
    """The state of one visit; the form, map and table follow it and each other."""

    answer = param.Dict(None, allow_None=True, doc="The page of the answer shown.")
    problem = param.String(doc="Why there is no answer, in one line; empty: none.")

    def __init__(self, client: ApiClient, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._client = client
        self._asking: Asking | None = None
        self._marks: list[dict[str, Value]] = []
        self._named: dict[str, str] = {}
        self._turn = 0
        self.form = SearchForm()
        self.chart = SearchMap()
        self.table = ResultTable(paged=False)
        self.pager = Pager(size=PAGE)
        self.relaxing = Relaxing(client)
        self.queries = QueryPanel()
        self.chips = FilterChips(  # type: ignore[no-untyped-call]
            margin=(4, 10), sizing_mode="stretch_width"
        )
        self.bar = AddressBar()  # type: ignore[no-untyped-call]
        self.files = AnswerFiles()
        self.views = AnswerViews(self.table)
        self.drawer = UnitDrawer(client)
        self._alert = pmui.Alert(severity="error", sizing_mode="stretch_width")
        self._badge = simulated_badge()
        self._status = pn.pane.HTML("", styles=STATUS, margin=(8, 10))
        self._about = pmui.Button(
            label="All about this unit", variant="text", size="small", visible=False
        )
        self._wire()
        self._show_problem()

    def _wire(self) -> None:
        map_ = self.chart.map
        self.form.param.watch(self.search, "asked")
        self.form.param.watch(lambda e: map_.param.update(drawing=e.new), "drawing")
        self.form.param.watch(self._take_view, "view_wanted")
        self.form.param.watch(lambda e: map_.param.update(area=e.new), "area")
        self.table.param.watch(self._row_chosen, "chosen")
        self.table.param.watch(self._step_beyond, "beyond", onlychanged=False)
        self.table.param.watch(self._sort, "sort")
        self.pager.param.watch(self._turn_page, "wanted", onlychanged=False)
        self._about.on_click(self._tell_all)
        self.chips.param.watch(self._remove, "removals")
        self.relaxing.param.watch(self._relax, "chosen")
        self.queries.param.watch(self._run_own, "wanted")
        self.queries.param.watch(self.search, "reset")
        self.views.param.watch(self._remember, "charted")
        self.chart.param.watch(self._remember, "picture")
        self.bar.param.watch(self._revisit, "visits")
        self.bar.param.watch(self.search, "entered")
        map_.param.watch(self._unit_chosen, "selected")
        map_.param.watch(lambda e: self.form.set_area(e.new), "area")
        map_.param.watch(lambda e: self.form.param.update(drawing=e.new), "drawing")
        map_.param.watch(lambda e: self.param.update(problem=e.new), "trouble")
        self.param.watch(self._show_problem, "problem")

    def header(self) -> list[Any]:
        """What stands in the app bar."""
        return [*navigation("Search"), self._badge]

    def sidebar(self) -> list[Any]:
        """What stands in the drawer."""
        return [self.form]

    def main(self) -> list[Any]:
        """What stands beside the drawer."""
        told = pn.FlexBox(
            self._status, *self.pager.tools(), *self.table.tools(), self._about,
            self.files, self.chart.opacity, align_items="center", margin=0,
        )  # fmt: skip
        beside = pn.Row(self.chart, self.drawer, margin=0, sizing_mode="stretch_width")
        return [
            pn.Column(
                self._alert, self.chips, beside, told, self.relaxing,
                self.views, self.queries, self.bar,
                margin=(4, 12), sizing_mode="stretch_width",
            )
        ]  # fmt: skip

    def start(self) -> None:
        """Fill the page when it is loaded, by the question in its address."""
        asked = {
            name: values[-1].decode("utf-8", "replace")
            for name, values in pn.state.session_args.items()
        }

        async def fill() -> None:
            await self.open(opened(asked))

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
        self.queries.offer(concepts)
        self.form.offer(questions, concepts, asked.get("question", ""))
        self.form.fill(asked)
        level = expand(self.form.values().get("unit_level", ""))
        self.chart.offer(results, concepts, asked.get("result", ""), level)
        self._badge.visible = self.chart.simulated
        self.problem = self.form.unknown(asked)
        if not results and not asked:
            self._status.object = "The knowledge base holds no change result yet."
        elif not self.problem:
            await self._reopen(asked)

    async def search(self, *_: object) -> None:
        """Ask the question of the form; show rows or the reason why not."""
        name, values = self.form.question, self.form.values()
        await self._ask(QuestionAsked(self._client, name, values))

    async def run(self, query: str) -> None:
        """Ask a query of one's own."""
        await self._ask(QueryAsked(self._client, query))

    async def _run_own(self, _: param.parameterized.Event) -> None:
        await self.run(self.queries.query)

    async def _reopen(self, state: Mapping[str, str]) -> None:
        """Bring the page to the state that an address holds."""
        turn = self._next_turn()
        self.form.choose(state.get("question", self.form.question), anew=True)
        self.form.fill(state)
        await self.form.name_places(self._client)
        if turn != self._turn:
            return
        query = state.get(QUERY, "")
        asking: Asking = (
            QueryAsked(self._client, query)
            if query
            else QuestionAsked(self._client, self.form.question, self.form.values())
        )
        offset = PAGE * page_before(state.get("page", ""))
        if not await self._ask(asking, offset, state.get("sort", "")):
            return
        self.chart.turn_to(state.get("result", ""))
        self.chart.show_picture(state.get("picture", AFTER))
        if state.get("view") == "chart":
            self.views.turn_to_chart()
        if selected := state.get("selected", ""):
            self.chart.map.selected = selected

    def _next_turn(self) -> int:
        """A number for what is begun now; what was begun before is overtaken."""
        self._turn += 1
        return self._turn

    async def _ask(self, asking: Asking, offset: int = 0, sort: str = "") -> bool:
        """Ask for a page; whether it was not overtaken by a later one, and so shown.

        All that the page says of an answer is of what was asked, also where the form
        was changed meanwhile.
        """
        turn = self._next_turn()
        anew = asking is not self._asking
        named, chips = said_of(asking, self.form)
        self._status.object = "Searching …"
        try:
            if anew and isinstance(asking, QuestionAsked):
                self.form.check()
            answer = await asking.part(offset, PAGE, sort)
            if offset >= answer["count"] > 0:
                offset, answer = 0, await asking.part(0, PAGE, sort)
            marks = await asking.marks() if anew else self._marks
            query = await asking.sparql() if anew else ""
        except (ApiProblem, Lacking) as error:
            if turn == self._turn:
                self._refuse(asking, error)
                await self.views.offer(None, 0)
            return turn == self._turn
        if turn != self._turn:
            return False
        self._asking, self._marks = asking, marks
        self.problem = asking.unplaced
        self._show(asking, answer, offset)
        if anew:
            self._named, self.chips.chips = named, chips
            self._show_on_map(asking, answer)
            self.queries.fill(query)
        self._remember(push=True)
        if anew:
            await self.views.offer(asking, answer["count"])
        if anew and turn == self._turn:
            await self.relaxing.offer(asking, answer, self.form)
        return turn == self._turn

    def _refuse(self, asking: Asking, error: Exception) -> None:
        self._asking, self._marks, self.answer = None, [], None
        lacks = isinstance(error, Lacking)
        if isinstance(asking, QueryAsked):
            self.queries.refuse(asking.query, str(error))
        self.problem = "" if lacks or isinstance(asking, QueryAsked) else str(error)
        self._status.object = str(error) if lacks else ""
        self.files.clear()
        self.pager.count = 0
        self.table.clear()
        self.relaxing.clear()
        self.chart.map.matching = False

    def _show(self, asking: Asking, answer: Answer, offset: int) -> None:
        self.answer = dict(answer)
        self.pager.param.update(offset=offset, count=answer["count"])
        self.table.fill(answer)
        self._status.object = status_of(
            answer, self.pager, len(self._marks), asking.most_drawn
        )
        self.files.offer(asking, answer)

    def _show_on_map(self, asking: Asking, answer: Answer) -> None:
        own = self.form.values()
        values = dict(asking.values) if isinstance(asking, QuestionAsked) else own
        self.chart.show_answer(asking, answer, self._marks, values)
        of_one = self._named.get("question") == RECORD
        self.chart.map.selected = self._named.get("unit", "") if of_one else ""

    async def _turn_page(self, event: param.parameterized.Event) -> None:
        if self._asking is not None:
            await self._ask(self._asking, event.new, self.table.sort)

    async def _sort(self, event: param.parameterized.Event) -> None:
        if self._asking is not None and self.pager.count > PAGE:
            await self._ask(self._asking, 0, event.new)

    async def _step_beyond(self, event: param.parameterized.Event) -> None:
        """Walk on from the last row of a page to the first of the next."""
        if self._asking is None:
            return
        to = self.pager.offset + event.new * PAGE
        to = self.pager.last if to < 0 else to if to < self.pager.count else 0
        there = to == self.pager.offset
        if there or await self._ask(self._asking, to, self.table.sort):
            self.table.choose_at(0 if event.new > 0 else -1)

    async def _remove(self, _: param.parameterized.Event) -> None:
        """A filter was taken away: the question is asked without it."""
        if self.chips.removed != QUERY:
            self.form.remove(self.chips.removed)
        await self.search()

    async def _relax(self, event: param.parameterized.Event) -> None:
        if event.new:
            self.form.remove(event.new)
            await self.search()

    async def _revisit(self, _: param.parameterized.Event) -> None:
        await self._reopen(unpack(self.bar.visited))

    def _row_chosen(self, event: param.parameterized.Event) -> None:
        """A row is selected in the table: its unit is on the map."""
        row = self.table.row()
        if row is None:
            return
        self.chart.turn_to(str(row.get("result") or ""))
        thing = thing_of(row)
        if thing and self.chart.map.selected != thing:
            self.chart.map.selected = thing
        self._remember()

    async def _unit_chosen(self, event: param.parameterized.Event) -> None:
        """A unit is selected on the map: its row is in the table, or its name asked."""
        self._about.visible = "/unit/" in event.new
        unit = self.form.first_of("unit")
        if unit and event.new and self.form.question == RECORD:
            self.form.fill({unit: event.new})
            await self.form.name_places(self._client)
        page = page_of(event.new, self.chart.result, self._marks, self.table.row())
        plain = self._asking is not None and not self.table.sort
        if plain and page is not None and page * PAGE != self.pager.offset:
            assert self._asking is not None
            await self._ask(self._asking, page * PAGE)
        if event.new != self.chart.map.selected:
            return
        self.table.choose(
            lambda row: thing_of(row) == event.new, result=self.chart.result
        )
        self._remember()
        if self.drawer.panel.open and "/unit/" in event.new:
            await self.drawer.tell(event.new, focus=False)

    async def _tell_all(self, _: object) -> None:
        """Open everything known of the unit that is selected, beside the map."""
        await self.drawer.tell(self.chart.map.selected)
        self.problem = self.drawer.problem

    def _take_view(self, _: param.parameterized.Event) -> None:
        if self.chart.map.extent:
            self.form.set_area(box_wkt(self.chart.map.extent))

    def _show_problem(self, *_: object) -> None:
        self._alert.param.update(title=self.problem, visible=bool(self.problem))

    def _remember(self, *_: object, push: bool = False) -> None:
        """Put the state into the address, for links, bookmarks and the way back."""
        if self._asking is None:
            return
        more = {
            "page": str(self.pager.offset // PAGE + 1) if self.pager.offset else "",
            "sort": self.table.sort,
            "picture": "" if self.chart.picture == AFTER else self.chart.picture,
            "view": "chart" if self.views.charted else "",
            "selected": self.chart.map.selected,
            "result": self.chart.result if self.chart.map.selected else "",
        }
        state = {name: value for name, value in more.items() if value}
        self.bar.param.update(push=push, search=pack(self._named | state))

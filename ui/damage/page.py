"""Parcels, an event, a report: what was damaged, on a map, in a table, as files."""

import asyncio
import html
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ui.api_records import Answer, Column, DamageState, Value
from ui.client import ApiClient, ApiProblem
from ui.damage.form import DamageForm
from ui.damage.map import DamageMap
from ui.navigation import navigation, simulated_badge
from ui.search.results import ResultTable

ALL = ""
POLL_SECONDS = 0.4
COLUMNS: list[Column] = [
    {"name": "identifier", "unit": "text", "description": "As the file gives it"},
    {"name": "name", "unit": "text", "description": "As the file gives it"},
    {"name": "crop", "unit": "text", "description": "As the file gives it"},
    {"name": "grade_label", "unit": "text", "description": "By the affected share"},
    {"name": "affected_ha", "unit": "ha", "description": "Changed enough to count"},
    {"name": "share", "unit": "share", "description": "Affected of the observed area"},
    {"name": "area_ha", "unit": "ha", "description": "Of the outline, on the ground"},
    {"name": "weather_key_label", "unit": "text", "description": "Did the peril occur"},
    {"name": "crop_key_label", "unit": "text", "description": "Do the images show it"},
    {"name": "valid_pixels", "unit": "count", "description": "Compared on both dates"},
    {"name": "cloudy_pixels", "unit": "count", "description": "Cloud or shadow"},
    {"name": "station_km", "unit": "km", "description": "Distance of the station"},
    {"name": "holding", "unit": "text", "description": "As the file gives it"},
    {"name": "sum_insured", "unit": "count", "description": "As the file gives it"},
]
PROBLEM_COLUMNS: list[Column] = [
    {"name": "row", "unit": "count", "description": "Row of the file, from 1"},
    {"name": "identifier", "unit": "text", "description": "As the file gives it"},
    {"name": "problem", "unit": "text", "description": "What is wrong"},
    {"name": "action", "unit": "text", "description": "What was done"},
]
WELCOME = "Choose a file of parcels to begin; nothing leaves this service."
LOST = (
    "Report {report} is not there: the service stopped while it was made, or never had "
    "it. Choose its parcels and event again to make it."
)
_NOT_FOUND = 404
_STYLE = """
:host { color: var(--mui-palette-text-primary, #1b1b1b); }
:host { font: 14px/1.5 Roboto, system-ui, sans-serif; }
p { margin: 4px 0; overflow-wrap: anywhere; }
ul { display: flex; flex-wrap: wrap; gap: 4px 18px; }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; align-items: center; gap: 7px; white-space: nowrap; }
span.swatch { width: 18px; height: 12px; border: 1px solid #555; }
span.swatch { background: var(--colour); }
span.hatched {
  background: repeating-linear-gradient(135deg, #9e9e9e 0 2px, #fff 2px 5px);
}
"""


class DamagePage(pn.viewable.Viewer):
    """The state of one visit; form, map and table follow it and each other."""

    problem = param.String(doc="Why something did not work, in one line; empty: none.")
    report = param.String(doc="Identifier of the report shown; empty: none.")

    def __init__(self, client: ApiClient, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._client = client
        self._parcels: list[dict[str, Value]] = []
        self.form = DamageForm()
        self.chart = DamageMap()
        self.table = ResultTable()
        self.problems = ResultTable()
        self._alert = pmui.Alert(severity="error", sizing_mode="stretch_width")
        self._badge = simulated_badge()
        self._status = _text(f"<p>{WELCOME}</p>")
        self._reason = _text("")
        self._left_out = _text("<p><b>Rows left out, repaired or renamed</b></p>")
        self._left_out.visible = False
        self._grade = pmui.Select(
            label="Grade", size="small", width=210, visible=False, margin=(6, 10)
        )
        self.form.upload.param.watch(self._uploaded, "count")
        self.form.param.watch(self.make, "asked")
        self._grade.param.watch(self._filter, "value")
        self.table.param.watch(self._row_chosen, "chosen")
        map_ = self.chart.map
        map_.param.watch(self._parcel_chosen, "selected")
        map_.param.watch(lambda e: self.param.update(problem=e.new), "trouble")
        self.param.watch(self._show_problem, "problem")
        self._show_problem()

    def header(self) -> list[Any]:
        """What stands in the app bar."""
        return [*navigation("Damage"), self._badge]

    def sidebar(self) -> list[Any]:
        """What stands in the drawer."""
        return [self.form]

    def main(self) -> list[Any]:
        """What stands beside the drawer."""
        tools = pn.FlexBox(
            self._grade,
            self.chart.opacity,
            *self.table.tools(),
            align_items="center",
            margin=0,
        )
        return [
            pn.Column(
                self._alert,
                self._status,
                self.chart,
                tools,
                self._reason,
                self.table,
                self._left_out,
                self.problems,
                margin=(4, 12),
            )
        ]

    def start(self) -> None:
        """Fill the page when it is loaded, by the report in its address."""
        given = pn.state.session_args.get("report", [b""])
        report = given[-1].decode("utf-8", "replace")

        async def fill() -> None:
            await self.open(report)

        pn.state.onload(fill)

    async def open(self, report: str) -> None:
        """Offer what the base holds, then show the report asked for.

        Args:
            report: Its identifier; may be empty.
        """
        try:
            choices, results, reports = await asyncio.gather(
                self._client.damage_choices(),
                self._client.results(),
                self._client.damage_reports(),
            )
        except ApiProblem as error:
            self.problem = str(error)
            return
        self.form.offer(choices, results, reports)
        self.chart.offer(results)
        self._badge.visible = any(one["simulated"] for one in results)
        if not results:
            self._status.object = (
                "<p>The knowledge base holds no images to compare yet: add some with "
                "<code>lucerna change</code> and <code>lucerna lift</code>.</p>"
            )
        if report:
            await self._follow(report)

    async def make(self, *_: object) -> None:
        """Begin the report of the form and show it when it is done."""
        self.problem = ""
        try:
            state = await self._client.start_report(self.form.values())
        except ApiProblem as error:
            self.problem = str(error)
            return
        await self._follow(state["id"])

    async def _follow(self, report: str) -> None:
        """Tell how far a report is, until it is done or has failed."""
        try:
            state = await self._client.report_state(report)
            while state["state"] == "running":
                self.form.show_progress(state["done"], state["of"])
                await asyncio.sleep(POLL_SECONDS)
                state = await self._client.report_state(report)
            if state["state"] == "failed":
                raise ApiProblem(0, state["problem"])
            parcels = await self._client.report_parcels(report)
        except ApiProblem as error:
            lost = error.status == _NOT_FOUND
            self.problem = LOST.format(report=report) if lost else str(error)
            self.form.rest()
            return
        self._show(state, parcels)

    def _show(self, state: DamageState, parcels: list[dict[str, Value]]) -> None:
        """A finished report in all its places."""
        about, grades = state["about"], state["grades"]
        self._parcels = worst_first(parcels, [one["name"] for one in grades])
        self.report = state["id"]
        self.form.show_files(self.report)
        self.chart.show_report(self.report, about["result"], grades)
        self._status.object = summary_html(about, grades, state["totals"])
        self._fill_problems(state["problems"])
        options = {f"All ({len(parcels)})": ALL}
        for one in grades:
            if one["parcels"]:
                options[f"{one['label']} ({one['parcels']})"] = one["name"]
        self._grade.param.update(options=options, value=ALL, visible=True)
        self._filter()
        if pn.state.location is not None:
            asked = urllib.parse.urlencode({"report": self.report})
            pn.state.location.search = f"?{asked}"

    def _uploaded(self, _: param.parameterized.Event) -> None:
        """A file was checked, or refused."""
        told = self.form.upload.answer
        self.problem = self.form.upload.trouble
        if not told:
            return
        self.report, self._parcels = "", []
        self.table.clear()
        self._grade.visible = False
        self._reason.object = ""
        self._fill_problems(
            [{**one, "identifier": one["id"]} for one in told["problems"]]
        )
        self._status.object = (
            f"<p>{html.escape(told['name'])}: {told['parcels']} parcels to assess.</p>"
        )
        self.chart.show_images(self.form.result)
        self.chart.show_outlines(told["upload"])

    def _fill_problems(self, found: Sequence[Mapping[str, Value]]) -> None:
        rows = [{**one, "unit": None} for one in found]
        self.problems.fill(_answer(PROBLEM_COLUMNS, rows))
        self._left_out.visible = bool(rows)

    def _filter(self, *_: object) -> None:
        """Show the parcels of the grade chosen, all others faded on the map."""
        grade = self._grade.value or ALL
        kept = [one for one in self._parcels if grade in (ALL, one["grade"])]
        self.table.fill(_answer(COLUMNS, kept))
        units = None if grade == ALL else {str(one["unit"]) for one in kept}
        self.chart.emphasise(units)
        self._reason.object = ""

    def _row_chosen(self, _: param.parameterized.Event) -> None:
        """A row is selected in the table: its parcel is on the map, its reason told."""
        row = self.table.row()
        if row is None:
            return
        told = html.escape(f"{row['identifier']}: {row['reason']}")
        self._reason.object = f"<p>{told}</p>"
        if self.chart.map.selected != row["unit"]:
            self.chart.map.selected = str(row["unit"])

    def _parcel_chosen(self, event: param.parameterized.Event) -> None:
        """A parcel is selected on the map: its row is in the table."""
        self.table.choose(lambda row: row.get("unit") == event.new, result="")

    def _show_problem(self, *_: object) -> None:
        self._alert.param.update(title=self.problem, visible=bool(self.problem))


def worst_first(
    parcels: Sequence[dict[str, Value]], grades: Sequence[str]
) -> list[dict[str, Value]]:
    """The parcels with the most affected first, hectares with two decimals.

    >>> [one["share"] for one in worst_first(
    ...     [{"grade": "a", "share": share} for share in (0.1, 0.9)], ["a"])]
    [0.9, 0.1]
    """

    def rank(one: Mapping[str, Value]) -> tuple[int, float]:
        return grades.index(str(one["grade"])), -float(one["share"] or 0)

    return [
        {
            name: round(value, 2)
            if name.endswith("_ha") and isinstance(value, float)
            else value
            for name, value in one.items()
        }
        for one in sorted(parcels, key=rank)
    ]


def summary_html(
    about: Mapping[str, Value],
    grades: Sequence[Mapping[str, Any]],
    totals: Mapping[str, float],
) -> str:
    """Event, images and the parcels of each grade, as one short block."""
    title = about["event_title"] or str(about["peril_label"]).capitalize()
    window = f"{_minute(about['event_begins'])} to {_minute(about['event_ends'])} UTC"
    images = f"{str(about['before_time'])[:10]} and {str(about['after_time'])[:10]}"
    items = "".join(
        f'<li><span class="swatch{" hatched" * (one["name"] == "notAssessed")}" '
        f'style="--colour:{one["colour"]}"></span>{html.escape(one["label"])}: '
        f"<b>{one['parcels']}</b> ({one['area_ha']:,.1f} ha)</li>"
        for one in grades
    )
    return (
        f"<p><b>{html.escape(str(title))}</b>, {window}; images of {images}; "
        f"{totals['affected_ha']:,.2f} of {totals['observed_ha']:,.2f} observed ha "
        f"affected.</p><ul>{items}</ul>"
    )


def _answer(columns: list[Column], rows: list[dict[str, Value]]) -> Answer:
    return {"question": "", "columns": columns, "rows": rows, "count": len(rows)}


def _minute(value: Value) -> str:
    return str(value)[:16].replace("T", " ")


def _text(told: str) -> pn.pane.HTML:
    return pn.pane.HTML(
        told, stylesheets=[_STYLE], sizing_mode="stretch_width", margin=(4, 12)
    )

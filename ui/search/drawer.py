"""All about one unit beside the map: its timeline, its records, and them as a file."""

import asyncio
import html
import urllib.parse

import panel as pn
import param

from ui.api_records import Timeline
from ui.client import API, ApiClient, ApiProblem
from ui.components.side_panel import SidePanel
from ui.search.record import STYLE, record_html
from ui.search.timeline import UnitTimeline

RECORD = "unit_record"
"""The question whose rows are everything known of a unit."""

_PLACE = {"align-self": "stretch", "height": "auto", "flex": "none", "width": "450px"}
"""By style: a width that Panel knows would be the least one of the whole page."""
_LINK = "color: var(--mui-palette-primary-main, #0b5394); font-weight: 500;"


class UnitDrawer(pn.viewable.Viewer):
    """A panel with everything known of a unit; closed until a unit is shown."""

    unit = param.String(doc="IRI of the unit shown; empty: none.")
    problem = param.String(doc="Why nothing is shown, in one line; empty: it is.")

    def __init__(self, client: ApiClient, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._client = client
        self.timeline = UnitTimeline()
        self._told = pn.pane.HTML("", sizing_mode="stretch_width", margin=0)
        self.record = pn.pane.HTML(
            "", stylesheets=[STYLE], sizing_mode="stretch_width", margin=0
        )
        self.panel = SidePanel(  # type: ignore[no-untyped-call]
            content=[self._told, self.timeline.__panel__(), self.record],
            styles=_PLACE,
            visible=False,
            margin=(8, 0, 0, 0),
        )
        self.panel.param.watch(self._opened, "open")

    def __panel__(self) -> pn.viewable.Viewable:
        """The panel."""
        return self.panel

    async def tell(self, unit: str, *, focus: bool = True) -> None:
        """Open the panel at a unit.

        Args:
            unit: Its IRI.
            focus: Whether the user asked for it, so that focus goes to it.
        """
        self.unit = unit
        try:
            told, answer = await asyncio.gather(
                self._client.timeline(unit),
                self._client.ask(RECORD, {"unit": unit}),
            )
        except ApiProblem as error:
            if unit == self.unit:
                self.problem = str(error)
            return
        if unit != self.unit:
            return
        self.problem = ""
        self.panel.title = title_of(told)
        self._told.object = file_link(unit)
        self.record.object = record_html(answer["rows"])
        self.panel.param.update(visible=True, open=True)
        self.timeline.fill(told)
        if focus:
            self.panel.openings += 1

    def close(self) -> None:
        """Close the panel."""
        self.panel.open = False

    def _opened(self, event: param.parameterized.Event) -> None:
        self.panel.visible = event.new
        if not event.new:
            self.unit = ""


def title_of(told: Timeline) -> str:
    """A unit by its name, else its identifier, with its level."""
    name = told["name"] or told["identifier"]
    return f"{name} ({told['level'].replace('-', ' ')})"


def file_link(unit: str) -> str:
    """A link to the record as a file."""
    asked = urllib.parse.urlencode({"unit": unit})
    address = html.escape(f"{API[1:]}/questions/{RECORD}/answer.csv?{asked}")
    return f'<a style="{_LINK}" href="{address}" download>Record as CSV</a>'

"""Label patches by key: a form, the grid of the batch, how far the session is."""

import urllib.parse
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ui.api_records import Session
from ui.client import ApiClient, ApiProblem
from ui.components.bundles import bundle_address
from ui.components.patch_grid import PatchGrid
from ui.label.form import NEW, LabelForm
from ui.label.progress import LabelProgress
from ui.navigation import navigation, simulated_badge

WELCOME = """
<h1>Label patches</h1>
<p>Choose a category and give your name, then tell of each patch whether it shows the
category. After each batch the model learns from your labels and chooses the next
patches; what you said and what it is sure of become facts that can be searched.</p>
<p><kbd>p</kbd> positive &nbsp; <kbd>n</kbd> negative &nbsp; <kbd>s</kbd> skip &nbsp;
<kbd>u</kbd> undo &nbsp; <kbd>Enter</kbd> next batch &nbsp; <kbd>?</kbd> all keys</p>
"""
PAUSED = """
<h1>Paused</h1>
<p>All labels are stored. Resume with the same name and category, by the button, or by
the address of this page.</p>
"""
EMPTY = """
<h1>No patches yet</h1>
<p>The catalogue holds no patches to label. Add scenes to it on the command line:</p>
<p><code>lucerna patches SCENE …</code></p>
"""
_STYLE = """
:host { color: var(--mui-palette-text-primary, #1b1b1b); }
:host { font: 16px/1.55 Roboto, system-ui, sans-serif; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 12px; }
kbd, code {
  font: 600 13px/1.5 ui-monospace, monospace; padding: 1px 6px; border-radius: 4px;
  background: #f4f4f4; color: #1b1b1b; border: 1px solid #8a8a8a;
}
"""


class LabelPage(pn.viewable.Viewer):
    """The state of one visit; the grid itself speaks the API from the browser."""

    problem = param.String(doc="Why something did not work, in one line; empty: none.")

    def __init__(self, client: ApiClient, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._client = client
        self._session = ""
        self.form = LabelForm()
        self.progress = LabelProgress()
        self.grid = PatchGrid(  # type: ignore[no-untyped-call]
            bundle=bundle_address("patch_grid.js"),
            sizing_mode="stretch_width",
            margin=(8, 14),
            visible=False,
        )
        self._alert = pmui.Alert(severity="error", sizing_mode="stretch_width")
        self._text = pn.pane.HTML(
            WELCOME, stylesheets=[_STYLE], sizing_mode="stretch_width"
        )
        self._resume = pmui.Button(
            label="Resume",
            color="primary",
            variant="contained",
            visible=False,
        )
        self._welcome = pn.Column(
            self._text, self._resume, max_width=680, margin=(24, 28)
        )
        self._badge = simulated_badge()
        wide = {"sizing_mode": "stretch_width", "margin": 0}
        self._asking = pn.Column(self.form, visible=False, **wide)
        self._labelling = pn.Column(self.progress, visible=False, **wide)
        self.form.param.watch(self.begin, "asked")
        self.progress.param.watch(self.pause, "paused")
        self._resume.on_click(self.resume)
        self.grid.param.watch(self._follow, "state")
        self.param.watch(self._show_problem, "problem")
        self._show_problem()

    def header(self) -> list[Any]:
        """What stands in the app bar."""
        return [*navigation("Label"), self._badge]

    def sidebar(self) -> list[Any]:
        """What stands in the drawer."""
        return [self._asking, self._labelling]

    def main(self) -> list[Any]:
        """What stands beside the drawer."""
        return [
            pn.Column(
                self._alert,
                self._welcome,
                self.grid,
                sizing_mode="stretch_width",
                margin=(4, 8),
            )
        ]

    def start(self) -> None:
        """Fill the page when it is loaded, by the session in its address."""
        given = pn.state.session_args.get("session", [b""])
        session = given[-1].decode("utf-8", "replace")

        async def open_page() -> None:
            await self.open(session)

        pn.state.onload(open_page)

    async def open(self, session: str = "") -> None:
        """Offer the categories; resume a session where one is named."""
        try:
            await self._offer()
            if session:
                self._show(await self._client.session(session))
            else:
                self._asking.visible = True
        except ApiProblem as error:
            self.problem = str(error)

    async def begin(self, *_: object) -> None:
        """Start or resume the session that the form names, with its category."""
        self.problem = ""
        try:
            category = self.form.category
            if category == NEW:
                title, concept = self.form.title, self.form.concept
                category = (await self._client.add_category(title, concept))["name"]
                await self._offer()
            name, strategy = self.form.annotator, self.form.strategy
            self._show(await self._client.open_session(category, name, strategy))
        except ApiProblem as error:
            self.problem = str(error)

    async def pause(self, *_: object) -> None:
        """Make facts of the labels so far, and put the grid away."""
        if self.grid.waiting:
            count = self.grid.waiting
            self.problem = f"{count} labels still wait for the service; pause then"
            return
        self.problem = ""
        try:
            await self._client.pause(self._session)
            await self._offer()
        except ApiProblem as error:
            self.problem = str(error)
            return
        self._put_away(PAUSED)
        self._resume.visible = True

    async def resume(self, *_: object) -> None:
        """Go on with the session that was paused."""
        self.problem = ""
        try:
            self._show(await self._client.session(self._session))
        except ApiProblem as error:
            self.problem = str(error)

    async def _offer(self) -> None:
        categories = await self._client.categories()
        self.form.offer(categories, await self._client.concepts())
        self._badge.visible = (await self._client.overview())["simulated"]

    def _show(self, state: Session) -> None:
        """Turn the page to a session."""
        self._session = state["session"]
        self.form.fill(state["category"], state["annotator"], state["strategy"])
        self._remember()
        if not state["counters"]["patches"]:
            self._put_away(EMPTY)
            return
        self.progress.fill(state)
        self._turn(labelling=True)
        self.grid.param.update(session=self._session, state=dict(state))

    def _put_away(self, text: str) -> None:
        """Show a text in place of the grid, and the form again."""
        self.grid.session = ""
        self._text.object = text
        self._turn(labelling=False)

    def _turn(self, *, labelling: bool) -> None:
        """Show either the grid and its progress, or the form and a text."""
        for one in (self._labelling, self.grid):
            one.visible = labelling
        for one in (self._asking, self._welcome):
            one.visible = not labelling
        self._resume.visible = False

    def _follow(self, event: param.parameterized.Event) -> None:
        """The browser has a newer state."""
        if event.new.get("session") == self._session:
            self.progress.fill(event.new)

    def _remember(self) -> None:
        """Put the session into the address, for reloads and bookmarks."""
        if pn.state.location is not None:
            query = urllib.parse.urlencode({"session": self._session})
            pn.state.location.search = f"?{query}"

    def _show_problem(self, *_: object) -> None:
        self._alert.param.update(title=self.problem, visible=bool(self.problem))

"""The query behind the answer: shown, changed and run."""

import re
from collections.abc import Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ontology import LUC, PREFIXES
from ui.api_records import Concept
from ui.components.bundles import bundle_address
from ui.components.sparql_editor import SparqlEditor
from ui.search.fields import shorten

SHOW, HIDE = "Show the SPARQL of this answer", "Hide the SPARQL"
_PLACE = re.compile(r"(?:error at |line )(\d+)(?::|, column )(\d+)")
_KEYWORDS = (
    "SELECT", "DISTINCT", "WHERE", "FILTER", "OPTIONAL", "UNION", "VALUES", "BIND",
    "GRAPH", "EXISTS", "NOT EXISTS", "MINUS", "GROUP BY", "HAVING", "ORDER BY", "LIMIT",
    "OFFSET", "CONSTRUCT", "ASK", "DESCRIBE", "PREFIX", "COUNT", "SUM", "AVG", "MIN",
    "MAX", "BOUND", "COALESCE", "STR", "LANG", "ROUND", "SUBSTR", "REGEX", "CONTAINS",
)  # fmt: skip


class QueryPanel(pn.viewable.Viewer):
    """A panel that opens; the query of a question until it is changed."""

    wanted = param.Event(doc="The user wants the query run.")
    reset = param.Event(doc="The user wants the query of the question again.")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self.editor = SparqlEditor(  # type: ignore[no-untyped-call]
            bundle=bundle_address("sparql_editor.js"),
            sizing_mode="stretch_width",
            margin=(0, 10),
        )
        button = {"size": "small", "margin": (8, 0, 8, 10)}
        self._run = pmui.Button(label="Run query", variant="contained", **button)
        self._reset = pmui.Button(
            label="Back to the question", variant="outlined", **button
        )
        self._told = pmui.Alert(
            severity="error", visible=False, sizing_mode="stretch_width"
        )
        self._inside = pn.Column(
            self.editor,
            self._told,
            pn.FlexBox(self._run, self._reset, margin=0),
            visible=False,
            sizing_mode="stretch_width",
            margin=0,
        )
        self._toggle = pmui.Button(label=SHOW, variant="text", **button)
        self._toggle.on_click(lambda _: self._open(not self._inside.visible))
        self._run.on_click(lambda _: self.param.trigger("wanted"))
        self._reset.on_click(lambda _: self.param.trigger("reset"))
        self.editor.param.watch(lambda _: self.param.trigger("wanted"), "runs")

    def __panel__(self) -> pn.viewable.Viewable:
        """The panel."""
        return pn.Column(self._toggle, self._inside, sizing_mode="stretch_width")

    @property
    def query(self) -> str:
        """The text as it stands."""
        return str(self.editor.value)

    def offer(self, concepts: Sequence[Concept]) -> None:
        """Complete our names and those of the concepts of the base."""
        self.editor.vocabulary = vocabulary(concepts)

    def fill(self, query: str) -> None:
        """Show the query of an answer."""
        self._told.visible = False
        self.editor.param.update(value=query, error={})

    def refuse(self, query: str, message: str) -> None:
        """Show why a query was refused, at its place where that is known."""
        found = _PLACE.search(message)
        error: dict[str, Any] = {"message": message}
        if found:
            error |= {"line": int(found[1]), "column": int(found[2])}
        self._told.param.update(title=message, visible=True)
        self._open(True)
        self.editor.param.update(value=query, error=error)

    def _open(self, shown: bool) -> None:
        self._inside.visible = shown
        self._toggle.label = HIDE if shown else SHOW


def vocabulary(concepts: Sequence[Concept]) -> list[dict[str, str]]:
    """Keywords, prefixes, our terms and the concepts, as completions.

    Classes begin with a capital letter, properties with a small one.
    """
    words = [{"label": one, "type": "keyword"} for one in _KEYWORDS]
    prefixes = [
        {"label": f"{name}:", "type": "namespace", "detail": iri}
        for name, iri in PREFIXES.items()
    ]
    terms = [
        {"label": f"luc:{one}", "type": "class" if one[:1].isupper() else "property"}
        for one in sorted(LUC.__annotations__)
    ]
    named = [
        {"label": short, "type": "constant", "detail": one["label"]}
        for one in concepts
        if (short := shorten(one["iri"])) != one["iri"]
    ]
    return words + prefixes + terms + named

"""The form of a question, made from its typed parameters."""

import functools
import html
from collections.abc import Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ui.api_records import Concept, Parameter, Question
from ui.client import ApiClient, ApiProblem
from ui.components.unfinished_days import UnfinishedDays
from ui.search.fields import Field, build_field, label_of, when_empty

WHERE, WHEN, WHAT, QUALITY = "Where", "When", "What", "Quality"
_GROUPS = {"unit": WHERE, "wkt": WHERE, "date": WHEN}
_OF_QUALITY = {"least_clear", "include_unassessable", "least_confidence"}
_NEUTRAL = ("0", "no")
"""Defaults that bound nothing."""


class Lacking(Exception):
    """A question needs a value that the form does not have yet."""


class SearchForm(pn.viewable.Viewer):
    """Which question, and its values; another question brings another form."""

    question = param.String(doc="Name of the chosen question.")
    asked = param.Event(doc="The user wants the answer.")
    drawing: Any = param.Selector(
        default="", objects=["", "box", "polygon"], doc="What is drawn on the map."
    )
    view_wanted = param.Event(doc="The shape shall be what the map shows.")
    area = param.String(doc="The shape asked about, WKT; empty: everywhere.")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._questions: dict[str, Question] = {}
        self._concepts: Sequence[Concept] = ()
        self._fields: dict[str, Field] = {}
        self.days = UnfinishedDays()  # type: ignore[no-untyped-call]
        self._choice = pmui.Select(
            label="Question",
            size="small",
            sizing_mode="stretch_width",
            margin=(10, 10, 2, 10),
            sx={"&& .MuiSelect-select.MuiSelect-select": {"whiteSpace": "normal"}},
        )
        self._help = pn.pane.HTML("", styles=_HELP, sizing_mode="stretch_width")
        self._inputs = pn.Column(
            pn.Spacer(height=1), sizing_mode="stretch_width", margin=0
        )
        self._search = pmui.Button(
            label="Search",
            color="primary",
            variant="contained",
            sizing_mode="stretch_width",
            margin=(8, 10),
            disabled=True,
        )
        self._draw = {
            kind: pmui.Button(label=f"Draw {kind}", **_SMALL)
            for kind in ("box", "polygon")
        }
        self._view = pmui.Button(label="Use map view", **_SMALL)
        self._clear = pmui.Button(label="Clear shape", **_SMALL)
        self._choice.param.watch(self._choose, "value")
        self._search.on_click(lambda _: self.param.trigger("asked"))
        for kind, button in self._draw.items():
            button.on_click(functools.partial(self._toggle, kind))
        self._view.on_click(lambda _: self.param.trigger("view_wanted"))
        self._clear.on_click(lambda _: self.set_area(""))
        self.param.watch(self._say_drawing, "drawing")

    def __panel__(self) -> pn.viewable.Viewable:
        """The form as shown in the drawer."""
        return pn.Column(
            self._choice,
            self._help,
            self._inputs,
            self.days,
            pn.Row(self._search, styles=_STICKY, sizing_mode="stretch_width"),
            sizing_mode="stretch_width",
            css_classes=["search-form"],
        )

    def offer(
        self,
        questions: Sequence[Question],
        concepts: Sequence[Concept],
        chosen: str = "",
    ) -> None:
        """Fill the choice of questions; this or else the first one is chosen.

        At once: of two choices in a row the browser may tell the first one back.
        """
        self._questions = {one["name"]: one for one in questions}
        self._concepts = concepts
        options = {one["title"]: one["name"] for one in questions}
        name = chosen if chosen in self._questions else questions[0]["name"]
        self._choice.param.update(options=options, value=name)
        self._search.disabled = False
        self.choose(name)

    def choose(self, name: str, *, anew: bool = False) -> None:
        """Show the form of this question with its defaults.

        Args:
            name: Of the question; nothing happens where there is no such one.
            anew: Also when it is chosen already.
        """
        if name not in self._questions:
            return
        if self._choice.value != name:
            self._choice.value = name
        if anew or self.question != name:
            self._show(name)

    def values(self) -> dict[str, str]:
        """The values as the API takes them; empty leaves a parameter open."""
        return {name: field.read() for name, field in self._fields.items()}

    def changed_values(self) -> dict[str, str]:
        """The values that are not the defaults of the question."""
        usual = {one["name"]: one["default"] or "" for one in self._parameters()}
        return {k: value for k, value in self.values().items() if value != usual[k]}

    def fill(self, values: Mapping[str, str]) -> None:
        """Set the fields that are named, and leave the others."""
        for name, value in values.items():
            if name in self._fields:
                self._fields[name].write(value)
        self._follow_area()

    def remove(self, name: str) -> None:
        """Take a filter away: open where the question allows that, else its default."""
        for parameter in self._parameters():
            if parameter["name"] == name:
                self.fill({name: _loosest(parameter)})

    def filters(self) -> list[dict[str, Any]]:
        """What bounds the answer: name, words, and whether it can be taken away."""
        found = []
        for parameter in self._parameters():
            field = self._fields[parameter["name"]]
            value, usual = field.read(), parameter["default"] or ""
            if value and not (value == usual and usual in _NEUTRAL):
                words = f"{label_of(parameter)}: {field.shown()}"
                removable = value != _loosest(parameter)
                found.append(
                    {"name": field.name, "text": words, "removable": removable}
                )
        return found

    def without_one(self) -> dict[str, dict[str, str]]:
        """The name of each filter that can be taken away, and the values without it."""
        values = self.values()
        loosest = {one["name"]: _loosest(one) for one in self._parameters()}
        return {
            one["name"]: {**values, one["name"]: loosest[one["name"]]}
            for one in self.filters()
            if one["removable"]
        }

    async def name_places(self, client: ApiClient) -> None:
        """Show the name of a place whose IRI stands in a field."""
        name = self.first_of("unit")
        iri = self.values()[name] if name else ""
        if name is None or not iri.startswith("http"):
            return
        field = self._fields[name]
        try:
            found = await client.places(iri, 1)
        except ApiProblem:
            return
        if found and self._fields.get(name) is field and field.read() == iri:
            field.widget.text = found[0]["name"] or found[0]["identifier"]

    def check(self) -> None:
        """Nothing, where all that the question needs is given.

        Raises:
            Lacking: A value is missing or half typed; the message names all that are.
        """
        if self.days.names:
            raise Lacking(
                f"Complete or clear {', '.join(self.days.names)}; then search."
            )
        names = [
            label_of(one)
            for one in self._parameters()
            if when_empty(one) is None and not self._fields[one["name"]].read()
        ]
        if names:
            raise Lacking(f"Give {', '.join(names)}; then search.")

    def unknown(self, asked: Mapping[str, str]) -> str:
        """Why the question of a link cannot be shown; empty: it can."""
        name = asked.get("question", self.question)
        if name in self._questions:
            return ""
        return f"There is no question {name[:80]}; choose one of those offered."

    def first_of(self, kind: str) -> str | None:
        """The name of the first parameter of a type; None where there is none."""
        parameters = self._parameters()
        return next((one["name"] for one in parameters if one["type"] == kind), None)

    def set_area(self, wkt: str) -> None:
        """Ask about this shape; empty: everywhere."""
        if shape := self.first_of("wkt"):
            self.fill({shape: wkt})

    def _parameters(self) -> list[Parameter]:
        known = self._questions.get(self.question)
        return known["parameters"] if known else []

    def _choose(self, event: param.parameterized.Event) -> None:
        if event.new and event.new != self.question:
            self._show(event.new)

    def _show(self, name: str) -> None:
        question = self._questions[name]
        built = {
            one["name"]: build_field(one, self._concepts)
            for one in question["parameters"]
        }
        self._fields = built
        self._help.object = html.escape(question["description"])
        self.question = name
        groups: dict[str, list[Any]] = {WHERE: [], WHEN: [], WHAT: [], QUALITY: []}
        ordered = sorted(question["parameters"], key=lambda one: one["type"] == "wkt")
        for one in ordered:
            _add(groups[_group(one)], built[one["name"]])
            if one["type"] == "wkt":
                built[one["name"]].widget.param.watch(self._follow_area, "value")
                tools = [*self._draw.values(), self._view, self._clear]
                groups[_group(one)].append(pn.FlexBox(*tools, gap="6px", margin=_TOOLS))
        used = {title: inputs for title, inputs in groups.items() if inputs}
        shown: list[Any] = []
        for title, inputs in used.items():
            if len(used) > 1:
                shown.append(pmui.Typography(title, variant="subtitle2", margin=_TITLE))
            shown += inputs
        self._inputs.objects = shown
        self._follow_area()

    def _follow_area(self, *_: object) -> None:
        shape = self.first_of("wkt")
        self.area = self._fields[shape].read() if shape else ""
        self._clear.disabled = not self.area

    def _toggle(self, kind: str, _: object) -> None:
        self.drawing = "" if self.drawing == kind else kind

    def _say_drawing(self, _: param.parameterized.Event) -> None:
        for kind, button in self._draw.items():
            on = self.drawing == kind
            label = "Stop drawing" if on else f"Draw {kind}"
            button.param.update(label=label, variant="contained" if on else "outlined")


def _group(parameter: Parameter) -> str:
    if parameter["name"] in _OF_QUALITY:
        return QUALITY
    return _GROUPS.get(parameter["type"], WHAT)


def _loosest(parameter: Parameter) -> str:
    """The value that bounds least: open where that is allowed, else the default."""
    return "" if when_empty(parameter) is not None else parameter["default"] or ""


def _add(inputs: list[Any], field: Field) -> None:
    """Put a field below the others, or beside its like; two stand side by side."""
    last = inputs[-1] if inputs else None
    if field.paired and isinstance(last, pn.Row) and len(last) == 1:
        last.append(field.widget)
    elif field.paired:
        inputs.append(pn.Row(field.widget, sizing_mode="stretch_width", margin=0))
    else:
        inputs.append(field.widget)


_HELP = {
    "font-size": "12.5px",
    "line-height": "1.4",
    "color": "var(--mui-palette-text-secondary)",
}
_SMALL = {"variant": "outlined", "size": "small", "margin": 0}
_TOOLS = (2, 10, 8, 10)
_TITLE = (8, 10, 0, 10)
_STICKY = {
    "position": "sticky",
    "bottom": "0",
    "z-index": "3",
    "background": "var(--mui-palette-background-paper)",
    "border-top": "1px solid var(--mui-palette-divider)",
}

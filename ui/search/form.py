"""The form of a question, made from its typed parameters."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from ui.client import Concept, Question
from ui.search.fields import Field, build_field


class SearchForm(pn.viewable.Viewer):
    """Which question, and its values; another question brings another form."""

    question = param.String(doc="Name of the chosen question.")
    asked = param.Event(doc="The user wants the answer.")
    drawing = param.Boolean(False, doc="The user wants to draw the shape on the map.")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        self._questions: dict[str, Question] = {}
        self._concepts: Sequence[Concept] = ()
        self._fields: dict[str, Field] = {}
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
            margin=(10, 10),
        )
        self._draw = pmui.Button(
            label="Draw a box on the map",
            variant="outlined",
            size="small",
            sizing_mode="stretch_width",
            margin=(2, 10, 8, 10),
        )
        self._choice.param.watch(self._choose, "value")
        self._search.on_click(lambda _: self.param.trigger("asked"))
        self._draw.on_click(lambda _: setattr(self, "drawing", not self.drawing))
        self.param.watch(self._say_drawing, "drawing")

    def __panel__(self) -> pn.viewable.Viewable:
        """The form as shown in the drawer."""
        return pn.Column(
            self._choice,
            self._help,
            self._inputs,
            self._search,
            sizing_mode="stretch_width",
        )

    def offer(self, questions: Sequence[Question], concepts: Sequence[Concept]) -> None:
        """Fill the choice of questions; the first one is chosen."""
        self._questions = {one["name"]: one for one in questions}
        self._concepts = concepts
        self._choice.options = {one["title"]: one["name"] for one in questions}
        self.choose(questions[0]["name"])

    def choose(self, name: str) -> None:
        """Show the form of this question with its defaults."""
        if name not in self._questions:
            return
        if self._choice.value != name:
            self._choice.value = name
        if self.question != name:
            self._show(name)

    def values(self) -> dict[str, str]:
        """The values as the API takes them; empty leaves a parameter open."""
        return {name: field.read() for name, field in self._fields.items()}

    def fill(self, values: Mapping[str, str]) -> None:
        """Set the fields that are named, and leave the others."""
        for name, value in values.items():
            if name in self._fields:
                self._fields[name].write(value)

    def first_of(self, kind: str) -> str | None:
        """The name of the first parameter of a type; None where there is none."""
        if self.question not in self._questions:
            return None
        parameters = self._questions[self.question]["parameters"]
        return next((one["name"] for one in parameters if one["type"] == kind), None)

    def _choose(self, event: param.parameterized.Event) -> None:
        if event.new and event.new != self.question:
            self._show(event.new)

    def _show(self, name: str) -> None:
        question = self._questions[name]
        fields = [build_field(one, self._concepts) for one in question["parameters"]]
        self._fields = {field.name: field for field in fields}
        self._help.object = html.escape(question["description"])
        self.question = name
        shape = self.first_of("wkt")
        shown: list[Any] = []
        for field in fields:
            if field.paired and shown and isinstance(shown[-1], pn.Row):
                shown[-1].append(field.widget)
            elif field.paired:
                row = pn.Row(field.widget, sizing_mode="stretch_width", margin=0)
                shown.append(row)
            else:
                shown.append(field.widget)
            if field.name == shape:
                shown.append(self._draw)
        self._inputs.objects = shown

    def _say_drawing(self, _: param.parameterized.Event) -> None:
        self._draw.label = (
            "Click two corners on the map (Esc stops)"
            if self.drawing
            else "Draw a box on the map"
        )


_HELP = {
    "font-size": "12.5px",
    "line-height": "1.4",
    "color": "var(--mui-palette-text-secondary)",
}

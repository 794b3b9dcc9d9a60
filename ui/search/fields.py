"""One form field for each typed parameter of a question."""

import datetime
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import panel_material_ui as pmui

from ontology import PREFIXES
from ui.api_records import Concept, Parameter
from ui.components.bundles import bundle_address
from ui.components.place_input import PlaceInput

_CLOSED = ("lvl", "ul")
"""Schemes whose concepts fit only parameters with a default from the same scheme."""

_ICONS = """
.MuiIconButton-root { color: var(--mui-palette-text-secondary) !important; }
"""
"""Icons are drawn for a light page only; the theme's own can be read in the dark."""

_NAME_ABOVE = """
.MuiInputLabel-root {
  transform: translate(14px, -9px) scale(0.75) !important; max-width: 133% !important;
}
legend { max-width: 100% !important; }
.MuiPickersInputBase-root {
  padding: 0 6px 0 10px !important; font-size: 13px !important;
}
.MuiPickersInputBase-sectionsContainer { opacity: 1 !important; }
"""
"""Where two fields share a line, a name and an icon do not fit into one of them."""

_FEW = 6
"""Up to this many choices are a plain select, more are searched by typing."""


@dataclass(frozen=True)
class Field:
    """An input for one parameter.

    Attributes:
        name: Of the parameter.
        widget: What is shown.
        read: Gives the value as the API takes it; empty leaves the parameter open.
        write: Sets the widget from such a value.
        shown: Gives the value as people read it.
        paired: Whether it shares a line with its like.
    """

    name: str
    widget: Any
    read: Callable[[], str]
    write: Callable[[str], None]
    shown: Callable[[], str]
    paired: bool = False


def build_field(parameter: Parameter, concepts: Sequence[Concept]) -> Field:
    """The field for a parameter, set to its default."""
    match parameter["type"]:
        case "concept":
            field = _concept_field(parameter, concepts)
        case "number":
            field = _number_field(parameter)
        case "integer":
            field = _integer_field(parameter)
        case "boolean":
            field = _boolean_field(parameter)
        case "unit":
            field = _place_field(parameter)
        case "date":
            field = _date_field(parameter)
        case _:
            field = _text_field(parameter)
    field.write(parameter["default"] or "")
    return field


def label_of(parameter: Parameter) -> str:
    """A parameter's name in words.

    >>> label_of({"name": "unit_level", "type": "concept", "default": None,
    ...           "description": "level of territory"})
    'Unit level'
    """
    words = parameter["name"].replace("_", " ")
    if parameter["type"] == "number" and _is_share(parameter):
        words += " share"
    return words[:1].upper() + words[1:]


def concept_options(
    parameter: Parameter, concepts: Sequence[Concept]
) -> dict[str, str]:
    """Label to value of the concepts that fit a parameter.

    A default such as `lvl:high` closes the choice to its scheme, without the levels
    that say that nothing was found; others choose among all land cover.
    """
    prefix = (parameter["default"] or "").partition(":")[0]
    kinds = {PREFIXES[one].rstrip("/"): one for one in _CLOSED}
    fitting = [
        one
        for one in concepts
        if kinds.get(one["scheme"]) == (prefix if prefix in _CLOSED else None)
        and not (prefix == "lvl" and not one["order"])
    ]
    options: dict[str, str] = {}
    if opened := when_empty(parameter):
        options[opened] = ""
    for one in fitting:
        options[_unique(one, options, prefix in _CLOSED)] = shorten(one["iri"])
    return options


def shorten(iri: str) -> str:
    """The IRI of a concept as a prefixed name, where we have the prefix.

    >>> shorten("https://w3id.org/lucerna/scheme/clc/221")
    'clc:221'
    """
    for prefix in ("clc", *_CLOSED):
        if iri.startswith(PREFIXES[prefix]):
            return f"{prefix}:{iri.removeprefix(PREFIXES[prefix])}"
    return iri


def _unique(one: Concept, taken: dict[str, str], plain: bool) -> str:
    """A label that no other option has."""
    label = one["label"][:1].upper() + one["label"][1:]
    if not plain and one["notation"]:
        label = f"{label} ({one['notation']})"
    if label in taken:
        label = f"{label}, {one['schemeLabel'] or one['scheme']}"
    return label if label not in taken else one["iri"]


def when_empty(parameter: Parameter) -> str | None:
    """What an open parameter means, from the words behind "empty:"."""
    _, marker, meaning = parameter["description"].partition("empty: ")
    meaning = meaning.partition(";")[0].strip()
    return meaning[:1].upper() + meaning[1:] if marker else None


def _is_share(parameter: Parameter) -> bool:
    return "share" in parameter["description"]


def _common(parameter: Parameter) -> dict[str, Any]:
    description = parameter["description"]
    return {
        "label": label_of(parameter),
        "description": description[:1].upper() + description[1:],
        "sizing_mode": "stretch_width",
        "size": "small",
        "margin": (6, 10),
        "stylesheets": [_ICONS],
    }


def _concept_field(parameter: Parameter, concepts: Sequence[Concept]) -> Field:
    options = concept_options(parameter, concepts)
    values = set(options.values())
    widget: Any
    if len(options) <= _FEW:
        widget = pmui.Select(options=options, **_common(parameter))
    else:
        widget = pmui.AutocompleteInput(
            options=options,
            case_sensitive=False,
            search_strategy="includes",
            min_characters=0,
            **_common(parameter),
        )

    def write(text: str) -> None:
        short = shorten(text)
        if short not in values:
            # A value from an address that is no option is asked as it stands.
            widget.options = {**widget.options, text: short}
            values.add(short)
        widget.value = short

    def shown() -> str:
        labels = {short: label for label, short in widget.options.items()}
        return str(labels.get(widget.value, widget.value))

    return Field(parameter["name"], widget, lambda: widget.value or "", write, shown)


def _place_field(parameter: Parameter) -> Field:
    about = parameter["description"]
    widget = PlaceInput(  # type: ignore[no-untyped-call]
        bundle=bundle_address("place_input.js"),
        label=label_of(parameter),
        placeholder=when_empty(parameter) or "Name or identifier",
        description=about[:1].upper() + about[1:],
        sizing_mode="stretch_width",
        margin=(12, 10, 6, 10),
    )

    def write(text: str) -> None:
        if text != widget.value:
            widget.param.update(value=text, text=text)

    return Field(
        parameter["name"],
        widget,
        lambda: widget.value.strip(),
        write,
        lambda: widget.text or widget.value,
    )


def _boolean_field(parameter: Parameter) -> Field:
    common = _common(parameter)
    widget = pmui.Checkbox(
        label=common["label"],
        description=common["description"],
        size="small",
        margin=(0, 10),
    )

    def write(text: str) -> None:
        widget.value = text.strip().lower() in ("yes", "true")

    def read() -> str:
        return "yes" if widget.value else "no"

    return Field(parameter["name"], widget, read, write, read)


def _number_field(parameter: Parameter) -> Field:
    widget: Any
    if _is_share(parameter):
        start = 0.05 if _number(parameter["default"] or "", 0.0) else 0.0
        widget = pmui.FloatSlider(
            start=start, end=1.0, step=0.05, format="0%", **_common(parameter)
        )
    else:
        widget = pmui.FloatInput(**_common(parameter))

    def read() -> str:
        return "" if widget.value is None else f"{widget.value:.6g}"

    def write(text: str) -> None:
        widget.value = _number(text, widget.value)

    def shown() -> str:
        share = _is_share(parameter) and widget.value is not None
        return f"{100 * widget.value:.4g} %" if share else read()

    return Field(parameter["name"], widget, read, write, shown)


def _integer_field(parameter: Parameter) -> Field:
    widget = pmui.IntInput(start=0, **_common(parameter))

    def read() -> str:
        return "" if widget.value is None else str(widget.value)

    def write(text: str) -> None:
        widget.value = round(_number(text, 0))

    return Field(parameter["name"], widget, read, write, read)


def _date_field(parameter: Parameter) -> Field:
    about = _common(parameter) | {"stylesheets": [_ICONS, _NAME_ABOVE]}
    widget = pmui.DatePicker(width=None, min_width=100, **about)

    def read() -> str:
        return "" if widget.value is None else f"{widget.value:%Y-%m-%d}"

    def write(text: str) -> None:
        try:
            widget.value = datetime.date.fromisoformat(text) if text else None
        except ValueError:
            widget.value = None

    return Field(parameter["name"], widget, read, write, read, paired=True)


def _text_field(parameter: Parameter) -> Field:
    opened = when_empty(parameter) or ""
    widget = pmui.TextInput(placeholder=opened, **_common(parameter))

    def write(text: str) -> None:
        widget.value = text

    def read() -> str:
        return str(widget.value).strip()

    def shown() -> str:
        return "drawn area" if parameter["type"] == "wkt" else read()

    return Field(parameter["name"], widget, read, write, shown)


def _number(text: str, otherwise: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return otherwise
    return number if math.isfinite(number) else otherwise

"""The form that starts or resumes a label session."""

from collections.abc import Sequence

import panel as pn
import panel_material_ui as pmui
import param

from ontology import PREFIXES
from ui.api_records import Category, Concept
from ui.search.fields import shorten

NEW = ""
"""Value of the choice that makes a new category."""

STRATEGIES = {
    "Likely and uncertain, mixed": "diverse",
    "Most uncertain": "margin",
    "Random": "random",
}


class LabelForm(pn.viewable.Viewer):
    """Which category, who labels it, and how patches are chosen."""

    asked = param.Event(doc="The user wants to start or to resume.")

    def __init__(self, **params: object) -> None:
        super().__init__(**params)  # type: ignore[no-untyped-call]
        wide = {"sizing_mode": "stretch_width", "size": "small", "margin": (8, 10)}
        first = {**wide, "margin": (16, 10, 8, 10)}
        self._category = pmui.Select(label="Category", **first)
        self._title = pmui.TextInput(
            label="Name of the new category",
            placeholder="flooded vineyard",
            max_length=80,
            **wide,
        )
        self._concept = pmui.AutocompleteInput(
            label="Is a kind of (optional)",
            placeholder="land cover",
            search_strategy="includes",
            case_sensitive=False,
            min_characters=1,
            **wide,
        )
        self._annotator = pmui.TextInput(label="Your name", max_length=80, **wide)
        self._strategy = pmui.Select(
            label="Choose patches", options=STRATEGIES, value="diverse", **wide
        )
        self._start = pmui.Button(
            label="Start or resume",
            color="primary",
            variant="contained",
            sizing_mode="stretch_width",
            margin=(12, 10),
        )
        self._category.param.watch(self._offer_new, "value")
        self._start.on_click(lambda _: self.param.trigger("asked"))
        self._annotator.param.watch(
            lambda _: self.param.trigger("asked"), "enter_pressed"
        )
        self._offer_new()

    def __panel__(self) -> pn.viewable.Viewable:
        """The form as shown in the drawer."""
        return pn.Column(
            self._category,
            self._title,
            self._concept,
            self._annotator,
            self._strategy,
            self._start,
            sizing_mode="stretch_width",
        )

    def offer(
        self, categories: Sequence[Category], concepts: Sequence[Concept]
    ) -> None:
        """Fill the choices; a category that was chosen stays chosen."""
        chosen = self._category.value
        options: dict[str, str] = {}
        for one in categories:
            label = category_label(one)
            options[label if label not in options else one["name"]] = one["name"]
        options["New category …"] = NEW
        if chosen not in options.values() or not chosen:
            chosen = next(iter(options.values()))
        self._category.param.update(options=options, value=chosen)
        self._concept.options = {
            concept_label(one): shorten(one["iri"])
            for one in concepts
            if one["scheme"] == PREFIXES["clc"].rstrip("/") and one["notation"]
        }
        self._offer_new()

    def fill(self, category: str, annotator: str, strategy: str) -> None:
        """Set the fields to those of a session."""
        if category in self._category.options.values():
            self._category.value = category
        if strategy in STRATEGIES.values():
            self._strategy.value = strategy
        self._annotator.param.update(value=annotator, value_input=annotator)

    @property
    def category(self) -> str:
        """Name of the chosen category; `NEW` for a new one."""
        return self._category.value or NEW

    @property
    def title(self) -> str:
        """Name of the new category, as typed."""
        return (self._title.value_input or self._title.value or "").strip()

    @property
    def concept(self) -> str | None:
        """Concept that the new category is a kind of; None where it is of none."""
        return self._concept.value or None

    @property
    def annotator(self) -> str:
        """The annotator's name, as typed."""
        return (self._annotator.value_input or self._annotator.value or "").strip()

    @property
    def strategy(self) -> str:
        """How patches are chosen: one of `STRATEGIES`."""
        return str(self._strategy.value)

    def _offer_new(self, *_: object) -> None:
        for one in (self._title, self._concept):
            one.visible = self.category == NEW


def concept_label(concept: Concept) -> str:
    """A concept in words, with its code."""
    label = concept["label"]
    return f"{label[:1].upper()}{label[1:]} ({concept['notation']})"


def category_label(category: Category) -> str:
    """A category in words, with how much of it is labelled.

    >>> category_label({"name": "x", "title": "Vineyard", "concept": None,
    ...                 "positives": 3, "negatives": 4, "skipped": 1})
    'Vineyard (7 labels)'
    """
    count = category["positives"] + category["negatives"]
    return f"{category['title']} ({count:,} label{'' if count == 1 else 's'})"

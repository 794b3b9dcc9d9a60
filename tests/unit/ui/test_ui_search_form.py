"""A question's typed parameters become fields, and fields give values back."""

from typing import Any

import pytest

from ui.api_records import Concept, Parameter, Question
from ui.search.fields import build_field, concept_options
from ui.search.form import Lacking, SearchForm

SCHEMES = "https://w3id.org/lucerna/scheme/"


def concept(scheme: str, notation: str, label: str, order: int | None) -> Concept:
    return {
        "iri": f"{SCHEMES}{scheme}/{notation}",
        "scheme": f"{SCHEMES}{scheme}",
        "schemeLabel": scheme,
        "notation": notation,
        "label": label,
        "broader": [],
        "colour": None,
        "order": order,
    }


CONCEPTS = [
    concept("clc", "2", "Agricultural areas", None),
    concept("clc", "22", "Permanent crops", None),
    concept("change-level", "none", "no change", 0),
    concept("change-level", "high", "high change", 3),
    concept("change-level", "notAssessable", "not assessable", None),
    concept("unit-level", "parcel", "parcel", None),
    {
        **concept("clc", "2", "class 2", None),
        "iri": "https://lucerna.example/class/ab/2",
        "scheme": "https://lucerna.example/class/ab",
    },
]


def parameter(
    kind: Any,  # noqa: ANN401
    default: str | None = None,
    description: str = "what it is",
) -> Parameter:
    return {
        "name": "asked",
        "type": kind,
        "default": default,
        "description": description,
    }


def test_land_cover_is_chosen_by_label_from_every_scheme_of_it() -> None:
    asked = parameter("concept", "clc:2", "kind of land; empty: all land; or not")
    assert concept_options(asked, CONCEPTS) == {
        "All land": "",
        "Agricultural areas (2)": "clc:2",
        "Permanent crops (22)": "clc:22",
        "Class 2 (2)": "https://lucerna.example/class/ab/2",
    }


def test_levels_are_chosen_from_their_scheme_without_no_change() -> None:
    assert concept_options(parameter("concept", "lvl:high"), CONCEPTS) == {
        "High change": "lvl:high"
    }
    assert concept_options(parameter("concept", "ul:parcel"), CONCEPTS) == {
        "Parcel": "ul:parcel"
    }


@pytest.mark.parametrize(
    ("asked", "first", "written", "read"),
    [
        (parameter("concept", "clc:2"), "clc:2", "clc:22", "clc:22"),
        (parameter("concept", "clc:2"), "clc:2", SCHEMES + "clc/22", "clc:22"),
        (parameter("concept", "clc:2"), "clc:2", "clc:999", "clc:999"),
        (parameter("number", "0.3", "least share, 0..1"), "0.3", "0.55", "0.55"),
        (parameter("number", "12.5"), "12.5", "-3", "-3"),
        (parameter("number", "12.5"), "12.5", "nan", "12.5"),
        (parameter("integer", "3"), "3", "7", "7"),
        (parameter("integer", "3"), "3", "inf", "0"),
        (parameter("date"), "", "2017-04-27", "2017-04-27"),
        (parameter("date", "2017-04-27"), "2017-04-27", "soon", ""),
        (parameter("text"), "", " a b ", "a b"),
        (parameter("wkt"), "", "POINT(0 45)", "POINT(0 45)"),
        (parameter("unit"), "", "P04", "P04"),
        (parameter("boolean", "no"), "no", "true", "yes"),
        (parameter("boolean", "yes"), "yes", "no", "no"),
    ],
)
def test_a_field_starts_with_its_default_and_keeps_what_is_written(
    asked: Parameter,
    first: str,
    written: str,
    read: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "ui.search.fields.bundle_address", lambda name: "assets/none.js"
    )
    field = build_field(asked, CONCEPTS)
    assert field.read() == first
    field.write(written)
    assert field.read() == read


def question(name: str, *parameters: Parameter) -> Question:
    return {
        "name": name,
        "title": name.upper(),
        "number": 1,
        "description": "",
        "parameters": list(parameters),
        "columns": [],
    }


def test_the_first_question_is_chosen_and_another_brings_another_form() -> None:
    form = SearchForm()
    one = question("one", {**parameter("number", "0.3"), "name": "least"})
    two = question("two", {**parameter("wkt"), "name": "shape"})
    form.offer([one, two], CONCEPTS)
    assert (form.question, form.values()) == ("one", {"least": "0.3"})
    assert form.first_of("wkt") is None
    form.fill({"least": "0.8", "nothing": "x"})
    assert form.values() == {"least": "0.8"}
    form.choose("two")
    assert (form.question, form.values()) == ("two", {"shape": ""})
    assert form.first_of("wkt") == "shape"
    form.choose("three")
    assert form.question == "two"


def test_the_question_of_a_link_is_the_only_one_chosen() -> None:
    form = SearchForm()
    chosen: list[str] = []
    form.param.watch(lambda event: chosen.append(event.new), "question")
    form.offer([question("one"), question("two")], CONCEPTS, "two")
    assert chosen == ["two"]
    form.offer([question("one"), question("two")], CONCEPTS, "three")
    assert chosen == ["two", "one"]


def test_what_a_question_lacks_is_told_in_the_words_of_the_form() -> None:
    form = SearchForm()
    day = {**parameter("date"), "description": "first day"}
    open_day = {**parameter("date"), "description": "last day; empty: any"}
    asked = question(
        "one", {**day, "name": "reference_since"}, {**open_day, "name": "until"}
    )
    form.offer([asked], CONCEPTS)
    with pytest.raises(Lacking, match=r"^Give Reference since; then search.$"):
        form.check()
    form.fill({"reference_since": "2017-04-01"})
    form.check()
    assert form.unknown({"question": "one"}) == form.unknown({}) == ""
    assert form.unknown({"question": "on"}).startswith("There is no question on; ")

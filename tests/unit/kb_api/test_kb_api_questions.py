"""The question library and its answers on a handful of facts."""

import pytest

from kb_api.answers import ask
from kb_api.questions import find_question, parse_question, questions
from kb_api.store import EmbeddedStore
from ontology.errors import QueryRejected

HEAD = """# title: T
# number: 1
# description: D
# parameter: n number 0.3 how many
# parameter: word text "two words" a word
# parameter: open text "" nothing
# column: x text what
SELECT ?x {
  VALUES (?n ?word ?open) { (0.3 "two words" UNDEF) }
  VALUES (?other) { ("stays") }
  BIND(?word AS ?x)
}
"""


def test_the_head_comment_is_read() -> None:
    question = parse_question("t", HEAD)
    assert [(one.name, one.type, one.default) for one in question.parameters] == [
        ("n", "number", "0.3"),
        ("word", "text", "two words"),
        ("open", "text", None),
    ]
    assert question.parameters[1].description == "a word"
    assert [(one.name, one.unit) for one in question.columns] == [("x", "text")]


def test_only_rows_of_parameters_are_replaced() -> None:
    bound = parse_question("t", HEAD).bind({"n": None, "word": None, "open": None})
    assert "VALUES (?n ?word ?open) { (UNDEF UNDEF UNDEF) }" in bound
    assert 'VALUES (?other) { ("stays") }' in bound


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ("# title: T\n", "", "lacks title"),
        ("n number 0.3", "n numbers 0.3", "unknown parameter type 'numbers'"),
    ],
)
def test_a_broken_head_is_a_bug(line: str, instead: str, told: str) -> None:
    with pytest.raises(ValueError, match=rf"t\.rq: .*{told}"):
        parse_question("t", HEAD.replace(line, instead))


def test_the_library_has_its_questions() -> None:
    assert [(one.number, one.name) for one in questions()] == [
        (1, "changed_units"),
        (3, "rank_units"),
        (5, "unit_record"),
        (7, "image_pairs"),
        (8, "weather_before_change"),
        (19, "labelled_patches"),
        (26, "assessed_parcels"),
        (41, "land_cover_of_units"),
    ]


def test_every_parameter_stands_in_a_row_of_its_question() -> None:
    for question in questions():
        names = [one.name for one in question.parameters]
        assert len(set(names)) == len(names)
        marked = question.bind(dict.fromkeys(names))
        for name in names:
            assert f"?{name}" in marked, f"{question.name}: {name} is not used"


def test_unknown_question_and_parameter_list_the_known() -> None:
    with pytest.raises(QueryRejected, match="choose one of: changed_units, rank"):
        find_question("what")
    with pytest.raises(QueryRejected, match="it has: method, since, until"):
        ask(EmbeddedStore(), "image_pairs", {"when": "now"})


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("rank_units", "level"),
        ("rank_units", "unit_level"),
        ("changed_units", "least"),
        ("weather_before_change", "days"),
    ],
)
def test_a_parameter_that_must_have_a_value_refuses_none(
    name: str, parameter: str
) -> None:
    with pytest.raises(QueryRejected, match=f"{parameter} must have a value; leave it"):
        ask(EmbeddedStore(), name, {parameter: " "})


def test_an_empty_base_has_no_rows() -> None:
    answer = ask(EmbeddedStore(), "image_pairs", {})
    assert answer.rows == []
    assert "result" in [one.name for one in answer.columns]

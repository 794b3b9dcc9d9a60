"""The question library and its answers on a handful of facts."""

import pytest

from kb_api.answers import ask
from kb_api.embedded_store import EmbeddedStore
from kb_api.questions import find_question, parse_question, questions
from ontology.errors import QueryRejected
from ontology.files import inferred_graph, schemes_graph

HEAD = """# title: T
# number: 1
# description: D
# parameter: n number 0.3 how many
# range: n (0, 1]
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
        ("# range: n (0, 1]\n", "", "n is a number without a range"),
        ("range: n (0, 1]", "range: n 0 to 1", "is no range of n"),
        ("range: n", "range: m", "is no range of n"),
    ],
)
def test_a_broken_head_is_a_bug(line: str, instead: str, told: str) -> None:
    with pytest.raises(ValueError, match=rf"t\.rq: .*{told}"):
        parse_question("t", HEAD.replace(line, instead))


def test_the_library_has_its_questions() -> None:
    assert [(one.number, one.name) for one in questions()] == [
        (1, "changed_units"),
        (3, "rank_units"),
        (4, "low_vegetation"),
        (5, "unit_record"),
        (6, "scenes_of_unit"),
        (7, "image_pairs"),
        (8, "weather_before_change"),
        (10, "changed_without_weather"),
        (19, "labelled_patches"),
        (23, "not_assessable"),
        (24, "land_cover_of_change"),
        (26, "assessed_parcels"),
        (33, "best_pair"),
        (41, "land_cover_of_units"),
        (42, "regions_of_unit"),
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


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("changed_units", "least=5", "least='5': give a number above 0 up to 1"),
        ("changed_units", "least=0", "least='0': give a number above 0 up to 1"),
        ("changed_units", "least_clear=-0.1", "give a number from 0 to 1"),
        ("labelled_patches", "least=0.5", "give a number from 0.8 to 1"),
        ("weather_before_change", "days=32", "give a number from 1 to 31"),
        ("weather_before_change", "days=1.5", "give a whole number, such as 3"),
        ("changed_without_weather", "gust_above=-1", "give a number from 0 to 200"),
        ("changed_units", "least=much", "give a number, such as 0.3"),
        ("changed_units", "since=27.4.2017", "give a day as YYYY-MM-DD"),
        ("changed_units", "include_unassessable=perhaps", "give yes or no"),
        (
            "image_pairs",
            "since=2017-05-01 until=2017-04-01",
            "image_pairs: since=2017-05-01 is later than until=2017-04-01; "
            "give the earlier day as since",
        ),
        (
            "low_vegetation",
            "since=2017-05-01 until=2017-05-31 "
            "reference_since=2016-06-01 reference_until=2016-05-01",
            "reference_since=2016-06-01 is later than reference_until=2016-05-01",
        ),
        ("low_vegetation", "since=2017-05-01", "until must have a value; give one"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_in_one_line(
    name: str, values: str, told: str
) -> None:
    given = dict(one.split("=") for one in values.split())
    store = EmbeddedStore()
    facts = (schemes_graph() + inferred_graph()).serialize(
        format="nt", encoding="utf-8"
    )
    store.put_graphs({"https://kb.example/graph/schemes": ("schemes", facts)})
    with pytest.raises(QueryRejected) as refused:
        ask(store, name, given)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_empty_base_has_no_rows() -> None:
    answer = ask(EmbeddedStore(), "image_pairs", {})
    assert answer.rows == []
    assert "result" in [one.name for one in answer.columns]

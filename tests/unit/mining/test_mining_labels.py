"""Which label holds, and which names and identifiers are taken."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagery.errors import ImageryError
from mining.labelling.labels import (
    Action,
    LabelEvent,
    check_concept,
    check_event_id,
    check_name,
    current_labels,
)


def event(
    number: int,
    action: Action,
    patch: str = "a",
    undoes: int | None = None,
    session: str = "s",
) -> LabelEvent:
    return LabelEvent(
        f"{number:026}",
        patch,
        "wet",
        session,
        "anna",
        action,
        None if undoes is None else f"{undoes:026}",
        datetime(2026, 5, 1, tzinfo=UTC),
        0,
        1,
    )


@pytest.mark.parametrize(
    ("events", "held"),
    [
        ([], {}),
        ([event(1, "positive")], {"a": "positive"}),
        ([event(1, "positive"), event(2, "skip")], {"a": "skip"}),
        ([event(1, "positive"), event(2, "undo", undoes=1)], {}),
        (
            [event(1, "skip"), event(2, "positive"), event(3, "undo", undoes=2)],
            {"a": "skip"},
        ),
        (
            [event(1, "positive"), event(2, "undo", undoes=1, session="other")],
            {"a": "positive"},
        ),
        (
            [
                event(1, "positive"),
                event(2, "undo", undoes=1),
                event(3, "undo", undoes=2),
            ],
            {},
        ),
        (
            [event(1, "positive"), event(2, "negative", "b")],
            {"a": "positive", "b": "negative"},
        ),
    ],
)
def test_the_last_answer_that_stands_holds(
    events: list[LabelEvent], held: dict[str, str]
) -> None:
    random.Random(1).shuffle(events)
    found = {patch: one.action for patch, one in current_labels(events).items()}
    assert found == held


@given(st.text(max_size=90))
def test_a_name_is_taken_as_written_or_refused_in_one_line(text: str) -> None:
    try:
        name = check_name(text, "annotator")
    except ImageryError as error:
        name, message = "refused", str(error)
        assert_one_line(message)
    assert 1 <= len(name) <= 80
    assert not set("<>\n\r\0\x1b\u202e") & set(name)
    assert check_name(name, "annotator") == name


def assert_one_line(message: str) -> None:
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("name", ["Zoë O'Neil", "R&D", "李雷", "क्\u200dष", "7"])
def test_names_of_all_scripts_are_taken(name: str) -> None:
    assert check_name(name, "annotator") == name


@pytest.mark.parametrize(
    "text", ["", "01ARZ3NDEKTSV4RRFFQ69G5FAVX", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "ü" * 26]
)
def test_what_is_no_ulid_is_refused(text: str) -> None:
    with pytest.raises(ImageryError, match="give a ULID"):
        check_event_id(text)


@pytest.mark.parametrize("text", ["221", "clc:", "javascript:alert(1)", "http://a b"])
def test_what_is_no_concept_is_refused(text: str) -> None:
    with pytest.raises(ImageryError, match="neither an IRI nor a CORINE code"):
        check_concept(text)


def test_an_iri_is_a_concept() -> None:
    iri = "https://example.org/concept#vineyard"
    assert check_concept(iri) == iri

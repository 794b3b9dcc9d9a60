"""Label events: stored once, never changed, the last that stands counts."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from imagery.errors import ImageryError
from mining.catalogue.catalogue import Catalogue, add_new
from mining.catalogue.tables import ModelRow, PredictionRow, SessionRow
from mining.labelling.label_store import (
    categories,
    count_labels,
    events_of,
    find_category,
    find_session,
    labels_of,
    last_events,
    published_labels,
    put_category,
    put_events,
    put_session,
)
from mining.labelling.labels import Action, Category, LabelEvent, current_labels

MOMENT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
PATCH, OTHER = "S2A_T30TYQ-64-0-0", "S2A_T30TYQ-64-1-1"
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(number: int) -> str:
    """An identifier that sorts as its number."""
    text = ""
    for _ in range(26):
        number, digit = divmod(number, 32)
        text = _DIGITS[digit] + text
    return text


def event(
    number: int,
    action: Action = "positive",
    *,
    patch: str = PATCH,
    undoes: int | None = None,
    session: str = "anna-1",
) -> LabelEvent:
    return LabelEvent(
        ulid(number),
        patch,
        "wet",
        session,
        session.split("-")[0],
        action,
        None if undoes is None else ulid(undoes),
        MOMENT + timedelta(seconds=number),
        0,
        1,
    )


@pytest.fixture
def wet(catalogue: Catalogue) -> Catalogue:
    put_category(catalogue, Category("wet", "Wet places", "clc:411"))
    for annotator in ("anna", "ben"):
        put_session(
            catalogue,
            SessionRow(
                id=f"{annotator}-1",
                category="wet",
                annotator=annotator,
                strategy="diverse",
                opened=MOMENT,
            ),
        )
    return catalogue


def held(catalogue: Catalogue) -> dict[str, str]:
    return {one.patch: one.action for one in labels_of(catalogue, "wet").values()}


def test_an_event_comes_back_as_it_was_said(wet: Catalogue) -> None:
    said = event(1, "negative")
    put_events(wet, [said])
    assert events_of(wet, "wet") == (said,)
    assert labels_of(wet, "wet") == {PATCH: said}


def test_the_same_event_twice_is_stored_once(wet: Catalogue) -> None:
    put_events(wet, [event(1)])
    put_events(wet, [event(1), event(2, patch=OTHER)])
    assert [one.id for one in events_of(wet, "wet")] == [ulid(1), ulid(2)]


def test_another_event_under_a_stored_identifier_is_refused(wet: Catalogue) -> None:
    put_events(wet, [event(1)])
    with pytest.raises(ImageryError, match="stored already with another action"):
        put_events(wet, [event(2, patch=OTHER), event(1, "negative")])
    assert [one.id for one in events_of(wet, "wet")] == [ulid(1)], "all or none"


def test_undo_goes_back_step_by_step(wet: Catalogue) -> None:
    put_events(wet, [event(1, "positive"), event(2, "negative")])
    assert held(wet) == {PATCH: "negative"}
    put_events(wet, [event(3, "undo", undoes=2)])
    assert held(wet) == {PATCH: "positive"}
    put_events(wet, [event(4, "undo", undoes=1)])
    assert held(wet) == {}
    put_events(wet, [event(5, "skip")])
    assert held(wet) == {PATCH: "skip"}
    assert len(events_of(wet, "wet")) == 5


def test_an_undo_may_come_before_what_it_undoes(wet: Catalogue) -> None:
    put_events(wet, [event(3, "undo", undoes=2)])
    put_events(wet, [event(2, "negative")])
    put_events(wet, [event(1, "positive")])
    assert held(wet) == {PATCH: "positive"}


def test_an_undo_without_its_answer_is_not_published(wet: Catalogue) -> None:
    put_events(wet, [event(1), event(9, "undo", undoes=8)])
    assert [one.id for one in published_labels(wet, "wet").labels] == [ulid(1)]
    # The answer comes after all, but is of another patch: the undo was not meant.
    put_events(wet, [event(8, "negative", patch=OTHER)])
    told = published_labels(wet, "wet").labels
    assert [one.id for one in told] == [ulid(1), ulid(8)]


def test_an_undo_is_of_its_own_session_and_of_no_undo(wet: Catalogue) -> None:
    put_events(wet, [event(1), event(2, "undo", undoes=1)])
    with pytest.raises(ImageryError, match="is not one of this session"):
        put_events(wet, [event(3, "undo", undoes=1, session="ben-1")])
    with pytest.raises(ImageryError, match="is an undo itself"):
        put_events(wet, [event(4, "undo", undoes=2)])
    assert held(wet) == {}
    assert len(events_of(wet, "wet")) == 2


def test_the_last_word_of_several_annotators_counts(wet: Catalogue) -> None:
    put_events(wet, [event(2, "negative", session="ben-1")])
    put_events(wet, [event(1, "positive")])
    assert held(wet) == {PATCH: "negative"}
    assert labels_of(wet, "wet", "anna-1")[PATCH].action == "positive"
    put_events(wet, [event(3, "undo", undoes=2, session="ben-1")])
    assert held(wet) == {PATCH: "positive"}


def test_the_query_agrees_with_the_plain_rule_in_any_order(wet: Catalogue) -> None:
    chance = random.Random(7)
    events: list[LabelEvent] = []
    for number in range(1, 121):
        session = chance.choice(["anna-1", "ben-1"])
        patch = f"S2A_T30TYQ-64-{chance.randrange(2)}-{chance.randrange(6)}"
        mine = [
            one
            for one in events
            if one.session == session and one.action != "undo" and one.patch == patch
        ]
        if mine and chance.random() < 0.6:
            target = chance.choice(mine).id
            made = event(number, "undo", patch=patch, undoes=1, session=session)
            events.append(LabelEvent(**{**vars(made), "undoes": target}))
        else:
            said: Action = chance.choice(["positive", "negative", "skip"])
            events.append(event(number, said, patch=patch, session=session))
    for number, one in enumerate([*current_labels(events).values()][:4], start=121):
        made = event(number, "undo", patch=one.patch, undoes=1, session=one.session)
        events.append(LabelEvent(**{**vars(made), "undoes": one.id}))
    expected = current_labels(events)
    chance.shuffle(events)
    for start in range(0, 124, 17):
        put_events(wet, events[start : start + 17])
    assert labels_of(wet, "wet") == expected
    answers = [one for one in events if one.action != "undo"]
    assert expected != current_labels(answers), "some that mattered were undone"
    counted = count_labels(wet, "wet")
    assert sum(counted.values()) == len(expected)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE label_event SET action = 'skip'",
        "DELETE FROM label_event",
        "DELETE FROM label_event WHERE id = 'none'",
    ],
)
def test_the_database_refuses_to_change_events(wet: Catalogue, statement: str) -> None:
    put_events(wet, [event(1)])
    if statement.endswith("'none'") and wet.engine.dialect.name == "sqlite":
        statement = "INSERT OR REPLACE INTO label_event SELECT * FROM label_event"
    with (
        pytest.raises(DBAPIError, match="only added, never changed"),
        wet.writing() as session,
    ):
        session.execute(text(statement))
    assert events_of(wet, "wet") == (event(1),)


def test_two_threads_write_at_once_and_nothing_is_lost(wet: Catalogue) -> None:
    wrong: list[BaseException] = []

    def write(session: str, first: int) -> None:
        try:
            for number in range(first, first + 25):
                put_events(wet, [event(number, session=session)])
        except BaseException as error:
            wrong.append(error)

    threads = [
        threading.Thread(target=write, args=("anna-1", 100)),
        threading.Thread(target=write, args=("ben-1", 200)),
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []
    assert len(events_of(wet, "wet")) == 50
    assert labels_of(wet, "wet")[PATCH].id == ulid(224)


def test_an_unknown_patch_is_refused(wet: Catalogue) -> None:
    with pytest.raises(LookupError, match="no patch 'nowhere' in the catalogue"):
        put_events(wet, [event(1), event(2, patch="nowhere")])
    assert events_of(wet, "wet") == ()


def test_sessions_and_categories_are_found_again(wet: Catalogue) -> None:
    again = SessionRow(
        id="other", category="wet", annotator="anna", strategy="random", opened=MOMENT
    )
    assert put_session(wet, again).id == "anna-1"
    assert find_session(wet, "anna-1").strategy == "random"
    same = put_category(wet, Category("other-name", "  wet PLACES", None))
    assert same == Category("wet", "Wet places", "clc:411")
    assert categories(wet) == [Category("wet", "Wet places", "clc:411")]
    with pytest.raises(LookupError, match="no session 'x'"):
        find_session(wet, "x")
    with pytest.raises(LookupError, match="no category 'dry'"):
        find_category(wet, "dry")


def test_another_title_of_one_name_is_another_category(wet: Catalogue) -> None:
    # `printf 'wet places!' | sha256sum` begins with 09ee1c.
    expected = {"Wet places!": "wet-09ee1c", "Wet, places": "wet-e946c3"}
    for title in expected:
        for _ in range(2):
            made = put_category(wet, Category("wet", title, None))
            assert made == Category(expected[title], title, None)
    assert len(categories(wet)) == 3


def test_the_last_events_come_oldest_first(wet: Catalogue) -> None:
    put_events(wet, [event(number) for number in (3, 1, 2)])
    assert [one.id for one in last_events(wet, "anna-1", 2)] == [ulid(2), ulid(3)]


def test_published_are_all_events_and_confident_predictions(wet: Catalogue) -> None:
    put_events(wet, [event(1), event(2, "undo", undoes=1), event(3, patch=OTHER)])
    (descriptor_set,) = wet.descriptor_sets()
    with wet.writing() as session:
        session.add(
            ModelRow(
                category="wet",
                version=4,
                descriptor_set=descriptor_set,
                created=MOMENT,
                events=3,
                labels=1,
                found=1,
                estimate=None,
            )
        )
        rows = [
            {"category": "wet", "patch": f"S2A_T30TYQ-64-{place}", "model_version": 4}
            | {"probability": probability}
            for place, probability in (("0-5", 0.93), ("0-6", 0.79), ("1-1", 0.99))
        ]
        add_new(session, PredictionRow, *rows)
    told = published_labels(wet, "wet")
    assert told.category == Category("wet", "Wet places", "clc:411")
    assert [one.id for one in told.labels] == [ulid(1), ulid(2), ulid(3)]

    assert [one.patch for one in told.predictions] == ["S2A_T30TYQ-64-0-5"]
    assert {one.id for one in told.patches} == {PATCH, OTHER, "S2A_T30TYQ-64-0-5"}
    assert [one.id for one in told.scenes] == ["S2A_T30TYQ"]
    with pytest.raises(LookupError):
        published_labels(wet, "dry")

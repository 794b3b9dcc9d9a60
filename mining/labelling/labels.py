"""What annotators say of patches and what a model thinks of them, as plain values."""

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from imagery.errors import ImageryError
from imagery.scene_record import SceneRecord
from mining.catalogue.patches import Patch

Action = Literal["positive", "negative", "skip", "undo"]

ACTIONS: tuple[Action, ...] = ("positive", "negative", "skip", "undo")
CONFIDENT = 0.8
"""Least probability of a prediction that is published."""

_EVENT_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_CONCEPT = re.compile(r"clc:[0-9]{1,3}|https?://[^\s<>\"{}|\\^`]+")
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_AHEAD = datetime.timedelta(days=1)
_LONGEST_NAME = 80
_MARKUP = set("<>")
_LINE_ENDS = ("Zl", "Zp")
_JOINERS = "\u200c\u200d"  # written inside words of some scripts


@dataclass(frozen=True)
class Category:
    """One kind of thing that patches are labelled for.

    Attributes:
        name: Lower-case ASCII words joined by hyphens; its identifier.
        title: What people call it, as they wrote it.
        concept: IRI of a concept, or scheme and notation such as "clc:221"; None
            where it is tied to none.
    """

    name: str
    title: str
    concept: str | None


@dataclass(frozen=True)
class LabelEvent:
    """One thing that an annotator said; never changed and never deleted.

    Attributes:
        id: The client's ULID; the order of these is the order of what was said.
        patch: Identifier of the patch.
        category: Name of the category.
        session: Identifier of the label session.
        annotator: The annotator's name, as written.
        action: An answer, or "undo".
        undoes: The event that an undo takes back; None for an answer.
        created: When the annotator said it, aware UTC.
        model_version: Version of the model that had proposed the batch; 0 before one.
        iteration: Number of the batch, from 1.
    """

    id: str
    patch: str
    category: str
    session: str
    annotator: str
    action: Action
    undoes: str | None
    created: datetime.datetime
    model_version: int
    iteration: int


@dataclass(frozen=True)
class Prediction:
    """What a model version thinks of a patch that has no label.

    Attributes:
        patch: Identifier of the patch.
        category: Name of the category.
        probability: That the patch shows the category, 0 to 1.
        model_version: The version that thinks so, from 1.
    """

    patch: str
    category: str
    probability: float
    model_version: int


@dataclass(frozen=True)
class PublishedLabels:
    """All that is told of one category to those who do not read the catalogue.

    Attributes:
        category: The category.
        patches: The patches that the labels and predictions are about.
        scenes: The scenes that these were cut from.
        labels: All events, also those taken back, in their order.
        predictions: Confident ones (at least `CONFIDENT`) of the current model, of
            patches without a label.
    """

    category: Category
    patches: tuple[Patch, ...]
    scenes: tuple[SceneRecord, ...]
    labels: tuple[LabelEvent, ...]
    predictions: tuple[Prediction, ...]


def current_labels(events: Iterable[LabelEvent]) -> dict[str, LabelEvent]:
    """The label that holds for each patch of one category.

    It is the last answer, by identifier, that no undo of its own session takes back;
    the order in which the events come does not matter. An undo of an undo has no
    effect: the answer is given anew instead.
    """
    events = tuple(events)
    undone = {(one.session, one.undoes) for one in events if one.action == "undo"}
    held: dict[str, LabelEvent] = {}
    for one in sorted(events, key=lambda event: event.id):
        if one.action != "undo" and (one.session, one.id) not in undone:
            held[one.patch] = one
    return held


def check_event_id(text: str) -> str:
    """The identifier itself when it is a ULID in upper case, and not of the future.

    No later answer could ever replace an event from the future.

    Raises:
        ImageryError: It is none, or its time lies more than a day ahead of now.

    >>> check_event_id("01ARZ3NDEKTSV4RRFFQ69G5FAV")
    '01ARZ3NDEKTSV4RRFFQ69G5FAV'
    """
    if not _EVENT_ID.fullmatch(text):
        raise ImageryError(
            f"{text[:40]!r} is no event identifier; give a ULID: 26 letters and "
            "digits in upper case"
        )
    milliseconds = 0
    for one in text[:10]:
        milliseconds = 32 * milliseconds + _DIGITS.index(one)
    latest = datetime.datetime.now(datetime.UTC) + _AHEAD
    if milliseconds > latest.timestamp() * 1000:
        raise ImageryError(
            f"event {text}: the time in its identifier lies in the future; "
            "set the clock of the computer that sends it"
        )
    return text


def check_concept(text: str) -> str:
    """The concept itself when it is an IRI or a CORINE code.

    Raises:
        ImageryError: It is neither.

    >>> check_concept("clc:221")
    'clc:221'
    """
    if not _CONCEPT.fullmatch(text):
        raise ImageryError(
            f"the concept {text[:80]!r} is neither an IRI nor a CORINE code; "
            "write https://… or clc:221"
        )
    return text


def title_key(title: str) -> str:
    """What titles of one category have in common, however they are written.

    >>> title_key(" STRASSE") == title_key("Straße "), title_key("a!") == title_key("a")
    (True, False)
    """
    composed = unicodedata.normalize("NFC", title).strip()
    return unicodedata.normalize("NFC", composed.casefold())


def check_name(text: str, what: str) -> str:
    """A name that a person gave, without the spaces around it.

    Letters of all scripts, digits and punctuation may stand in it; it is kept as
    written and never becomes a file name or markup.

    Args:
        text: The name.
        what: What it names, for the message: "annotator".

    Raises:
        ImageryError: It is empty, longer than 80 characters, or has control
            characters or characters of markup.

    >>> check_name("  Zoë O'Neil ", "annotator")
    "Zoë O'Neil"
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise ImageryError(f"the {what} has no name; give one")
    if len(name) > _LONGEST_NAME:
        raise ImageryError(
            f"the name of the {what} has {len(name)} characters; "
            f"give at most {_LONGEST_NAME}"
        )
    refused = [
        one
        for one in name
        if one in _MARKUP
        or unicodedata.category(one) in _LINE_ENDS
        or (unicodedata.category(one)[0] == "C" and one not in _JOINERS)
    ]
    if refused:
        raise ImageryError(
            f"the name of the {what} has the character {refused[0]!a}; "
            "leave out markup and control characters"
        )
    return name

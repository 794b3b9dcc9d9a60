"""Categories, sessions and label events in the catalogue's database."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from imagery.errors import ImageryError
from mining.catalogue.catalogue import Catalogue, add_new, portions
from mining.catalogue.tables import (
    CategoryRow,
    EventRow,
    PatchRow,
    PredictionRow,
    SessionRow,
)
from mining.labelling.labels import (
    CONFIDENT,
    Category,
    LabelEvent,
    Prediction,
    PublishedLabels,
    title_key,
)


def put_category(catalogue: Catalogue, category: Category) -> Category:
    """Add a category; the one that has the title already, if there is one.

    Where another title has the name, six hex digits of the title are put after it.

    Raises:
        ImageryError: Other titles have both names.
    """
    key = title_key(category.title)
    digits = hashlib.sha256(key.encode()).hexdigest()[:6]
    with catalogue.writing() as session:
        for held in session.scalars(select(CategoryRow)):
            if title_key(held.title) == key:
                return _category(held)
        for name in (category.name, f"{category.name}-{digits}"):
            row = {
                "name": name,
                "title": category.title,
                "concept": category.concept,
                "created": datetime.now(UTC),
            }
            add_new(session, CategoryRow, row)
            held = session.get_one(CategoryRow, name)
            if title_key(held.title) == key:
                return _category(held)
    raise ImageryError(
        f"the names for a category {category.title!r} are taken by other titles; "
        "choose another title"
    )


def find_category(catalogue: Catalogue, name: str) -> Category:
    """The category of that name.

    Raises:
        LookupError: There is none.
    """
    with catalogue.reading() as session:
        row = session.get(CategoryRow, name)
        if row is None:
            raise LookupError(f"no category {name!r}; add it first")
        return _category(row)


def categories(catalogue: Catalogue) -> list[Category]:
    """All categories, by name."""
    with catalogue.reading() as session:
        rows = session.scalars(select(CategoryRow).order_by(CategoryRow.name))
        return [_category(row) for row in rows]


def put_session(catalogue: Catalogue, row: SessionRow) -> SessionRow:
    """The session of an annotator and category, added when there is none.

    A session that is there takes the strategy of the row.
    """
    with catalogue.writing() as session:
        values = {
            name: getattr(row, name)
            for name in ("id", "category", "annotator", "strategy", "opened")
        }
        add_new(session, SessionRow, values)
        held = session.scalars(
            select(SessionRow).where(
                SessionRow.category == row.category,
                SessionRow.annotator == row.annotator,
            )
        ).one()
        held.strategy = row.strategy
        session.flush()
        session.expunge(held)
        return held


def find_session(catalogue: Catalogue, session_id: str) -> SessionRow:
    """The session of that identifier.

    Raises:
        LookupError: There is none.
    """
    with catalogue.reading() as session:
        row = session.get(SessionRow, session_id)
        if row is None:
            raise LookupError(f"no session {session_id[:40]!r}; open one first")
        session.expunge(row)
        return row


def put_events(catalogue: Catalogue, events: Sequence[LabelEvent]) -> None:
    """Store label events, all or none; they are on disk when this returns.

    An event whose identifier is stored already is left as it is.

    Raises:
        ImageryError: An identifier is stored with another content, or an undo names
            an undo or an event of another session.
        LookupError: The catalogue has no such patch.
    """
    if not events:
        return
    with catalogue.writing() as session:
        _check_patches(session, {one.patch for one in events})
        received = datetime.now(UTC)
        rows = [{**vars(one), "received": received} for one in events]
        add_new(session, EventRow, *rows)
        ids = [one.id for one in events]
        held = {row.id: row for row in _rows(session, ids)}
        for one in events:
            _check_same(one, _event(held[one.id]))
        undone = [one.undoes for one in events if one.undoes is not None]
        named = {row.id: row for row in _rows(session, undone)}
        for one in events:
            if one.undoes in named:
                _check_undo(one, named[one.undoes])


def events_of(catalogue: Catalogue, category: str) -> tuple[LabelEvent, ...]:
    """All events of a category in the order of their identifiers."""
    query = select(EventRow).where(EventRow.category == category).order_by(EventRow.id)
    with catalogue.reading() as session:
        return tuple(_event(row) for row in session.scalars(query))


def last_events(
    catalogue: Catalogue, session_id: str, count: int
) -> tuple[LabelEvent, ...]:
    """The last events of a session, oldest first."""
    query = (
        select(EventRow)
        .where(EventRow.session == session_id)
        .order_by(EventRow.id.desc())
        .limit(count)
    )
    with catalogue.reading() as session:
        return tuple(_event(row) for row in session.scalars(query))[::-1]


def labels_of(
    catalogue: Catalogue, category: str, session_id: str | None = None
) -> dict[str, LabelEvent]:
    """The label that holds for each patch of a category; see `current_labels`.

    Args:
        catalogue: Where the events are.
        category: Name of the category.
        session_id: Look at the events of this session alone.
    """
    with catalogue.reading() as session:
        rows = session.scalars(_holding(category, session_id))
        return {row.patch: _event(row) for row in rows}


def count_labels(
    catalogue: Catalogue, category: str, descriptor_set: str | None = None
) -> dict[str, int]:
    """Number of patches by the answer that holds: positive, negative, skip.

    Args:
        catalogue: Where the events are.
        category: Name of the category.
        descriptor_set: Count only patches that are described in this way.
    """
    holding = _holding(category, None).subquery()
    query = select(holding.c.action, func.count()).group_by(holding.c.action)
    if descriptor_set is not None:
        query = query.join(PatchRow, PatchRow.id == holding.c.patch)
        query = query.where(PatchRow.descriptor_set == descriptor_set)
    counted = dict.fromkeys(("positive", "negative", "skip"), 0)
    with catalogue.reading() as session:
        return counted | {row[0]: row[1] for row in session.execute(query)}


def published_labels(catalogue: Catalogue, category: str) -> PublishedLabels:
    """All events and confident predictions of a category, with what they name.

    Undos of answers that are not there are left out.

    Raises:
        LookupError: There is no such category.
    """
    found = find_category(catalogue, category)
    events = events_of(catalogue, category)
    answers = {(one.session, one.patch, one.id) for one in events if not one.undoes}
    # An undo may come before its answer; while that is missing it says nothing.
    events = tuple(
        one
        for one in events
        if not one.undoes or (one.session, one.patch, one.undoes) in answers
    )
    labelled = {one.patch for one in events if one.action != "undo"}
    holding = labels_of(catalogue, category)
    query = (
        select(PredictionRow)
        .where(PredictionRow.category == category)
        .where(PredictionRow.probability >= CONFIDENT)
        .order_by(PredictionRow.patch)
    )
    with catalogue.reading() as session:
        predictions = tuple(
            Prediction(row.patch, row.category, row.probability, row.model_version)
            for row in session.scalars(query)
            if row.patch not in holding
        )
    named = labelled | {one.patch for one in predictions}
    patches = catalogue.patches(sorted(named))
    scenes = catalogue.scenes(sorted({one.scene for one in patches}))
    return PublishedLabels(found, patches, scenes, events, predictions)


def _holding(category: str, session_id: str | None) -> Select[EventRow]:
    """The last answer of each patch that no undo of its own session takes back."""
    undo = aliased(EventRow)
    taken_back = (
        select(undo.id)
        .where(undo.undoes == EventRow.id, undo.session == EventRow.session)
        .exists()
    )
    newest_first = func.row_number().over(
        partition_by=EventRow.patch, order_by=EventRow.id.desc()
    )
    standing = (
        select(EventRow.id, newest_first.label("age"))
        .where(EventRow.category == category, EventRow.action != "undo", ~taken_back)
        .where(*_in_session(session_id))
        .subquery()
    )
    return (
        select(EventRow)
        .join(standing, standing.c.id == EventRow.id)
        .where(standing.c.age == 1)
        .order_by(EventRow.patch)
    )


def _in_session(session_id: str | None) -> list[ColumnElement[bool]]:
    return [] if session_id is None else [EventRow.session == session_id]


def _rows(session: Session, ids: Sequence[str]) -> list[EventRow]:
    found: list[EventRow] = []
    for part in portions(ids):
        found += session.scalars(select(EventRow).where(EventRow.id.in_(part)))
    return found


def _check_patches(session: Session, ids: set[str]) -> None:
    known: set[str] = set()
    for part in portions(sorted(ids)):
        known |= set(session.scalars(select(PatchRow.id).where(PatchRow.id.in_(part))))
    for one in sorted(ids - known):
        raise LookupError(f"no patch {one[:80]!r} in the catalogue")


def _check_same(sent: LabelEvent, stored: LabelEvent) -> None:
    for name in ("patch", "session", "action", "undoes"):
        if getattr(sent, name) != getattr(stored, name):
            raise ImageryError(
                f"event {sent.id} is stored already with another {name}; "
                "give a new event a new identifier"
            )


def _check_undo(undo: LabelEvent, undone: EventRow) -> None:
    if undone.session != undo.session or undone.patch != undo.patch:
        raise ImageryError(
            f"event {undo.undoes} is not one of this session and patch; "
            "undo your own, or label the patch anew"
        )
    if undone.action == "undo":
        raise ImageryError(
            f"event {undo.undoes} is an undo itself; label the patch anew instead"
        )


def _category(row: CategoryRow) -> Category:
    return Category(row.name, row.title, row.concept)


def _event(row: EventRow) -> LabelEvent:
    return LabelEvent(
        row.id,
        row.patch,
        row.category,
        row.session,
        row.annotator,
        row.action,  # type: ignore[arg-type]  # the database checks it
        row.undoes,
        row.created,
        row.model_version,
        row.iteration,
    )

"""Batches of label sessions, and the models that chose them, in the database."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mining.catalogue.catalogue import Catalogue, add_new
from mining.catalogue.tables import (
    BatchRow,
    CategoryRow,
    EventRow,
    ModelRow,
    PatchRow,
    PredictionRow,
    SessionRow,
)
from mining.labelling.labels import Prediction

Choice = tuple[str, float | None]
"""A patch and the probability that the model gave it."""


@dataclass(frozen=True)
class Batch:
    """Patches that a session shows together.

    Attributes:
        number: Counted in the session from 1.
        model_version: The version that chose them; 0 for none.
        shown: The patches in their order.
        reserve: Others to fall back to while nothing better is ready.
    """

    number: int
    model_version: int
    shown: tuple[Choice, ...]
    reserve: tuple[Choice, ...]


def descriptor_set_of(catalogue: Catalogue, category: str) -> str | None:
    """The descriptor set in which a category is learned; None without patches.

    Only patches described by the same numbers compare: it is the set with most labels
    of the category, else the one with most patches.
    """
    labelled = (
        select(PatchRow.descriptor_set, func.count(func.distinct(PatchRow.id)))
        .join(EventRow, EventRow.patch == PatchRow.id)
        .where(EventRow.category == category)
        .group_by(PatchRow.descriptor_set)
    )
    with catalogue.reading() as session:
        counts = {row[0]: row[1] for row in session.execute(labelled)}
    counts = counts or catalogue.descriptor_sets()
    return max(sorted(counts), key=lambda name: counts[name], default=None)


def current_batch(catalogue: Catalogue, session_id: str) -> Batch | None:
    """The batch that a session shows; None before the first."""
    with catalogue.reading() as session:
        row = _in_state(session, session_id, "current")
        return None if row is None else _batch(row)


def proposed_batch(catalogue: Catalogue, session_id: str) -> Batch | None:
    """The batch that will come next; None while none is ready."""
    with catalogue.reading() as session:
        row = _in_state(session, session_id, "proposed")
        return None if row is None else _batch(row)


def batch_of_patch(catalogue: Catalogue, session_id: str, patch: str) -> Batch | None:
    """The last batch shown that holds a patch, else the current one."""
    query = (
        select(BatchRow)
        .where(BatchRow.session == session_id, BatchRow.state != "proposed")
        .order_by(BatchRow.number.desc())
    )
    current: Batch | None = None
    with catalogue.reading() as session:
        for row in session.scalars(query):
            batch = _batch(row)
            current = current or batch
            if any(patch == shown for shown, _ in batch.shown):
                return batch
    return current


def propose(
    catalogue: Catalogue,
    session_id: str,
    model_version: int,
    choices: Sequence[Choice],
    count: int,
) -> None:
    """Keep choices as the batch that comes next, in place of an older proposal.

    Args:
        catalogue: Where the batches are.
        session_id: The session.
        model_version: The version that chose; 0 for none.
        choices: Best first; those that the session shows already are left out.
        count: How many of them make the batch; the others are the reserve.
    """
    with catalogue.writing() as session:
        _lock(session, session_id)
        current = _in_state(session, session_id, "current")
        showing = {one for one, _ in _batch(current).shown} if current else set()
        free = [choice for choice in choices if choice[0] not in showing]
        old = _in_state(session, session_id, "proposed")
        if old is not None:
            session.delete(old)
            session.flush()
        number = 1 if current is None else current.number + 1
        batch = Batch(number, model_version, tuple(free[:count]), tuple(free[count:]))
        session.add(_row(session_id, "proposed", batch))


def advance(
    catalogue: Catalogue,
    session_id: str,
    *,
    labelled: Iterable[str],
    others: Sequence[str],
    count: int,
) -> Batch:
    """End the current batch and begin the next, which may be empty.

    It is the proposed one; while there is none, the reserve of the last; while that
    is used up, the others. Patches labelled meanwhile are left out.

    Args:
        catalogue: Where the batches are.
        session_id: The session.
        labelled: Patches that need no showing.
        others: Patches to fill up with.
        count: Patches of a batch.
    """
    with catalogue.writing() as session:
        _lock(session, session_id)
        current = _in_state(session, session_id, "current")
        proposed = _in_state(session, session_id, "proposed")
        number, source = 1, None
        showing: dict[str, float | None] = {}
        if current is not None:
            source = _batch(current)
            number = current.number + 1
            showing = dict(source.shown)
            current.state = "done"
        if proposed is not None:
            source = _batch(proposed)
            session.delete(proposed)
        session.flush()
        wanted: dict[str, float | None] = {}
        if source is not None:
            from_shown = source.shown if proposed is not None else ()
            wanted = dict([*from_shown, *source.reserve])
        candidates = wanted | {one: None for one in others if one not in wanted}
        # What was shown and left open comes again when little else is left.
        ordered = [one for one in candidates.items() if one[0] not in showing]
        out = set(labelled)
        free = [one for one in [*ordered, *showing.items()] if one[0] not in out]
        reserve = [one for one in free[count:] if one[0] in wanted]
        version = 0 if source is None else source.model_version
        batch = Batch(number, version, tuple(free[:count]), tuple(reserve))
        session.add(_row(session_id, "current", batch))
        return batch


def random_patches(
    catalogue: Catalogue, descriptor_set: str, count: int
) -> tuple[str, ...]:
    """Patches of a descriptor set drawn by lot."""
    query = (
        select(PatchRow.id)
        .where(PatchRow.descriptor_set == descriptor_set)
        .order_by(func.random())
        .limit(count)
    )
    with catalogue.reading() as session:
        return tuple(session.scalars(query))


def newest_model(catalogue: Catalogue, category: str) -> ModelRow | None:
    """The newest model of a category."""
    models = models_of(catalogue, category)
    return models[-1] if models else None


def models_of(catalogue: Catalogue, category: str) -> list[ModelRow]:
    """All models of a category, oldest first."""
    query = (
        select(ModelRow).where(ModelRow.category == category).order_by(ModelRow.version)
    )
    with catalogue.reading() as session:
        rows = list(session.scalars(query))
        session.expunge_all()
        return rows


def put_model(
    catalogue: Catalogue, model: ModelRow, predictions: Sequence[Prediction]
) -> None:
    """Keep a model, its confident predictions in place of those of an older one.

    A version that is there already, put by another process meanwhile, stays.
    """
    with catalogue.writing() as session:
        held = select(CategoryRow).where(CategoryRow.name == model.category)
        session.scalars(held.with_for_update()).one()
        if session.get(ModelRow, (model.category, model.version)) is not None:
            return
        session.add(model)
        old = delete(PredictionRow).where(PredictionRow.category == model.category)
        session.execute(old)
        rows = [vars(one) for one in predictions]
        if rows:
            add_new(session, PredictionRow, *rows)


def count_events(catalogue: Catalogue, category: str) -> int:
    """Number of label events of a category."""
    query = select(func.count()).where(EventRow.category == category)
    with catalogue.reading() as session:
        return session.scalars(query).one()


def _lock(session: Session, session_id: str) -> None:
    """Let no other transaction change the batches of a session."""
    query = select(SessionRow).where(SessionRow.id == session_id).with_for_update()
    session.scalars(query).one()


def _in_state(session: Session, session_id: str, state: str) -> BatchRow | None:
    query = select(BatchRow).where(
        BatchRow.session == session_id, BatchRow.state == state
    )
    return session.scalars(query).one_or_none()


def _batch(row: BatchRow) -> Batch:
    shown, reserve = (
        tuple((str(patch), probability) for patch, probability in part)
        for part in json.loads(row.patches)
    )
    return Batch(row.number, row.model_version, shown, reserve)


def _row(session_id: str, state: str, batch: Batch) -> BatchRow:
    return BatchRow(
        session=session_id,
        number=batch.number,
        state=state,
        model_version=batch.model_version,
        patches=json.dumps([batch.shown, batch.reserve]),
    )

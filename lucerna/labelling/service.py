"""The label service: sessions of annotators over the patch catalogue."""

import contextlib
import datetime
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from etl.keys import slug
from imagery.errors import ImageryError
from imagery.scene_record import aware_time, iso_time
from lucerna.database import open_catalogue
from lucerna.labelling.errands import Errands
from lucerna.workers import Workers
from mining.catalogue.tables import SessionRow
from mining.labelling.batch_store import (
    Batch,
    advance,
    batch_of_patch,
    current_batch,
    descriptor_set_of,
    models_of,
    proposed_batch,
    random_patches,
)
from mining.labelling.label_store import (
    categories,
    count_labels,
    find_category,
    find_session,
    labels_of,
    last_events,
    put_category,
    put_events,
    put_session,
)
from mining.labelling.labels import (
    ACTIONS,
    Category,
    LabelEvent,
    check_concept,
    check_event_id,
    check_name,
    title_key,
)
from mining.labelling.retraining import BATCH, check_strategy, prepare_batch
from ontology.errors import QueryRejected

_HISTORY = 10
_HALF = 1
_END = 2


class LabelService:
    """Categories, sessions and label events; implements `kb_api.labelling.Labelling`.

    What is acknowledged is in the database. The next batch is prepared in a worker
    when the current one is half labelled and again at its end; when it is asked for
    before, it is made up of what was ranked last, or drawn by lot.

    Args:
        catalogue_url: SQLAlchemy URL of the patch catalogue.
        workers: Where models are fitted.
        publish: Makes facts of a category's labels; called in a thread.
    """

    def __init__(
        self, catalogue_url: str, workers: Workers, publish: Callable[[str], None]
    ) -> None:
        self._url = catalogue_url
        self._catalogue = open_catalogue(catalogue_url)
        self._errands = Errands(workers, prepare_batch, publish)
        self._stages: dict[str, tuple[int, int]] = {}

    def close(self) -> None:
        """Let running errands end; close the catalogue."""
        self._errands.close()
        self._catalogue.close()

    def settle(self, session: str) -> None:
        """Wait until no batch of a session is being made and its labels are facts."""
        self._errands.settle(session, find_session(self._catalogue, session).category)

    def categories(self) -> list[dict[str, Any]]:
        """Name, title, concept, positives, negatives and skipped of each category."""
        return [self._told(one) for one in categories(self._catalogue)]

    def add_category(self, title: str, concept: str | None) -> dict[str, Any]:
        """A new category; the one of that title where there is one already.

        Raises:
            QueryRejected: A title or concept that is not allowed, or a concept that
                differs from that of the category there is.
        """
        with _refusals():
            title = check_name(title, "category")
            concept = None if concept is None else check_concept(concept)
            name = slug(title_key(title))
            held = put_category(self._catalogue, Category(name, title, concept))
            if concept not in (None, held.concept):
                raise ImageryError(
                    f"there is a category {held.title!r} already, tied to "
                    f"{held.concept or 'no concept'}; choose another title"
                )
        return self._told(held)

    def open_session(
        self, category: str, annotator: str, strategy: str
    ) -> dict[str, Any]:
        """The state of the session of this annotator and category, made or resumed.

        Raises:
            LookupError: There is no such category.
            QueryRejected: A name or strategy that is not allowed.
        """
        find_category(self._catalogue, category)
        with _refusals():
            new = SessionRow(
                id=secrets.token_hex(8),
                category=category,
                annotator=check_name(annotator, "annotator"),
                strategy=check_strategy(strategy),
                opened=datetime.datetime.now(datetime.UTC),
            )
        session = put_session(self._catalogue, new)
        if current_batch(self._catalogue, session.id) is None:
            self._advance(session)
        if proposed_batch(self._catalogue, session.id) is None:
            self._prepare(session)
        return self.state(session.id)

    def state(self, session: str) -> dict[str, Any]:
        """Counters, learning curve, last ten events, and whether a batch is coming."""
        row = find_session(self._catalogue, session)
        current = current_batch(self._catalogue, session)
        proposed = proposed_batch(self._catalogue, session)
        models = models_of(self._catalogue, row.category)
        return {
            "session": session,
            "category": row.category,
            "title": find_category(self._catalogue, row.category).title,
            "annotator": row.annotator,
            "strategy": row.strategy,
            "iteration": 0 if current is None else current.number,
            "model_version": models[-1].version if models else 0,
            "counters": self._counters(row.category),
            "curve": [
                {"labels": one.labels, "estimate": one.estimate, "found": one.found}
                for one in models
            ],
            "history": [
                _event_json(one)
                for one in last_events(self._catalogue, session, _HISTORY)
            ],
            "pending": self._errands.preparing(session),
            "problem": self._errands.problem(session),
            "published": self._errands.published(row.category),
            "upcoming": [
                thumbnail_path(patch)
                for patch, _ in (proposed.shown if proposed else ())
            ],
        }

    def batch(self, session: str) -> dict[str, Any]:
        """The current batch: number from 1, ready, and at most 24 patches."""
        row = find_session(self._catalogue, session)
        batch = current_batch(self._catalogue, session) or self._advance(row)
        return self._batch_json(row, batch)

    def next_batch(self, session: str) -> dict[str, Any]:
        """End the current batch and give the next one, at once."""
        row = find_session(self._catalogue, session)
        batch = self._advance(row)
        self._prepare(row, then_publish=True)
        return self._batch_json(row, batch)

    def record(self, session: str, events: list[dict[str, Any]]) -> dict[str, Any]:
        """Store events, all or none; one that is stored already is accepted again.

        Raises:
            LookupError: There is no such session or patch.
            QueryRejected: An event that is not allowed.
        """
        row = find_session(self._catalogue, session)
        with _refusals():
            made = [self._event(row, one) for one in events]
            put_events(self._catalogue, made)
        self._prepare_in_time(row)
        return {
            "accepted": [one.id for one in made],
            "counters": self._counters(row.category),
        }

    def pause(self, session: str) -> dict[str, Any]:
        """Make facts of the labels given so far; the state."""
        row = find_session(self._catalogue, session)
        self._errands.publish(row.category)
        return self.state(session)

    def thumbnail(self, patch: str) -> bytes | None:
        """A small PNG picture of a patch; None where there is no such patch."""
        return self._catalogue.thumbnail(patch)

    def _advance(self, session: SessionRow) -> Batch:
        descriptor_set = descriptor_set_of(self._catalogue, session.category)
        labelled = labels_of(self._catalogue, session.category)
        # Enough that a batch is left when all those labelled are among them.
        enough = 2 * BATCH + len(labelled)
        others = (
            ()
            if descriptor_set is None
            else random_patches(self._catalogue, descriptor_set, enough)
        )
        return advance(
            self._catalogue, session.id, labelled=labelled, others=others, count=BATCH
        )

    def _prepare(self, session: SessionRow, *, then_publish: bool = False) -> None:
        self._errands.prepare(
            self._url, session.id, session.category, then_publish=then_publish
        )

    def _prepare_in_time(self, session: SessionRow) -> None:
        """Begin the next batch when this one is half labelled, and at its end."""
        batch = current_batch(self._catalogue, session.id)
        if batch is None or not batch.shown:
            return
        labels = labels_of(self._catalogue, session.category, session.id)
        done = sum(patch in labels for patch, _ in batch.shown)
        stage = _END * (done == len(batch.shown)) or _HALF * (
            2 * done >= len(batch.shown)
        )
        reached = (batch.number, int(stage))
        if stage and self._stages.get(session.id, (0, 0)) < reached:
            self._stages[session.id] = reached
            self._prepare(session, then_publish=stage == _END)

    def _told(self, category: Category) -> dict[str, Any]:
        counted = count_labels(self._catalogue, category.name)
        return {
            "name": category.name,
            "title": category.title,
            "concept": category.concept,
            "positives": counted["positive"],
            "negatives": counted["negative"],
            "skipped": counted["skip"],
        }

    def _counters(self, category: str) -> dict[str, int]:
        descriptor_set = descriptor_set_of(self._catalogue, category)
        counted = count_labels(self._catalogue, category, descriptor_set)
        patches = self._catalogue.descriptor_sets().get(descriptor_set or "", 0)
        unlabelled = patches - sum(counted.values())
        return counted | {"unlabelled": unlabelled, "patches": patches}

    def _event(self, session: SessionRow, told: dict[str, Any]) -> LabelEvent:
        action, undoes = str(told["action"]), told.get("undoes")
        if action not in ACTIONS or (action == "undo") != (undoes is not None):
            raise ImageryError(
                f"event {told['id']}: the action is one of {', '.join(ACTIONS)}, "
                "and an undo names what it undoes"
            )
        batch = batch_of_patch(self._catalogue, session.id, str(told["patch"]))
        return LabelEvent(
            check_event_id(str(told["id"])),
            str(told["patch"]),
            session.category,
            session.id,
            session.annotator,
            action,
            None if undoes is None else check_event_id(str(undoes)),
            aware_time(str(told["at"])),
            0 if batch is None else batch.model_version,
            0 if batch is None else batch.number,
        )

    def _batch_json(self, session: SessionRow, batch: Batch) -> dict[str, Any]:
        labels = labels_of(self._catalogue, session.category, session.id)
        patches = self._catalogue.patches([patch for patch, _ in batch.shown])
        probabilities = dict(batch.shown)
        return {
            "number": batch.number,
            "ready": True,
            "patches": [
                {
                    "id": patch.id,
                    "thumbnail": thumbnail_path(patch.id),
                    "label": labels[patch.id].action if patch.id in labels else None,
                    "event": labels[patch.id].id if patch.id in labels else None,
                    "probability": probabilities[patch.id],
                    "lon": round(patch.geometry.centroid.x, 6),
                    "lat": round(patch.geometry.centroid.y, 6),
                    "scene": patch.scene,
                }
                for patch in patches
            ],
        }


def thumbnail_path(patch: str) -> str:
    """Where the picture of a patch is, relative to the root of the service.

    >>> thumbnail_path("S2A-64-0-1")
    'api/v1/labelling/patches/S2A-64-0-1.png'
    """
    return f"api/v1/labelling/patches/{patch}.png"


def _event_json(event: LabelEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "patch": event.patch,
        "action": event.action,
        "undoes": event.undoes,
        "at": iso_time(event.created),
    }


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """What the catalogue refuses, as the service says it."""
    try:
        yield
    except (ImageryError, ValueError) as error:
        raise QueryRejected(str(error)) from error

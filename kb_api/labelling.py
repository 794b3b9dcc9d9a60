"""Label sessions over HTTP: categories, batches of patches, events of annotators."""

import datetime
import threading
from collections.abc import Callable
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MAX_EVENTS = 500
_EARLIEST, _LATEST = (
    datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) for year in (2000, 2100)
)
_NO_LABELLING = (
    "this service has no patch catalogue, so nothing can be labelled; "
    "add scenes with: lucerna patches"
)


class Labelling(Protocol):
    """What the routes need of the patch catalogue and its learner.

    An unknown session, category or patch raises LookupError, a value that is not
    allowed QueryRejected; each says in one line what, which and what to do.
    """

    def categories(self) -> list[dict[str, Any]]:
        """Name, title, concept, positives, negatives and skipped of each category."""
        ...

    def add_category(self, title: str, concept: str | None) -> dict[str, Any]:
        """A new category; its concept is an IRI or `clc:221`."""
        ...

    def open_session(
        self, category: str, annotator: str, strategy: str
    ) -> dict[str, Any]:
        """The state of the session of this annotator and category, made or resumed."""
        ...

    def state(self, session: str) -> dict[str, Any]:
        """Counters, learning curve, last ten events, and whether a batch is coming.

        Returns:
            session, category, title, annotator, strategy, iteration, model_version,
            counters (positive, negative, skip, unlabelled, patches), curve (labels,
            estimate 0..1 or None, found, each), history (oldest first), pending,
            problem (why the next batch could not be prepared, or None), published
            (at, problem), upcoming (thumbnails of the next batch).
        """
        ...

    def batch(self, session: str) -> dict[str, Any]:
        """The current batch: number from 1, ready, and at most 24 patches."""
        ...

    def next_batch(self, session: str) -> dict[str, Any]:
        """End the current batch and give the next one."""
        ...

    def record(self, session: str, events: list[dict[str, Any]]) -> dict[str, Any]:
        """Store events, all or none; one that is stored already is accepted again.

        Returns:
            accepted (ids), counters.
        """
        ...

    def pause(self, session: str) -> dict[str, Any]:
        """Make facts of the labels given so far; the state."""
        ...

    def thumbnail(self, patch: str) -> bytes | None:
        """A small PNG picture of a patch; None where there is no such patch."""
        ...


_Text = Annotated[str, Field(max_length=300)]
_Name = Annotated[str, Field(min_length=1, max_length=300)]
_Ulid = Annotated[str, Field(min_length=26, max_length=26)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewCategory(_Body):
    """A category as a client asks for it."""

    title: _Text
    concept: _Text | None = None


class NewSession(_Body):
    """A session as a client asks for it."""

    category: _Name
    annotator: _Text
    strategy: Literal["margin", "diverse", "random"] = "diverse"


class EndedBatch(_Body):
    """The number of the batch that the client has finished."""

    number: int


class NewLabelEvent(_Body):
    """One decision, or the undoing of one; the client gives it its identity."""

    id: _Ulid
    patch: _Name
    action: Literal["positive", "negative", "skip", "undo"]
    undoes: _Ulid | None = None
    at: Annotated[AwareDatetime, Field(ge=_EARLIEST, le=_LATEST)]


class NewLabelEvents(_Body):
    """Label events in the order in which they were made."""

    events: Annotated[list[NewLabelEvent], Field(min_length=1, max_length=MAX_EVENTS)]


def router(labelling: Labelling | None) -> APIRouter:
    """`/labelling/…` over a label service; without one every path answers 404."""
    if labelling is None:
        return _missing()
    routes = APIRouter(
        prefix="/labelling", tags=["labelling"], dependencies=[Depends(_json_only)]
    )
    _add_categories(routes, labelling)
    _add_sessions(routes, labelling)
    _add_batches(routes, labelling)
    return routes


def _add_categories(routes: APIRouter, labelling: Labelling) -> None:
    @routes.get("/categories")
    def list_categories() -> list[dict[str, Any]]:
        """What is labelled, with the number of labels of each kind."""
        return labelling.categories()

    @routes.post("/categories", status_code=201)
    def add_category(new: NewCategory) -> dict[str, Any]:
        """A new category, optionally with a concept of the ontology."""
        return _found(lambda: labelling.add_category(new.title, new.concept))

    @routes.get("/patches/{patch}.png", response_class=Response)
    def thumbnail(patch: str) -> Response:
        """A small picture of a patch."""
        content = labelling.thumbnail(patch)
        if content is None:
            raise HTTPException(404, f"no patch {patch!r} in the catalogue")
        headers = {
            "Cache-Control": "private, max-age=86400",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type="image/png", headers=headers)


def _add_sessions(routes: APIRouter, labelling: Labelling) -> None:
    @routes.post("/sessions")
    def open_session(new: NewSession) -> dict[str, Any]:
        """The state of a new or resumed session."""
        return _found(
            lambda: labelling.open_session(new.category, new.annotator, new.strategy)
        )

    @routes.get("/sessions/{session}")
    def state(session: str) -> dict[str, Any]:
        """Counters, learning curve, last events, and whether a batch is coming."""
        return _found(lambda: labelling.state(session))

    @routes.post("/sessions/{session}/pause")
    def pause(session: str) -> dict[str, Any]:
        """Make facts of the labels given so far."""
        return _found(lambda: labelling.pause(session))

    @routes.post("/sessions/{session}/events")
    def record(session: str, given: NewLabelEvents) -> dict[str, Any]:
        """Store events; one that was sent before is accepted and changes nothing."""
        events = [one.model_dump(mode="json") for one in given.events]
        return _found(lambda: labelling.record(session, events))


def _add_batches(routes: APIRouter, labelling: Labelling) -> None:
    one_at_a_time = threading.Lock()

    @routes.get("/sessions/{session}/batch")
    def batch(session: str) -> dict[str, Any]:
        """The current batch with the labels given in it."""
        return _found(lambda: labelling.batch(session))

    @routes.post("/sessions/{session}/batch")
    def next_batch(session: str, ended: EndedBatch) -> dict[str, Any]:
        """End a batch; asked again for the same one, the batch that followed it."""
        with one_at_a_time:  # else a request sent twice would end two batches
            current = _found(lambda: labelling.batch(session))
            if current["number"] != ended.number:
                return current
            return _found(lambda: labelling.next_batch(session))


def _found(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the service gives; its LookupError becomes 404."""
    try:
        return work()
    except LookupError as error:
        if type(error) is not LookupError:
            raise  # KeyError and IndexError are faults of ours
        raise HTTPException(404, str(error)) from error


def _json_only(request: Request) -> None:
    """Refuse what a form of another site could post."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and kind != "application/json":
        message = f"{kind or 'no content type'} is not taken; send application/json"
        raise HTTPException(415, message)


def _missing() -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/labelling/{path:path}", methods=["GET", "POST"])
    def missing(path: str) -> None:
        raise HTTPException(404, _NO_LABELLING)

    return routes

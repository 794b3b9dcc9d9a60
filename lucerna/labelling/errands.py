"""What the label service has done beside its answers: next batches, facts."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imagery.scene_record import iso_time
from lucerna.workers import Workers

_log = logging.getLogger(__name__)


@dataclass
class _Task:
    """An errand that runs, and what is to follow it."""

    again: bool = False
    then_publish: bool = False


class Errands:
    """Preparations in worker processes and publications in threads.

    At most one preparation a session and one publication a category run at a time;
    what is asked for meanwhile is done once more afterwards.

    Args:
        workers: Where preparations run.
        prepare: Function of a module; takes the catalogue's URL and a session.
        publish: Takes a category.
    """

    def __init__(
        self,
        workers: Workers,
        prepare: Callable[[str, str], None],
        publish: Callable[[str], None],
    ) -> None:
        self._workers = workers
        self._prepare_batch = prepare
        self._publish_category = publish
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="errands")
        self._changed = threading.Condition()
        self._preparations: dict[str, _Task] = {}
        self._publications: dict[str, _Task] = {}
        self._published: dict[str, dict[str, Any]] = {}
        self._problems: dict[str, str] = {}
        self._closed = False

    def close(self) -> None:
        """Let publications end; begin nothing more."""
        with self._changed:
            self._closed = True
        self._threads.shutdown()

    def prepare(
        self, url: str, session: str, category: str, *, then_publish: bool
    ) -> None:
        """Have the next batch of a session made, and facts of its labels after it.

        Args:
            url: SQLAlchemy URL of the catalogue.
            session: Identifier of the label session.
            category: Name of its category.
            then_publish: Whether facts are made afterwards.
        """
        with self._changed:
            if self._closed:
                return
            running = self._preparations.get(session)
            if running is not None:
                running.again = True
                running.then_publish |= then_publish
                return
            self._preparations[session] = _Task(then_publish=then_publish)
        self._send(url, session, category)

    def preparing(self, session: str) -> bool:
        """Whether a batch of the session is being made."""
        with self._changed:
            return session in self._preparations

    def problem(self, session: str) -> str | None:
        """Why the last preparation for a session failed; None where it did not."""
        with self._changed:
            return self._problems.get(session)

    def publish(self, category: str) -> None:
        """Have facts made of the labels of a category."""
        with self._changed:
            if self._closed:
                return
            running = self._publications.get(category)
            if running is not None:
                running.again = True
                return
            self._publications[category] = _Task()
            self._threads.submit(self._published_once, category)

    def published(self, category: str) -> dict[str, Any]:
        """When facts were made last, and what went wrong in the last attempt."""
        with self._changed:
            return dict(self._published.get(category, {"at": None, "problem": None}))

    def settle(self, session: str, category: str) -> None:
        """Wait until nothing runs for a session and its category."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    session not in self._preparations
                    and category not in self._publications
                )
            )

    def _send(self, url: str, session: str, category: str) -> None:
        def hand_over(future: "Future[None]") -> None:
            # Called in the workers' own thread, which must not wait for the workers.
            with self._changed:
                if not self._closed:
                    self._threads.submit(self._prepared, url, session, category, future)

        self._workers.submit(self._prepare_batch, url, session).add_done_callback(
            hand_over
        )

    def _prepared(
        self, url: str, session: str, category: str, future: "Future[None]"
    ) -> None:
        problem = None
        try:
            future.result()
        except CancelledError:
            _log.info("the next batch of session %s was not made: closing", session)
        except Exception as error:
            _log.exception("the next batch of session %s could not be made", session)
            problem = _one_line(error)
        with self._changed:
            self._problems.pop(session, None)
            if problem is not None:
                self._problems[session] = problem
            task = self._preparations.pop(session)
            again = task.again and not self._closed
            if again:
                self._preparations[session] = _Task()
            if task.then_publish:
                self.publish(category)
            self._changed.notify_all()
        if again:
            self._send(url, session, category)

    def _published_once(self, category: str) -> None:
        problem = None
        try:
            self._publish_category(category)
        except Exception as error:
            _log.exception("the labels of %s could not be made facts", category)
            problem = _one_line(error)
        with self._changed:
            last = self._published.get(category, {"at": None})
            at = last["at"] if problem else iso_time(datetime.now(UTC))
            self._published[category] = {"at": at, "problem": problem}
            task = self._publications.pop(category)
            if task.again:
                self.publish(category)
            self._changed.notify_all()


def _one_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else repr(error)

"""Untrusted queries in worker processes, killed at their deadline."""

import contextlib
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.lanes import Lanes
from kb_api.endpoint.sending import Answers
from kb_api.endpoint.snapshots import Snapshot, Snapshots
from kb_api.endpoint.worker import Task, serve_queries
from kb_api.endpoint.written import Limits, Written
from kb_api.outcome import Prepared, Regime
from ontology.errors import QueryTimeout, StoreUnavailable

AT_ONCE = 2
"""Queries that run at the same time; others wait, and their waiting counts."""

SLOW_AT_ONCE = 2
"""Queries that have run for `SLOW_S` and go on beside these, at a lower priority."""

SLOW_S = 1.0

A_CLIENT = 2
"""Queries of one client that run at the same time."""

_SLOW_NICE = 15

_IN_PLACE_S = 2.0
"""For how long a query that has a place waits for what was there when it got it."""

MEMORY_BYTES = 2 * 2**30
"""What one query may take before its worker ends."""

_TO_DIE_S = 5.0


class QueryWorkers:
    """Runs each query in a process of its own, on a frozen copy of the store.

    One more worker than run stands ready, so that a killed one is missed by nobody.
    The service's own questions do not come here, and so never wait for these.

    Args:
        store: On disk.
        folder: For the frozen copies alone, on the same disk.
        limits: What is enforced; with a timeout.
        memory_bytes: What a worker may take.
    """

    def __init__(
        self,
        store: EmbeddedStore,
        folder: Path,
        limits: Limits,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        assert limits.timeout_s is not None, "workers are for queries with a deadline"
        self.limits = limits
        self.answers = Answers()
        self._timeout_s = limits.timeout_s
        self._store = store
        self._memory_bytes = memory_bytes
        self._snapshots = Snapshots(store, folder)
        self._lanes = Lanes(AT_ONCE, SLOW_AT_ONCE, SLOW_S, A_CLIENT)
        self._lock = threading.Lock()
        self._ready: list[_Worker] = [_Worker(memory_bytes)]
        self._busy: set[_Worker] = set()
        self._closed = False

    def run(
        self,
        text: str,
        accept: str | None,
        regime: Regime,
        since: float,
        client: str,
    ) -> Written:
        """The answer to a query; see `QueryRunner`.

        Raises:
            QueryTimeout: It ran past its deadline, or its worker ended.
            StoreUnavailable: The service is stopping.
        """
        deadline = since + self._timeout_s
        # It takes no place of others meanwhile.
        self._store.make_ready(regime, deadline - time.monotonic(), text)
        with self._lanes.place(deadline, client) as place:
            if place is None:
                raise QueryTimeout(
                    f"other queries ran all the {self._timeout_s:g} s that this one "
                    "may take, yours or those of others; ask again later"
                )
            with (
                self._prepared(text, regime, deadline) as (query, snapshot),
                self._worker() as worker,
            ):
                place.on_slow(worker.slow_down)
                task = Task(str(snapshot.path), query, accept, self.limits.rows)
                return self._answered(worker, task, deadline)

    def close(self) -> None:
        """Kill the workers, also those that run a query, and remove the copies."""
        with self._lock:
            self._closed = True
            workers = [*self._ready, *self._busy]
            self._ready.clear()
        for one in workers:
            one.kill()
        for one in workers:
            one.join()
        self._snapshots.close()

    @contextlib.contextmanager
    def _prepared(
        self, text: str, regime: Regime, deadline: float
    ) -> Iterator[tuple[Prepared, Snapshot]]:
        """The query as the engine runs it, and a copy of the state it was made for."""
        state = self._store.state
        wait_s = min(_IN_PLACE_S, deadline - time.monotonic())
        query = self._store.prepare(text, regime, wait_s)
        with self._snapshots.held(regime) as snapshot:
            certain = snapshot.certain and snapshot.state == state
            if certain or query.text == text:
                yield query, snapshot
                return
        # Something was loaded meanwhile: once more, while loads wait.
        with self._store.unchanged(deadline - time.monotonic()) as held:
            if not held:
                raise self._late()
            self._store.make_ready(regime, deadline - time.monotonic(), text)
            query = self._store.prepare(text, regime, deadline - time.monotonic())
            copies = contextlib.ExitStack()
            snapshot = copies.enter_context(self._snapshots.held(regime))
        with copies:
            yield query, snapshot

    @contextlib.contextmanager
    def _worker(self) -> "Iterator[_Worker]":
        """A worker for one task; another stands ready meanwhile."""
        with self._lock:
            if self._closed:
                raise StoreUnavailable("the service is stopping; ask again later")
            self._ready = [one for one in self._ready if one.lives]
            worker = self._ready.pop() if self._ready else _Worker(self._memory_bytes)
            self._busy.add(worker)
            if not self._ready:
                self._ready.append(_Worker(self._memory_bytes))
        try:
            yield worker
        finally:
            with self._lock:
                self._busy.remove(worker)
                kept = worker.is_fresh and not self._closed
                if kept:
                    self._ready.append(worker)
            if not kept:
                worker.end()

    def _answered(self, worker: "_Worker", task: Task, deadline: float) -> Written:
        try:
            answer = worker.ask(task, deadline)
        except (EOFError, OSError) as error:
            raise self._ended(worker) from error
        if answer is None:
            raise self._late()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _late(self) -> QueryTimeout:
        return QueryTimeout(
            f"the query ran longer than {self._timeout_s:g} s and was stopped; ask for "
            "less: a smaller place, a shorter period, a LIMIT"
        )

    def _ended(self, worker: "_Worker") -> Exception:
        if self._closed:
            return StoreUnavailable("the service is stopping; ask again later")
        code = worker.end()
        return QueryTimeout(
            f"the process that ran the query ended (exit code {code}), most likely for "
            f"more than {self._memory_bytes // 2**20} MB of memory; ask for less: "
            "a smaller place, a LIMIT, no ORDER BY"
        )


class _Worker:
    """A worker process and our end of the pipe to it.

    Attributes:
        asked: Whether it has a task whose answer was not taken yet.
    """

    def __init__(self, memory_bytes: int) -> None:
        # Spawned, not forked: the serving process has threads.
        context = multiprocessing.get_context("spawn")
        self.asked = self._slow = False
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=serve_queries, args=(theirs, memory_bytes), daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def lives(self) -> bool:
        """Whether its process runs."""
        return self._process.is_alive()

    @property
    def is_fresh(self) -> bool:
        """Whether it can take the next task as if it were its first."""
        return self.lives and not self.asked and not self._slow

    def slow_down(self) -> None:
        """Let it go on at a lower priority, for good: only root could raise it."""
        self._slow = True
        with contextlib.suppress(OSError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, self._process.pid or 0, _SLOW_NICE)

    def ask(self, task: Task, deadline: float) -> Written | Exception | None:
        """What it answers, or raised; None past the deadline.

        Raises:
            EOFError: Its process has ended.
            OSError: The same.
        """
        self.asked = True
        self._pipe.send(task)
        if not self._pipe.poll(max(deadline - time.monotonic(), 0)):
            return None
        answer: Written | Exception = self._pipe.recv()
        self.asked = False
        return answer

    def kill(self) -> None:
        """Tell the system to end it, whatever it does."""
        self._process.kill()

    def join(self) -> None:
        """Wait until it has ended."""
        self._process.join(_TO_DIE_S)

    def end(self) -> int | None:
        """Kill it, and close the pipe; its exit code."""
        self.kill()
        self.join()
        self._pipe.close()
        return self._process.exitcode

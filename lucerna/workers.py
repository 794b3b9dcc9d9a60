"""Worker processes: long work runs outside the serving process."""

import logging
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, Self, TypeVar

from kb_api.processes import end_with_parent

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)


class Workers:
    """A pool of fresh processes, started at the first task.

    Functions and arguments are pickled, so functions are those of a module. A worker
    that was killed fails its task; the next task gets new workers.

    Args:
        count: Processes at most.
    """

    def __init__(self, count: int = 1) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> "Future[T]":
        """Run a function in a worker; its result or error comes by the future."""
        with self._lock:
            try:
                return self._started().submit(function, *args, **kwargs)
            except BrokenProcessPool:
                _log.warning("a worker process was lost; starting new ones")
                self._pool = None
                return self._started().submit(function, *args, **kwargs)

    def close(self) -> None:
        """Let running tasks end, drop waiting ones, end the processes."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned, not forked: the serving process has threads.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._count, mp_context=context, initializer=end_with_parent
            )
        return self._pool

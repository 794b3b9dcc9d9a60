"""A worker process that runs one query after another, and may be killed in any."""

import contextlib
import os
import resource
import signal
from collections import OrderedDict
from dataclasses import dataclass
from multiprocessing.connection import Connection

import pyoxigraph as ox

from kb_api.endpoint.written import Written, write_outcome
from kb_api.evaluation import evaluate
from kb_api.outcome import Prepared
from kb_api.processes import end_with_parent

_OPEN_COPIES = 2
_NICE = 5
"""Queries of strangers leave the processor to the service's own questions."""


@dataclass(frozen=True)
class Task:
    """One query for a worker.

    Attributes:
        store: Folder of the frozen copy that is asked.
        query: Ready for the engine.
        accept: The client's Accept header.
        most_rows: More are an error.
    """

    store: str
    query: Prepared
    accept: str | None
    most_rows: int | None


def serve_queries(connection: Connection, memory_bytes: int) -> None:
    """Answer tasks until the other end closes: `Written`, or the error it raised.

    Args:
        connection: One message each way for a task.
        memory_bytes: What this process may take; beyond, it ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    opened: OrderedDict[str, ox.Store] = OrderedDict()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            connection.send(_answer(opened, connection.recv()))


def _answer(opened: "OrderedDict[str, ox.Store]", task: Task) -> Written | Exception:
    try:
        store = _store(opened, task.store)
        return write_outcome(
            lambda: evaluate(store, task.query), task.accept, task.most_rows
        )
    except MemoryError:
        raise  # the process ends, and what it holds with it
    except Exception as error:
        return error.with_traceback(None)


def _store(opened: "OrderedDict[str, ox.Store]", folder: str) -> ox.Store:
    """The store of that folder, opened once; older ones are let go."""
    if folder not in opened:
        while len(opened) >= _OPEN_COPIES:
            opened.popitem(last=False)
        opened[folder] = ox.Store.read_only(folder)
    opened.move_to_end(folder)
    return opened[folder]

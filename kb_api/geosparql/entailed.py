"""A copy of a store with what RDFS entails, made when it is first asked for."""

import contextlib
import itertools
import shutil
import threading
import time
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox

from kb_api.geosparql.entailment import adds_serialisations, materialise
from ontology.errors import QueryTimeout, StoreUnavailable

_TO_END_S = 5.0


@dataclass(frozen=True)
class Entailed:
    """A store and what is entailed of it.

    Attributes:
        store: With the graph of the inferred facts.
        is_indexed: Whether the index of that store says all of this one's geometries.
    """

    store: ox.Store
    is_indexed: bool


class Source(Protocol):
    """The store that is copied."""

    @property
    def state(self) -> int:
        """A number that every change raises."""
        ...

    def unchanged(self, wait_s: float) -> AbstractContextManager[bool]:
        """Keep changes waiting; whether that was possible within the time."""
        ...

    def copied(self, folder: Path | None) -> ox.Store:
        """A copy that may be changed, in a folder or in memory."""
        ...


@dataclass(frozen=True)
class _Copy:
    """One copy, made or in the making, of a state of the store."""

    state: int
    folder: Path | None
    made: "Future[Entailed]" = field(default_factory=Future)

    @property
    def failed(self) -> bool:
        return self.made.done() and self.made.exception() is not None


class KeptEntailment:
    """The entailed copy of a store, kept until the store changes.

    The copy itself takes milliseconds (hard links), and changes wait for it; what is
    entailed is worked out in a thread, so that who asks need not wait to the end. The
    copy before the last stays while queries may still read it.

    Args:
        source: The store.
        folder: For the copies alone, on the disk of the store; what a crash has left
            there is removed. None in memory.
    """

    def __init__(self, source: Source, folder: Path | None) -> None:
        self._source = source
        self._folder = folder
        self._lock = threading.Lock()
        self._in_turn = threading.Lock()
        self._numbers = itertools.count(1)
        self._copies: list[_Copy] = []
        _remove(folder)

    def get(self, wait_s: float | None = None) -> Entailed:
        """The copy of the store as it is; made if there is none of this state.

        Args:
            wait_s: For how long to wait for it; None: until it is there.

        Raises:
            QueryTimeout: It takes longer.
            StoreUnavailable: The copy cannot be written.
        """
        wait_s = threading.TIMEOUT_MAX if wait_s is None else wait_s
        deadline = time.monotonic() + wait_s
        with self._source.unchanged(wait_s) as held:  # always before our own lock
            if not held:
                raise _late()
            with self._lock:
                latest = self._copies[-1] if self._copies else None
                if (
                    latest is None
                    or latest.state != self._source.state
                    or latest.failed
                ):
                    latest = self._begun()
        try:
            return latest.made.result(max(deadline - time.monotonic(), 0))
        except TimeoutError as error:
            raise _late() from error

    def latest(self) -> tuple[Entailed, int]:
        """The newest copy that is made, and the state that it is of; waits for none.

        Raises:
            QueryTimeout: There is none.
        """
        with self._lock:
            made = [one for one in self._copies if one.made.done() and not one.failed]
        if not made:
            raise _late()
        return made[-1].made.result(), made[-1].state

    def close(self) -> None:
        """Remove the copies; nobody may read one any more."""
        with self._lock:
            copies, self._copies = self._copies, []
            for one in copies:
                with contextlib.suppress(Exception):
                    one.made.result(_TO_END_S)
            _remove(self._folder)

    def _begun(self) -> _Copy:
        """A new copy, without what is entailed yet."""
        for old in [one for one in self._copies[:-1] if one.made.done()]:
            self._copies.remove(old)
            _remove(old.folder)
        folder = None
        if self._folder is not None:
            folder = self._folder / str(next(self._numbers))
        try:
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True)
            store = self._source.copied(folder)
        except OSError as error:
            _remove(folder)
            raise _unavailable(folder, error) from error
        copy = _Copy(self._source.state, folder)
        self._copies.append(copy)
        threading.Thread(target=self._make, args=(copy, store), daemon=True).start()
        return copy

    def _make(self, copy: _Copy, store: ox.Store) -> None:
        try:
            with self._in_turn:
                materialise(store, on_disk=copy.folder is not None)
            copy.made.set_result(Entailed(store, not adds_serialisations(store)))
        except OSError as error:
            copy.made.set_exception(_unavailable(copy.folder, error))
        except BaseException as error:  # who asks is told it
            copy.made.set_exception(error)


def _late() -> QueryTimeout:
    return QueryTimeout(
        "what is entailed of the facts is still being worked out after a load; ask "
        "again later, or without a regime"
    )


def _unavailable(folder: Path | None, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"what is entailed cannot be written to {folder}: {error}; free space "
        "there, or ask without a regime"
    )


def _remove(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)

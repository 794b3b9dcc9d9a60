"""Frozen copies of the store for other processes, one a change, when one is needed."""

import contextlib
import itertools
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb_api.embedded_store import EmbeddedStore
from kb_api.outcome import Regime
from ontology.errors import StoreUnavailable


@dataclass
class Snapshot:
    """One copy.

    Attributes:
        path: Its folder; there as long as somebody holds it.
        state: Of the store when it was made.
        certain: Whether nothing was written meanwhile.
        holders: How many read it.
    """

    path: Path
    state: int
    certain: bool
    holders: int = 0


class Snapshots:
    """The copies of one store.

    A copy costs milliseconds and little room: files are hard links, which are let go
    when a newer copy is wanted and nobody reads the old one.

    Args:
        store: On disk.
        folder: For the copies alone, on the same disk; what a crash has left there is
            removed.
    """

    def __init__(self, store: EmbeddedStore, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._lock = threading.Lock()
        self._latest: dict[Regime, Snapshot] = {}
        self._numbers = itertools.count(1)
        self._closed = False
        _remove(folder)

    @contextlib.contextmanager
    def held(self, regime: Regime = "simple") -> Iterator[Snapshot]:
        """A copy of the store as it is now, kept while the block runs.

        Raises:
            StoreUnavailable: It cannot be made, or the service is stopping.
        """
        with self._lock:
            if self._closed:
                raise StoreUnavailable("the service is stopping; ask again later")
            latest = self._latest.get(regime)
            if latest is None or latest.state != self._store.state:
                latest = self._renewed(regime)
            latest.holders += 1
        try:
            yield latest
        finally:
            with self._lock:
                latest.holders -= 1
                if not latest.holders and self._latest.get(regime) is not latest:
                    _remove(latest.path)

    def close(self) -> None:
        """Remove every copy; nobody may read one any more."""
        with self._lock:
            self._closed = True
            self._latest.clear()
            _remove(self._folder)

    def _renewed(self, regime: Regime) -> Snapshot:
        old = self._latest.pop(regime, None)
        if old is not None and not old.holders:
            _remove(old.path)
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / str(next(self._numbers))
        state = self._store.copy_to(path, regime)
        certain = state % 2 == 0 and state == self._store.state
        self._latest[regime] = Snapshot(path, state, certain)
        return self._latest[regime]


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)

"""A copy of a store with what RDFS entails, made when it is first asked for."""

import itertools
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kb_api.geosparql.entailment import adds_serialisations, materialise
from ontology.errors import StoreUnavailable


@dataclass(frozen=True)
class Entailed:
    """A store and what is entailed of it.

    Attributes:
        store: With the graph of the inferred facts.
        state: Number of the state of the store that it was copied from.
        is_indexed: Whether the index of that store says all of this one's geometries.
        folder: Of the copy; None in memory.
    """

    store: ox.Store
    state: int
    is_indexed: bool
    folder: Path | None


class KeptEntailment:
    """The entailed copy of a store, kept until the store changes.

    A query never sees a half-made one. The copy before the last stays while queries
    may still read it; its files are hard links to those of the store.

    Args:
        copied: Copies the store into a folder, or into memory for None; gives the
            state that was copied, too.
        folder: For the copies alone, on the disk of the store; what a crash has left
            there is removed. None in memory.
    """

    def __init__(
        self,
        copied: Callable[[Path | None], tuple[ox.Store, int]],
        folder: Path | None,
    ) -> None:
        self._copied = copied
        self._folder = folder
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._latest: Entailed | None = None
        self._before: Entailed | None = None
        self._remove(folder)

    def get(self, state: Callable[[], int]) -> Entailed:
        """The copy of the store as it is; made if there is none of this state.

        Args:
            state: Number of the state of the store.

        Raises:
            StoreUnavailable: The copy cannot be written.
        """
        with self._lock:
            latest = self._latest
            if latest is None or latest.state != state():
                latest = self._made()
                if self._before is not None:
                    self._remove(self._before.folder)
                self._before, self._latest = self._latest, latest
            return latest

    def close(self) -> None:
        """Remove the copies; nobody may read one any more."""
        with self._lock:
            self._latest = self._before = None
            self._remove(self._folder)

    def _made(self) -> Entailed:
        folder = None
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            folder = self._folder / str(next(self._numbers))
        try:
            store, state = self._copied(folder)
            materialise(store, on_disk=folder is not None)
        except OSError as error:
            self._remove(folder)
            raise StoreUnavailable(
                f"what is entailed cannot be written to {folder}: {error}; free space "
                "there, or ask without a regime"
            ) from error
        return Entailed(store, state, not adds_serialisations(store), folder)

    @staticmethod
    def _remove(folder: Path | None) -> None:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

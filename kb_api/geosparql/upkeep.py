"""The spatial index of a store, made when it is first needed and kept in step."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyoxigraph as ox

from kb_api.geosparql.index import SpatialIndex
from kb_api.geosparql.rows import Rows, count_rows, rows_of, together
from kb_api.geosparql.sidecar import Sidecar, read_sidecar, sweep, write_sidecar
from kb_api.loads import CATALOGUE, SHA256
from ontology.errors import QueryTimeout

_log = logging.getLogger(__name__)


@dataclass
class Changing:
    """What a change tells of itself.

    Attributes:
        rows: The geometries of the changed graphs as they will be; None: not known.
        is_undone: Whether it failed and left everything as it was.
    """

    rows: Rows | None = None
    is_undone: bool = False


class KeptIndex:
    """The index of a store that is written through `changing` only.

    The stamp of what it was made of is the SHA-256 that the catalogue has of each
    graph, written in one transaction with the graph itself. It tells the content and
    not only its age, so it stays right when an older copy of the store is put back;
    and it tells which graphs have to be read again.
    """

    def __init__(self, store: ox.Store, path: Path | None) -> None:
        """Of a store.

        Args:
            store: The store.
            path: Where its geometries are kept; None: nowhere.
        """
        self._store = store
        self._path = path
        self._index: SpatialIndex | None = None
        self._is_kept = False
        self._lock = threading.RLock()
        self._starting = threading.Lock()
        self._maker: threading.Thread | None = None
        self._closed = False
        if path is not None:
            sweep(path)

    def get(self, wait_s: float | None = None) -> SpatialIndex:
        """The index of the store as it is; waits while that is changed.

        Args:
            wait_s: For how long to wait while it is made, in a thread then; None:
                until it is there.

        Raises:
            QueryTimeout: It takes longer.
        """
        if wait_s is None:
            with self._lock:
                if self._index is None:
                    self._index = SpatialIndex.of(self._read())
                    self.keep()
                return self._index
        deadline = time.monotonic() + wait_s
        if self._index is None:
            self.begin().join(max(wait_s, 0))
        if not self._lock.acquire(timeout=max(deadline - time.monotonic(), 0)):
            raise _late()
        try:
            if self._index is None:
                raise _late()
            return self._index
        finally:
            self._lock.release()

    @property
    def is_there(self) -> bool:
        """Whether it is made, and nothing is being changed."""
        return self._index is not None

    def begin(self) -> threading.Thread:
        """Have the index made in a thread if it is not there: the one that makes it."""
        with self._starting:
            if self._maker is None or not self._maker.is_alive():
                self._maker = threading.Thread(target=self._make, daemon=True)
                self._maker.start()
            return self._maker

    def close(self) -> None:
        """Keep the index, and let the store go."""
        self.keep()
        with self._lock:
            self._closed = True
        if self._maker is not None:
            self._maker.join()

    def _make(self) -> None:
        with self._lock:
            if not self._closed:
                self.get()

    @contextlib.contextmanager
    def changing(self, graphs: Iterable[str]) -> Iterator["Changing"]:
        """While graphs are replaced or removed; the index follows at the end.

        It is made then, also where nobody asked yet, if the geometries are told.
        """
        changed, told = list(graphs), Changing()
        with self._lock:
            before, digests = (self._index, self._is_kept), _digests(self._store)
            index, self._index, self._is_kept = self._index, None, False
            try:
                yield told
            except BaseException:
                if _digests(self._store) == digests:
                    self._index, self._is_kept = before
                    told.is_undone = True
                raise
            if index is not None:
                rows = told.rows
                if rows is None:
                    rows = rows_of(self._store, changed)
                self._index = index.replaced(changed, rows)
            elif told.rows is not None:
                rows = self._read(frozenset(changed), told.rows)
                self._index = SpatialIndex.of(rows)

    def rebuild(self) -> int:
        """Make the index anew from the store alone; the number of geometries."""
        with self._lock:
            rows = rows_of(self._store)
            self._index, self._is_kept = SpatialIndex.of(rows), False
            self.keep()
            return len(rows)

    def keep(self) -> None:
        """Write the geometries beside the store, unless they stand there."""
        with self._lock:
            if self._path is None or self._index is None or self._is_kept:
                return
            try:
                kept = Sidecar(self._index.rows(), _digests(self._store))
                write_sidecar(self._path, kept)
            except OSError as error:
                _log.warning("%s is not written: %s", self._path, error)
            self._is_kept = True

    def _read(
        self, changed: frozenset[str] = frozenset(), told: Rows | None = None
    ) -> Rows:
        """The geometries, from beside the store those of graphs that are the same.

        Args:
            changed: Graphs whose geometries are told.
            told: Those.
        """
        kept = read_sidecar(self._path) if self._path else None
        if kept is None and told is None:
            return rows_of(self._store)
        kept = kept or Sidecar(rows_of(ox.Store()), {})
        digests = _digests(self._store)
        same = {one for one, sha in kept.digests.items() if digests.get(one) == sha}
        same -= changed
        names = {one.value for one in self._store.named_graphs()} - same - changed
        is_same = np.array([one in same for one in kept.rows.graphs], bool)
        parts = [kept.rows.taken(is_same), rows_of(self._store, ["", *sorted(names)])]
        rows = together(parts if told is None else [*parts, told])
        if len(rows) != count_rows(self._store):
            _log.warning("%s is of another store; it is made anew", self._path)
            return rows_of(self._store)
        self._is_kept = bool(is_same.all()) and len(rows) == len(kept.rows)
        return rows


def _late() -> QueryTimeout:
    return QueryTimeout(
        "the spatial index is still being made after a start or a load; ask again later"
    )


def _digests(store: ox.Store) -> dict[str, str]:
    """The graphs of the catalogue with the SHA-256 of each."""
    quads = store.quads_for_pattern(None, SHA256, None, CATALOGUE)
    found = [(quad.subject, quad.object) for quad in quads]
    return {
        graph.value: digest.value
        for graph, digest in found
        if isinstance(graph, ox.NamedNode) and isinstance(digest, ox.Literal)
    }

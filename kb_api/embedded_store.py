"""The embedded store: pyoxigraph, with an index of geometries and what is entailed."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from kb_api.evaluation import evaluate
from kb_api.geosparql.entailed import KeptEntailment
from kb_api.geosparql.index import SpatialIndex
from kb_api.geosparql.rewrite import asks_index, rewritten
from kb_api.geosparql.rows import rows_in, together
from kb_api.geosparql.upkeep import Changing, KeptIndex
from kb_api.holders import unavailable
from kb_api.loads import (
    CATALOGUE,
    GRAPHS,
    SHA256,
    Change,
    Graphs,
    changes_of,
    is_plain,
    owners_in,
)
from kb_api.outcome import Outcome, Prepared, QueryResult, Regime
from kb_api.overlaps.upkeep import KeptOverlaps, OverlapChanges
from kb_api.stream import are_for_stream, write_stream
from kb_api.writing import grew_much, put_in_order, write
from ontology.errors import StoreUnavailable

_TURNS = 3


class EmbeddedStore:
    """A pyoxigraph store on disk or in memory that keeps one named graph a load.

    Attributes:
        path: The folder that holds the store, None when it lives in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._state = 0
        self._lock = threading.RLock()
        self._overlaps = KeptOverlaps(self._select, self.get_graph)
        if path is None:
            self._store = ox.Store()
            self._index = KeptIndex(self._store, None)
            self._entailment = KeptEntailment(self, None)
            return
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._store = ox.Store(str(path))
            self._index = KeptIndex(self._store, path.with_name(f"{path.name}.index"))
            copies = path.with_name(f"{path.name}.entailed")
            self._entailment = KeptEntailment(self, copies)
        except OSError as error:
            raise StoreUnavailable(unavailable(path, error)) from error

    def query(self, text: str) -> QueryResult:
        """Results of a SPARQL 1.1 query over the union of all named graphs.

        Raises:
            QueryRejected: When the text is no SPARQL query; the message carries the
                line and column.
        """
        return self.run(text).results

    def run(self, text: str, regime: Regime = "simple") -> Outcome:
        """Results of a query, and how they came about.

        Args:
            text: SPARQL 1.1 query, over the union of all named graphs.
            regime: What it sees beside the facts as they stand.

        Raises:
            QueryRejected: When the text is no SPARQL query; the message carries the
                line and column.
            StoreUnavailable: What is entailed cannot be written.
        """
        for _ in range(_TURNS):
            state = self.state
            query = self.prepare(text, regime)
            outcome = evaluate(self._seen_by(regime), query)
            if not query.indexed or self.state == state:
                return outcome
        return evaluate(self._seen_by(regime), self._rewritten(text, regime, None))

    def prepare(
        self, text: str, regime: Regime = "simple", wait_s: float | None = None
    ) -> Prepared:
        """A query as the engine runs it, ready for another process too.

        What it holds of the index is right for the state of the store in which
        `state` is the same before this call and after the query has been started.

        Args:
            text: SPARQL 1.1 query.
            regime: What it sees beside the facts as they stand.
            wait_s: For how long to wait for the index and for what is entailed,
                where they help and are still being made; None: until they are there.

        Raises:
            QueryTimeout: That takes longer.
        """
        return self._rewritten(
            text, regime, lambda: self._index.get(wait_s), wait_s=wait_s
        )

    def warm(self) -> None:
        """Have the spatial index made in a thread, before a query needs it."""
        self._index.begin()

    def _rewritten(
        self,
        text: str,
        regime: Regime,
        index: Callable[[], SpatialIndex] | None,
        *,
        wait_s: float | None = None,
    ) -> Prepared:
        if regime == "simple":
            return rewritten(text, self._store, index)
        entailed = self._entailment.get(wait_s)
        usable = index if entailed.is_indexed else None
        facts = self._store if regime == "rdfs+rewrite" else None
        return rewritten(text, entailed.store, usable, facts)

    def reindex(self) -> int:
        """Make the spatial index anew; the number of geometries."""
        return self._index.rebuild()

    def overlap(self) -> None:
        """Make the facts of what meets what anew, from the shapes alone."""
        with self._lock:
            self._write([], self._overlaps.anew())

    @property
    def state(self) -> int:
        """A number that every change raises; odd while one is being made."""
        return self._state

    @contextlib.contextmanager
    def unchanged(self, wait_s: float) -> Iterator[bool]:
        """Keep changes waiting; whether that was possible within the time."""
        held = self._lock.acquire(timeout=max(wait_s, 0))
        try:
            yield held
        finally:
            if held:
                self._lock.release()

    def make_ready(self, regime: Regime, wait_s: float, text: str = "") -> None:
        """Have ready what a query sees, and the index where that would help it.

        Args:
            regime: Of the query.
            wait_s: For how long to wait for each.
            text: The query; empty: any, for which the index is not waited for.

        Raises:
            QueryTimeout: It takes longer.
            StoreUnavailable: It cannot be written.
        """
        if regime != "simple":
            self._entailment.get(wait_s)
        if not self._index.is_there and asks_index(
            text, topological=regime == "rdfs+rewrite"
        ):
            self._index.get(wait_s)

    def copied(self, folder: Path | None) -> ox.Store:
        """A copy that may be changed: in a folder, mostly hard links, or in memory."""
        if folder is not None:
            self._store.backup(str(folder))
            return ox.Store(str(folder))
        copy = ox.Store()
        copy.extend(self._store)
        return copy

    def copy_to(self, folder: Path, regime: Regime = "simple") -> int:
        """Make a frozen copy for other processes: hard links where that is possible.

        It waits for nobody. Of a regime it is what was made ready last.

        Args:
            folder: Is made; on the disk of the store.
            regime: What queries of the copy see beside the facts as they stand.

        Returns:
            The state that was copied, if nothing has been written meanwhile.

        Raises:
            QueryTimeout: What is entailed was not made ready.
            StoreUnavailable: It cannot be written.
        """
        store, state = self._store, self.state
        if regime != "simple":
            entailed, state = self._entailment.latest()
            store = entailed.store
        try:
            store.backup(str(folder))
        except OSError as error:
            raise StoreUnavailable(
                f"the store cannot be copied to {folder}: {error}; free space there"
            ) from error
        return state

    def put_graphs(self, graphs: Graphs) -> list[str]:
        """Replace named graphs whole, all in one transaction; those that changed.

        The catalogue graph names each graph with the SHA-256 of its sorted N-Triples
        lines, so that putting the same triples again writes nothing.

        Args:
            graphs: Graph IRI to a label for people and the new content as N-Triples
                without blank nodes.

        Raises:
            InvalidGraph: A content is no N-Triples, has blank nodes, or repeats a
                triple of another graph; no graph was replaced.
        """
        with self._lock:
            large = self.path is not None and are_for_stream(graphs, self._store)
            if large and self._stream(graphs):
                return list(graphs)
            changes = changes_of(graphs, self._holds, self._owners)
            if changes:
                self._write(changes, self._overlaps.after(changes))
        return [one.graph.value for one in changes]

    def add_to_graph(self, iri: str, content: bytes) -> None:
        """Add N-Triples to a graph, which is made if there is none, as one change."""
        with self._lock:
            self.put_graphs({iri: (iri, content + self.get_graph(iri))})

    def drop_graph(self, iri: str) -> bool:
        """Remove a loaded graph; whether there was one of that name."""
        with self._lock:
            if iri not in self.graphs():
                return False
            overlaps = self._overlaps.after([], [iri])
            removed = (iri, *overlaps.removed)
            self._write([], replace(overlaps, removed=removed))
        return True

    def get_graph(self, iri: str) -> bytes:
        """A named graph as N-Triples; empty when there is none."""
        quads = self._store.quads_for_pattern(None, None, None, ox.NamedNode(iri))
        return "".join(f"{quad.triple} .\n" for quad in quads).encode()

    def graphs(self) -> dict[str, int]:
        """The loaded graphs with their number of triples, from the catalogue."""
        rows = self._store.query(GRAPHS)
        assert isinstance(rows, ox.QuerySolutions)
        return {row["g"].value: int(row["n"].value) for row in rows}

    def dump(self) -> bytes:
        """Every quad of the store as sorted N-Quads. Memory: the whole store."""
        return b"\n".join(sorted(f"{quad} .".encode() for quad in self._store))

    def close(self) -> None:
        """Write what is buffered and let the folder go."""
        with self._lock, contextlib.ExitStack() as parts:
            parts.callback(self._let_go)
            parts.callback(self._entailment.close)
            parts.callback(self._index.close)
            self._flush()

    def _let_go(self) -> None:
        del self._store, self._index, self._entailment, self._overlaps

    def _seen_by(self, regime: Regime) -> ox.Store:
        if regime == "simple":
            return self._store
        return self._entailment.get().store

    def _write(self, changes: Sequence[Change], overlaps: OverlapChanges) -> None:
        """Put graphs in place and what follows for overlaps, in one transaction."""
        everything, removed = [*changes, *overlaps.changes], overlaps.removed
        if not everything and not removed:
            return
        with self._changing([*(one.graph.value for one in changes), *removed]):
            held, files = self.graphs(), self.path is not None
            grown = write(self._store, everything, held, removed=removed, files=files)
            self._flush()
        if grown:
            put_in_order(self._store, self.path)

    def _stream(self, graphs: Graphs) -> bool:
        """Put large new graphs in place; False where other graphs change with them."""
        held = self.graphs()
        with self._changing(graphs) as told:

            def check() -> list[Change] | None:
                if not all(is_plain(content) for _, content in graphs.values()):
                    return None
                changes = changes_of(graphs, self._holds, self._owners, parsed=False)
                overlaps = self._overlaps.after(changes)
                others = {one.graph.value for one in overlaps.changes}
                if overlaps.removed or others & held.keys():
                    return None
                told.rows = together([rows_in(one.content) for one in changes])
                return [*changes, *overlaps.changes]

            changes = write_stream(self._store, graphs, check)
            self._flush()
            if changes is None:
                told.rows = None
                return False
        if grew_much(changes, held):
            put_in_order(self._store, self.path)
        return True

    def _select(self, text: str) -> ox.QuerySolutions:
        """The rows of a query of ours that names its graphs."""
        rows = self._store.query(text)
        assert isinstance(rows, ox.QuerySolutions)
        return rows

    def _holds(self, graph: ox.NamedNode, digest: ox.Literal) -> bool:
        return ox.Quad(graph, SHA256, digest, CATALOGUE) in self._store

    def _owners(self, change: Change) -> Iterator[tuple[ox.Triple, str]]:
        return owners_in(self._store, change)

    @contextlib.contextmanager
    def _changing(self, graphs: Iterable[str]) -> Iterator[Changing]:
        """Around everything that writes into the store; the graphs that it changes."""
        with self._lock:
            before = self._state
            self._state += 1
            told: Changing | None = None
            try:
                with self._index.changing(graphs) as told:
                    yield told
            finally:
                is_undone = told is not None and told.is_undone
                self._state = before if is_undone else before + 2

    def _flush(self) -> None:
        if self.path is not None:
            self._store.flush()

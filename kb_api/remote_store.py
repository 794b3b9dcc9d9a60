"""A SPARQL 1.1 server as the store: the same loads and queries, over HTTP."""

import collections
import contextlib
import itertools
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyoxigraph as ox

from kb_api.capabilities import needs_of
from kb_api.cut_graphs import rows_of_graph
from kb_api.evaluation import run_text
from kb_api.loads import (
    CATALOGUE,
    GRAPHS,
    SHA256,
    TRIPLES,
    Change,
    Graphs,
    changes_of,
)
from kb_api.open_values import without_open_conditions, without_open_rows
from kb_api.opening import put_ontology
from kb_api.outcome import Faults, QueryResult
from kb_api.overlaps.upkeep import KeptOverlaps, OverlapChanges
from kb_api.server_literals import alike, known_rows, known_triples, storable
from kb_api.server_loads import UNFINISHED, requests_of
from kb_api.server_probe import IN_WRITTEN_ORDER, Capabilities, capabilities_of
from kb_api.sparql_server import (
    GRAPH,
    ROWS,
    SparqlServer,
    cut_short,
    send,
    takes,
    told,
)
from ontology.errors import InvalidGraph, QueryRejected, StoreUnavailable

_BATCH = 500
_PAGE = 5000


class RemoteStore:
    """A SPARQL 1.1 server that keeps one named graph a load.

    Queries are parsed here first, so that errors carry the same place as those of the
    embedded store, and the form of the answer is known.

    Attributes:
        can: What the server can do.

    Args:
        server: Where it is.
        can: The same, as asked.
    """

    def __init__(
        self,
        server: SparqlServer,
        can: Capabilities = Capabilities(),  # noqa: B008
    ) -> None:
        self.can = can
        self._server = server
        self._empty = ox.Store()
        self._has: dict[str, bool] = {}
        self._overlaps = KeptOverlaps(self._solutions, self.get_graph)
        self._writing = threading.RLock()

    def query(self, text: str) -> QueryResult:
        """Results of a SPARQL 1.1 query over the union of all named graphs.

        Memory: the whole result.

        Raises:
            QueryRejected: When the text is no SPARQL query, the server refuses it, or
                lacks a function that it needs.
            StoreUnavailable: The server does not answer, or not to the end; or a load
                has begun that has not ended.
        """
        form = run_text(self._empty, text, Faults())
        self._check(without_open_conditions(text))
        if self.can.is_virtuoso:
            text = without_open_rows(text)
            self._check_finished()
            if isinstance(form, ox.QueryTriples):
                self._rows(rows_of_graph(text))
        if isinstance(form, ox.QueryTriples):
            triples = ox.Store()
            triples.load(self._triples(text), ox.RdfFormat.N_TRIPLES)
            return triples.query("CONSTRUCT WHERE { ?s ?p ?o }")
        return self._rows(text)

    def put_graphs(self, graphs: Graphs) -> list[str]:
        """Replace named graphs whole; those that changed.

        It is one update request; several where the server takes none so long. Then,
        and where the server makes no transaction of a request, a load that breaks off
        is taken back, or, if it cannot be, by the next one; until then no query is
        answered.

        Args:
            graphs: Graph IRI to a label for people and the new content as N-Triples
                without blank nodes.

        Raises:
            InvalidGraph: A content is no N-Triples, has blank nodes, repeats a triple
                of another graph, or has what the server does not keep; no graph was
                replaced, or those that had to be are gone.
            StoreUnavailable: The server takes no update.
        """
        kept = {
            iri: (label, storable(content, self.can))
            for iri, (label, content) in graphs.items()
        }
        with self._writing:
            try:
                changes = changes_of(kept, self._holds, self._owners)
            except InvalidGraph:
                if not self._unfinished():
                    raise
                self._take_back()  # it may be what stood in the way
                changes = changes_of(kept, self._holds, self._owners)
            if changes:
                if self._unfinished():
                    self._take_back()
                self._write(changes, self._overlaps.after(changes))
        return [one.graph.value for one in changes]

    def add_to_graph(self, iri: str, content: bytes) -> None:
        """Add N-Triples to a graph, which is made if there is none.

        It is one change for all who write through this object.
        """
        with self._writing:
            self.put_graphs({iri: (iri, content + self.get_graph(iri))})

    def drop_graph(self, iri: str) -> bool:
        """Remove a loaded graph; whether there was one of that name."""
        with self._writing:
            if iri in self._unfinished():
                self._take_back()
                return True
            if iri not in self.graphs():
                return False
            overlaps = self._overlaps.after([], [iri])
            removed = (iri, *overlaps.removed)
            self._write([], replace(overlaps, removed=removed))
        return True

    def overlap(self) -> None:
        """Make the facts of what meets what anew, from the shapes alone."""
        with self._writing:
            self._write([], self._overlaps.anew())

    def get_graph(self, iri: str) -> bytes:
        """A named graph as N-Triples; empty when there is none.

        Raises:
            StoreUnavailable: The server does not answer, or not to the end.
        """
        graph = ox.NamedNode(iri)
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
        if not self.can.is_virtuoso:
            return self._triples(text)
        count, found = self._count(iri), set[bytes]()
        while len(found) < count:
            # Offsets lose facts on Virtuoso: each page begins with the last subject.
            first = max((one.split(b">")[0] for one in found), default=b"<")[1:]
            page = self._triples(
                f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} "
                f"FILTER(STR(?s) >= {ox.Literal(first.decode())}) }} "
                f"ORDER BY STR(?s) LIMIT {_PAGE}"
            ).splitlines(keepends=True)
            if found.issuperset(page):
                told = f"{len(found)} of {count} facts of {graph}"
                raise cut_short(self._server, told)
            found.update(page)
        return b"".join(sorted(found))

    def graphs(self) -> dict[str, int]:
        """The loaded graphs with their number of triples, from the catalogue."""
        return {row["g"].value: int(row["n"].value) for row in self._solutions(GRAPHS)}

    def close(self) -> None:
        """Nothing is held open between requests."""

    def check_union(self) -> None:
        """Refuse a server whose queries do not see the union of its named graphs.

        Raises:
            StoreUnavailable: It answers over its default graph alone.
        """
        if not self.query(f"ASK {{ ?graph {TRIPLES} ?count }}"):
            raise StoreUnavailable(
                f"the SPARQL server {self._server.query} does not answer over all its "
                "named graphs; start it so that they are its default graph "
                "(oxigraph serve --union-default-graph)"
            )

    def _check(self, text: str) -> None:
        """Refuse a query for which the server lacks something, by its name."""
        needed = needs_of(text)
        for name, probe in needed.items():
            if name not in self._has:
                self._has[name] = takes(self._server, probe)
        if lacking := [name for name in needed if not self._has[name]]:
            raise QueryRejected(
                f"the SPARQL server {self._server.query} lacks {', '.join(lacking)}, "
                "which the query needs; leave that out, or keep the facts in the store "
                "of the folder"
            )

    def _check_finished(self) -> None:
        """Refuse to answer from a load that has begun and not ended."""
        if begun := self._unfinished():
            raise StoreUnavailable(
                f"the load of graph <{begun[0]}> has begun and not ended; wait, or "
                "load it again if it was interrupted"
            )

    def _write(self, changes: Sequence[Change], overlaps: OverlapChanges) -> None:
        """Put graphs in place and what follows for overlaps, or take all back."""
        everything = [*changes, *overlaps.changes]
        try:
            self._send(everything, overlaps.removed)
            if self.can.is_virtuoso:
                self._check_kept(everything)
        except (InvalidGraph, QueryRejected, StoreUnavailable):
            with contextlib.suppress(QueryRejected, StoreUnavailable):
                self._take_back()
            raise

    def _send(self, changes: Sequence[Change], removed: Sequence[str]) -> None:
        limited = self.can.is_virtuoso
        for request in requests_of(changes, removed, limited=limited):
            send(self._server, request, "INSERT")

    def _check_kept(self, changes: Sequence[Change]) -> None:
        """Refuse what the server has taken and does not hold, and remove it."""
        for change in changes:
            held = self._count(change.graph.value)
            if held != change.count:
                self._send([], [one.graph.value for one in changes])
                raise InvalidGraph(
                    f"the SPARQL server {self._server.query} holds {held} of the "
                    f"{change.count} facts of graph {change.graph}; nothing of it was "
                    "kept: load it when nothing else is being loaded, or keep it in "
                    "the store of the folder"
                )

    def _unfinished(self) -> list[str]:
        return [row["g"].value for row in self._solutions(UNFINISHED)]

    def _take_back(self) -> None:
        """Remove the graphs whose load has begun and not ended, and their overlaps."""
        self._send([], self._unfinished())
        overlaps = self._overlaps.anew()
        self._send(overlaps.changes, overlaps.removed)

    def _count(self, iri: str) -> int:
        graph = ox.NamedNode(iri)
        text = f"SELECT (COUNT(*) AS ?n) {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
        return int(next(self._solutions(text))["n"].value)

    def _holds(self, graph: ox.NamedNode, digest: ox.Literal) -> bool:
        entry = f"{graph} {SHA256} {digest} ; {TRIPLES} ?n"
        return bool(self._rows(f"ASK {{ GRAPH {CATALOGUE} {{ {entry} }} }}"))

    def _owners(self, change: Change) -> Iterator[tuple[ox.Triple, str]]:
        if self.can.is_virtuoso:
            yield from self._owners_alike(change)
            return
        left = change.triples()
        while batch := list(itertools.islice(left, _BATCH)):
            values = " ".join(
                f"({one.subject} {one.predicate} {one.object})" for one in batch
            )
            for row in self._solutions(
                f"SELECT ?s ?p ?o ?g {{ VALUES (?s ?p ?o) {{ {values} }} "
                "GRAPH ?g { ?s ?p ?o } }"
            ):
                yield ox.Triple(row["s"], row["p"], row["o"]), row["g"].value

    def _owners_alike(self, change: Change) -> Iterator[tuple[ox.Triple, str]]:
        """The same where literals do not match those that a query names."""
        known: dict[tuple[str, str, str], str] = {}
        subjects = iter(change.subjects)
        while batch := list(itertools.islice(subjects, 2 * _BATCH)):
            for row in self._solutions(
                f"SELECT ?s ?p ?o ?g {{ VALUES ?s {{ {' '.join(map(str, batch))} }} "
                f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != {change.graph}) }}"
            ):
                key = (str(row["s"]), str(row["p"]), alike(row["o"]))
                known[key] = row["g"].value
        for triple in change.triples() if known else ():
            key = (str(triple.subject), str(triple.predicate), alike(triple.object))
            if key in known:
                yield triple, known[key]

    def _solutions(self, text: str) -> ox.QuerySolutions:
        found = self._rows(text)
        assert isinstance(found, ox.QuerySolutions)
        return found

    def _rows(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean:
        """The rows or the truth value of a query, whole."""
        order = IN_WRITTEN_ORDER if self.can.is_virtuoso else ""
        found = known_rows(send(self._server, order + text, "SELECT", ROWS).body)
        with self._whole():
            rows = ox.parse_query_results(found, format=ox.QueryResultsFormat.JSON)
            if isinstance(rows, ox.QuerySolutions):
                collections.deque(rows, maxlen=0)
        return ox.parse_query_results(found, format=ox.QueryResultsFormat.JSON)

    def _triples(self, text: str) -> bytes:
        body = send(self._server, text, "CONSTRUCT", GRAPH).body
        with self._whole():
            return known_triples(body)

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """Makes results that break off an error: servers cut them at their limits."""
        try:
            yield
        except (SyntaxError, ValueError) as error:
            raise cut_short(self._server, told(error)) from error


@contextlib.contextmanager
def open_remote_store(server: SparqlServer, ontology: bytes) -> Iterator[RemoteStore]:
    """A SPARQL server as the store, with the ontology as one of its graphs.

    Args:
        server: Where it is.
        ontology: Classes, schemes and inferred hierarchy as N-Triples.

    Raises:
        StoreUnavailable: It does not answer, takes no update, or does not answer over
            the union of its graphs.
    """
    store = RemoteStore(server, capabilities_of(server))
    put_ontology(store, ontology)
    store.check_union()
    yield store

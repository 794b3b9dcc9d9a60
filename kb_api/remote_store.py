"""A SPARQL 1.1 server as the store: the same loads and queries, over HTTP."""

import collections
import contextlib
import http.client
import itertools
import threading
import urllib.error
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import pyoxigraph as ox

from kb_api.capabilities import needs_of
from kb_api.evaluation import run_text
from kb_api.loads import (
    CATALOGUE,
    GRAPHS,
    SHA256,
    TRIPLES,
    Change,
    Graphs,
    changes_of,
    removal_of,
    update_of,
)
from kb_api.outcome import Faults, QueryResult
from kb_api.overlaps.upkeep import KeptOverlaps, OverlapChanges
from kb_api.store import put_ontology
from ontology.errors import QueryRejected, StoreUnavailable

TIMEOUT_S = 120
"""Longest wait for one answer of the server."""

_BATCH = 500
_MAX_ROWS = "X-SPARQL-MaxRows"  # of Virtuoso, where it has left out rows
_ROWS = "application/sparql-results+json"
_GRAPH = "application/n-triples"


@dataclass(frozen=True)
class SparqlServer:
    """Where a SPARQL 1.1 server answers and takes updates.

    Attributes:
        query: Address of the query operation (SPARQL 1.1 Protocol, section 2.1).
        update: Address of the update operation (section 2.2).
    """

    query: str
    update: str


class RemoteStore:
    """A SPARQL 1.1 server that keeps one named graph a load.

    Queries are parsed here first, so that errors carry the same place as those of the
    embedded store, and the form of the answer is known.
    """

    def __init__(self, server: SparqlServer) -> None:
        self._server = server
        self._empty = ox.Store()
        self._can: dict[str, bool] = {}
        self._overlaps = KeptOverlaps(self._select, self.get_graph)
        self._writing = threading.Lock()

    def query(self, text: str) -> QueryResult:
        """Results of a SPARQL 1.1 query over the union of all named graphs.

        Memory: the whole result.

        Raises:
            QueryRejected: When the text is no SPARQL query, the server refuses it, or
                lacks a function that it needs.
            StoreUnavailable: The server does not answer, or not to the end.
        """
        form = run_text(self._empty, text, Faults())
        self._check(text)
        if isinstance(form, ox.QueryTriples):
            triples = ox.Store()
            body = self._ask(text, "CONSTRUCT", _GRAPH)
            with self._whole():
                triples.load(body, ox.RdfFormat.N_TRIPLES)
            return triples.query("CONSTRUCT WHERE { ?s ?p ?o }")
        kind = "ASK" if isinstance(form, ox.QueryBoolean) else "SELECT"
        found = self._ask(text, kind, _ROWS)
        with self._whole():
            rows = ox.parse_query_results(found, format=ox.QueryResultsFormat.JSON)
            if isinstance(rows, ox.QuerySolutions):
                collections.deque(rows, maxlen=0)
        return ox.parse_query_results(found, format=ox.QueryResultsFormat.JSON)

    def put_graphs(self, graphs: Graphs) -> list[str]:
        """Replace named graphs whole, in one update request; those that changed.

        Args:
            graphs: Graph IRI to a label for people and the new content as N-Triples
                without blank nodes.

        Raises:
            InvalidGraph: A content is no N-Triples, has blank nodes, or repeats a
                triple of another graph; no graph was replaced.
            StoreUnavailable: The server takes no update.
        """
        with self._writing:
            changes = changes_of(graphs, self._holds, self._owners)
            if changes:
                self._write(changes, self._overlaps.after(changes))
        return [one.graph.value for one in changes]

    def drop_graph(self, iri: str) -> bool:
        """Remove a loaded graph; whether there was one of that name."""
        with self._writing:
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
        """A named graph as N-Triples; empty when there is none."""
        graph = ox.NamedNode(iri)
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
        return self._ask(text, "CONSTRUCT", _GRAPH)

    def graphs(self) -> dict[str, int]:
        """The loaded graphs with their number of triples, from the catalogue."""
        rows = self.query(GRAPHS)
        assert isinstance(rows, ox.QuerySolutions)
        return {row["g"].value: int(row["n"].value) for row in rows}

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

    def _write(self, changes: Sequence[Change], overlaps: OverlapChanges) -> None:
        """Put graphs in place and what follows for overlaps, in one request."""
        removals = [removal_of(ox.NamedNode(one)) for one in overlaps.removed]
        updates = map(update_of, [*changes, *overlaps.changes])
        if text := " ;\n".join([*removals, *updates]):
            self._ask(text, "INSERT", "*/*")

    def _select(self, text: str) -> ox.QuerySolutions:
        rows = self.query(text)
        assert isinstance(rows, ox.QuerySolutions)
        return rows

    def _check(self, text: str) -> None:
        """Refuse a query for which the server lacks something, by its name."""
        needed = needs_of(text)
        for name, probe in needed.items():
            if name not in self._can:
                self._can[name] = self._answers_yes(probe)
        if lacking := [name for name in needed if not self._can[name]]:
            raise QueryRejected(
                f"the SPARQL server {self._server.query} lacks {', '.join(lacking)}, "
                "which the query needs; leave that out, or keep the facts in the store "
                "of the folder"
            )

    def _answers_yes(self, probe: str) -> bool:
        try:
            return b"true" in self._ask(probe, "ASK", _ROWS)
        except (QueryRejected, StoreUnavailable):
            self._ask("ASK {}", "ASK", _ROWS)  # raises where nothing is answered
            return False

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """Makes results that break off an error: servers cut them at their limits."""
        try:
            yield
        except (SyntaxError, ValueError) as error:
            raise self._cut_short(_told(error)) from error

    def _cut_short(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"the answer of the SPARQL server {self._server.query} breaks off: "
            f"{reason}; ask for less, or raise its limits"
        )

    def _holds(self, graph: ox.NamedNode, digest: ox.Literal) -> bool:
        entry = f"{graph} {SHA256} {digest}"
        return bool(self.query(f"ASK {{ GRAPH {CATALOGUE} {{ {entry} }} }}"))

    def _owners(self, change: Change) -> Iterator[tuple[ox.Triple, str]]:
        left = change.triples()
        while batch := list(itertools.islice(left, _BATCH)):
            values = " ".join(
                f"({one.subject} {one.predicate} {one.object})" for one in batch
            )
            rows = self.query(
                f"SELECT ?s ?p ?o ?g {{ VALUES (?s ?p ?o) {{ {values} }} "
                "GRAPH ?g { ?s ?p ?o } }"
            )
            assert isinstance(rows, ox.QuerySolutions)
            for row in rows:
                yield ox.Triple(row["s"], row["p"], row["o"]), row["g"].value

    def _ask(self, text: str, kind: str, media: str) -> bytes:
        """The body that the server answers a query or update with."""
        from SPARQLWrapper import POST, POSTDIRECTLY, SPARQLExceptions, SPARQLWrapper

        wrapper: Any = SPARQLWrapper(self._server.query, self._server.update)
        wrapper.setQuery(text)
        wrapper.queryType = kind
        wrapper.setMethod(POST)
        wrapper.setRequestMethod(POSTDIRECTLY)
        wrapper.setOnlyConneg(True)
        wrapper.setTimeout(TIMEOUT_S)
        wrapper.addCustomHttpHeader("Accept", media)
        address = self._server.update if kind == "INSERT" else self._server.query
        try:
            with contextlib.closing(wrapper.query().response) as response:
                body: bytes = response.read()
                status, headers = response.getcode(), response.info()
        except SPARQLExceptions.QueryBadFormed as error:
            raise QueryRejected(
                f"the SPARQL server {address} refuses the request: {_told(error)}"
            ) from error
        except (
            SPARQLExceptions.SPARQLWrapperException,
            urllib.error.URLError,
            http.client.HTTPException,
            OSError,
        ) as error:
            raise StoreUnavailable(
                f"the SPARQL server {address} does not answer: {_told(error)}; start "
                "it, or correct LUCERNA_SPARQL and LUCERNA_SPARQL_UPDATE"
            ) from error
        if status == HTTPStatus.PARTIAL_CONTENT or _MAX_ROWS in headers:
            most = headers.get(_MAX_ROWS)
            raise self._cut_short(f"at {most} rows" if most else "HTTP status 206")
        return body


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
    store = RemoteStore(server)
    put_ontology(store, ontology)
    store.check_union()
    yield store


def _told(error: Exception) -> str:
    """What went wrong, on one line of at most 200 characters."""
    text = " ".join(str(error).replace("\\n", " ").split())
    return text if len(text) <= 200 else text[:200] + " …"

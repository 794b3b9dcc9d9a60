"""A SPARQL 1.1 server as the store: the same loads and queries, over HTTP."""

import contextlib
import itertools
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

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
from kb_api.store import put_ontology, run_text
from ontology.errors import QueryRejected, StoreUnavailable

TIMEOUT_S = 120
"""Longest wait for one answer of the server."""

_BATCH = 500
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

    def query(self, text: str) -> QueryResult:
        """Results of a SPARQL 1.1 query over the union of all named graphs.

        Memory: the whole result.

        Raises:
            QueryRejected: When the text is no SPARQL query, or the server refuses it.
            StoreUnavailable: The server does not answer.
        """
        form = run_text(self._empty, text, Faults())
        if isinstance(form, ox.QueryTriples):
            triples = ox.Store()
            triples.load(self._ask(text, "CONSTRUCT", _GRAPH), ox.RdfFormat.N_TRIPLES)
            return triples.query("CONSTRUCT WHERE { ?s ?p ?o }")
        kind = "ASK" if isinstance(form, ox.QueryBoolean) else "SELECT"
        found = self._ask(text, kind, _ROWS)
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
        changes = changes_of(graphs, self._holds, self._owners)
        if changes:
            self._ask(" ;\n".join(map(update_of, changes)), "INSERT", "*/*")
        return [one.graph.value for one in changes]

    def drop_graph(self, iri: str) -> bool:
        """Remove a loaded graph; whether there was one of that name."""
        if iri not in self.graphs():
            return False
        self._ask(removal_of(ox.NamedNode(iri)), "INSERT", "*/*")
        return True

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
                return body
        except SPARQLExceptions.QueryBadFormed as error:
            raise QueryRejected(
                f"the SPARQL server {address} refuses the request: {_told(error)}"
            ) from error
        except (
            SPARQLExceptions.SPARQLWrapperException,
            urllib.error.URLError,
            OSError,
        ) as error:
            raise StoreUnavailable(
                f"the SPARQL server {address} does not answer: {_told(error)}; start "
                "it, or correct LUCERNA_SPARQL and LUCERNA_SPARQL_UPDATE"
            ) from error


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

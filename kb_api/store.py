"""One store interface: queries see the union of named graphs, a load is one graph."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeAlias

import pyoxigraph as ox

from ontology.errors import InvalidGraph, QueryRejected, StoreUnavailable

QueryResult: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

CATALOGUE = ox.NamedNode("https://w3id.org/lucerna/graph/catalogue")
ONTOLOGY = "https://w3id.org/lucerna/graph/ontology"

_LUC = "https://w3id.org/lucerna/ont#"
_RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_RDFS_LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
_GENERATED_AT = ox.NamedNode("http://www.w3.org/ns/prov#generatedAtTime")
_XSD_DATETIME = ox.NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
_LOAD = ox.NamedNode(_LUC + "Load")
_SHA256 = ox.NamedNode(_LUC + "sha256")
_TRIPLES = ox.NamedNode(_LUC + "triples")


class Store(Protocol):
    """What answers need of a store."""

    def query(self, text: str) -> QueryResult:
        """Results of a SPARQL 1.1 query over the union of all named graphs."""
        ...


class EmbeddedStore:
    """A pyoxigraph store on disk or in memory that keeps one named graph a load.

    Attributes:
        path: The folder that holds the store, None when it lives in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        if path is None:
            self._store = ox.Store()
            return
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._store = ox.Store(str(path))
        except OSError as error:
            raise StoreUnavailable(_unavailable(path, error)) from error

    def query(self, text: str) -> QueryResult:
        """Results of a SPARQL 1.1 query over the union of all named graphs.

        Raises:
            QueryRejected: When the text is no SPARQL query; the message carries the
                line and column.
        """
        try:
            return self._store.query(text, use_default_graph_as_union=True)
        except SyntaxError as error:
            told = " ".join(str(error).split())
            told = told if len(told) <= 200 else told[:200] + " …"
            raise QueryRejected(f"the query does not parse: {told}") from error

    def put_graphs(self, graphs: Mapping[str, tuple[str, bytes]]) -> list[str]:
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
        changed: dict[ox.NamedNode, str] = {}
        parsed: dict[ox.NamedNode, list[ox.Triple]] = {}
        for iri, (label, ntriples) in graphs.items():
            lines = sorted({line for line in ntriples.splitlines() if line.strip()})
            content = b"\n".join(lines)
            digest = ox.Literal(hashlib.sha256(content).hexdigest())
            graph = ox.NamedNode(iri)
            if ox.Quad(graph, _SHA256, digest, CATALOGUE) not in self._store:
                triples = _parse(iri, content)
                changed[graph] = _replacement(graph, label, digest, triples)
                parsed[graph] = triples
        if changed:
            self._check_owners(parsed)
            self._store.update(" ;\n".join(changed.values()))
            self._flush()
        return [graph.value for graph in changed]

    def _check_owners(self, graphs: Mapping[ox.NamedNode, list[ox.Triple]]) -> None:
        """Refuse a triple that another graph holds: unions would count it twice.

        Raises:
            InvalidGraph: A triple stands in two of the graphs, or in one of them and
                in one of the store that is not replaced.
        """
        owners: dict[ox.Triple, ox.NamedNode] = {}
        for graph, triples in graphs.items():
            for triple in triples:
                held = self._store.quads_for_pattern(
                    triple.subject, triple.predicate, triple.object
                )
                others = {quad.graph_name for quad in held} - set(graphs)
                others |= {owners.setdefault(triple, graph)} - {graph}
                if others:
                    raise InvalidGraph(
                        f"a fact of {triple.subject} stands already in graph "
                        f"{others.pop()}; nothing was loaded: give the file the name "
                        "that it was loaded under, or other identifiers"
                    )

    def get_graph(self, iri: str) -> bytes:
        """A named graph as N-Triples; empty when there is none."""
        quads = self._store.quads_for_pattern(None, None, None, ox.NamedNode(iri))
        return "".join(f"{quad.triple} .\n" for quad in quads).encode()

    def graphs(self) -> dict[str, int]:
        """The loaded graphs with their number of triples, from the catalogue."""
        rows = self._store.query(
            f"SELECT ?g ?n {{ GRAPH {CATALOGUE} {{ ?g {_TRIPLES} ?n }} }} ORDER BY ?g"
        )
        assert isinstance(rows, ox.QuerySolutions)
        return {row["g"].value: int(row["n"].value) for row in rows}

    def dump(self) -> bytes:
        """Every quad of the store as sorted N-Quads. Memory: the whole store."""
        return b"\n".join(sorted(f"{quad} .".encode() for quad in self._store))

    def close(self) -> None:
        """Write what is buffered and let the folder go."""
        self._flush()
        del self._store

    def _flush(self) -> None:
        if self.path is not None:
            self._store.flush()


@contextlib.contextmanager
def open_store(path: Path | None, ontology: bytes) -> Iterator[EmbeddedStore]:
    """The embedded store under `path`, with the ontology as its first graph.

    Args:
        path: The folder of the store; None keeps it in memory.
        ontology: Classes, schemes and inferred hierarchy as N-Triples.

    Raises:
        StoreUnavailable: When another process holds the store or it cannot be opened.
    """
    store = EmbeddedStore(path)
    try:
        store.put_graphs(
            {ONTOLOGY: ("ontology, schemes, inferred hierarchy", ontology)}
        )
        yield store
    finally:
        store.close()


def _replacement(
    graph: ox.NamedNode, label: str, digest: ox.Literal, triples: list[ox.Triple]
) -> str:
    """The update that replaces a graph and its catalogue entry."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    entry = {
        _RDF_TYPE: _LOAD,
        _SHA256: digest,
        _TRIPLES: ox.Literal(len(triples)),
        _RDFS_LABEL: ox.Literal(label),
        _GENERATED_AT: ox.Literal(now, datatype=_XSD_DATETIME),
    }
    facts = " ".join(f"{graph} {term} {value} ." for term, value in entry.items())
    body = " ".join(f"{triple} ." for triple in triples)
    return (
        f"{_removal(graph)} ; INSERT DATA {{ GRAPH {CATALOGUE} {{ {facts} }} "
        f"GRAPH {graph} {{ {body} }} }}"
    )


def _removal(graph: ox.NamedNode) -> str:
    return (
        f"DROP SILENT GRAPH {graph} ; "
        f"DELETE WHERE {{ GRAPH {CATALOGUE} {{ {graph} ?p ?o }} }}"
    )


def _parse(iri: str, content: bytes) -> list[ox.Triple]:
    try:
        quads = list(ox.parse(content, format=ox.RdfFormat.N_TRIPLES))
    except SyntaxError as error:
        message = f"graph {iri} is no N-Triples: {error}; nothing was loaded"
        raise InvalidGraph(message) from error
    if any(
        isinstance(term, ox.BlankNode)
        for quad in quads
        for term in (quad.subject, quad.object)
    ):
        message = f"graph {iri} has blank nodes; give them IRIs; nothing was loaded"
        raise InvalidGraph(message)
    return [quad.triple for quad in quads]


def _unavailable(path: Path, error: OSError) -> str:
    if "lock" in str(error).lower():
        return (
            f"the store {path} is held by another process; "
            "stop it, or ask it through its address"
        )
    return (
        f"the store {path} cannot be opened: {error}; "
        "free space on its disk, or choose another folder"
    )

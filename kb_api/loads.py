"""A load: one named graph and its entry in the catalogue, the same for every store."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import pyoxigraph as ox

from ontology.errors import InvalidGraph

Graphs: TypeAlias = Mapping[str, tuple[str, bytes]]
"""Graph IRI to a label for people and the content as N-Triples without blank nodes."""

CATALOGUE = ox.NamedNode("https://w3id.org/lucerna/graph/catalogue")
ONTOLOGY = "https://w3id.org/lucerna/graph/ontology"

_LUC = "https://w3id.org/lucerna/ont#"
_RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_RDFS_LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
_GENERATED_AT = ox.NamedNode("http://www.w3.org/ns/prov#generatedAtTime")
_XSD_DATETIME = ox.NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
_LOAD = ox.NamedNode(_LUC + "Load")
SHA256 = ox.NamedNode(_LUC + "sha256")
TRIPLES = ox.NamedNode(_LUC + "triples")

GRAPHS = f"SELECT ?g ?n {{ GRAPH {CATALOGUE} {{ ?g {TRIPLES} ?n }} }} ORDER BY ?g"
"""Query for the loaded graphs and their numbers of triples."""


def updates_of(
    graphs: Graphs,
    is_held: Callable[[ox.NamedNode, ox.Literal], bool],
    owners_of: Callable[[Sequence[ox.Triple]], Iterable[tuple[ox.Triple, str]]],
) -> dict[str, str]:
    """The graphs that a load changes, each with the SPARQL update that replaces it.

    Args:
        graphs: What is loaded.
        is_held: Whether the catalogue names the graph with this SHA-256 of its sorted
            N-Triples lines; then it is left as it is.
        owners_of: Those of the triples that the store holds, with the IRI of each
            graph that does.

    Raises:
        InvalidGraph: A content is no N-Triples, has blank nodes, or repeats a triple
            of another graph, so that a union would count it twice.
    """
    changed: dict[str, str] = {}
    parsed: dict[str, list[ox.Triple]] = {}
    for iri, (label, ntriples) in graphs.items():
        lines = sorted({line for line in ntriples.splitlines() if line.strip()})
        content = b"\n".join(lines)
        digest = ox.Literal(hashlib.sha256(content).hexdigest())
        graph = ox.NamedNode(iri)
        if not is_held(graph, digest):
            parsed[iri] = _parse(iri, content)
            changed[iri] = _replacement(graph, label, digest, parsed[iri])
    owners: dict[ox.Triple, str] = {}
    for iri, triples in parsed.items():
        for triple in triples:
            if owners.setdefault(triple, iri) != iri:
                raise _held_twice(triple, owners[triple])
        for triple, owner in owners_of(triples):
            if owner not in parsed:
                raise _held_twice(triple, owner)
    return changed


def _held_twice(triple: ox.Triple, owner: str) -> InvalidGraph:
    return InvalidGraph(
        f"a fact of {triple.subject} stands already in graph <{owner}>; nothing was "
        "loaded: give the file the name that it was loaded under, or other identifiers"
    )


def _replacement(
    graph: ox.NamedNode, label: str, digest: ox.Literal, triples: list[ox.Triple]
) -> str:
    """The update that replaces a graph and its catalogue entry."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    entry = {
        _RDF_TYPE: _LOAD,
        SHA256: digest,
        TRIPLES: ox.Literal(len(triples)),
        _RDFS_LABEL: ox.Literal(label),
        _GENERATED_AT: ox.Literal(now, datatype=_XSD_DATETIME),
    }
    facts = " ".join(f"{graph} {term} {value} ." for term, value in entry.items())
    body = " ".join(f"{triple} ." for triple in triples)
    return (
        f"DROP SILENT GRAPH {graph} ; "
        f"DELETE WHERE {{ GRAPH {CATALOGUE} {{ {graph} ?p ?o }} }} ; "
        f"INSERT DATA {{ GRAPH {CATALOGUE} {{ {facts} }} GRAPH {graph} {{ {body} }} }}"
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

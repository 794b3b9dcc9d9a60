"""A load: one named graph and its entry in the catalogue, the same for every store."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import pyoxigraph as ox

from ontology.errors import InvalidGraph

Graphs: TypeAlias = Mapping[str, tuple[str, bytes]]
"""Graph IRI to a label for people and the content as N-Triples without blank nodes."""

Subject: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Triple

CATALOGUE = ox.NamedNode("https://w3id.org/lucerna/graph/catalogue")
ONTOLOGY = "https://w3id.org/lucerna/graph/ontology"
OVERLAPS = "https://w3id.org/lucerna/graph/overlaps/"
"""Beginning of the IRIs of the graphs of overlaps, which follow from all others."""

_DOUBTFUL = (b"_:", b" #", b"\t#", b".#", b"\n#", b"\\u", b"\\U", b"<<")
"""Without these nothing in N-Triples is a blank node, a comment, an escaped letter of
an IRI or a triple term: then each line begins with the IRI of its subject."""

_LUC = "https://w3id.org/lucerna/ont#"
RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_RDFS_LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
_GENERATED_AT = ox.NamedNode("http://www.w3.org/ns/prov#generatedAtTime")
_XSD_DATETIME = ox.NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
LOAD = ox.NamedNode(_LUC + "Load")
SHA256 = ox.NamedNode(_LUC + "sha256")
TRIPLES = ox.NamedNode(_LUC + "triples")

GRAPHS = f"SELECT ?g ?n {{ GRAPH {CATALOGUE} {{ ?g {TRIPLES} ?n }} }} ORDER BY ?g"
"""Query for the loaded graphs and their numbers of triples."""


@dataclass(frozen=True)
class Change:
    """A named graph as a load leaves it.

    Attributes:
        graph: Its IRI.
        label: Of it, for people.
        digest: SHA-256 of its sorted N-Triples lines.
        entry: What the catalogue says of it.
        content: Its facts as N-Quads, sorted, each once.
        count: How many there are.
        subjects: What they speak of, each once.
    """

    graph: ox.NamedNode
    label: str
    digest: str
    entry: tuple[ox.Quad, ...]
    content: bytes
    count: int
    subjects: tuple[Subject, ...]

    def quads(self) -> Iterator[ox.Quad]:
        """The facts, parsed anew at each call so that none are kept."""
        return ox.parse(self.content, format=ox.RdfFormat.N_QUADS)

    def triples(self) -> Iterator[ox.Triple]:
        """The same without the graph; those of a subject follow one another."""
        return (quad.triple for quad in self.quads())


def changes_of(
    graphs: Graphs,
    is_held: Callable[[ox.NamedNode, ox.Literal], bool],
    owners_of: Callable[[Change], Iterable[tuple[ox.Triple, str]]],
    *,
    parsed: bool = True,
) -> list[Change]:
    """The graphs that a load changes, as they will be.

    Memory: the load as text, three times.

    Args:
        graphs: What is loaded.
        is_held: Whether the catalogue names the graph with this SHA-256 of its sorted
            N-Triples lines; then it is left as it is.
        owners_of: Those of the facts that the store holds, with the IRI of each
            graph that does.
        parsed: Whether the contents are parsed here; else all are `is_plain`, and
            whoever writes them finds what is no N-Triples.

    Raises:
        InvalidGraph: A content is no N-Triples, has blank nodes, or repeats a triple
            of another graph, so that a union would count it twice.
    """
    changes = changed(graphs, is_held, parsed=parsed)
    _refuse_shared(changes)
    changing = {one.graph.value for one in changes}
    for change in changes:
        for triple, owner in owners_of(change):
            if owner not in changing and not is_of_overlaps(owner):
                raise _held_twice(triple, owner)
    return changes


def changed(
    graphs: Graphs,
    is_held: Callable[[ox.NamedNode, ox.Literal], bool],
    *,
    parsed: bool = True,
) -> list[Change]:
    """The graphs that are not as they are held, whatever others hold.

    Raises:
        InvalidGraph: A content is no N-Triples, or has blank nodes.
    """
    changes: list[Change] = []
    for iri, (label, ntriples) in graphs.items():
        given = ntriples.splitlines() if parsed else ntriples.split(b"\n")
        lines = sorted({one.strip() for one in given} if parsed else set(given))
        lines = lines[1:] if lines[:1] == [b""] else lines
        digest = ox.Literal(hashlib.sha256(b"\n".join(lines)).hexdigest())
        graph = ox.NamedNode(iri)
        if not is_held(graph, digest):
            content, count, subjects = _checked(graph, lines, parsed=parsed)
            entry = _entry(graph, label, digest, count)
            changes.append(
                Change(graph, label, digest.value, entry, content, count, subjects)
            )
    return changes


def owners_in(store: ox.Store, change: Change) -> Iterator[tuple[ox.Triple, str]]:
    """The facts of a change that a store holds, with the graph of each."""
    known: dict[ox.Triple, list[str]] = defaultdict(list)
    for subject in change.subjects:
        for quad in store.quads_for_pattern(subject, None, None):
            assert isinstance(quad.graph_name, ox.NamedNode)
            known[quad.triple].append(quad.graph_name.value)
    for triple in change.triples() if known else ():
        for owner in known.get(triple, ()):
            yield triple, owner


def is_of_overlaps(graph: str) -> bool:
    """Whether a graph holds overlaps: it follows from all others, and gives way."""
    return graph.startswith(OVERLAPS)


def is_plain(content: bytes) -> bool:
    """Whether each line is one fact without blank nodes, if it is N-Triples at all."""
    lines = content.count(b"\n")
    return (
        content.count(b" .\n") == lines > 0
        and content.endswith(b"\n")
        and not content.startswith(b"#")
        and not any(sign in content for sign in _DOUBTFUL)
    )


def removal_of(graph: ox.NamedNode) -> str:
    """The SPARQL update that removes a graph and its catalogue entry."""
    return (
        f"DROP SILENT GRAPH {graph} ; "
        f"DELETE WHERE {{ GRAPH {CATALOGUE} {{ {graph} ?p ?o }} }}"
    )


def _refuse_shared(changes: Sequence[Change]) -> None:
    """Refuse a triple that stands in two graphs of one load.

    Only triples of subjects that two graphs speak of are kept meanwhile.
    """
    speakers: dict[Subject, str] = {}
    shared: set[Subject] = set()
    for change in changes if len(changes) > 1 else ():
        for subject in change.subjects:
            if speakers.setdefault(subject, change.graph.value) != change.graph.value:
                shared.add(subject)
    owners: dict[ox.Triple, str] = {}
    for change in changes if shared else ():
        for triple in change.triples():
            iri = change.graph.value
            if triple.subject in shared and owners.setdefault(triple, iri) != iri:
                raise _held_twice(triple, owners[triple])


def _held_twice(triple: ox.Triple, owner: str) -> InvalidGraph:
    return InvalidGraph(
        f"a fact of {triple.subject} stands already in graph <{owner}>; nothing was "
        "loaded: give the file the name that it was loaded under, or other identifiers"
    )


def _entry(
    graph: ox.NamedNode, label: str, digest: ox.Literal, count: int
) -> tuple[ox.Quad, ...]:
    """What the catalogue says of a graph that is loaded now."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    entry: dict[ox.NamedNode, ox.NamedNode | ox.Literal] = {
        RDF_TYPE: LOAD,
        SHA256: digest,
        TRIPLES: ox.Literal(count),
        _RDFS_LABEL: ox.Literal(label),
        _GENERATED_AT: ox.Literal(now, datatype=_XSD_DATETIME),
    }
    return tuple(
        ox.Quad(graph, term, value, CATALOGUE) for term, value in entry.items()
    )


def _checked(
    graph: ox.NamedNode, lines: Sequence[bytes], *, parsed: bool = True
) -> tuple[bytes, int, tuple[Subject, ...]]:
    """The lines of N-Triples as N-Quads of the graph, their number, their subjects.

    Raises:
        InvalidGraph: They are no N-Triples, or have blank nodes.
    """
    end = f" {graph} .".encode()
    content = b"\n".join(
        line[:-1] + end if line.endswith(b".") else line for line in lines
    )
    try:
        plain = not parsed or not any(sign in content for sign in _DOUBTFUL)
        if plain and content[:1] != b"#":
            if parsed:
                for _ in ox.parse(content, format=ox.RdfFormat.N_QUADS):
                    """Each line is a fact."""
            heads = {line[1 : line.find(b">")] for line in lines if line[:1] == b"<"}
            named = tuple(ox.NamedNode(one.decode()) for one in sorted(heads))
            return content, len(lines), named
        count, elsewhere = 0, 0
        subjects: dict[Subject, None] = {}
        for quad in ox.parse(content, format=ox.RdfFormat.N_QUADS):
            count += 1
            elsewhere += quad.graph_name != graph
            subjects[quad.subject] = None
            if isinstance(quad.object, ox.BlankNode):
                raise _blank(graph)
        if not elsewhere:
            if any(isinstance(one, ox.BlankNode) for one in subjects):
                raise _blank(graph)
            return content, count, tuple(subjects)
        # A comment ends a line.
        text = b"\n".join(lines)
        triples = [one.triple for one in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]
    except SyntaxError as error:
        message = f"graph {graph.value} is no N-Triples: {error}; nothing was loaded"
        raise InvalidGraph(message) from error
    return _checked(graph, sorted({f"{one} .".encode() for one in triples}))


def _blank(graph: ox.NamedNode) -> InvalidGraph:
    return InvalidGraph(
        f"graph {graph.value} has blank nodes; give them IRIs; nothing was loaded"
    )

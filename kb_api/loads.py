"""A load: one named graph and its entry in the catalogue, the same for every store."""

import contextlib
import hashlib
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

import pyoxigraph as ox

from kb_api.spelling import spelled
from ontology import LUC, OWN_GRAPHS, PROV, RDF, RDFS, XSD
from ontology.errors import InvalidGraph

Graphs: TypeAlias = Mapping[str, tuple[str, bytes]]
"""Graph IRI to a label for people and the content as N-Triples without blank nodes."""

CATALOGUE = ox.NamedNode(f"{OWN_GRAPHS}catalogue")
ONTOLOGY = f"{OWN_GRAPHS}ontology"
OVERLAPS = f"{OWN_GRAPHS}overlaps/"
"""Beginning of the IRIs of the graphs of overlaps, which follow from all others."""

_DOUBTFUL = (b"_:", b" #", b"\t#", b".#", b"\n#", b"\\u", b"\\U", b"<<")
"""Without these nothing in N-Triples is a blank node, a comment, an escaped letter of
an IRI or a triple term: then each line begins with the IRI of its subject."""

RDF_TYPE = ox.NamedNode(RDF.type)
_RDFS_LABEL = ox.NamedNode(RDFS.label)
_GENERATED_AT = ox.NamedNode(PROV.generatedAtTime)
_XSD_DATETIME = ox.NamedNode(XSD.dateTime)
LOAD = ox.NamedNode(LUC.Load)
SHA256 = ox.NamedNode(LUC.sha256)
TRIPLES = ox.NamedNode(LUC.triples)

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
    subjects: tuple[ox.NamedNode, ...]

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
        graph = ox.NamedNode(iri)
        with _told(iri):
            lines = spelled(iri, ntriples)
        digest = ox.Literal(hashlib.sha256(b"\n".join(lines)).hexdigest())
        if not is_held(graph, digest):
            with _told(iri):
                content, count, subjects = _checked(graph, lines, parsed=parsed)
            entry = _entry(graph, label, digest, count)
            changes.append(
                Change(graph, label, digest.value, entry, content, count, subjects)
            )
    return changes


def owners_in(store: ox.Store, change: Change) -> Iterator[tuple[ox.Triple, str]]:
    """The facts of a change that a store holds, with the graph of each."""
    known: dict[ox.Triple, list[str]] = defaultdict(list)
    for quad in _quads_of(store, change.subjects):
        assert isinstance(quad.graph_name, ox.NamedNode)
        known[quad.triple].append(quad.graph_name.value)
    for triple in change.triples() if known else ():
        for owner in known.get(triple, ()):
            yield triple, owner


def _quads_of(store: ox.Store, subjects: Sequence[ox.NamedNode]) -> Iterator[ox.Quad]:
    """What a store says of subjects: looked up, or all read where that is less."""
    quads = list(itertools.islice(store, len(subjects)))
    if len(quads) < len(subjects):
        wanted = set(subjects)
        yield from (one for one in quads if one.subject in wanted)
        return
    del quads
    for subject in subjects:
        yield from store.quads_for_pattern(subject, None, None)


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
    speakers: dict[ox.NamedNode, str] = {}
    shared: set[ox.NamedNode] = set()
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
    graph: ox.NamedNode, lines: Sequence[bytes], *, parsed: bool
) -> tuple[bytes, int, tuple[ox.NamedNode, ...]]:
    """Spelled lines as N-Quads of the graph, their number, their subjects.

    Raises:
        SyntaxError: They are no N-Triples.
    """
    end = f" {graph} .".encode()
    content = b"\n".join(line[:-2] + end for line in lines)
    if parsed:
        for _ in ox.parse(content, format=ox.RdfFormat.N_QUADS):
            """Each line is a fact."""
    heads = {line[1 : line.find(b">")] for line in lines}
    named = tuple(ox.NamedNode(one.decode()) for one in sorted(heads))
    return content, len(lines), named


@contextlib.contextmanager
def _told(graph: str) -> Iterator[None]:
    """Makes what the parser says of a graph one line."""
    try:
        yield
    except SyntaxError as error:
        message = f"graph {graph} is no N-Triples: {error}; nothing was loaded"
        raise InvalidGraph(message) from error
    except MemoryError as error:
        raise InvalidGraph(
            f"graph {graph} has a fact of more than 16 MiB; shorten it; nothing was "
            "loaded"
        ) from error

"""RDF files as named graphs without blank nodes, written to disk as N-Triples."""

import gzip
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, TypeAlias, cast

import pyoxigraph as ox

from ontology import OWN_GRAPHS
from ontology.errors import InvalidGraph
from ontology.strange_rdf import check_rdf

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
}
"""Suffix of a file's name, before any `.gz`, to the form of its content."""

_GZ = ".gz"
_PLACE = re.compile("^Parser error at line [^:]*: ")
_BATCH = 50_000
_PART = 2**24

_OTHERWISE = (
    b"\\",
    b"\t",
    b"\r",
    b"_:",
    b"<<",
    b" #",
    b"  ",
    b"><",
    b'>"',
    b"#string>",
)
"""Signs of blank nodes, triple terms, comments, and of text that pyoxigraph would write
otherwise. Some stand in plain literals too, which are then written anew in vain."""

Progress: TypeAlias = Callable[[int, int], None]
Skolem: TypeAlias = Callable[[int], ox.NamedNode]


@dataclass
class StagedGraph:
    """The facts of one named graph, on disk.

    Attributes:
        file: Has the facts of all graphs of a file.
        places: Where those of this one are: first byte and number of bytes.
        triples: How many there are.
    """

    file: BinaryIO
    places: list[tuple[int, int]] = field(default_factory=list)
    triples: int = 0

    def read(self) -> bytes:
        """The facts as N-Triples without blank nodes. Memory: all of them."""
        return b"".join(self._read(*place) for place in self.places)

    def _read(self, start: int, size: int) -> bytes:
        self.file.seek(start)
        return self.file.read(size)


def is_rdf(path: Path) -> bool:
    """Whether the name of a file is that of RDF.

    >>> is_rdf(Path("soil.ttl.gz")), is_rdf(Path("parcels.geojson"))
    (True, False)
    """
    return _suffix(path) in FORMATS


def rdf_stem(path: Path) -> str:
    """The name of a file of RDF without what tells its form.

    >>> rdf_stem(Path("data/soil.2024.ttl.gz"))
    'soil.2024'
    """
    return path.name.removesuffix(_GZ).removesuffix(_suffix(path))


def stage_graphs(
    path: Path,
    file: BinaryIO,
    *,
    graph: str,
    skolem: Skolem,
    progress: Progress | None = None,
) -> dict[str, StagedGraph]:
    """The named graphs of a file, written to another as N-Triples.

    A blank node becomes the IRI of its place among the blank nodes of the file, so
    that the same file gives the same IRIs. Contexts of JSON-LD are not fetched. Memory:
    50 000 facts, and the blank nodes.

    Args:
        path: RDF of a form that `FORMATS` names, also compressed by gzip.
        file: Where all facts are written; empty and open for reading too.
        graph: IRI of the graph that gets the facts that no graph of the file has;
            relative IRIs are resolved against it.
        skolem: The IRI of the blank node of this number, from 1 on.
        progress: Called with bytes read and bytes in all.

    Raises:
        InvalidGraph: The file is no such RDF, with line and column; it is empty, or
            names a graph that the store keeps for itself.
    """
    staged: dict[str, StagedGraph] = {}
    waiting: dict[str, list[ox.Triple]] = defaultdict(list)
    size = path.stat().st_size

    def write() -> None:
        for iri, triples in waiting.items():
            known = staged.setdefault(iri, StagedGraph(file))
            content = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
            assert content is not None
            known.places.append((file.tell(), len(content)))
            known.triples += len(triples)
            file.write(content)
        waiting.clear()

    zipped = path.suffix.lower() == _GZ
    with (
        _told(path),
        path.open("rb") as raw,
        gzip.GzipFile(fileobj=raw) if zipped else raw as source,
    ):
        text = cast("IO[bytes]", source)
        quads: Iterator[ox.Quad] = iter(())
        tell = (lambda: progress(raw.tell(), size)) if progress else None
        form = FORMATS[_suffix(path)]
        if form is ox.RdfFormat.N_TRIPLES and (count := _copied(text, file, tell)):
            staged[graph] = StagedGraph(file, [(0, file.tell())], count)
        else:
            quads = _sound(path, text, graph)
        for count, (iri, triple) in enumerate(_named(path, quads, graph, skolem), 1):
            waiting[iri].append(triple)
            if count % _BATCH == 0:
                write()
                if progress is not None:
                    progress(raw.tell(), size)
        write()
    if not staged:
        raise InvalidGraph(f"{path} holds no facts; give a file that does")
    for iri in staged:
        if iri.startswith(OWN_GRAPHS):
            raise InvalidGraph(
                f"{path} has facts of <{iri}>, a graph that the store keeps for "
                "itself; nothing was loaded: leave them out"
            )
    return staged


def _sound(path: Path, text: IO[bytes], graph: str) -> Iterator[ox.Quad]:
    """The facts of a text that no parser falls over."""
    form = FORMATS[_suffix(path)]
    text.seek(0)
    try:
        check_rdf(text, form)
    except ValueError as error:
        raise InvalidGraph(f"{path} {error}; nothing was loaded") from error
    text.seek(0)
    return ox.parse(text, format=form, base_iri=graph)


def _copied(source: IO[bytes], file: BinaryIO, tell: Callable[[], None] | None) -> int:
    """How many facts of N-Triples were copied; 0 where they have to be written anew.

    They are copied where they stand there as pyoxigraph writes them.
    """
    count = 0
    while part := source.read(_PART) + source.readline():
        lines = part.count(b"\n")
        if any(one in part for one in _OTHERWISE) or not _are_facts(part, lines):
            file.seek(0)
            file.truncate()
            return 0
        file.write(part)
        count += lines
        if tell is not None:
            tell()
    return count


def _are_facts(part: bytes, lines: int) -> bool:
    """Whether lines are N-Triples, a fact each."""
    if part.count(b" .\n") != lines or part[:1] != b"<":
        return False
    try:
        return sum(1 for _ in ox.parse(part, format=ox.RdfFormat.N_TRIPLES)) == lines
    except SyntaxError:
        return False  # it is told with its place when all is parsed


def _named(
    path: Path, quads: Iterator[ox.Quad], graph: str, skolem: Skolem
) -> Iterator[tuple[str, ox.Triple]]:
    """Each fact with the IRI of its graph, blank nodes as IRIs."""
    seen: dict[ox.BlankNode, ox.NamedNode] = {}

    def named(node: ox.BlankNode) -> ox.NamedNode:
        if node not in seen:
            seen[node] = skolem(len(seen) + 1)
        return seen[node]

    for quad in quads:
        subject, value, place = quad.subject, quad.object, quad.graph_name
        blank = isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode)
        if blank:
            subject = named(subject) if isinstance(subject, ox.BlankNode) else subject
            value = named(value) if isinstance(value, ox.BlankNode) else value
        if isinstance(value, ox.Triple):
            raise InvalidGraph(
                f"{path}: a fact of {subject} speaks of a triple (RDF 1.2), which no "
                "graph here holds; nothing was loaded: leave it out"
            )
        if isinstance(place, ox.BlankNode):
            place = named(place)
        iri = graph if isinstance(place, ox.DefaultGraph) else place.value
        yield iri, ox.Triple(subject, quad.predicate, value) if blank else quad.triple


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Makes what a parser says of a file one line with the place in it."""
    try:
        yield
    except SyntaxError as error:
        _, line, column, *_ = error.args[1] if len(error.args) > 1 else (None,) * 3
        place = "" if line is None else f", line {line}, column {column}"
        reason = _PLACE.sub("", " ".join(str(error.msg).split()))
        if "LoadDocumentCallback" in reason:
            reason = "its context is an address, and none is fetched; write it out"
        raise InvalidGraph(
            f"{path}{place}: {reason}; nothing was loaded: correct the file"
        ) from error
    except MemoryError as error:
        raise InvalidGraph(
            f"{path} has a fact of more than 16 MiB; nothing was loaded: shorten it"
        ) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InvalidGraph(
            f"{path} is damaged: {error}; nothing was loaded: compress it again"
        ) from error


def _suffix(path: Path) -> str:
    return Path(path.name.lower().removesuffix(_GZ)).suffix

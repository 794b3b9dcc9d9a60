"""The same shapes and rules for files of any size, a batch of records at a time."""

import functools
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import pyoxigraph as ox
from rdflib import XSD, Graph, Literal, URIRef

from etl.validate import refuse, rule_faults, shape_faults
from ontology import LUC, RDF, RDFS, SH
from ontology.files import ontology_graph, shapes_graph

BATCH = 2_000
"""Records that the shapes look at together."""

_REACH = 2
"""Steps from a record that a shape looks at: a path of two, or a path and a class."""

_ENOUGH = 1_000
_PART = 2**24
_TYPE = RDF.type.n3().encode()
_SUBCLASS = RDFS.subClassOf.n3().encode()
_OURS = str(LUC).encode()


def validate_files(files: Sequence[BinaryIO]) -> None:
    """Check files of N-Triples together; return only when they are sound.

    Only the records that a shape speaks of are looked at, each with what it leads to
    in two steps. The rules ask a store on disk, where a fact is in our terms. Memory:
    one batch, and the names of all subjects with the places of their facts.

    Args:
        files: N-Triples as pyoxigraph writes them, without blank nodes.

    Raises:
        InvalidGraph: A shape or rule is broken; past 1 000 faults no more are sought.
    """
    shapes, ontology = _meaning()
    if not any(_speaks(file, shapes, ontology) for file in files):
        return
    faults: list[str] = []
    facts = _Facts(files)
    records = facts.records(shapes, ontology)
    while batch := set(itertools.islice(records, BATCH)):
        names = {one[1:-1].decode() for one in batch}
        found = shape_faults(facts.around(batch), shapes, ontology)
        faults += [f"{focus}: {told}" for focus, told in found if focus in names]
        if len(faults) >= _ENOUGH:
            break
    if facts.ours:
        faults += _rule_faults(files)
    refuse(sorted(faults))


def _speaks(file: BinaryIO, shapes: Graph, ontology: Graph) -> bool:
    """Whether facts may be such as shapes and rules speak of."""
    having = [b"> " + _token(one) for one in shapes.objects(None, SH.targetSubjectsOf)]
    classes = _with_those_below(
        [_token(one) for one in shapes.objects(None, SH.targetClass)], ontology, {}
    )
    file.seek(0)
    while part := file.read(_PART) + file.readline():
        if any(one in part for one in (_OURS, b"> " + _SUBCLASS, *having)):
            return True
        typed = part.split(b"> " + _TYPE + b" ")[1:]
        if not classes.isdisjoint(one.partition(b" .\n")[0] for one in typed):
            return True
    return False


class _Facts:
    """The facts of open files, found by their subject.

    A store would not do: it keeps "01" as 1, and a time stamp as a time.

    Attributes:
        ours: Whether a fact is in terms of ours.
    """

    def __init__(self, files: Sequence[BinaryIO]) -> None:
        self._places: dict[bytes, list[tuple[BinaryIO, int]]] = defaultdict(list)
        self._below: dict[bytes, set[bytes]] = defaultdict(set)
        self.ours = False
        for file in files:
            start, last = file.seek(0), b""
            for line in file:
                subject, predicate, value = line.split(b" ", 2)
                if subject != last:
                    self._places[subject].append((file, start))
                if predicate == _SUBCLASS:
                    self._below[value[:-3]].add(subject)
                self.ours = self.ours or _OURS in line
                start, last = start + len(line), subject

    def records(self, shapes: Graph, ontology: Graph) -> Iterator[bytes]:
        """The nodes that shapes speak of, each once: by class, or by a fact of it."""
        classes = self._classes(shapes, ontology)
        having = {_token(one) for one in shapes.objects(None, SH.targetSubjectsOf)}
        for subject in self._places:
            facts = [line.split(b" ", 2) for line in self._of(subject)]
            if any(
                one[1] in having or (one[1] == _TYPE and one[2][:-3] in classes)
                for one in facts
            ):
                yield subject

    def around(self, records: set[bytes]) -> Graph:
        """The facts of records, and of what they lead to in a few steps."""
        graph = Graph()
        seen, edge = set(records), records
        for _ in range(_REACH + 1):
            lines = [line for one in edge for line in self._of(one)]
            for quad in ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES):
                graph.add(
                    (_term(quad.subject), _term(quad.predicate), _term(quad.object))
                )
            edge = {line.split(b" ", 2)[2][:-3] for line in lines} & self._places.keys()
            edge -= seen
            seen |= edge
        return graph

    def _of(self, subject: bytes) -> Iterator[bytes]:
        """The lines of a subject."""
        for file, start in self._places[subject]:
            file.seek(start)
            yield from itertools.takewhile(
                lambda line: line.startswith(subject + b" "), file
            )

    def _classes(self, shapes: Graph, ontology: Graph) -> set[bytes]:
        """The classes that shapes speak of, with what is below them there or here."""
        named = [_token(one) for one in shapes.objects(None, SH.targetClass)]
        return _with_those_below(named, ontology, self._below)


def _with_those_below(
    classes: Iterable[bytes], ontology: Graph, below: Mapping[bytes, set[bytes]]
) -> set[bytes]:
    """Classes with all that are below them in the ontology, or as told."""
    waiting, known = list(classes), set[bytes]()
    while waiting:
        above = waiting.pop()
        if above not in known:
            known.add(above)
            waiting += below.get(above, ())
            told = ontology.subjects(RDFS.subClassOf, URIRef(above[1:-1].decode()))
            waiting += [_token(one) for one in told]
    return known


@functools.cache
def _meaning() -> tuple[Graph, Graph]:
    """Shapes and ontology, read once for many files; nobody writes into them."""
    return shapes_graph(), ontology_graph()


def _rule_faults(files: Iterable[BinaryIO]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="lucerna-") as place:
        store = ox.Store(place)
        for file in files:
            file.seek(0)
            store.bulk_load(file, format=ox.RdfFormat.N_TRIPLES)
        faults = rule_faults(store)
        del store
    return faults


def _token(node: object) -> bytes:
    return f"<{node}>".encode()


def _term(term: object) -> URIRef | Literal:
    """The same term in rdflib, its text as it stands."""
    if isinstance(term, ox.Literal):
        if term.language is not None:
            return Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        if datatype == str(XSD.string):
            return Literal(term.value)
        return Literal(term.value, datatype=URIRef(datatype), normalize=False)
    assert isinstance(term, ox.NamedNode), "there are no blank nodes"
    return URIRef(term.value)

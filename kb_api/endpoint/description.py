"""What the endpoint tells of itself: service description, and VoID of its graphs."""

import functools
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

import pyoxigraph as ox

from kb_api.endpoint.statistics import GraphStatistics

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"

_RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
_DCTERMS = "http://purl.org/dc/terms/"
_DCAT = "http://www.w3.org/ns/dcat#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_WKT = ox.NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")
_ENTAILMENT = ox.NamedNode(SD + "defaultEntailmentRegime")
_RDFS = ox.NamedNode("http://www.w3.org/ns/entailment/RDFS")

Term = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True)
class Abilities:
    """What this endpoint can do beyond SPARQL 1.1.

    Attributes:
        functions: IRI of each extension function, with a label.
        aggregates: The same of aggregates.
        regimes: What `?regime=` takes beside `simple`, with a label.
    """

    functions: Mapping[str, str] = field(default_factory=dict)
    aggregates: Mapping[str, str] = field(default_factory=dict)
    regimes: Mapping[str, str] = field(default_factory=dict)


def service_description(
    address: str, void: str, graphs: Iterable[str], abilities: Abilities
) -> list[ox.Triple]:
    """The service description (SPARQL 1.1 Service Description, W3C 2013).

    Each regime of entailment is a service of its own: the standard has one a service.

    Args:
        address: Of the endpoint.
        void: Address of the VoID description, which tells more of each graph.
        graphs: IRIs of the named graphs.
        abilities: Functions and regimes.
    """
    service = ox.NamedNode(address)
    told = [
        quad.triple
        for quad in ox.parse(_static(), ox.RdfFormat.TURTLE, base_iri=address)
    ]
    for kind, link, known in (
        ("Function", "extensionFunction", abilities.functions),
        ("Aggregate", "extensionAggregate", abilities.aggregates),
    ):
        for iri, label in sorted(known.items()):
            node = ox.NamedNode(iri)
            told.append(ox.Triple(service, ox.NamedNode(SD + link), node))
            told += _things(node, SD + kind, label)
    for regime, label in abilities.regimes.items():
        node = ox.NamedNode(f"{address}?regime={regime.replace('+', '%2B')}")
        told += _things(node, SD + "Service", label)
        told.append(ox.Triple(node, ox.NamedNode(SD + "endpoint"), node))
        told.append(ox.Triple(node, _ENTAILMENT, _RDFS))
    dataset = ox.NamedNode(f"{address}#dataset")
    for graph in graphs:
        told += _named(dataset, graph, void)
    return told


def void_description(
    void: str, address: str, graphs: Sequence[GraphStatistics]
) -> list[ox.Triple]:
    """The description of the base and each graph, in VoID (W3C 2011).

    Place and time are told as DCAT 3 does.

    Args:
        void: Its own address.
        address: Of the endpoint.
        graphs: What was counted.
    """
    base = ox.NamedNode(f"{void}#base")
    told = _things(
        ox.NamedNode(void), VOID + "DatasetDescription", "What the base holds"
    )
    told += _things(base, VOID + "Dataset", "All named graphs")
    told += _facts(
        base,
        {
            VOID + "sparqlEndpoint": ox.NamedNode(address),
            VOID + "triples": ox.Literal(sum(one.triples for one in graphs)),
        },
    )
    dataset = ox.NamedNode(f"{address}#dataset")
    for one in graphs:
        node = ox.NamedNode(graph_address(void, one.graph))
        told.append(ox.Triple(base, ox.NamedNode(VOID + "subset"), node))
        told += _named(dataset, one.graph, void)
        told += _of_graph(node, one)
    return told


def graph_address(void: str, graph: str) -> str:
    """The name that a graph has in the VoID description.

    >>> graph_address("https://kb.example/void", "https://kb.example/graph/a b")
    'https://kb.example/void#https%3A%2F%2Fkb.example%2Fgraph%2Fa%20b'
    """
    return f"{void}#{urllib.parse.quote(graph, safe='')}"


def _of_graph(node: ox.NamedNode, one: GraphStatistics) -> Iterator[ox.Triple]:
    yield from _things(node, VOID + "Dataset", one.label)
    facts: dict[str, Term] = {
        VOID + "triples": ox.Literal(one.triples),
        VOID + "classes": ox.Literal(len(one.classes)),
    }
    if one.loaded:
        facts[_DCTERMS + "modified"] = _typed(one.loaded, "dateTime")
    yield from _facts(node, facts)
    for number, (iri, count) in enumerate(sorted(one.classes.items())):
        part = ox.NamedNode(f"{node.value}/class/{number}")
        yield ox.Triple(node, ox.NamedNode(VOID + "classPartition"), part)
        counted: dict[str, Term] = {
            VOID + "class": ox.NamedNode(iri),
            VOID + "entities": ox.Literal(count),
        }
        yield from _facts(part, counted)
    if one.bbox_crs84:
        place = ox.NamedNode(f"{node.value}/place")
        west, south, east, north = (f"{value:.6f}" for value in one.bbox_crs84)
        corners = (west, south), (east, south), (east, north), (west, north)
        ring = ", ".join(f"{x} {y}" for x, y in (*corners, corners[0]))
        box = ox.Literal(f"POLYGON(({ring}))", datatype=_WKT)
        yield from _part(node, "spatial", place, "Location")
        yield from _facts(place, {_DCAT + "bbox": box})
    if one.begins and one.ends:
        period = ox.NamedNode(f"{node.value}/period")
        yield from _part(node, "temporal", period, "PeriodOfTime")
        ends = {"startDate": one.begins, "endDate": one.ends}
        yield from _facts(
            period, {_DCAT + name: _day(text) for name, text in ends.items()}
        )


def _named(dataset: ox.NamedNode, graph: str, void: str) -> Iterator[ox.Triple]:
    """That a dataset holds a graph, which the VoID description tells more of."""
    described = ox.NamedNode(graph_address(void, graph))
    node = ox.NamedNode(f"{described.value}/named")
    yield ox.Triple(dataset, ox.NamedNode(SD + "namedGraph"), node)
    yield ox.Triple(node, _RDF_TYPE, ox.NamedNode(SD + "NamedGraph"))
    yield from _facts(node, {SD + "name": ox.NamedNode(graph), SD + "graph": described})


def _part(
    node: ox.NamedNode, link: str, part: ox.NamedNode, kind: str
) -> Iterator[ox.Triple]:
    yield ox.Triple(node, ox.NamedNode(_DCTERMS + link), part)
    yield ox.Triple(part, _RDF_TYPE, ox.NamedNode(_DCTERMS + kind))


def _things(node: ox.NamedNode, kind: str, label: str) -> list[ox.Triple]:
    return [
        ox.Triple(node, _RDF_TYPE, ox.NamedNode(kind)),
        ox.Triple(node, _LABEL, ox.Literal(label)),
    ]


def _facts(node: ox.NamedNode, facts: Mapping[str, Term]) -> Iterator[ox.Triple]:
    for iri, value in facts.items():
        yield ox.Triple(node, ox.NamedNode(iri), value)


def _day(text: str) -> ox.Literal:
    """A day or a month."""
    return _typed(text, "date" if len(text) > len("2017-04") else "gYearMonth")


def _typed(text: str, kind: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(_XSD + kind))


@functools.cache
def _static() -> str:
    return files("kb_api.endpoint").joinpath("service.ttl").read_text("utf-8")

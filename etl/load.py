"""Validated graphs into a store: all of a load or nothing."""

import enum
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rdflib import Graph, URIRef

from etl.validate import validate
from ontology import LUC, TSN
from ontology.errors import InvalidGraph


class Replacing(enum.Enum):
    """What becomes of a graph that the store holds already.

    Attributes:
        WHOLE: The new graph takes its place.
        TERRITORY: The same, but only where both speak of a unit in common: another
            place's units under the same name are refused.
        RECORDS: Records of the new graph take the place of those of the same name;
            all others stay.
    """

    WHOLE = enum.auto()
    TERRITORY = enum.auto()
    RECORDS = enum.auto()


@dataclass(frozen=True)
class NamedGraph:
    """The facts of one graph, a label for people, and how they replace older ones."""

    label: str
    facts: Graph
    replacing: Replacing = Replacing.WHOLE


class GraphSink(Protocol):
    """What a load needs of a knowledge base."""

    def get_graph(self, iri: str) -> bytes:
        """A named graph as N-Triples; empty when there is none."""
        ...

    def put_graphs(self, graphs: Mapping[str, tuple[str, bytes]]) -> list[str]:
        """Replace each named graph by label and N-Triples, all in one transaction.

        Returns:
            The graphs that changed.
        """
        ...

    def put_picture(self, name: str, content: bytes) -> None:
        """Keep a PNG under this file name, replacing an older one."""
        ...

    def put_evidence(self, name: str, source: Path) -> None:
        """Keep a copy of a file that facts rest on, replacing an older one."""
        ...


@dataclass(frozen=True)
class Loaded:
    """What a load did: its graphs with their triples, and those that changed."""

    triples: dict[str, int]
    changed: tuple[str, ...]


def load(
    open_sink: Callable[[], AbstractContextManager[GraphSink]],
    graphs: Mapping[URIRef, NamedGraph],
    pictures: Mapping[str, bytes],
    evidence: Mapping[str, Path] | None = None,
) -> Loaded:
    """Validate the graphs together and put them in the store.

    Putting the same graphs again changes nothing. The store is opened, or made, only
    when the graphs are sound.

    Args:
        open_sink: Opens the knowledge base.
        graphs: Graph IRI to the facts.
        pictures: File name to PNG.
        evidence: File name to a file that the facts rest on, such as a raster.

    Raises:
        InvalidGraph: The facts break a shape or rule, or would replace another
            place's; nothing was loaded.
    """
    validate(one.facts for one in graphs.values())
    with open_sink() as sink:
        merged = {iri: _merged(sink, iri, one) for iri, one in graphs.items()}
        for name, content in pictures.items():
            sink.put_picture(name, content)
        for name, source in (evidence or {}).items():
            sink.put_evidence(name, source)
        changed = sink.put_graphs(
            {
                str(iri): (graphs[iri].label, _ntriples(facts))
                for iri, facts in merged.items()
            }
        )
    return Loaded({str(iri): len(one) for iri, one in merged.items()}, tuple(changed))


def _merged(sink: GraphSink, iri: URIRef, new: NamedGraph) -> Graph:
    """The new facts with what stays of those that the store holds."""
    if new.replacing is Replacing.WHOLE:
        return new.facts
    held = Graph().parse(data=sink.get_graph(str(iri)), format="nt")
    if new.replacing is Replacing.TERRITORY:
        before, after = (set(one.subjects(LUC.unitLevel)) for one in (held, new.facts))
        if before and not before & after:
            known, given = (
                set(one.objects(None, TSN.hasIdentifier)) for one in (held, new.facts)
            )
            if known & given:
                raise InvalidGraph(
                    f"{iri} holds the same identifiers at another level of units; "
                    "nothing was loaded: use the same --unit-level, or another --kb"
                )
            raise InvalidGraph(
                f"{iri} holds other units, such as {min(map(str, before))}; nothing "
                "was loaded: a territory is named after its file, so give this file "
                "another name"
            )
        return new.facts
    spoken_of = set(new.facts.subjects())
    kept = Graph()
    for triple in held:
        if triple[0] not in spoken_of:
            kept.add(triple)
    return kept + new.facts


def _ntriples(graph: Graph) -> bytes:
    return graph.serialize(format="nt", encoding="utf-8")

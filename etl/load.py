"""Validated graphs into a store: all of a load or nothing."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from rdflib import Graph, URIRef

from etl.validate import validate


class GraphSink(Protocol):
    """What a load needs of a knowledge base."""

    def put_graphs(self, graphs: Mapping[str, tuple[str, bytes]]) -> list[str]:
        """Replace each named graph by label and N-Triples, all in one transaction.

        Returns:
            The graphs that changed.
        """
        ...

    def put_picture(self, name: str, content: bytes) -> None:
        """Keep a PNG under this file name, replacing an older one."""
        ...


@dataclass(frozen=True)
class Loaded:
    """What a load did: its graphs with their triples, and those that changed."""

    triples: dict[str, int]
    changed: tuple[str, ...]


def load(
    open_sink: Callable[[], AbstractContextManager[GraphSink]],
    graphs: Mapping[URIRef, tuple[str, Graph]],
    pictures: Mapping[str, bytes],
) -> Loaded:
    """Validate the graphs together and put them in the store.

    Putting the same graphs again changes nothing. The store is opened, or made, only
    when the graphs are sound.

    Args:
        open_sink: Opens the knowledge base.
        graphs: Graph IRI to a label for people and the facts.
        pictures: File name to PNG.

    Raises:
        InvalidGraph: The facts break a shape or rule; nothing was loaded.
    """
    validate(graph for _, graph in graphs.values())
    written = {
        str(iri): (label, graph.serialize(format="nt", encoding="utf-8"))
        for iri, (label, graph) in graphs.items()
    }
    with open_sink() as sink:
        for name, content in pictures.items():
            sink.put_picture(name, content)
        changed = sink.put_graphs(written)
    triples = {str(iri): len(graph) for iri, (_, graph) in graphs.items()}
    return Loaded(triples, tuple(changed))

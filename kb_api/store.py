"""One store interface: queries see the union of named graphs, a load is one graph."""

from typing import Protocol

from kb_api.loads import Graphs
from kb_api.outcome import QueryResult


class Store(Protocol):
    """What answers need of a store."""

    def query(self, text: str) -> QueryResult:
        """Results of a SPARQL 1.1 query over the union of all named graphs."""
        ...


class LoadStore(Store, Protocol):
    """A store that takes loads too, and can be closed."""

    def put_graphs(self, graphs: Graphs) -> list[str]:
        """Replace named graphs whole, all or none; those that changed."""
        ...

    def add_to_graph(self, iri: str, content: bytes) -> None:
        """Add N-Triples to a graph, which is made if there is none, as one change."""
        ...

    def drop_graph(self, iri: str) -> bool:
        """Remove a loaded graph; whether there was one of that name."""
        ...

    def overlap(self) -> None:
        """Make the facts of what meets what anew, from the shapes alone."""
        ...

    def get_graph(self, iri: str) -> bytes:
        """A named graph as N-Triples; empty when there is none."""
        ...

    def graphs(self) -> dict[str, int]:
        """The loaded graphs with their number of triples, from the catalogue."""
        ...

    def close(self) -> None:
        """Write what is buffered and let the store go."""
        ...

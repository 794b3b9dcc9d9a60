"""Opens the embedded store with the ontology as its first graph."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from kb_api.embedded_store import EmbeddedStore
from kb_api.loads import ONTOLOGY
from kb_api.store import LoadStore


@contextlib.contextmanager
def open_store(path: Path | None, ontology: bytes) -> Iterator[EmbeddedStore]:
    """The embedded store under `path`, with the ontology as its first graph.

    Args:
        path: The folder of the store; None keeps it in memory.
        ontology: Classes, schemes and inferred hierarchy as N-Triples.

    Raises:
        StoreUnavailable: When another process holds the store or it cannot be opened.
    """
    store = EmbeddedStore(path)
    try:
        put_ontology(store, ontology)
        yield store
    finally:
        store.close()


def put_ontology(store: LoadStore, ontology: bytes) -> None:
    """Make the ontology, N-Triples, the first graph of a store."""
    store.put_graphs({ONTOLOGY: ("ontology, schemes, inferred hierarchy", ontology)})

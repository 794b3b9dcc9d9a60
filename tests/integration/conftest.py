"""A change raster of the sample, its communes, and an empty base to lift them into."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from etl.pipelines import detect_change
from etl.territory import Territory
from imagery.synthetic import Sample
from kb_api.remote_store import RemoteStore
from kb_api.server_probe import capabilities_of
from kb_api.sparql_server import SparqlServer
from lucerna.vector_files import read_territories
from lucerna.wiring import KnowledgeBase, open_knowledge_base


@pytest.fixture(scope="session")
def change(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A change raster of the sample; do not write to it."""
    out = tmp_path_factory.mktemp("change") / "angle.tif"
    detect_change(sample.before, sample.after, out, method="spectral-angle")
    return out


@pytest.fixture(scope="session")
def communes(sample: Sample) -> tuple[Territory, ...]:
    """The communes of the sample, as they are lifted."""
    return read_territories([sample.communes])


@pytest.fixture(scope="session")
def server_store(
    request: pytest.FixtureRequest,
    start_sparql_server: Callable[..., AbstractContextManager[str]],
) -> Callable[[str], AbstractContextManager[RemoteStore]]:
    """Opens an empty store on a server, "oxigraph" or "virtuoso"; empties it then."""

    @contextlib.contextmanager
    def opened(kind: str) -> Iterator[RemoteStore]:
        if kind == "oxigraph":
            with start_sparql_server("--union-default-graph") as address:
                server = SparqlServer(f"{address}/query", f"{address}/update")
                yield RemoteStore(server, capabilities_of(server))
            return
        address = request.getfixturevalue("virtuoso")
        server = SparqlServer(address, address)
        store = RemoteStore(server, capabilities_of(server))
        _empty(store)  # other tests use this server too
        yield store
        _empty(store)

    return opened


def _empty(store: RemoteStore) -> None:
    for graph in store.graphs():
        store.drop_graph(graph)  # and with it the overlaps of its things
    assert store.graphs() == {}


@pytest.fixture
def base(tmp_path: Path) -> Iterator[KnowledgeBase]:
    """An empty knowledge base, open."""
    with open_knowledge_base(tmp_path / "kb") as opened:
        yield opened


@pytest.fixture
def sink(base: KnowledgeBase) -> Callable[[], AbstractContextManager[KnowledgeBase]]:
    """Gives the open base to a load, and leaves it open."""
    return lambda: nullcontext(base)

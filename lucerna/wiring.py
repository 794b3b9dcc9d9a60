"""Settings into parts: a knowledge base from a folder, the service from its parts."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imagery.files import replaced
from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.description import Abilities
from kb_api.endpoint.graph_store import GraphStore
from kb_api.endpoint.in_process import InProcess
from kb_api.endpoint.pool import QueryWorkers
from kb_api.endpoint.written import Limits, QueryRunner
from kb_api.geosparql.functions import AGGREGATE_LABELS, LABELS
from kb_api.loads import Graphs
from kb_api.opening import open_store
from kb_api.outcome import REGIMES
from kb_api.remote_store import open_remote_store
from kb_api.sparql_server import TIMEOUT_S, SparqlServer
from kb_api.store import LoadStore
from lucerna.workers import Workers

if TYPE_CHECKING:
    from fastapi import FastAPI
    from pydantic import SecretStr


class KnowledgeBase:
    """A folder with a store and its pictures; the sink that loads go into.

    Attributes:
        folder: Holds `quicklooks/`, `evidence/` and `models/`, and `store/` where
            no server keeps the facts.
        store: Where the facts are, open.
    """

    def __init__(self, folder: Path, store: LoadStore) -> None:
        self.folder = folder
        self.store = store

    @property
    def pictures(self) -> Path:
        """The folder of the quicklooks."""
        return self.folder / "quicklooks"

    @property
    def evidence(self) -> Path:
        """The folder of the files that facts rest on: change rasters, records."""
        return self.folder / "evidence"

    def put_graphs(self, graphs: Graphs) -> list[str]:
        """Replace named graphs whole, all or none; those that changed."""
        return self.store.put_graphs(graphs)

    def get_graph(self, iri: str) -> bytes:
        """A named graph as N-Triples; empty when there is none."""
        return self.store.get_graph(iri)

    def put_picture(self, name: str, content: bytes) -> None:
        """Keep a PNG under this file name, replacing an older one at once."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        with replaced(self.pictures / name) as part:
            part.write_bytes(content)

    def put_evidence(self, name: str, source: Path) -> None:
        """Keep a copy of a file that facts rest on, replacing an older one at once."""
        self.evidence.mkdir(parents=True, exist_ok=True)
        with replaced(self.evidence / name) as part:
            shutil.copyfile(source, part)


@contextlib.contextmanager
def open_knowledge_base(
    folder: Path, server: SparqlServer | None = None
) -> Iterator[KnowledgeBase]:
    """The knowledge base in a folder, made when it is not there yet.

    Args:
        folder: Of pictures, evidence and models, and of the embedded store.
        server: Keeps the facts instead of the embedded store.

    Raises:
        StoreUnavailable: Another process holds it, or it cannot be opened.
    """
    opened = (
        open_store(folder / "store", _ontology())
        if server is None
        else open_remote_store(server, _ontology())
    )
    with opened as store:
        yield KnowledgeBase(folder, store)


def make_knowledge_base(folder: Path, server: SparqlServer | None = None) -> None:
    """Make an empty knowledge base where there is none, so that it is served.

    Raises:
        StoreUnavailable: It cannot be made.
    """
    if server is not None or not (folder / "store").is_dir():
        with open_knowledge_base(folder, server):
            pass


def open_sink(
    folder: Path, server: SparqlServer | None = None
) -> Callable[[], AbstractContextManager[KnowledgeBase]]:
    """Opens the knowledge base when a load is ready, not before."""
    return lambda: open_knowledge_base(folder, server)


def catalogue_address(folder: Path, database: "SecretStr | None") -> str:
    """SQLAlchemy URL of the patch catalogue: the setting, else a file in the folder."""
    from lucerna.database import catalogue_url

    return catalogue_url(folder) if database is None else database.get_secret_value()


@contextlib.contextmanager
def open_service(
    base: KnowledgeBase,
    hosts: Sequence[str],
    *,
    workers: Workers,
    catalogue: str,
    iri_base: str,
    limits: Limits,
    write_token: str | None = None,
) -> "Iterator[FastAPI]":
    """REST, SPARQL endpoint and pages over one knowledge base, while the block runs.

    `state.stop_queries` of the app ends the queries that run at its SPARQL endpoint.

    Args:
        base: Where the facts and pictures are.
        hosts: Host names that are answered, so that no other site's name can be
            pointed at this address; the pages' own calls in this process are too.
        workers: Processes for retraining and for damage assessments.
        catalogue: SQLAlchemy URL of the patch catalogue.
        iri_base: Beginning of every minted IRI.
        limits: What a query at `/sparql` may take.
        write_token: Who sends it may write graphs; None: nobody may.

    Raises:
        StoreUnavailable: The catalogue cannot be opened.
    """
    from importlib.metadata import version

    from fastapi.middleware.trustedhost import TrustedHostMiddleware

    from kb_api.app import create_app
    from lucerna.damage.service import DamageService
    from lucerna.labelling.service import LabelService
    from ui.app import IN_PROCESS, mount_ui

    labels = LabelService(catalogue, workers, publisher(base, catalogue, iri_base))
    with (
        contextlib.closing(labels),
        contextlib.closing(query_runner(base, limits)) as runner,
    ):
        app = create_app(
            base.store,
            version=version("lucerna-eo"),
            quicklook_folder=base.pictures,
            labelling=labels,
            damage=DamageService(base, workers, iri_base),
            runner=runner,
            abilities=abilities_of(base),
            graphs=GraphStore(base.store, runner, write_token),
            iri_base=iri_base,
        )
        app.state.stop_queries = runner.close
        mount_ui(app)
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*hosts, IN_PROCESS])
        yield app


def query_runner(base: KnowledgeBase, limits: Limits) -> QueryRunner:
    """Who answers queries of strangers: worker processes for the embedded store.

    A SPARQL server stops queries itself, and so is only told the limits.
    """
    if isinstance(base.store, EmbeddedStore):
        base.store.warm()
        return QueryWorkers(base.store, base.folder / "snapshots", limits)
    return InProcess(base.store, replace(limits, timeout_s=TIMEOUT_S))


def abilities_of(base: KnowledgeBase) -> Abilities:
    """What the endpoint can do beyond SPARQL 1.1: ours, none where a server answers."""
    if isinstance(base.store, EmbeddedStore):
        regimes = {
            str(name): told for name, told in REGIMES.items() if name != "simple"
        }
        return Abilities(LABELS, AGGREGATE_LABELS, regimes)
    return Abilities()


def publisher(
    base: KnowledgeBase, catalogue: str, iri_base: str
) -> Callable[[str], None]:
    """Lifts labels and confident predictions of a category into an open base."""

    def publish(category: str) -> None:
        from etl.labels.publishing import publish_labels
        from lucerna.database import open_catalogue
        from mining.labelling.label_store import published_labels

        with open_catalogue(catalogue) as opened:
            published = published_labels(opened, category)
        publish_labels(
            published, lambda: contextlib.nullcontext(base), iri_base=iri_base
        )

    return publish


def _ontology() -> bytes:
    """Classes, schemes and inferred hierarchy as N-Triples."""
    from ontology.files import inferred_graph, ontology_graph, schemes_graph

    graph = ontology_graph() + schemes_graph() + inferred_graph()
    return graph.serialize(format="nt", encoding="utf-8")

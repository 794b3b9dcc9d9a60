"""The FastAPI app from its parts, with no environment."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.gzip import GZipMiddleware

from kb_api import (
    features,
    library,
    overview,
    places,
    problems,
    quicklooks,
    results,
    sparql,
    timeline,
)
from kb_api.endpoint import things
from kb_api.endpoint.description import Abilities
from kb_api.endpoint.descriptions import Descriptions
from kb_api.endpoint.descriptions import router as description_routes
from kb_api.endpoint.graph_store import GraphStore
from kb_api.endpoint.graph_store import router as graph_routes
from kb_api.endpoint.in_process import InProcess
from kb_api.endpoint.written import Limits, QueryRunner
from kb_api.labelling import Labelling
from kb_api.labelling import router as label_routes
from kb_api.limits import BodyLimit
from kb_api.reports.routes import Damage
from kb_api.reports.routes import router as damage_routes
from kb_api.store import Store

PREFIX = "/api/v1"


def create_app(
    store: Store,
    *,
    version: str,
    quicklook_folder: Path,
    labelling: Labelling | None = None,
    damage: Damage | None = None,
    runner: QueryRunner | None = None,
    abilities: Abilities | None = None,
    graphs: GraphStore | None = None,
    iri_base: str = "",
) -> FastAPI:
    """REST API and SPARQL endpoint over one store.

    Args:
        store: Where the facts are; only read.
        version: Of the software, shown by `/api/v1/health`.
        quicklook_folder: Holds the PNG files that the results name; may be missing.
        labelling: Patch catalogue and learner; None: `/labelling/…` answers 404.
        damage: Makes damage reports; None: no new ones can be made.
        runner: Answers queries of strangers; None: this process, without limits.
        abilities: What the endpoint can do beyond SPARQL 1.1; None: nothing.
        graphs: Reads and writes named graphs; None: `/store` answers 404.
        iri_base: Beginning of the IRIs that have an address under `/things/`; empty:
            none has, all are told by `/things?iri=`.
    """
    app = FastAPI(
        title="Lucerna",
        version=version,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
    )
    app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=4)
    app.add_middleware(
        BodyLimit, under=PREFIX, free=frozenset({f"{PREFIX}/damage/parcels"})
    )
    problems.add_handlers(app)
    for routes in (
        _health(store, version),
        overview.router(store),
        library.router(store),
        places.router(store),
        timeline.router(store),
        results.router(store),
        features.router(store),
        quicklooks.router(store, quicklook_folder),
        label_routes(labelling),
        damage_routes(store, damage),
    ):
        app.include_router(routes, prefix=PREFIX)
    descriptions = Descriptions(store, abilities or Abilities())
    runner = runner or InProcess(store, Limits())
    app.include_router(sparql.router(runner, descriptions))
    app.include_router(things.router(store, runner, iri_base, graphs))
    app.include_router(description_routes(descriptions))
    if graphs is not None:
        app.include_router(graph_routes(graphs))
    return app


def _health(store: Store, version: str) -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/health")
    def health() -> dict[str, Any]:
        """That the service runs and its store answers."""
        return {"ok": bool(store.query("ASK {}")), "version": version}

    return routes

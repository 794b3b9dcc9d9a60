"""Routes of what the endpoint tells of itself, as RDF by Accept header."""

from collections.abc import Sequence

import pyoxigraph as ox
from fastapi import APIRouter, HTTPException, Request, Response

from kb_api.endpoint.description import (
    Abilities,
    service_description,
    void_description,
)
from kb_api.endpoint.statistics import Statistics
from kb_api.endpoint.threads import Threads
from kb_api.negotiation import choose_media_type
from kb_api.result_forms import GRAPH_FORMS, write_graph
from kb_api.store import Store

SPARQL = "/sparql"
VOID = "/.well-known/void"


class Descriptions:
    """What the endpoint over a store tells of itself.

    Args:
        store: Where the facts are.
        abilities: What it can do beyond SPARQL 1.1.
    """

    def __init__(self, store: Store, abilities: Abilities) -> None:
        self._abilities = abilities
        self._statistics = Statistics(store)

    def service(self, request: Request) -> Response:
        """The service description."""
        addresses = _address(request, SPARQL), _address(request, VOID)
        graphs = self._statistics.graphs()
        triples = service_description(*addresses, graphs, self._abilities)
        return graph_response(triples, request.headers.get("accept"))

    def void(self, request: Request) -> Response:
        """The VoID description of the base and each named graph."""
        addresses = _address(request, VOID), _address(request, SPARQL)
        triples = void_description(*addresses, self._statistics.all())
        return graph_response(triples, request.headers.get("accept"))


def router(descriptions: Descriptions) -> APIRouter:
    """`/.well-known/void` over a store."""
    routes = APIRouter(tags=["sparql"])
    threads = Threads(1)  # counting takes a while after a large load, and once

    @routes.get(VOID, response_class=Response)
    async def describe_base(request: Request) -> Response:
        """VoID of the base and each named graph: counts, classes, place, time."""
        return await threads.run(descriptions.void, request)

    routes.add_api_route(VOID, describe_base, methods=["HEAD"], include_in_schema=False)
    return routes


def graph_response(triples: Sequence[ox.Triple], accept: str | None) -> Response:
    """Triples in the form of RDF that the client accepts.

    Raises:
        HTTPException: 406 where it accepts none.
    """
    chosen = choose_media_type(accept, GRAPH_FORMS)
    if chosen is None:
        listed = " or ".join(GRAPH_FORMS)
        raise HTTPException(406, f"this is written as {listed}, not {accept}")
    headers = {"Vary": "Accept", "X-Content-Type-Options": "nosniff"}
    return Response(write_graph(triples, chosen), media_type=chosen, headers=headers)


def _address(request: Request, path: str) -> str:
    return str(request.base_url).rstrip("/") + path

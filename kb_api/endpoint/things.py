"""Dereferenceable IRIs: what the base says of a thing, as a page or as RDF."""

import time

import pyoxigraph as ox
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from kb_api.endpoint.graph_store import WRITING, GraphStore
from kb_api.endpoint.thing_page import Addresses, render_thing, thing_page
from kb_api.endpoint.threads import Threads
from kb_api.endpoint.written import QueryRunner
from kb_api.limits import client_of
from kb_api.lookups import named_node
from kb_api.negotiation import choose_media_type
from kb_api.result_forms import GRAPH_FORMS, TURTLE
from kb_api.store import Store

HTML = "text/html"

_OFFERED = [TURTLE, HTML, *GRAPH_FORMS[1:]]
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}
_THREADS = 8


def router(
    store: Store, runner: QueryRunner, iri_base: str, graphs: GraphStore | None
) -> APIRouter:
    """`/things/…` and `/things?iri=…` over a store.

    Args:
        store: Where the facts are.
        runner: Reads them as RDF, within the limits of a query.
        iri_base: Beginning of the IRIs that stand under `/things/` by their rest.
        graphs: Reads and writes graphs by their own address; None: they are things
            like all others.
    """
    routes = APIRouter(tags=["things"])
    threads = Threads(_THREADS)

    async def answer(request: Request, iri: str) -> Response:
        accept = request.headers.get("accept")
        chosen = choose_media_type(accept, _OFFERED)
        if chosen is None:
            listed = " or ".join(_OFFERED)
            raise HTTPException(406, f"a thing is written as {listed}, not {accept}")
        thing = named_node(iri)
        if chosen == HTML:
            return await run_in_threadpool(_page, request, thing)
        if graphs is not None and await run_in_threadpool(graphs.holds, iri):
            return await graphs.answer(request, iri)
        return await threads.run(_rdf, thing, chosen, client_of(request))

    @routes.get("/things", response_class=Response)
    async def thing_by_iri(request: Request, iri: str) -> Response:
        """What the base says of the thing with this IRI."""
        return await answer(request, iri)

    async def thing_by_path(request: Request, rest: str) -> Response:
        """What the base says of the thing whose IRI has this end; a graph as it is."""
        return await answer(request, _iri_of(request, rest))

    async def graph_by_path(request: Request, rest: str) -> Response:
        """Replace, add to or remove the graph whose IRI has this end."""
        if graphs is None:
            raise HTTPException(405, "graphs are not written here")
        return await graphs.answer(request, _iri_of(request, rest))

    def _iri_of(request: Request, rest: str) -> str:
        """The IRI as it is written in the address: `%20` stays `%20`."""
        raw = (
            request.scope.get("raw_path", b"")
            .partition(b"?")[0]
            .decode("utf-8", "replace")
        )
        _, found, end = raw.partition("/things/")
        return iri_base + (end if found else rest)

    def _page(request: Request, thing: ox.NamedNode) -> Response:
        root = str(request.scope.get("root_path", "")).rstrip("/")
        page = thing_page(store, thing, Addresses(root, iri_base))
        if page is None:
            raise _unknown(thing)
        return Response(render_thing(page), media_type=HTML, headers=_PAGE_HEADERS)

    def _rdf(thing: ox.NamedNode, media_type: str, client: str) -> Response:
        if not store.query(f"ASK {{ {thing} ?property ?value }}"):
            raise _unknown(thing)
        text = f"CONSTRUCT {{ {thing} ?p ?o }} WHERE {{ {thing} ?p ?o }}"
        written = runner.run(text, media_type, "simple", time.monotonic(), client)
        headers = {"Vary": "Accept", "X-Content-Type-Options": "nosniff"}
        return runner.answers.response(written.content, media_type, headers)

    for method in ("GET", "HEAD", *WRITING):
        routes.add_api_route(
            "/things/{rest:path}",
            graph_by_path if method in WRITING else thing_by_path,
            methods=[method],
            response_class=Response,
            operation_id=f"thing_{method.lower()}",
        )
    return routes


def _unknown(thing: ox.NamedNode) -> HTTPException:
    return HTTPException(
        404, f"the base says nothing of {thing}; /search finds what there is"
    )

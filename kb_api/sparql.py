"""SPARQL 1.1 protocol, read only; results by Accept header."""

import urllib.parse

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from kb_api.guard import check_query
from kb_api.negotiation import choose_media_type
from kb_api.result_forms import offered_for, serialise
from kb_api.store import Store
from ontology.errors import QueryRejected

MAX_BODY_BYTES = 1024 * 1024

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_DATASET = ("default-graph-uri", "named-graph-uri")


def router(store: Store) -> APIRouter:
    """`GET` and `POST /sparql` over a store."""
    routes = APIRouter(tags=["sparql"])

    @routes.get("/sparql")
    async def query_by_get(request: Request) -> Response:
        """Answer the query in the parameter `query`."""
        return await _answer(store, request, request.url.query)

    @routes.post("/sparql")
    async def query_by_post(request: Request) -> Response:
        """Answer the query in a form or in the body itself."""
        content_type = request.headers.get("content-type", "")
        kind = content_type.partition(";")[0].strip().lower()
        if kind == _UPDATE:
            raise QueryRejected("updates are refused: this endpoint reads only")
        if kind not in (_FORM, _QUERY):
            raise HTTPException(
                415, f"{kind or 'no content type'}: send {_QUERY} or {_FORM}"
            )
        body = await _read_body(request)
        parameters = request.url.query
        if kind == _FORM:
            return await _answer(store, request, f"{parameters}&{body}")
        if "query" in urllib.parse.parse_qs(parameters):
            raise QueryRejected("the query stands in both address and body; send one")
        return await _answer(store, request, parameters, body)

    return routes


async def _answer(
    store: Store, request: Request, encoded: str, query: str | None = None
) -> Response:
    """The response to a query given as text or within encoded parameters."""
    try:
        given = urllib.parse.parse_qs(
            encoded, keep_blank_values=True, errors="strict", max_num_fields=20
        )
    except ValueError as error:
        raise QueryRejected(f"the parameters cannot be read: {error}") from error
    for name in _DATASET:
        if name in given:
            raise QueryRejected(
                f"{name} is not supported: a query sees the union of all named "
                "graphs; narrow it with GRAPH"
            )
    if "update" in given:
        raise QueryRejected("updates are refused: this endpoint reads only")
    texts = given.get("query", []) if query is None else [query]
    if len(texts) != 1 or not texts[0].strip():
        raise QueryRejected("give exactly one query, as the parameter `query`")
    return await run_in_threadpool(
        run_query, store, texts[0], request.headers.get("accept")
    )


def run_query(store: Store, query: str, accept: str | None) -> Response:
    """The response with the results in the form that the client accepts.

    The forms are those of `result_forms.offered_for`: SPARQL results, GeoJSON of
    rows with WKT, RDF. Memory: the whole result.

    Raises:
        QueryRejected: The query is malformed or not allowed, or has no WKT where
            only GeoJSON is accepted.
        HTTPException: 406 where the client accepts none of these forms.
    """
    check_query(query)
    content, media_type, offered = _serialised(store, query, accept)
    if media_type is None:
        listed = " or ".join(offered)
        raise HTTPException(406, f"this query has results as {listed}, not {accept}")
    headers = {"Vary": "Accept", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)


def _serialised(
    store: Store, query: str, accept: str | None
) -> tuple[bytes, str | None, list[str]]:
    """Results as bytes, their media type (None: not acceptable), and what we offer.

    Results belong to the thread that asked: no traceback may carry them to another.
    """
    results = store.query(query)
    refused = ""
    try:
        offered = offered_for(results)
        chosen = choose_media_type(accept, offered)
        content = serialise(results, chosen) if chosen else b""
    except QueryRejected as error:
        refused = str(error)
    finally:
        del results
    if refused:
        raise QueryRejected(refused)
    return content, chosen, offered


async def _read_body(request: Request) -> str:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise HTTPException(
                413, f"the body is larger than {MAX_BODY_BYTES} bytes; ask less"
            )
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise QueryRejected(f"the body is no UTF-8: {error}") from error

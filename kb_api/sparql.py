"""SPARQL 1.1 protocol, read only; results by Accept header."""

import time
import urllib.parse

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from kb_api.endpoint.descriptions import Descriptions
from kb_api.endpoint.headers import limits_of, told_of
from kb_api.endpoint.threads import Threads
from kb_api.endpoint.written import QueryRunner
from kb_api.guard import check_query
from kb_api.limits import MAX_BODY_BYTES, client_of, read_body
from kb_api.outcome import Regime, regime_named
from kb_api.problems import problem, status_of
from ontology.errors import KnowledgeError, QueryRejected

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_THREADS = 16
"""Queries that wait or run; apart from the threads of all other routes."""

_DATASET = ("default-graph-uri", "named-graph-uri")


def router(runner: QueryRunner, descriptions: Descriptions) -> APIRouter:
    """`GET` and `POST /sparql` over what answers queries and tells what it can do."""
    routes = APIRouter(tags=["sparql"])
    threads = Threads(_THREADS)

    async def answer(
        request: Request, encoded: str, query: str | None = None
    ) -> Response:
        since = time.monotonic()
        asked, regime = _query_of(encoded, query)
        accept = request.headers.get("accept")
        client = client_of(request)

        def run() -> Response:
            try:
                return run_query(runner, asked, regime, accept, since, client)
            except KnowledgeError as error:
                return problem(status_of(error), str(error))

        response = await threads.run(run)
        response.headers.update(limits_of(runner.limits))
        return response

    @routes.get("/sparql")
    async def query_by_get(request: Request) -> Response:
        """Answer the query in the parameter `query`; without it, say what can be asked.

        That is the service description, as RDF.
        """
        if not request.url.query:
            return await run_in_threadpool(descriptions.service, request)
        return await answer(request, request.url.query)

    routes.add_api_route(
        "/sparql", query_by_get, methods=["HEAD"], include_in_schema=False
    )

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
        body = await _text_of(request)
        parameters = request.url.query
        if kind == _FORM:
            return await answer(request, f"{parameters}&{body}")
        if "query" in urllib.parse.parse_qs(parameters):
            raise QueryRejected("the query stands in both address and body; send one")
        return await answer(request, parameters, body)

    return routes


def _query_of(encoded: str, query: str | None) -> tuple[str, Regime]:
    """The query given as text or within encoded parameters, and its regime.

    Raises:
        QueryRejected: None or several, or with parameters that are not supported.
    """
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
    regimes = given.get("regime", ["simple"])
    if len(regimes) != 1:
        raise QueryRejected("give one regime at most, as the parameter `regime`")
    return texts[0], regime_named(regimes[0])


def run_query(
    runner: QueryRunner,
    query: str,
    regime: Regime,
    accept: str | None,
    since: float,
    client: str,
) -> Response:
    """The response with the results in the form that the client accepts.

    The forms are those of `result_forms.offered_for`: SPARQL results, GeoJSON of
    rows with WKT, RDF. Memory: the whole result.

    Args:
        runner: Answers it within limits.
        query: SPARQL 1.1.
        regime: What it sees beside the facts as they stand.
        accept: The client's Accept header.
        since: `time.monotonic` when it was asked.
        client: Who asks.

    Raises:
        QueryRejected: The query is malformed or not allowed, or has no WKT where
            only GeoJSON is accepted.
        QueryTimeout: It was stopped.
        TooManyRows: It has more rows than an answer may have.
        StoreUnavailable: Many large answers are being sent.
        HTTPException: 406 where the client accepts none of these forms.
    """
    check_query(query)
    written = runner.run(query, accept, regime, since, client)
    if written.media_type is None:
        listed = " or ".join(written.offered)
        raise HTTPException(406, f"this query has results as {listed}, not {accept}")
    headers = {"Vary": "Accept", "X-Content-Type-Options": "nosniff"}
    headers |= told_of(written)
    return runner.answers.response(written.content, written.media_type, headers)


async def _text_of(request: Request) -> str:
    content = await read_body(request, MAX_BODY_BYTES)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise QueryRejected(f"the body is no UTF-8: {error}") from error

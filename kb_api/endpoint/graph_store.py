"""SPARQL 1.1 Graph Store HTTP Protocol: one named graph a request."""

import io
import secrets
import time

import pyoxigraph as ox
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from kb_api.endpoint.headers import limits_of
from kb_api.endpoint.threads import Threads
from kb_api.endpoint.written import QueryRunner
from kb_api.limits import client_of, read_body
from kb_api.lookups import named_node
from kb_api.result_forms import GRAPH_FORMS, JSON_LD, N_TRIPLES, RDF_XML, TURTLE
from kb_api.store import LoadStore
from ontology import OWN_GRAPHS
from ontology.strange_rdf import check_rdf

WRITING = ("PUT", "POST", "DELETE")
MAX_GRAPH_BYTES = 100 * 2**20

_THREADS = 8

_READ = {
    TURTLE: ox.RdfFormat.TURTLE,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    RDF_XML: ox.RdfFormat.RDF_XML,
    JSON_LD: ox.RdfFormat.JSON_LD,
}


class GraphStore:
    """What the protocol reads and writes.

    Args:
        store: Where the graphs are.
        runner: Reads them, within the limits of a query.
        token: Who sends it may write; None: nobody may.
    """

    def __init__(
        self, store: LoadStore, runner: QueryRunner, token: str | None = None
    ) -> None:
        self._store = store
        self._runner = runner
        self._token = token
        self._threads = Threads(_THREADS)

    async def answer(self, request: Request, iri: str) -> Response:
        """The response to a request for one graph (section 5 of the protocol).

        Raises:
            HTTPException: No such graph, no right to write, a body that cannot be read.
            QueryRejected: The name is no absolute IRI.
            InvalidGraph: The graph breaks a rule of loads; nothing was written.
            TooManyRows: It is too large to be read at once.
            QueryTimeout: It could not be read in time.
        """
        graph = named_node(iri)
        if request.method in ("GET", "HEAD"):
            return await self._threads.run(self._read, request, graph)
        self._check_right(request, iri)
        if request.method == "DELETE":
            return await self._threads.run(self._drop, iri)
        content = await _content(request, graph)
        return await self._threads.run(self._write, request, iri, content)

    def holds(self, iri: str) -> bool:
        """Whether a graph of that name was loaded."""
        return iri in self._store.graphs()

    def _read(self, request: Request, graph: ox.NamedNode) -> Response:
        if not self.holds(graph.value):
            raise _unknown(graph.value)
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
        accept = request.headers.get("accept")
        written = self._runner.run(
            text, accept, "simple", time.monotonic(), client_of(request)
        )
        if written.media_type is None:
            listed = " or ".join(written.offered)
            raise HTTPException(406, f"a graph is written as {listed}, not {accept}")
        headers = {"Vary": "Accept", "X-Content-Type-Options": "nosniff"}
        headers |= limits_of(self._runner.limits)
        if request.method == "HEAD":
            headers["Content-Length"] = str(len(written.content))
            return Response(media_type=written.media_type, headers=headers)
        answers = self._runner.answers
        return answers.response(written.content, written.media_type, headers)

    def _write(self, request: Request, iri: str, content: bytes) -> Response:
        """Replace the graph, or add to it, with N-Triples."""
        there = self.holds(iri)
        if request.method == "POST":
            self._store.add_to_graph(iri, content)
        else:
            self._store.put_graphs({iri: (iri, content)})
        return Response(status_code=204 if there else 201)

    def _drop(self, iri: str) -> Response:
        if not self._store.drop_graph(iri):
            raise _unknown(iri)
        return Response(status_code=204)

    def _check_right(self, request: Request, iri: str) -> None:
        if self._token is None:
            raise HTTPException(
                403, "graphs are not written here; set LUCERNA_WRITE_TOKEN to allow it"
            )
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        right = secrets.compare_digest(sent.strip().encode(), self._token.encode())
        if kind.lower() != "bearer" or not right:
            raise HTTPException(
                401,
                "writing needs the write token; send it as Authorization: Bearer …",
                {"WWW-Authenticate": "Bearer"},
            )
        if iri.startswith(OWN_GRAPHS):
            raise HTTPException(
                403, f"<{iri}> is kept by the service; give the graph another name"
            )


def router(graphs: GraphStore) -> APIRouter:
    """`/store?graph=…` over what holds the graphs."""
    routes = APIRouter(tags=["graphs"])

    async def named_graph(request: Request) -> Response:
        """Read, replace, add to or remove the graph in the parameter `graph`."""
        given = request.query_params.getlist("graph")
        if "default" in request.query_params or len(given) != 1:
            raise HTTPException(
                400,
                "name one graph, as the parameter `graph`; the default graph is the "
                "union of all named graphs, which /sparql answers over",
            )
        return await graphs.answer(request, given[0])

    for method in ("GET", "HEAD", *WRITING):
        routes.add_api_route(
            "/store",
            named_graph,
            methods=[method],
            response_class=Response,
            operation_id=f"named_graph_{method.lower()}",
        )
    return routes


async def _content(request: Request, graph: ox.NamedNode) -> bytes:
    """The body as N-Triples.

    Raises:
        HTTPException: It is too large, of no known form, or cannot be read.
    """
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _READ:
        listed = ", ".join(GRAPH_FORMS)
        raise HTTPException(415, f"{kind or 'no content type'}: send one of {listed}")
    body = await read_body(request, MAX_GRAPH_BYTES)
    return await run_in_threadpool(_as_ntriples, body, kind, graph)


def _as_ntriples(body: bytes, kind: str, graph: ox.NamedNode) -> bytes:
    try:
        check_rdf(io.BytesIO(body), _READ[kind])
        quads = ox.parse(
            body, _READ[kind], base_iri=graph.value, without_named_graphs=True
        )
        return b"".join(f"{quad.triple} .\n".encode() for quad in quads)
    except MemoryError as error:
        raise HTTPException(
            413,
            "a fact of the body is larger than 16 MiB; shorten it; nothing was written",
        ) from error
    except (SyntaxError, ValueError, OSError) as error:
        told = " ".join(str(error).split())[:200]
        raise HTTPException(
            400, f"the body cannot be read as {kind}: {told}; nothing was written"
        ) from error


def _unknown(iri: str) -> HTTPException:
    return HTTPException(
        404, f"there is no graph <{iri}>; /.well-known/void lists those there are"
    )

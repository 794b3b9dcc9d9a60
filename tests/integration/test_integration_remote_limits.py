"""A server that lacks a function, or breaks off: an error by name, never fewer rows."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyoxigraph as ox
import pytest

from kb_api.capabilities import needs_of
from kb_api.geosparql.functions import AGGREGATE_LABELS, GEOF, LABELS
from kb_api.remote_store import RemoteStore
from kb_api.server_probe import capabilities_of
from kb_api.sparql_server import SparqlServer, takes
from ontology.errors import QueryRejected, StoreUnavailable

Start = Callable[..., AbstractContextManager[str]]
PREFIXES = f"""PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <{GEOF}>
"""
ROWS = b'{"head": {"vars": ["x"]}, "results": {"bindings": ['
ROW = b'{"x": {"type": "literal", "value": "1"}}'
SELECT = "SELECT ?x { ?s ?p ?x }"


class Answers(BaseHTTPRequestHandler):
    """Answers every request with what the server was told to."""

    def do_POST(self) -> None:
        assert isinstance(self.server, Told)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep silent."""


class Told(ThreadingHTTPServer):
    status = 200
    body = b""
    headers: dict[str, str] = {}  # noqa: RUF012


@pytest.fixture
def told() -> Iterator[Told]:
    """A server that answers as it is told."""
    with Told(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def store_of(server: Told) -> RemoteStore:
    address = f"http://127.0.0.1:{server.server_port}/query"
    return RemoteStore(SparqlServer(address, address))


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason"),
    [
        (200, {}, ROWS + ROW + b", ", "breaks off: "),
        (200, {}, ROWS + ROW + b", The SPARQL operation has been cancelled", "breaks"),
        (200, {"X-SPARQL-MaxRows": "1"}, ROWS + ROW + b"]}}", "off: at 1 rows; ask"),
        (206, {}, ROWS + ROW + b"]}}", "breaks off: HTTP status 206"),
        (200, {"Content-Length": "9999"}, ROWS + ROW + b"]}}", "does not answer"),
        (200, {}, b"<html>", "breaks off: "),
    ],
)
def test_rows_that_break_off(
    told: Told, status: int, headers: dict[str, str], body: bytes, reason: str
) -> None:
    told.status, told.headers, told.body = status, headers, body
    with pytest.raises(StoreUnavailable, match=reason):
        store_of(told).query(SELECT)


def test_rows_that_are_whole(told: Told) -> None:
    told.body = ROWS + ROW + b"," + ROW + b"]}}"
    found = store_of(told).query(SELECT)
    assert isinstance(found, ox.QuerySolutions)
    assert [row["x"].value for row in found] == ["1", "1"]


def test_a_server_that_answers_no_truth(told: Told) -> None:
    told.body = ROWS + ROW + b"]}}"
    address = f"http://127.0.0.1:{told.server_port}/query"
    with pytest.raises(StoreUnavailable, match=r"/query answers no question with yes"):
        capabilities_of(SparqlServer(address, address))


def test_triples_that_break_off(told: Told) -> None:
    told.body = b'<https://x/a> <https://x/b> "c" .\n<https://x/a> <https://x'
    with pytest.raises(StoreUnavailable, match="breaks off"):
        store_of(told).query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")


def test_every_function_has_a_question_that_tells_whether_it_is_there() -> None:
    names = [iri.removeprefix(GEOF) for iri in (*LABELS, *AGGREGATE_LABELS)]
    assert len(names) > 60
    for name in names:
        query = f"{PREFIXES} ASK {{ ?a ?b ?w FILTER(geof:{name}(?w)) }}"
        assert list(needs_of(query)) == [f"geof:{name}"]


def test_what_a_query_needs() -> None:
    assert needs_of("ASK { ?a <https://x/sfWithin> ?c }") == {}
    assert needs_of(f"{PREFIXES} ASK {{ ?a geo:sfWithin ?c }}") == {}
    wkt = '"<http://www.opengis.net/def/crs/EPSG/0/4326> POINT EMPTY"^^geo:wktLiteral'
    needed = needs_of(f"{PREFIXES} ASK {{ FILTER(geof:sfWithin(?w, {wkt})) }}")
    assert list(needed) == [
        "geof:sfWithin",
        "geometry literals in a reference system of their own",
        "empty geometries",
    ]


@pytest.mark.parametrize(
    ("expression", "lacking"),
    [
        ("geof:metricBuffer(?w, 10)", "geof:metricBuffer"),
        (
            'geof:sfWithin("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(2 1)"'
            "^^geo:wktLiteral, ?w)",
            "geometry literals in a reference system of their own",
        ),
        ('geof:sfWithin("<gml/>"^^geo:gmlLiteral, ?w)', "GML literals"),
    ],
)
def test_a_function_that_the_server_lacks(
    start_sparql_server: Start, expression: str, lacking: str
) -> None:
    with start_sparql_server("--union-default-graph") as address:
        store = RemoteStore(SparqlServer(f"{address}/query", f"{address}/update"))
        query = f"{PREFIXES} SELECT ?w {{ ?g geo:asWKT ?w FILTER({expression}) }}"
        with pytest.raises(QueryRejected, match=f"lacks {lacking}, which the query"):
            store.query(query)
        point = f'{PREFIXES} SELECT ?x {{ BIND("POINT(1 1)"^^geo:wktLiteral AS ?x)'
        found = store.query(f"{point} FILTER(geof:sfIntersects(?x, ?x)) }}")
        assert isinstance(found, ox.QuerySolutions)
        assert len(list(found)) == 1
    with pytest.raises(StoreUnavailable, match="does not answer"):
        RemoteStore(SparqlServer(f"{address}/query", f"{address}/update")).query(query)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [(200, b'{"boolean": true}', True), (200, b'{"boolean": false}', False),
     (400, b"no", False), (500, b"no", None), (503, b"no", None), (404, b"no", None)],
)  # fmt: skip
def test_what_a_server_takes_is_told_by_it_alone(
    told: Told, status: int, body: bytes, expected: bool | None
) -> None:
    told.status, told.body = status, body
    address = f"http://127.0.0.1:{told.server_port}/query"
    server = SparqlServer(address, address)
    if expected is None:
        with pytest.raises(StoreUnavailable):
            takes(server, "ASK {}")
    else:
        assert takes(server, "ASK {}") is expected


def test_a_server_that_is_silent_has_not_said_no() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/query"
        with pytest.raises(StoreUnavailable, match="does not answer"):
            takes(SparqlServer(address, address), "ASK {}", 1)

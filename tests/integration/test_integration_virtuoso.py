"""What Virtuoso cannot do, told instead of a wrong or short answer."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pyoxigraph as ox
import pytest

from kb_api import remote_store, server_loads
from kb_api.loads import CATALOGUE, TRIPLES
from kb_api.remote_store import RemoteStore
from kb_api.sparql_server import Kind, Reply, SparqlServer, send
from ontology.errors import InvalidGraph, QueryRejected, StoreUnavailable

ServerStore = Callable[[str], AbstractContextManager[RemoteStore]]

G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"
AS_WKT = "<http://www.opengis.net/ont/geosparql#asWKT>"
WKT = "<http://www.opengis.net/ont/geosparql#wktLiteral>"
CRS84 = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
LAMBERT = "<http://www.opengis.net/def/crs/EPSG/0/2154>"
ROWS = 10_000  # of the server's settings
MANY = "".join(
    f'<https://kb.example/s{number}> <https://kb.example/p> "{number}" .\n'
    for number in range(ROWS + 500)
).encode()
LOADER = """
import sys
from kb_api.remote_store import RemoteStore
from kb_api.server_probe import Capabilities
from kb_api.sparql_server import SparqlServer

line = '<https://kb.example/s> <https://kb.example/p> "{} {}" .\\n'
content = "".join(line.format(n, "long " * 60) for n in range(50_000)).encode()
server = SparqlServer(sys.argv[1], sys.argv[1])
store = RemoteStore(server, Capabilities(is_virtuoso=True))
store.put_graphs({sys.argv[2]: ("long", content)})
"""


@pytest.fixture
def store(server_store: ServerStore) -> Iterator[RemoteStore]:
    with server_store("virtuoso") as opened:
        yield opened


def shape(name: str, wkt: str) -> bytes:
    return f'<https://kb.example/{name}> {AS_WKT} "{wkt}"^^{WKT} .\n'.encode()


def count_of(store: RemoteStore, graph: str) -> int:
    found = store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    assert isinstance(found, ox.QuerySolutions)
    return int(next(found)["n"].value)


def test_what_it_is(store: RemoteStore) -> None:
    told = store.can.told()
    assert str(told.pop("software")).startswith("Virtuoso/07.20")
    assert list(told.values()) == [False, False, False]


def test_shapes_come_back_as_they_were(store: RemoteStore) -> None:
    plain = shape("a", "POLYGON ((-0.16 44.806, -0.1550001 44.81, -0.16 44.806))")
    named = shape("b", f"{CRS84} POINT (2.5 48)")
    store.put_graphs({G: ("g", plain + named)})
    assert store.put_graphs({G: ("g", plain + named)}) == []
    assert store.get_graph(G) == plain + shape("b", "POINT (2.5 48)")
    (built,) = store.query(f"CONSTRUCT WHERE {{ <https://kb.example/a> {AS_WKT} ?w }}")
    assert f"{built} .\n".encode() == plain


def test_numbers_come_back_with_all_digits(store: RemoteStore) -> None:
    line = '<https://kb.example/a> <https://kb.example/p> "{}"^^'
    line += "<http://www.w3.org/2001/XMLSchema#double> .\n"
    numbers = ("199614.123", "1.2345E-5", "-7e2")
    store.put_graphs({G: ("g", "".join(map(line.format, numbers)).encode())})
    rows = store.query("SELECT ?o { ?s <https://kb.example/p> ?o } ORDER BY ?o")
    assert isinstance(rows, ox.QuerySolutions)
    assert [float(row["o"].value) for row in rows] == sorted(map(float, numbers))


@pytest.mark.parametrize(
    ("wkt", "reason"),
    [
        ("", "is empty"),
        ("POINT EMPTY", "is empty"),
        (f"{CRS84} POINT EMPTY", "is empty"),
        (f"{LAMBERT} POINT (700000 6600000)", "is in another reference system"),
    ],
)
def test_a_shape_that_it_does_not_keep_is_refused(
    store: RemoteStore, wkt: str, reason: str
) -> None:
    with pytest.raises(
        InvalidGraph, match=rf"shape of <\S+/b> {reason}.*nothing was loaded: "
    ):
        store.put_graphs({G: ("g", shape("a", "POINT (1 1)") + shape("b", wkt))})
    assert store.graphs() == {}
    assert count_of(store, G) == 0


def test_facts_that_it_takes_for_the_same_are_refused(store: RemoteStore) -> None:
    lines = "".join(
        f'<https://kb.example/a> <https://kb.example/p> "1"'
        f"^^<http://www.w3.org/2001/XMLSchema#{kind}> .\n"
        for kind in ("integer", "decimal")
    )
    with pytest.raises(InvalidGraph, match="holds 1 of the 2 facts of graph"):
        store.put_graphs({G: ("g", lines.encode())})
    assert store.graphs() == {}
    assert count_of(store, G) == 0


def test_a_fact_of_another_graph_is_found(store: RemoteStore) -> None:
    text = b'<https://kb.example/a> <https://kb.example/p> "Vignoble"@fr .\n'
    store.put_graphs({G: ("g", text + shape("a", "POINT(1.50 2)"))})
    for repeated in (text, shape("a", f"{CRS84} POINT (1.5 2.0)")):
        with pytest.raises(InvalidGraph, match=r"already in graph <\S+/g>"):
            store.put_graphs({H: ("h", repeated)})
    assert list(store.graphs()) == [G]


def test_an_answer_that_it_cuts_is_an_error(store: RemoteStore) -> None:
    store.put_graphs({G: ("g", MANY)})
    pattern = f"WHERE {{ GRAPH <{G}> {{ ?s <https://kb.example/p> ?o }} }}"
    cut = rf"breaks off: at {ROWS} rows; ask for less"
    for head in ("SELECT ?o", "CONSTRUCT { ?s <https://kb.example/p> ?o }"):
        with pytest.raises(StoreUnavailable, match=cut):
            store.query(f"{head} {pattern}")
    # Few triples of many solutions are cut off too.
    with pytest.raises(StoreUnavailable, match=cut):
        store.query(f"CONSTRUCT {{ <{G}> <https://kb.example/q> 1 }} {pattern}")
    built = store.query(f"CONSTRUCT {{ ?s <{G}> ?o }} {pattern} LIMIT 9000")
    assert len(set(built)) == 9000
    assert set(store.get_graph(G).splitlines()) == set(MANY.splitlines())
    with pytest.raises(QueryRejected, match="DESCRIBE is refused"):
        store.query("DESCRIBE <https://kb.example/s1>")


def test_a_load_in_parts_is_never_taken_for_whole(
    store: RemoteStore, virtuoso: str
) -> None:
    command = [sys.executable, "-c", LOADER, virtuoso, G]
    with subprocess.Popen(command) as loader:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and loader.poll() is None:
                try:
                    store.query("ASK {}")
                except StoreUnavailable as error:
                    told = str(error)
                    break
        finally:
            loader.kill()
    assert loader.returncode == -9
    assert f"the load of graph <{G}> has begun and not ended" in told
    with pytest.raises(StoreUnavailable, match="has begun and not ended"):
        count_of(store, G)
    assert store.graphs() == {}
    fact = b"<https://kb.example/a> <https://kb.example/p> <https://kb.example/b> .\n"
    assert store.put_graphs({H: ("h", fact)}) == [H]
    assert store.graphs() == {H: 1}
    assert count_of(store, G) == 0


def test_a_load_that_another_one_removed_does_not_end(
    store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_loads, "_REQUEST_BYTES", 400_000)
    fact = b"<https://kb.example/a> <https://kb.example/p> <https://kb.example/b> .\n"
    sent: list[str] = []

    def late(server: SparqlServer, text: str, kind: Kind, *media: str) -> Reply:
        if kind == "INSERT":
            sent.append(text)
        if kind == "INSERT" and len(sent) == 2:
            other = RemoteStore(server, store.can)
            assert other.put_graphs({H: ("h", fact)}) == [H]
        return send(server, text, kind, *media)

    monkeypatch.setattr(remote_store, "send", late)
    with pytest.raises(InvalidGraph, match=r"facts of graph <\S+/g>; nothing of it"):
        store.put_graphs({G: ("g", MANY)})
    assert store.graphs() == {H: 1}
    assert count_of(store, G) == 0


def test_what_is_half_stands_in_nobodys_way(
    store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fact = b"<https://kb.example/a> <https://kb.example/p> <https://kb.example/b> .\n"

    def begin_only() -> None:
        """A load of G that is cut off before its end, and cannot be taken back."""
        with monkeypatch.context() as patched:
            patched.setattr(RemoteStore, "_check_kept", stopped)
            patched.setattr(RemoteStore, "_take_back", stopped)
            with pytest.raises(StoreUnavailable, match="gone"):
                store.put_graphs({G: ("g", fact)})
        mark = f"DELETE WHERE {{ GRAPH {CATALOGUE} {{ <{G}> {TRIPLES} ?n }} }}"
        send(store._server, mark, "INSERT")
        with pytest.raises(StoreUnavailable, match="has begun and not ended"):
            store.query("ASK {}")

    def stopped(*_: object) -> None:
        raise StoreUnavailable("gone")

    begin_only()
    # The same facts under another name are no repetition of what is half.
    assert store.put_graphs({H: ("h", fact)}) == [H]
    assert store.graphs() == {H: 1}
    assert store.drop_graph(H)
    begin_only()
    assert store.drop_graph(G)
    assert store.graphs() == {}
    assert count_of(store, G) == 0
    assert not store.drop_graph(G)

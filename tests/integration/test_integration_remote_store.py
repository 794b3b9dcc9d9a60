"""A real SPARQL server as the store: the loads and answers of the embedded one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pyoxigraph as ox
import pytest
import shapely
from rdflib import Graph, URIRef

from kb_api.embedded_store import EmbeddedStore
from kb_api.lookups import rows
from kb_api.remote_store import RemoteStore, open_remote_store
from kb_api.sparql_server import SparqlServer
from ontology.errors import InvalidGraph, QueryRejected, StoreUnavailable
from ontology.files import inferred_graph, ontology_graph, schemes_graph

SMALL_BASE = Path(__file__).parents[1] / "small_base.ttl"
G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"
Start = Callable[..., AbstractContextManager[str]]
ServerStore = Callable[[str], AbstractContextManager[RemoteStore]]


def server_at(address: str) -> SparqlServer:
    return SparqlServer(f"{address}/query", f"{address}/update")


@pytest.fixture(params=["oxigraph", "virtuoso"])
def store(
    request: pytest.FixtureRequest, server_store: ServerStore
) -> Iterator[RemoteStore]:
    """An empty store on a server of each kind in turn."""
    with server_store(request.param) as opened:
        yield opened


def fact(subject: str, value: str) -> bytes:
    return (
        f'<https://kb.example/{subject}> <https://kb.example/p> "{value}" .\n'.encode()
    )


def values(store: RemoteStore) -> list[str]:
    rows = store.query("SELECT ?o { ?s <https://kb.example/p> ?o } ORDER BY ?o")
    assert isinstance(rows, ox.QuerySolutions)
    return [row["o"].value for row in rows]


def test_graphs_are_replaced_whole_or_not_at_all(store: RemoteStore) -> None:
    both = {G: ("g", fact("a", "1") + fact("b", "2")), H: ("h", fact("c", "3"))}
    assert store.put_graphs(both) == [G, H]
    assert store.put_graphs(both) == []
    assert values(store) == ["1", "2", "3"]
    assert store.put_graphs({G: ("g", fact("a", "4"))}) == [G]
    assert values(store) == ["3", "4"]
    assert store.graphs() == {G: 1, H: 1}
    assert store.get_graph(G) == fact("a", "4")
    assert store.get_graph("https://kb.example/graph/none") == b""
    with pytest.raises(InvalidGraph, match=r"already in graph <\S+/h>; nothing was"):
        store.put_graphs({G: ("g", fact("a", "5") + fact("c", "3"))})
    with pytest.raises(InvalidGraph, match="is no N-Triples"):
        store.put_graphs({H: ("h", fact("a", "6")), G: ("g", b"<a> <b .")})
    assert values(store) == ["3", "4"]
    # A triple may move to another graph in one load.
    store.put_graphs({G: ("g", fact("c", "3")), H: ("h", fact("a", "4"))})
    assert store.get_graph(H) == fact("a", "4")
    assert [store.drop_graph(H), store.drop_graph(H)] == [True, False]
    assert store.graphs() == {G: 1}
    assert values(store) == ["3"]


def test_texts_graphs_and_truths_come_back_as_they_were(store: RemoteStore) -> None:
    nasty = 'a"b\\c } GRAPH <x> { \n é 🌱'
    line = f"<https://kb.example/a> <https://kb.example/p> {ox.Literal(nasty)} .\n"
    store.put_graphs({G: ("g", line.encode())})
    assert values(store) == [nasty]
    built = store.query("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    assert isinstance(built, ox.QueryTriples)
    assert line.strip(" .\n") in {str(one) for one in built}
    assert not store.query("ASK { <https://kb.example/none> ?p ?o }")


UNIT = "https://lucerna.example/unit/parcel/P01@2017"
SMALL = "https://lucerna.example/graph/small"
LOOKUPS: dict[str, dict[str, str]] = {
    "change_results_kept": {},
    "damage_grades": {},
    "damage_perils": {},
    "events": {},
    "geometry_count": {"graph": SMALL},
    "graph_classes": {"graph": SMALL},
    "graph_times": {"graph": SMALL},
    "overview": {},
    "overview_span": {},
    "parcel_files": {},
    "places": {},
    "regions": {"result": "https://lucerna.example/result/a1"},
    "reports": {},
    "results": {},
    "thing_graphs": {"thing": UNIT},
    "thing_said": {"thing": UNIT},
    "thing_says": {"thing": UNIT},
    "timeline_change": {"unit": UNIT},
    "timeline_images": {"unit": UNIT},
    "timeline_unit": {"unit": UNIT},
    "units": {
        "result": "https://lucerna.example/result/a1",
        "unit_level": "https://w3id.org/lucerna/scheme/unit-level/parcel",
    },
}


def test_the_pages_look_up_the_same_rows(store: RemoteStore) -> None:
    small = Graph().parse(SMALL_BASE)
    meaning = ontology_graph() + schemes_graph() + inferred_graph()
    graphs = {
        SMALL: ("small base", small.serialize(format="nt", encoding="utf-8")),
        H: ("schemes", meaning.serialize(format="nt", encoding="utf-8")),
    }
    embedded = EmbeddedStore()
    assert store.put_graphs(graphs) == embedded.put_graphs(graphs) == list(graphs)
    for name, values in LOOKUPS.items():
        terms = {key: ox.NamedNode(value) for key, value in values.items()}
        found, expected = (rows(one, name, **terms) for one in (store, embedded))
        for row in (*found, *expected):
            if "wkt" in row:
                row["wkt"] = shapely.from_wkt(str(row["wkt"])).wkt
        assert expected, name
        assert found == expected, name


def test_what_meets_what_is_as_in_the_embedded_store(store: RemoteStore) -> None:
    embedded = EmbeddedStore()
    facts = Graph().parse(SMALL_BASE)
    parts: dict[str, Graph] = {G: Graph(), H: Graph()}
    for one in facts:
        parts[G if "patch" in one[0] else H].add(one)
    patch = URIRef("https://lucerna.example/patch/after-64-0-1")
    for part, name in ((G, "patches"), (H, "others"), (G, "fewer")):
        if name == "fewer":
            assert len(overlaps(store)) == 46 + 17 + 29 * 4
            parts[G].remove((patch, None, None))
        content = parts[part].serialize(format="nt", encoding="utf-8")
        for one in (store, embedded):
            one.put_graphs({part: (name, content)})
        assert overlaps(store) == overlaps(embedded)
    assert 100 < len(overlaps(store)) < 46 + 17 + 29 * 4
    for one in (store, embedded):
        one.drop_graph(G)
    assert overlaps(store) == overlaps(embedded)
    assert 20 < len(overlaps(store)) < 60
    before = overlaps(store)
    store.overlap()
    assert overlaps(store) == before


def overlaps(store: RemoteStore | EmbeddedStore) -> set[str]:
    """All facts of overlaps, as in the catalogue; numbers as numbers."""
    found = set()
    for name, count in store.graphs().items():
        if name.startswith("https://w3id.org/lucerna/graph/overlaps/"):
            lines = store.get_graph(name)
            facts = [one.triple for one in ox.parse(lines, ox.RdfFormat.N_TRIPLES)]
            assert len(facts) == count
            found |= {f"{one.subject} {one.predicate} {said(one)}" for one in facts}
    return found


def said(fact: ox.Triple) -> str:
    value = fact.object
    if "area" in fact.predicate.value.lower():
        assert isinstance(value, ox.Literal)
        return f"{float(value.value):.9g}"
    return str(value)


def test_a_query_that_does_not_parse_is_told_with_its_place(store: RemoteStore) -> None:
    with pytest.raises(QueryRejected, match="does not parse: error at 1:"):
        store.query("SELECT * { ?s ?p }")
    with pytest.raises(QueryRejected):
        store.query("DELETE WHERE { ?s ?p ?o }")


def test_servers_that_cannot_be_used_are_told(start_sparql_server: Start) -> None:
    with start_sparql_server() as address:
        with (
            pytest.raises(StoreUnavailable, match="--union-default-graph"),
            open_remote_store(server_at(address), fact("a", "1")),
        ):
            pass
        wrong = SparqlServer(f"{address}/query", f"{address}/nowhere")
        with pytest.raises(
            StoreUnavailable, match=r"/nowhere does not answer: .*not supported"
        ):
            RemoteStore(wrong).put_graphs({G: ("g", fact("b", "1"))})
    with pytest.raises(StoreUnavailable, match=r"/query does not answer: .*refused"):
        RemoteStore(server_at(address)).query("ASK {}")

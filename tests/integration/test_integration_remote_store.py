"""A real SPARQL server as the store: the loads and answers of the embedded one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef

from kb_api.answers import ask
from kb_api.questions import questions
from kb_api.remote_store import RemoteStore, SparqlServer, open_remote_store
from kb_api.store import EmbeddedStore
from ontology.errors import InvalidGraph, QueryRejected, StoreUnavailable
from ontology.files import inferred_graph, schemes_graph

ROOT = Path(__file__).parents[2]
G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"
UNION = "--union-default-graph"
UNIT = "https://lucerna.example/unit/parcel/P01@2017"
NEEDED = {
    "unit_record": {"unit": UNIT},
    "scenes_of_unit": {"unit": UNIT},
    "best_pair": {"unit": UNIT, "day": "2017-04-27"},
    "low_vegetation": {
        "since": "2017-04-25",
        "until": "2017-05-01",
        "reference_since": "2017-04-15",
        "reference_until": "2017-04-20",
    },
}

Start = Callable[..., AbstractContextManager[str]]


def server_at(address: str) -> SparqlServer:
    return SparqlServer(f"{address}/query", f"{address}/update")


@pytest.fixture
def store(start_sparql_server: Start) -> Iterator[RemoteStore]:
    with start_sparql_server(UNION) as address:
        yield RemoteStore(server_at(address))


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


def test_every_question_has_the_rows_of_the_embedded_store(store: RemoteStore) -> None:
    facts = Graph().parse(ROOT / "tests" / "small_base.ttl")
    meaning = schemes_graph() + inferred_graph()
    graphs = {
        "https://lucerna.example/graph/small": (
            "small base",
            facts.serialize(format="nt", encoding="utf-8"),
        ),
        "https://lucerna.example/graph/schemes": (
            "schemes",
            meaning.serialize(format="nt", encoding="utf-8"),
        ),
    }
    embedded = EmbeddedStore()
    assert store.put_graphs(graphs) == embedded.put_graphs(graphs) == list(graphs)
    compared = {}
    for question in questions():
        given = NEEDED.get(question.name, {})
        rows = ask(store, question.name, given).rows
        assert rows == ask(embedded, question.name, given).rows, question.name
        compared[question.name] = len(rows)
    assert len(compared) >= 14
    assert sum(count > 0 for count in compared.values()) >= 8, compared


def test_what_meets_what_is_as_in_the_embedded_store(store: RemoteStore) -> None:
    embedded = EmbeddedStore()
    facts = Graph().parse(ROOT / "tests" / "small_base.ttl")
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
            lines = store.get_graph(name).decode().splitlines()
            assert len(lines) == count
            found |= {one.replace('E0"', '"') for one in lines}
    return found


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

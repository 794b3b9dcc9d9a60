"""Entailed facts against owlrl, in copies that follow the store."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import owlrl
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, Graph, URIRef

from kb_api.embedded_store import EmbeddedStore
from kb_api.geosparql.entailment import INFERRED, materialise
from kb_api.outcome import Regime

EX = "https://kb.example/"
PREFIXES = """
PREFIX ex: <https://kb.example/>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
SCHEMA = (
    PREFIXES
    + """
ex:Vineyard rdfs:subClassOf ex:Field . ex:Field rdfs:subClassOf geo:Feature .
ex:tills rdfs:domain ex:Farmer ; rdfs:range ex:Field .
ex:ploughs rdfs:subPropertyOf ex:tills .
"""
)
FACTS = (
    PREFIXES
    + """
ex:v a ex:Vineyard ; geo:hasDefaultGeometry ex:g .
ex:ann ex:ploughs ex:f .
ex:g geo:asWKT "POINT(1 1)"^^geo:wktLiteral .
"""
)


def triples(turtle: str) -> bytes:
    quads = ox.parse(turtle, ox.RdfFormat.TURTLE)
    return b"".join(f"{quad.triple} .\n".encode() for quad in quads)


def filled(path: Path | None = None) -> EmbeddedStore:
    store = EmbeddedStore(path)
    store.put_graphs(
        {EX + "schema": ("schema", triples(SCHEMA)), EX + "facts": ("", triples(FACTS))}
    )
    return store


@pytest.fixture(scope="module", params=["in memory", "on disk"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedStore]:
    """Is only read."""
    is_kept = request.param == "on disk"
    made = filled(tmp_path_factory.mktemp("base") / "store" if is_kept else None)
    yield made
    made.close()


def answer(store: EmbeddedStore, pattern: str, regime: Regime = "rdfs") -> list[str]:
    rows = store.run(f"{PREFIXES} SELECT ?x {{ {pattern} }}", regime).results
    assert isinstance(rows, ox.QuerySolutions)
    return sorted(row["x"].value.removeprefix(EX) for row in rows)


@pytest.mark.parametrize(
    ("pattern", "simple", "rdfs"),
    [
        ("?x a ex:Vineyard", ["v"], ["v"]),
        ("?x a ex:Field", [], ["f", "v"]),
        ("?x a geo:Feature", [], ["f", "v"]),
        ("?x a geo:SpatialObject", [], ["f", "g", "v"]),
        ("?x a ex:Farmer", [], ["ann"]),
        ("?x ex:tills ex:f", [], ["ann"]),
        ("ex:v geo:hasGeometry ?x", [], ["g"]),
        ("?x a geo:Geometry", [], ["g"]),
        ("ex:g geo:hasSerialization ?x", [], ["POINT(1 1)"]),
        ("ex:Vineyard rdfs:subClassOf ?x", ["Field"],
         ["Field", "http://www.opengis.net/ont/geosparql#Feature",
          "http://www.opengis.net/ont/geosparql#SpatialObject"]),
    ],
)  # fmt: skip
def test_what_is_entailed_is_seen_under_its_regime_only(
    pattern: str, simple: list[str], rdfs: list[str], store: EmbeddedStore
) -> None:
    assert answer(store, pattern, "simple") == simple
    assert answer(store, pattern, "rdfs") == rdfs
    assert answer(store, pattern, "rdfs+rewrite") == rdfs
    assert answer(store, pattern, "simple") == simple


NAMES = [f"n{number}" for number in range(5)]
LINKS = [RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDF.type]
LINKS += [URIRef(EX + name) for name in NAMES]


def names(graph: Iterable[tuple[object, ...]]) -> set[tuple[str, ...]]:
    """Triples between names of the test, without the reflexive ones of RDFS."""
    told = {tuple(str(term) for term in one) for one in graph}
    return {
        one
        for one in told
        if one[0].startswith(EX) and one[2].startswith(EX) and one[0] != one[2]
    }


@settings(max_examples=60, deadline=None)
@given(
    st.sets(
        st.tuples(
            st.sampled_from(NAMES), st.sampled_from(LINKS), st.sampled_from(NAMES)
        ),
        max_size=12,
    )
)
def test_it_is_what_owlrl_finds(facts: set[tuple[str, URIRef, str]]) -> None:
    graph, store = Graph(), ox.Store()
    for one, link, other in facts:
        graph.add((URIRef(EX + one), link, URIRef(EX + other)))
        store.add(
            ox.Quad(
                ox.NamedNode(EX + one),
                ox.NamedNode(str(link)),
                ox.NamedNode(EX + other),
                ox.NamedNode(EX + "graph"),
            )
        )
    materialise(store, on_disk=False)
    ours = [
        tuple(term.value for term in (one.subject, one.predicate, one.object))
        for one in store
        if isinstance(one.object, ox.NamedNode)
    ]
    assert len(ours) == len(set(ours)), "a fact stands in two graphs"
    owlrl.DeductiveClosure(owlrl.RDFS_Semantics).expand(graph)
    assert names(ours) == names(graph)


def test_a_schema_that_is_itself_entailed_is_followed() -> None:
    store = EmbeddedStore()
    text = (
        f"{PREFIXES} ex:kindOf rdfs:subPropertyOf rdfs:subClassOf . "
        "ex:isA rdfs:subPropertyOf <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> . "
        "ex:A ex:kindOf ex:B . ex:B ex:kindOf ex:A . ex:x ex:isA ex:A ."
    )
    store.put_graphs({EX + "g": ("", triples(text))})
    assert answer(store, "?x a ex:B") == ["x"]


def test_a_load_changes_what_is_entailed(tmp_path: Path) -> None:
    store = filled(tmp_path / "store")
    assert answer(store, "?x a geo:Feature") == ["f", "v"]
    more = FACTS.replace("ex:v a ex:Vineyard", "ex:w a ex:Vineyard")
    store.put_graphs({EX + "facts": ("", triples(more))})
    assert answer(store, "?x a geo:Feature") == ["f", "w"]
    store.put_graphs({EX + "facts": ("", b"")})
    assert answer(store, "?x a geo:Feature") == []
    store.close()


def test_a_query_reads_on_while_a_newer_copy_is_made(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store")
    many = "\n".join(f"<{EX}{n}> a <{EX}Vineyard> ." for n in range(3_000))
    store.put_graphs(
        {EX + "schema": ("", triples(SCHEMA)), EX + "facts": ("", triples(many))}
    )
    rows = store.run(f"{PREFIXES} SELECT ?x {{ ?x a geo:Feature }}", "rdfs").results
    assert isinstance(rows, ox.QuerySolutions)
    first = next(rows)["x"].value
    store.put_graphs({EX + "facts": ("", triples(FACTS))})
    assert answer(store, "?x a ex:Field") == ["f", "v"]
    assert len({first, *(row["x"].value for row in rows)}) == 3_000
    store.close()


def test_the_store_itself_never_holds_inferred_facts(tmp_path: Path) -> None:
    store = filled(tmp_path / "store")
    before = store.dump()
    assert answer(store, f"GRAPH {INFERRED} {{ ?x a geo:Feature }}") == ["f", "v"]
    assert answer(store, f"GRAPH {INFERRED} {{ ?x a geo:Feature }}", "simple") == []
    assert store.dump() == before
    store.close()


def test_copies_are_removed_at_the_end_and_after_a_crash(tmp_path: Path) -> None:
    left = tmp_path / "store.entailed" / "7"
    left.mkdir(parents=True)
    (left / "CURRENT").write_text("half a copy", "utf-8")
    store = filled(tmp_path / "store")
    assert not left.exists()
    assert answer(store, "?x a ex:Farmer") == ["ann"]
    assert (tmp_path / "store.entailed").exists()
    store.close()
    assert not (tmp_path / "store.entailed").exists()


def test_a_frozen_copy_is_of_a_regime(tmp_path: Path) -> None:
    store = filled(tmp_path / "store")
    for regime, expected in (("simple", 0), ("rdfs", 2)):
        folder = tmp_path / regime
        store.make_ready(regime, 60)  # type: ignore[arg-type]
        store.copy_to(folder, regime)  # type: ignore[arg-type]
        copy = ox.Store.read_only(str(folder))
        found = copy.query(
            f"{PREFIXES} SELECT * {{ ?x a geo:Feature }}",
            use_default_graph_as_union=True,
        )
        assert isinstance(found, ox.QuerySolutions)
        assert len(list(found)) == expected
    store.close()


WINDOW = (
    '?g {} ?w . FILTER(geof:sfWithin(?w, "POLYGON((0 0,2 0,2 2,0 2,0 0))"'
    "^^geo:wktLiteral)) BIND(?g AS ?x)"
)


def test_the_index_helps_where_it_knows_every_geometry() -> None:
    store = filled()
    text = f"{PREFIXES} SELECT ?x {{ {WINDOW.format('geo:hasSerialization')} }}"
    outcome = store.run(text, "rdfs")
    assert outcome.indexed
    assert answer(store, WINDOW.format("geo:hasSerialization")) == ["g"]
    own = (
        f"{PREFIXES} ex:wkt rdfs:subPropertyOf geo:asWKT . "
        'ex:h ex:wkt "POINT(1 1)"^^geo:wktLiteral .'
    )
    store.put_graphs({EX + "own": ("", triples(own))})
    assert not store.run(text, "rdfs").indexed
    assert answer(store, WINDOW.format("geo:asWKT")) == ["g", "h"]

"""The index in a query: rows as without it, worked out by hand; and its traps."""

import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

sys.path.append(str(Path(__file__).parent))

from field_queries import (
    ESCAPED,
    GEO,
    HEAD,
    INSIDE,
    ORIGIN,
    WINDOW,
    G,
    H,
    facts,
    feature,
    rows_of,
)

from kb_api.embedded_store import EmbeddedStore
from kb_api.evaluation import evaluate
from kb_api.outcome import Prepared
from kb_api.questions import find_question
from ontology.errors import QueryRejected
from ontology.files import query_names, query_text

# b and d stand inside the window, a at its edge; c and e are far away.
PLACES = {"a": "10 5", "b": "2 2", "c": "20 20", "d": "3 3", "e": "-30 40"}


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    made = EmbeddedStore()
    here = [feature(name, f"POINT({PLACES[name]})") for name in "abc"]
    there = [feature(name, f"POINT({PLACES[name]})") for name in "de"]
    made.put_graphs(
        {
            G: ("g", facts(*here, "ex:a ex:next ex:b . ex:b ex:next ex:c .")),
            H: ("h", facts(*there, "ex:d ex:likes ex:c , ex:b .")),
        }
    )
    return made


@pytest.fixture(scope="module")
def store_with_zone(store: EmbeddedStore) -> EmbeddedStore:
    made = EmbeddedStore()
    made._store.extend(store._store)
    box = feature("z", "POLYGON((1 1, 4 1, 4 4, 1 4, 1 1))").replace("Field", "Zone")
    made.put_graphs({H + "z": ("z", facts(box))})
    return made


BODY = "?f geo:hasDefaultGeometry ?g . ?g geo:asWKT ?w ."
OTHER = "?h geo:hasDefaultGeometry ?i . ?i geo:asWKT ?v ."


def cases(name: str) -> list[tuple[str, list[str]]]:
    """Queries of a file, each below its rows: words, or words before bars."""
    lines = (Path(__file__).parent / name).read_text().splitlines()
    lines = [one for one in lines if not one.startswith("#")]
    found = []
    for rows, query in zip(lines[::2], lines[1::2], strict=True):
        assert query.startswith("    ")
        text = query.strip().replace("\\n", "\n").replace("BODY", BODY)
        text = (
            text.replace("OTHER", OTHER)
            .replace("INSIDE", INSIDE)
            .replace("ESCAPED", ESCAPED)
        )
        expected = rows.rstrip("|").split("|") if "|" in rows else rows.split()
        text = text.replace("WINDOW", WINDOW).replace("ORIGIN", ORIGIN)
        found.append((text, [] if rows == "-" else expected))
    assert len(found) >= 6
    return found


@pytest.mark.parametrize(("query", "rows"), cases("rewriting_used.txt"))
def test_rows_are_the_same_with_the_index(
    store: EmbeddedStore, query: str, rows: list[str]
) -> None:
    assert rows_of(store, query, indexed=True) == rows


@pytest.mark.parametrize(("query", "rows"), cases("rewriting_pairs.txt"))
def test_pairs_are_the_same_with_the_index(
    store_with_zone: EmbeddedStore, query: str, rows: list[str]
) -> None:
    assert rows_of(store_with_zone, query, indexed=True) == rows


@pytest.mark.parametrize(("query", "rows"), cases("rewriting_left_pairs.txt"))
def test_on_doubt_pairs_stay_as_they_are(
    store_with_zone: EmbeddedStore, query: str, rows: list[str]
) -> None:
    assert rows_of(store_with_zone, query, indexed=False) == rows


@pytest.mark.parametrize(("query", "rows"), cases("rewriting_left.txt"))
def test_on_doubt_the_query_stays_as_it_is(
    store: EmbeddedStore, query: str, rows: list[str]
) -> None:
    assert store.prepare(HEAD + query).text == HEAD + query
    assert rows_of(store, query, indexed=False) == rows


def test_graphs_are_made_and_described_with_the_index(store: EmbeddedStore) -> None:
    made = f'CONSTRUCT {{ ?f ex:in "}} {{" }} WHERE {{ {BODY} FILTER({INSIDE}) }}'
    told = f"DESCRIBE ?f {{ {BODY} FILTER({INSIDE}) }}"
    for query, count in ((made, 3), (told, 10)):
        found = store.run(HEAD + query)
        plain = evaluate(store._store, Prepared(HEAD + query)).results
        assert found.indexed
        assert isinstance(found.results, ox.QueryTriples)
        assert isinstance(plain, ox.QueryTriples)
        triples = {*map(str, found.results)}
        assert triples == {*map(str, plain)}
        assert len(triples) == count


def test_an_error_is_told_at_its_place_in_the_text(store: EmbeddedStore) -> None:
    query = f"{HEAD}\nSELECT ?f {{ {BODY} FILTER({INSIDE}) }} LIMIT ?x"
    assert INSIDE not in store.prepare(query).text
    column = query.splitlines()[1].index("?x") + 1
    with pytest.raises(QueryRejected, match=f"error at 2:{column}"):
        store.query(query)


def test_filters_go_only_where_the_index_is_exact() -> None:
    made = EmbeddedStore()
    one = feature("a", "POINT(2 2)")
    query = f"{HEAD}SELECT ?f {{ {BODY} FILTER({INSIDE}) }}"
    made.put_graphs({G: ("g", facts(one))})
    assert INSIDE not in made.prepare(query).text
    # another literal of the geometry lies elsewhere
    far = facts(one, 'ex:a-g geo:asWKT "POINT(50 50)"^^geo:wktLiteral .')
    made.put_graphs({G: ("g", far)})
    assert INSIDE in made.prepare(query).text
    assert rows_of(made, f"SELECT ?w {{ {BODY} FILTER({INSIDE}) }}", indexed=True) == [
        "POINT(2 2)"
    ]


def test_the_library_uses_the_index(store: EmbeddedStore) -> None:
    spatial = [name for name in query_names() if "geof:" in query_text(name)]
    assert spatial == ["changed_units", "labelled_patches"]
    place = ox.Literal("POINT(2 2)", datatype=ox.NamedNode(GEO + "wktLiteral"))
    for name in spatial:
        question = find_question(name)
        terms = {one.name: None for one in question.parameters}
        prepared = store.prepare(question.bind({**terms, "shape": place}))
        assert prepared.indexed
        assert "geof:sf" not in prepared.text
        assert not store.prepare(query_text(name)).indexed


def test_preparing_a_query_never_runs_it(store: EmbeddedStore) -> None:
    """Grouping and ordering would run at once, in the process that nothing stops."""
    ten = "{ 0 1 2 3 4 5 6 7 8 9 }"
    many = " ".join(f"VALUES ?a{at} {ten}" for at in range(12))
    for form in ("(COUNT(*) AS ?n)", "?a0"):
        order = "ORDER BY ?a1" if form == "?a0" else ""
        query = f"SELECT {form} {{ {{ {many} }} UNION {{ {BODY} FILTER({INSIDE}) }} }}"
        assert store.prepare(f"{HEAD}{query} {order}").indexed

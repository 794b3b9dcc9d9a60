"""Generated queries have the same rows with the index and without it."""

import re
from collections import Counter
from dataclasses import dataclass

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb_api.embedded_store import EmbeddedStore
from kb_api.evaluation import evaluate
from kb_api.geosparql.relations import DISJOINT, EQUAL, RELATIONS
from kb_api.outcome import Outcome, Prepared, Regime

G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"
GEO = "http://www.opengis.net/ont/geosparql#"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
HEAD = (
    f"PREFIX ex: <https://kb.example/> PREFIX geo: <{GEO}> "
    "PREFIX geof: <http://www.opengis.net/def/function/geosparql/> "
    "PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/> "
)
PLACES = [
    "POINT(3 3)", "POINT(2 2)", "POINT(-179.9 10)", "LINESTRING(0 0, 3 3)",
    "POLYGON((1 1, 4 1, 4 4, 1 4, 1 1))", "POLYGON((4 1, 6 1, 6 4, 4 4, 4 1))",
    "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0))", "POLYGON((2 2, 3 2, 3 3, 2 3, 2 2))",
    "MULTIPOINT(2 2, 8 8)", "POLYGON((1 1, 4 4, 4 1, 1 4, 1 1))", "POLYGON EMPTY",
]  # fmt: skip
MOVED = [
    f"<{EPSG}4326> POLYGON((1 1, 1 4, 4 4, 4 1, 1 1))",
    f"<{EPSG}3857> POINT(333958 334111)",
]
BROKEN = ["POLYGON((1 1, 2", "POINT(nan 1)"]
SELDOM = {"rcc8dc", "rcc8po", "rcc8tpp", "rcc8tppi"}
"""Relations that no two of these places have."""
DISTANCES = [
    "geof:distance({}, {}, uom:metre) < 300000", "geof:metricDistance({}, {}) <= 4.2e5",
    "200.5 > geof:distance({}, {}, uom:kilometre)",
]  # fmt: skip


def facts(places: list[str], first: int, *, twice: bool) -> bytes:
    """Features with these places; with `twice` each third has a second literal."""
    lines = [re.sub(r"PREFIX (\S+ \S+)", r"@prefix \1 .", HEAD)]
    for at, place in enumerate(places, first):
        kind = "Field" if at % 2 else "Zone"
        lines += [
            f"ex:f{at} a ex:{kind} ; ex:next ex:f{at + 1} ; ex:n {at % 4} ;",
            f"  geo:hasDefaultGeometry ex:g{at} .",
            f'ex:g{at} geo:asWKT "{place}"^^geo:wktLiteral .',
        ]
        if twice and at % 3 == 0:
            lines.append(f'ex:g{at} geo:asWKT "{PLACES[at % 5]}"^^geo:wktLiteral .')
    triples = ox.parse("\n".join(lines), format=ox.RdfFormat.TURTLE)
    return "".join(f"{one.triple} .\n" for one in triples).encode()


def make_store(*, mixed: bool) -> EmbeddedStore:
    """One literal a geometry in one system; or several, in three, and broken ones."""
    made = EmbeddedStore()
    here, there = (PLACES, PLACES[:6]) if not mixed else (PLACES + MOVED, BROKEN)
    made.put_graphs(
        {
            G: ("g", facts(here, 1, twice=mixed)),
            H: ("h", facts(there + PLACES[3:], 50, twice=mixed)),
        }
    )
    return made


@pytest.fixture(scope="module")
def mixed_store() -> EmbeddedStore:
    return make_store(mixed=True)


@dataclass(frozen=True)
class Piece:
    """A piece of a query, and whether the rules let the index answer it."""

    text: str
    allowed: bool = True


def literal(text: str) -> str:
    return f'"{text}"^^geo:wktLiteral'


def pattern(n: int) -> st.SearchStrategy[str]:
    """Triples that bind ?f, ?g and ?w with a number; ?g not always."""
    return st.sampled_from(
        [
            f"?f{n} geo:hasDefaultGeometry ?g{n} . ?g{n} geo:asWKT ?w{n} .",
            f"?g{n} geo:asWKT ?w{n} . ?f{n} ex:n ?m ; geo:hasDefaultGeometry ?g{n} .",
            f"?f{n} a ex:Field ; geo:hasDefaultGeometry ?g{n} . ?g{n} geo:asWKT ?w{n}.",
            f"# }} FILTER(1\n$f{n} geo:hasDefaultGeometry$g{n}.$g{n} geo:asWKT$w{n}.",
        ]
    )


def path(n: int) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [
            f"?f{n} geo:hasDefaultGeometry/geo:asWKT ?w{n} .",
            f"?f{n} a ?t{n} ; geo:hasDefaultGeometry/geo:asWKT ?w{n} ; ex:n ?n{n} .",
            f"?f{n} geo:hasDefaultGeometry [ geo:asWKT ?w{n} ] .",
            f"?f{n} geo:hasDefaultGeometry _:b{n} . _:b{n} geo:asWKT|geo:asGML ?w{n} .",
        ]
    )


@st.composite
def conditions(draw: st.DrawFn, mixed: bool) -> Piece:
    """A filter on ?w0, and what it needs beside it."""
    place = draw(st.sampled_from(PLACES + (MOVED if mixed else [])))
    form = draw(st.sampled_from(["text", "bind", "values", "guard"]))
    constant = literal(place) if form == "text" else "?c"
    order = ["?w0", constant] if draw(st.booleans()) else [constant, "?w0"]
    allowed = place != "POLYGON EMPTY"
    if draw(st.integers(0, 4)):
        name = draw(st.sampled_from(RELATIONS))
        test = f"geof:{name}({', '.join(order)})"
        allowed = allowed and name not in DISJOINT
    else:
        test = draw(st.sampled_from(DISTANCES)).format(*order)
    beside = {
        "text": "",
        "bind": f"BIND({literal(place)} AS ?c) ",
        "values": f"VALUES (?c ?d) {{ ({literal(place)} UNDEF) }} ",
        "guard": f"VALUES ?c {{ {literal(place)} }} ",
    }[form]
    test = f"!BOUND(?c) || {test}" if form == "guard" else test
    twist = draw(st.integers(0, 11))
    if twist == 0:
        return Piece(f"{beside}FILTER(!({test}))", allowed=False)
    if twist == 1:
        return Piece(f"{beside}FILTER({test} || ?f0 = ex:f1)", allowed=False)
    if twist == 2 and form != "guard":
        return Piece(f"{beside}FILTER({test} && ?f0 != ex:f1)", allowed)
    if twist == 3 and form != "guard":
        return Piece(f"{beside}FILTER((?f0 != ex:f2) && ({test}))", allowed)
    return Piece(f"{beside}FILTER({test})", allowed)


def inside(one: str, condition: Piece) -> str:
    return f"{one} {condition.text}"


@st.composite
def groups(draw: st.DrawFn, mixed: bool) -> Piece:
    """What stands between the braces of WHERE."""
    one = draw(st.one_of(pattern(0), pattern(0), path(0)))
    test = draw(conditions(mixed))
    both = inside(one, test)
    kept = Piece(both, test.allowed)
    match draw(st.integers(0, 17)):
        case 0:
            return Piece(f"?f0 a ex:Field OPTIONAL {{ {both} }}", test.allowed)
        case 1:
            return Piece(f"?f0 ex:n ?n OPTIONAL {{ {one} }} {test.text}", allowed=False)
        case 2:
            return Piece(f"{{ {both} }} UNION {{ ?f0 ex:next ?x }}", test.allowed)
        case 3:
            other = draw(st.one_of(pattern(0), path(0)))
            other = other.replace("_:b", "_:c")
            union = f"{{ {one} }} UNION {{ {other} ?f0 ex:next ?x }}"
            return Piece(f"{union} {test.text}", test.allowed)
        case 4:
            return Piece(f"?f0 a ex:Field MINUS {{ {both} }}", test.allowed)
        case 5:
            word = draw(st.sampled_from(["EXISTS", "NOT EXISTS"]))
            return Piece(f"?f0 ex:n ?n FILTER {word} {{ {both} }}", test.allowed)
        case 6:
            return Piece(f"?f0 ex:n ?n BIND(EXISTS {{ {both} }} AS ?e)", test.allowed)
        case 7:
            word = draw(st.sampled_from(["", "DISTINCT"]))
            inner = f"{{ SELECT {word} ?f0 ?w0 {{ {one} }} }}"
            return Piece(f"{inner} {test.text}", test.allowed)
        case 8:
            cut = f"{{ SELECT ?f0 ?w0 {{ {one} }} ORDER BY ?f0 ?w0 LIMIT 5 }}"
            return Piece(f"{cut} {test.text}", allowed=False)
        case 9:
            return Piece(f"?f0 ex:next ?y {{ SELECT ?f0 {{ {both} }} }}", test.allowed)
        case 10:
            graph = draw(st.sampled_from([f"<{G}>", f"<{H}>", "?graph"]))
            return Piece(f"GRAPH {graph} {{ {both} }}", test.allowed)
        case 11:
            return Piece(f"GRAPH ?graph {{ {one} }} {test.text}", test.allowed)
        case 12:
            return Piece(f"{{ {{ {one} }} {test.text} }} ?f0 ex:n ?n", test.allowed)
        case 13:
            early = "OPTIONAL { ?f0 ex:next ?o . ?o geo:hasDefaultGeometry ?g0 }"
            return Piece(f"?f0 ex:n ?n {early} {both}", test.allowed)
        case 14:
            return Piece(f"VALUES ?g0 {{ ex:g3 ex:g5 ex:g50 }} {both}", test.allowed)
        case 15 | 16:
            return draw(joins(mixed))
    return kept


@st.composite
def joins(draw: st.DrawFn, mixed: bool) -> Piece:
    """Two variable geometries."""
    one, other = draw(pattern(0)), draw(pattern(1))
    name = draw(st.sampled_from(RELATIONS))
    test = f"FILTER(geof:{name}({draw(st.sampled_from(['?w0, ?w1', '?w1, ?w0']))}))"
    allowed = name not in DISJOINT | EQUAL and not mixed
    narrow = draw(st.sampled_from(["", "?f0 a ex:Zone .", "ex:f7 ex:next ?f1 ."]))
    match draw(st.integers(0, 4)):
        case 0:
            return Piece(f"{one} {other} ?f0 ex:next ?f1 {test}", allowed=False)
        case 1:
            graphs = f"GRAPH ?x {{ {one} }} GRAPH ?y {{ {other} }}"
            return Piece(f"{graphs} {narrow} {test}", allowed)
        case 2:
            within = f"GRAPH ?x {{ {one} {other} {narrow} {test} }}"
            return Piece(within, allowed)
        case 3:
            return Piece(
                f"{one} {narrow} OPTIONAL {{ ?f0 ex:none ?x }} {other} {test}", allowed
            )
    return Piece(f"{one} {other} {narrow} {test}", allowed)


@st.composite
def queries(draw: st.DrawFn, mixed: bool) -> Piece:
    """A whole query."""
    group = draw(groups(mixed))
    form = draw(st.sampled_from(["*", "*", "*", "?f0", "count", "group", "ask", "cut"]))
    text = {
        "count": f"SELECT (COUNT(*) AS ?count) {{ {group.text} }}",
        "group": "SELECT ?t (COUNT(?f0) AS ?count) "
        f"{{ ?f0 a ?t . {group.text} }} GROUP BY ?t",
        "ask": f"ASK {{ {group.text} }}",
        "cut": f"SELECT DISTINCT ?f0 {{ {group.text} }} ORDER BY ?f0 LIMIT 4 OFFSET 1",
    }.get(form, f"SELECT {form} {{ {group.text} }}")
    return Piece(HEAD + text, group.allowed)


def rows_of(outcome: Outcome) -> Counter[str]:
    if isinstance(outcome.results, ox.QueryBoolean):
        return Counter([str(bool(outcome.results))])
    assert isinstance(outcome.results, ox.QuerySolutions)
    return Counter(" ".join(map(str, row)) for row in outcome.results)


@pytest.mark.parametrize("mixed", [False, True], ids=["one system", "mixed"])
def test_rows_are_the_same_with_and_without_the_index(mixed: bool) -> None:
    store = make_store(mixed=mixed)
    seen: dict[str, tuple[bool, bool, bool]] = {}

    @settings(max_examples=330, deadline=None, suppress_health_check=list(HealthCheck))
    @given(queries(mixed))
    def compare(query: Piece) -> None:
        found = store.run(query.text)
        plain = evaluate(store._store, Prepared(query.text))
        told, expected = rows_of(found), rows_of(plain)
        assert told == expected, store.prepare(query.text).text
        seen[query.text] = (query.allowed, found.indexed, bool(expected))

    compare()
    allowed = [indexed for may, indexed, _ in seen.values() if may]
    assert len(seen) >= 250
    assert len(allowed) >= 100
    assert sum(allowed) >= 0.95 * len(allowed)
    assert sum(with_rows for *_, with_rows in seen.values()) >= 100


@pytest.mark.parametrize("name", RELATIONS)
def test_properties_are_the_same_with_and_without_the_index(
    mixed_store: EmbeddedStore, name: str
) -> None:
    regime: Regime = "rdfs+rewrite"
    counts = 0
    for one in ("ex:f5", "ex:g7", "ex:f13", "ex:g57"):
        for triple in (f"?x geo:{name} {one}", f"{one} geo:{name} ?x"):
            query = f"{HEAD} SELECT ?x {{ {triple} }}"
            found = mixed_store.run(query, regime)
            alone = mixed_store._rewritten(query, regime, None)
            assert found.indexed
            assert not alone.indexed
            rows = rows_of(evaluate(mixed_store._seen_by(regime), alone))
            assert rows_of(found) == rows
            counts += len(rows)
    assert counts >= (0 if name in SELDOM else 2)

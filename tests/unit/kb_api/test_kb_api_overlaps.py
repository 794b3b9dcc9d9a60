"""Overlaps: right after every load, in whatever order, and in all forms of shapes."""

import itertools
from collections.abc import Iterator

import pyoxigraph as ox
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph
from shapely.geometry import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from etl.validate import validate
from kb_api.embedded_store import EmbeddedStore
from kb_api.overlaps.things import things_of
from kb_api.overlaps.upkeep import KeptOverlaps

ROOT = "https://kb.example/"
LUC = "https://w3id.org/lucerna/ont#"
GEO = "http://www.opengis.net/ont/geosparql#"
OVERLAPS = "https://w3id.org/lucerna/graph/overlaps/"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
ORDER = ("station", "patch", "region", "unit", "footprint")
CLASSES = {"station": "Station", "patch": "Patch", "region": "Region", "unit": "Parcel"}
COARSER = {
    ("station", "unit"), ("station", "footprint"), ("patch", "region"),
    ("patch", "unit"), ("patch", "footprint"), ("region", "unit"),
    ("region", "footprint"), ("unit", "footprint"),
}  # fmt: skip
EQUAL_AREA = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:6933", always_xy=True)

Thing = tuple[str, str, str, BaseGeometry]
"""Its name, kind, level and shape."""
Pair = tuple[str, str]
Facts = tuple[set[Pair], set[Pair], dict[Pair, float]]
"""What meets what, what lies within what, and the areas of overlaps."""


def described(name: str, kind: str, level: str, shape: BaseGeometry | str) -> bytes:
    iri, geometry = f"<{ROOT}{name}>", f"<{ROOT}{name}/geometry>"
    literal = shape if isinstance(shape, str) else f'"{shape.wkt}"^^<{GEO}wktLiteral>'
    form = "asWKT" if "wktLiteral" in literal else "asGML"
    lines = [
        f"{iri} <{GEO}hasDefaultGeometry> {geometry} .",
        f"{geometry} <{GEO}{form}> {literal} .",
    ]
    if kind == "footprint":
        shows = "<http://www.w3.org/ns/sosa/hasFeatureOfInterest>"
        lines.append(f"<{ROOT}scene/{name}> {TYPE} <{LUC}Scene> .")
        lines.append(f"<{ROOT}scene/{name}> {shows} {iri} .")
    else:
        lines.append(f"{iri} {TYPE} <{LUC}{CLASSES[kind]}> .")
    if kind == "unit":
        lines.append(f"{iri} <{LUC}unitLevel> <{ROOT}level/{level}> .")
    return "".join(f"{line}\n" for line in lines).encode()


def graph_of(things: list[Thing]) -> tuple[str, bytes]:
    return "some things", b"".join(described(*one) for one in things)


def selected(store: EmbeddedStore, names: str, pattern: str) -> list[list[str]]:
    rows = store.query(
        f"PREFIX geo: <{GEO}> PREFIX luc: <{LUC}> SELECT {names} "
        f"{{ GRAPH ?g {{ {pattern} }} "
        f'FILTER(STRSTARTS(STR(?g), "{OVERLAPS}")) }}'
    )
    assert isinstance(rows, ox.QuerySolutions)
    return [[one.value.removeprefix(ROOT) for one in row] for row in rows]


def kept(store: EmbeddedStore) -> Facts:
    meet = [(a, b) for a, b in selected(store, "?a ?b", "?a geo:sfIntersects ?b")]
    within = [(a, b) for a, b in selected(store, "?a ?b", "?a geo:sfWithin ?b")]
    rows = selected(
        store,
        "?a ?b ?m",
        "?o a luc:Overlap ; luc:overlapOf ?a ; luc:overlapWith ?b ; "
        "geo:hasMetricArea ?m",
    )
    areas = {(a, b): float(m) for a, b, m in rows}
    assert len(set(meet)) == len(meet), "no fact stands twice"
    assert len(set(within)) == len(within)
    assert len(areas) == len(rows)
    counted = {one: n for one, n in store.graphs().items() if one.startswith(OVERLAPS)}
    for name, count in counted.items():
        assert len(store.get_graph(name).splitlines()) == count > 0
    assert sum(counted.values()) == len(meet) + len(within) + 4 * len(rows)
    return set(meet), set(within), areas


def area_m2(shape: BaseGeometry) -> float:
    moved = shapely.transform(shape, EQUAL_AREA.transform, interleaved=False)
    return float(moved.area)


def expected(graphs: dict[str, list[Thing]]) -> Facts:
    """The facts pair by pair, from the graphs as they stand."""
    meet, within, areas = set(), set(), {}
    everything = [(graph, *one) for graph, each in graphs.items() for one in each]
    for one, other in itertools.permutations(everything, 2):
        (graph, name, kind, level, shape), (graph2, name2, kind2, level2, shape2) = (
            one,
            other,
        )
        if kind == kind2 == "unit":
            apart = graph != graph2 or level != level2
            linked = apart and (shape.area, name) < (shape2.area, name2)
        else:
            linked = (kind, kind2) in COARSER
        if not linked or not shape.intersects(shape2):
            continue
        meet.add((name, name2))
        within |= {(name, name2)} if shape.within(shape2) else set()
        within |= {(name2, name)} if shape2.within(shape) else set()
        common = shape.intersection(shape2)
        if not within & {(name, name2), (name2, name)} and common.area > 0:
            areas[name, name2] = area_m2(common)
    return meet, within, areas


def agree(store: EmbeddedStore, graphs: dict[str, list[Thing]]) -> Facts:
    meet, within, areas = kept(store)
    meet2, within2, areas2 = expected(graphs)
    assert meet == meet2
    assert within == within2
    assert areas.keys() == areas2.keys()
    for pair, area in areas.items():
        assert area == pytest.approx(areas2[pair], rel=1e-3, abs=0.01), pair
    return meet, within, areas


@st.composite
def things(draw: st.DrawFn) -> list[tuple[str, str, BaseGeometry]]:
    """Things on a lattice of some 100 m, so that many touch, are equal, or within."""
    made = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(ORDER))
        x, y = draw(st.integers(0, 6)), draw(st.integers(0, 6))
        wide, high = draw(st.integers(1, 5)), draw(st.integers(1, 5))
        corners = (x, y) if kind == "station" else (x, y, x + wide, y + high)
        places = [20 + one / 1000 for one in corners]
        shape = Point(places) if kind == "station" else box(*places)
        made.append((kind, draw(st.sampled_from(["parcel", "commune"])), shape))
    return made


GRAPHS = [f"{ROOT}graph/{name}" for name in "abcd"]
LOADS = st.dictionaries(st.sampled_from(GRAPHS), things(), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.lists(LOADS | st.sampled_from(GRAPHS), min_size=1, max_size=7), st.data())
def test_overlaps_are_right_after_every_load_and_removal(
    steps: list[dict[str, list[tuple[str, str, BaseGeometry]]] | str],
    data: st.DataObject,
) -> None:
    store = EmbeddedStore()
    standing: dict[str, list[Thing]] = {}
    for step in steps:
        if isinstance(step, str):
            assert store.drop_graph(step) == (step in standing)
            standing.pop(step, None)
        else:
            loaded = {
                graph: [(f"{graph[-1]}{at}", *one) for at, one in enumerate(each)]
                for graph, each in step.items()
            }
            store.put_graphs({iri: graph_of(each) for iri, each in loaded.items()})
            standing |= loaded
        if data.draw(st.booleans(), "the store is opened anew"):
            store._overlaps = KeptOverlaps(store._select, store.get_graph)
        agree(store, standing)
    before = kept(store)
    store.overlap()
    assert kept(store) == before
    assert set(standing) <= set(store.graphs())


def some() -> dict[str, list[Thing]]:
    """A field half in a commune, a region in it, a station, a footprint over all."""
    return {
        GRAPHS[0]: [
            ("commune", "unit", "commune", box(5, 50, 5.02, 50.02)),
            ("field", "unit", "parcel", box(5.018, 50.001, 5.022, 50.003)),
        ],
        GRAPHS[1]: [("region", "region", "", box(5.0190, 50.0015, 5.0195, 50.002))],
        GRAPHS[2]: [
            ("foot", "footprint", "", box(4, 49, 6, 51)),
            ("far", "footprint", "", box(40, 49, 41, 51)),
        ],
        GRAPHS[3]: [("station", "station", "", Point(5.019, 50.002))],
    }


def test_what_meets_what_by_hand() -> None:
    store = EmbeddedStore()
    graphs = some()
    store.put_graphs({iri: graph_of(each) for iri, each in graphs.items()})
    meet, within, areas = agree(store, graphs)
    assert meet == {
        ("field", "commune"), ("field", "foot"), ("commune", "foot"),
        ("region", "field"), ("region", "commune"), ("region", "foot"),
        ("station", "field"), ("station", "commune"), ("station", "foot"),
    }  # fmt: skip
    assert within == meet - {("field", "commune")}
    # 0.002 by 0.002 degrees; a degree at 50 degrees north is 71.696 km by 111.229 km.
    assert areas == {("field", "commune"): pytest.approx(143.39 * 222.46, rel=1e-3)}


def test_overlaps_keep_to_their_shape() -> None:
    store = EmbeddedStore()
    store.put_graphs({iri: graph_of(each) for iri, each in some().items()})
    facts = Graph()
    for name in store.graphs():
        if name.startswith(OVERLAPS):
            facts.parse(data=store.get_graph(name), format="nt")
    assert len(facts) == 9 + 8 + 4
    validate([facts])


def test_the_same_again_changes_nothing_and_a_new_graph_no_other() -> None:
    store = EmbeddedStore()
    graphs = {iri: graph_of(each) for iri, each in some().items()}
    first = {one: graphs[one] for one in GRAPHS[:3]}
    assert store.put_graphs(first) == GRAPHS[:3]
    before = store.dump()
    assert store.put_graphs(first) == []
    assert store.dump() == before
    assert store.put_graphs(graphs) == GRAPHS[3:]
    assert set(before.splitlines()) < set(store.dump().splitlines())


def relations(store: EmbeddedStore) -> list[tuple[str, ...]]:
    """Each relation as often as the union of the graphs has it."""
    rows = store.query(
        f"SELECT ?a ?p ?b {{ VALUES ?p {{ <{GEO}sfIntersects> <{GEO}sfWithin> }} "
        "?a ?p ?b } ORDER BY ?a ?p ?b"
    )
    assert isinstance(rows, ox.QuerySolutions)
    return [tuple(one.value for one in row) for row in rows]


def test_a_file_may_state_itself_what_follows() -> None:
    store = EmbeddedStore()
    store.put_graphs({iri: graph_of(each) for iri, each in some().items()})
    before, told = relations(store), ROOT + "told"
    assert len(set(before)) == len(before) == 9 + 8
    facts = f"<{ROOT}field> <{GEO}sfIntersects> <{ROOT}commune> .\n".encode()
    assert store.put_graphs({told: ("told", facts)}) == [told]
    assert relations(store) == before
    assert store.get_graph(told) == facts
    store.put_graphs({GRAPHS[0]: graph_of(some()[GRAPHS[0]][:1])})
    assert len(relations(store)) < len(before)
    store.put_graphs({GRAPHS[0]: graph_of(some()[GRAPHS[0]])})
    assert relations(store) == before
    store._overlaps = KeptOverlaps(store._select, store.get_graph)
    store.put_graphs({GRAPHS[1]: graph_of(some()[GRAPHS[1]])})
    wrong = f"<{ROOT}far> <{GEO}sfWithin> <{ROOT}field> .\n".encode()
    store.put_graphs({told: ("told", wrong)})
    assert len(relations(store)) == len(before) + 1, "what a file states stays"
    assert store.drop_graph(told)
    assert relations(store) == before
    agree(store, some())


def forms() -> Iterator[tuple[str, str]]:
    """The same square in many forms, and what is no square."""
    yield (
        "EPSG:4326",
        (
            '"<http://www.opengis.net/def/crs/EPSG/0/4326> POLYGON ((50 5, 50.01 5, '
            f'50.01 5.01, 50 5.01, 50 5))"^^<{GEO}wktLiteral>'
        ),
    )
    yield (
        "GML",
        (
            '"<gml:Polygon xmlns:gml=\\"http://www.opengis.net/gml\\"><gml:exterior>'
            "<gml:LinearRing><gml:posList>5 50 5.01 50 5.01 50.01 5 50.01 5 50"
            f'</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>"^^<{GEO}gmlLiteral>'
        ),
    )
    bow = Polygon([(5, 50), (5.01, 50.01), (5.01, 50), (5, 50.01)])
    yield "a bow", f'"{bow.wkt}"^^<{GEO}wktLiteral>'
    high = "POLYGON Z ((5 50 9, 5.01 50 9, 5.01 50.01 9, 5 50.01 9, 5 50 9))"
    yield "height", f'"{high}"^^<{GEO}wktLiteral>'


@pytest.mark.parametrize(("name", "literal"), [*forms()])
def test_shapes_of_any_form_are_compared(name: str, literal: str) -> None:
    store = EmbeddedStore()
    store.put_graphs({GRAPHS[0]: ("field", described("field", "unit", "1", literal))})
    around = [
        ("half", "unit", "2", box(4.9, 49.9, 5.005, 50.1)),
        ("apart", "unit", "2", box(5.02, 50, 5.03, 50.1)),
    ]
    store.put_graphs({GRAPHS[1]: graph_of(around)})
    meet, within, areas = kept(store)
    assert meet == {("field", "half")}
    assert within == set()
    half = area_m2(box(5, 50, 5.005, 50.01)) / (2 if name == "a bow" else 1)
    assert areas == {("field", "half"): pytest.approx(half, rel=1e-3)}


@pytest.mark.parametrize(
    "literal",
    [
        f'"POLYGON ((5 50, 5.01"^^<{GEO}wktLiteral>',
        f'"POLYGON EMPTY"^^<{GEO}wktLiteral>',
        f'"<http://www.opengis.net/def/crs/EPSG/0/2154> POINT (1e9 1e300)"'
        f"^^<{GEO}wktLiteral>",
        f'"<http://crs.example/none> POINT (5 50)"^^<{GEO}wktLiteral>',
    ],
)
def test_what_has_no_place_meets_nothing_and_is_loaded(literal: str) -> None:
    store = EmbeddedStore()
    store.put_graphs({GRAPHS[0]: ("field", described("field", "unit", "1", literal))})
    around = [("around", "unit", "2", box(4, 49, 6, 51))]
    assert store.put_graphs({GRAPHS[1]: graph_of(around)}) == [GRAPHS[1]]
    assert list(store.graphs()) == GRAPHS[:2]


def test_only_things_of_our_kinds_are_compared() -> None:
    store = EmbeddedStore()
    shape = box(5, 50, 6, 51)
    feature = described("x", "region", "", shape).replace(b"ont#Region", b"ont#Other")
    store.put_graphs({GRAPHS[0]: ("x", feature)})
    store.put_graphs({GRAPHS[1]: graph_of([("unit", "unit", "1", shape)])})
    assert kept(store) == (set(), set(), {})
    found = things_of(store._select)
    assert {name: list(one.iris) for name, one in found.items()} == {
        GRAPHS[1]: [f"{ROOT}unit"]
    }

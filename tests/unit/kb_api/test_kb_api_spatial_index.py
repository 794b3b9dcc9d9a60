"""The spatial index finds what each relation holds for, as every pair compared says."""

import itertools

import numpy as np
import pyoxigraph as ox
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from kb_api.geosparql.budget import MOST_COMPARED, Budget
from kb_api.geosparql.index import SpatialIndex
from kb_api.geosparql.layers import Layer
from kb_api.geosparql.literals import place_of
from kb_api.geosparql.places import CRS84, Placed
from kb_api.geosparql.reach import Reach
from kb_api.geosparql.relations import DISJOINT, EQUAL, RELATIONS, related
from kb_api.geosparql.rows import Rows, rows_of
from kb_api.geosparql.shapes import Shapes
from kb_api.geosparql.units import Unit
from kb_api.outcome import Term

GEO = "http://www.opengis.net/ont/geosparql#"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"


def wkt(text: str, kind: str = "wktLiteral") -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(GEO + kind))


def put(store: ox.Store, name: str, literal: Term, graph: str = G) -> None:
    subject = ox.NamedNode(f"https://kb.example/{name}")
    store.add(
        ox.Quad(subject, ox.NamedNode(GEO + "asWKT"), literal, ox.NamedNode(graph))
    )


def names(found: object) -> list[str]:
    return sorted(one.rpartition("/")[2] for one in found.subjects)  # type: ignore[attr-defined]


SHAPES = [
    "POINT(2 48)",
    "POINT(3 48)",
    "MULTIPOINT(2 48, 9 40)",
    "LINESTRING(2 48, 3 48)",
    "POLYGON((2 48, 3 48, 3 49, 2 49, 2 48))",
    "POLYGON((2.5 48, 3 48, 3 49, 2.5 48))",
    "POLYGON((3 48, 4 48, 4 49, 3 49, 3 48))",
    "POLYGON((2 48, 3 49, 3 48, 2 49, 2 48))",
    "MULTIPOLYGON(((0 47, 5 47, 5 50, 0 50, 0 47), (2 48, 3 48, 3 49, 2 49, 2 48)))",
    f"<{EPSG}4326> POLYGON((48 2, 48 3, 49 3, 49 2, 48 2))",
    f"<{EPSG}4326> POINT(48.5 2.5)",
    f"<{EPSG}32631> POLYGON((425000 5316000, 500000 5316000, 500000 5427000,"
    " 425000 5316000))",
    f"<{EPSG}3857> POINT(278298 6190000)",
    "POLYGON EMPTY",
    "POINT(-179.9 -80)",
    "POINT Z(2 48 7)",
    "POLYGON((2.4 48.4, 2.6 48.4, 2.6 48.6, 2.4 48.4))",
]


@pytest.mark.parametrize("name", [one for one in RELATIONS if one not in DISJOINT])
def test_what_is_found_holds_all_and_is_exact_where_it_says_so(name: str) -> None:
    store = ox.Store()
    for at, text in enumerate(SHAPES):
        put(store, f"s{at}", wkt(text))
    index = SpatialIndex.of(rows_of(store))
    compared = exact = 0
    for text, is_first in itertools.product(SHAPES, (True, False)):
        place = place_of(wkt(text))
        found = index.related(name, place, is_first=is_first)
        if place.shape.is_empty:
            assert found is None
            continue
        expected = []
        for at, other in enumerate(SHAPES):
            pair = (place_of(wkt(other)), place)
            if related(name, *(pair if is_first else pair[::-1])):
                expected.append(f"s{at}")
        assert found is not None
        assert set(expected) <= set(names(found)), (text, is_first)
        if found.is_exact:
            assert names(found) == sorted(expected)
        compared += len(expected)
        exact += found.is_exact
    assert compared >= 2
    assert exact >= 2


def test_relations_without_a_common_point_are_not_looked_up() -> None:
    index = SpatialIndex.of(rows_of(ox.Store()))
    place = place_of(wkt("POINT(1 1)"))
    assert all(index.related(one, place, is_first=True) is None for one in DISJOINT)
    found = index.related("sfIntersects", place, is_first=True)
    assert found is not None
    assert (found.subjects, found.is_exact) == ([], True)


@pytest.mark.parametrize(
    "literal",
    [
        wkt("POLYGON((1 1, 2"), wkt("POINT(nan 1)"), wkt("POINT(1 1)", "noLiteral"),
        ox.Literal("POINT(1 1)"), ox.NamedNode("https://kb.example/x"),
        wkt(f"<{EPSG}999999> POINT(1 1)"), wkt("CIRCULARSTRING(0 0, 1 1, 2 0)"),
        wkt("MULTICURVE((0 0, 1 1))"), wkt("GEOMETRYCOLLECTION(" * 200 + ")" * 200),
        wkt("MULTICURVE(COMPOUNDCURVE(" * 20_000),
        wkt("POLYGON(" * 20_000), wkt("PO" + "(" * 200),
        wkt("GEOMETRYCOLLECTION(CIRCULARSTRING(0 0,1 1,2 0))"),
        wkt("<MultiPoint><m><Polygon/></m></MultiPoint>", "gmlLiteral"),
        wkt("<a>" * 50 + "</a>" * 50, "gmlLiteral"),
    ],
)  # fmt: skip
def test_a_broken_literal_is_found_always_so_that_the_engine_tells_of_it(
    literal: Term,
) -> None:
    store = ox.Store()
    put(store, "right", wkt("POINT(50 50)"))
    put(store, "broken", literal)
    index = SpatialIndex.of(rows_of(store))
    assert (len(index), len(index.broken)) == (1, 1)
    found = index.related("sfIntersects", place_of(wkt("POINT(1 1)")), is_first=True)
    assert found is not None
    assert (names(found), found.is_exact) == (["broken"], False)


def test_a_shape_that_cannot_be_moved_is_found_always() -> None:
    store = ox.Store()
    put(store, "beyond", wkt("POINT(0 95)"))  # north of the pole
    put(store, "far", wkt("POINT(20 20)"))
    index = SpatialIndex.of(rows_of(store))
    place = place_of(wkt(f"<{EPSG}3857> POINT(0 0)"))
    found = index.related("sfIntersects", place, is_first=False)
    assert found is not None
    assert names(found) == ["beyond"]


def test_a_load_replaces_the_rows_of_its_graphs_only() -> None:
    store = ox.Store()
    put(store, "old", wkt("POINT(1 1)"))
    put(store, "lasting", wkt("POINT(1 1)"), H)
    put(store, "broken", wkt("POINT("))
    index = SpatialIndex.of(rows_of(store))
    other = ox.Store()
    put(other, "new", wkt("POINT(1 1)"))
    after = index.replaced([G], rows_of(other))
    place = place_of(wkt("POINT(1 1)"))
    before_names, after_names = (
        names(one.related("sfIntersects", place, is_first=True))
        for one in (index, after)
    )
    assert before_names == ["broken", "lasting", "old"]
    assert after_names == ["lasting", "new"]
    assert (len(after), len(after.broken)) == (2, 0)
    assert sorted(after.rows().graphs) == [G, H]


def test_many_loads_leave_few_layers_and_all_rows() -> None:
    index = SpatialIndex.of(rows_of(ox.Store()))
    for load in range(40):
        store = ox.Store()
        for at in range(3):
            put(store, f"{load}-{at}", wkt(f"POINT({load} {at})"), f"urn:g:{load % 30}")
        index = index.replaced([f"urn:g:{load % 30}"], rows_of(store))
    assert len(index._layers) <= 6
    rows = index.rows()
    assert len(rows) == len(index) == 90
    assert {*rows.subjects} == {
        f"https://kb.example/{load}-{at}" for load in range(10, 40) for at in range(3)
    }
    for load, expected in ((5, 0), (12, 3), (39, 3)):
        window = place_of(wkt(f"LINESTRING({load} 0, {load} 9)"))
        found = index.related("sfIntersects", window, is_first=True)
        assert found is not None
        assert (len(found.subjects), found.is_exact) == (expected, True)


def test_a_geometry_with_two_literals_is_never_exact() -> None:
    for graphs in ((G, G), (G, H)):
        store = ox.Store()
        put(store, "both", wkt("POINT(1 1)"), graphs[0])
        index = SpatialIndex.of(rows_of(store))
        put(store, "both", wkt("POINT(50 50)"), graphs[1])
        more = index.replaced([graphs[1]], rows_of(store, [graphs[1]]))
        found = more.related("sfEquals", place_of(wkt("POINT(1 1)")), is_first=True)
        assert found is not None
        assert (names(found), found.is_exact) == (["both"], False)


def test_plain_wkt_is_read_alike_one_by_one_and_all_at_once() -> None:
    store = ox.Store()
    texts = [*SHAPES, " POINT(1 2)", "point(1 2)", "Point (1 2) ", "POINT(1 2) x"]
    for at, text in enumerate(texts):
        put(store, f"s{at}", wkt(text))
    rows = rows_of(store)
    order = [int(one.rpartition("/s")[2]) for one in rows.subjects]
    assert rows.shapes.all()[order.index(len(texts) - 1)] is None
    for at, shape, crs in zip(order, rows.shapes.all(), rows.systems, strict=True):
        if shape is not None:
            place = place_of(wkt(texts[at]))
            assert shapely.equals_exact(shape, place.shape)
            assert crs == place.crs


def test_boxes_of_another_system_are_searched_in_that_system() -> None:
    # In UTM the edge from 0 E to 6 E at 60 N is straight: in degrees it bends north
    # of both its ends, up to 60.034 N.
    store = ox.Store()
    line = shapely.LineString([(333_000, 6_655_000), (667_000, 6_655_000)])
    put(store, "line", wkt(f"<{EPSG}32631> {line.wkt}"))
    rows = rows_of(store)
    layer = Layer(rows)
    box = np.array([500_000, 6_654_999, 500_001, 6_655_001], float)
    assert layer.near(box, f"{EPSG}32631").tolist() == [0]  # type: ignore[union-attr]
    middle = place_of(wkt(f"<{EPSG}32631> POINT(500000 6655000)"))
    found = SpatialIndex.of(rows).related("sfIntersects", middle, is_first=True)
    assert found is not None
    assert (names(found), found.is_exact) == (["line"], True)


@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    bearing=st.floats(0, 360),
    share=st.floats(0, 1),
    metres=st.sampled_from([1.0, 400.0, 30_000.0, 900_000.0]),
    turn=st.sampled_from([-360, 0, 360]),
)
def test_what_is_within_reach_is_found(
    lon: float, lat: float, bearing: float, share: float, metres: float, turn: int
) -> None:
    far = pyproj.Geod(ellps="WGS84").fwd(lon, lat, bearing, metres * share)[:2]
    shapes = shapely.points([[far[0], far[1]], [far[0] + turn, far[1]]])
    systems = np.array([CRS84, CRS84], object)
    index = SpatialIndex.of(
        Rows(np.array(["a", "b"], object), systems, systems, Shapes.of(shapes))
    )
    place = Placed(shapely.Point(lon, lat), CRS84)
    for reach in (Reach(metres, None), Reach(metres / 1000, Unit("length", 1000.0))):
        for is_first in (True, False):
            found = index.within(reach, place, is_first=is_first)
            assert found is not None
            assert (found.subjects, found.is_exact) == (["a", "b"], False)


def test_what_is_out_of_reach_is_not_found() -> None:
    store = ox.Store()
    for at in range(100):
        put(store, f"s{at}", wkt(f"POINT({at / 100} 48)"))
    put(store, "beyond", wkt("POINT(-179.999 48)"))
    index = SpatialIndex.of(rows_of(store))
    # 0.01 degrees of longitude are 746 m at 48 N
    for text, metres, expected in (
        ("POINT(0.5 48)", 1000, {"s49", "s50", "s51"}),
        ("POINT(179.999 48)", 200, {"beyond"}),
        ("POINT(0.5 -48)", 1000, set()),
    ):
        found = index.within(Reach(metres, None), place_of(wkt(text)), is_first=True)
        assert found is not None
        assert set(names(found)) == expected


def test_in_a_projected_system_distances_are_on_its_plane() -> None:
    # Mercator draws 1 km at 60 N as 2 km: 1.5 km on the plane are 0.75 km there.
    store = ox.Store()
    put(store, "near", wkt(f"<{EPSG}3857> POINT(1400 8399737)"))
    put(store, "far", wkt(f"<{EPSG}3857> POINT(1600 8399737)"))
    index = SpatialIndex.of(rows_of(store))
    reach = Reach(1500, Unit("length", 1.0))
    place = place_of(wkt("POINT(0 60)"))
    planar = index.within(reach, place, is_first=True)
    ground = index.within(reach, place, is_first=False)
    assert planar is not None
    assert ground is not None
    assert (names(planar), names(ground)) == (["near"], ["far", "near"])
    degrees = Reach(1, Unit("angle", np.pi / 180))
    assert index.within(degrees, place, is_first=True) is None


@pytest.mark.parametrize("name", [one for one in RELATIONS if one not in DISJOINT])
def test_pairs_are_those_that_every_pair_compared_gives(name: str) -> None:
    texts = [one for one in SHAPES if not one.startswith("<")]
    store = ox.Store()
    for at, text in enumerate(texts):
        put(store, f"s{at}", wkt(text), G if at % 2 else H)
    places = {
        f"https://kb.example/s{at}": place_of(wkt(text))
        for at, text in enumerate(texts)
        if text != "POLYGON EMPTY"
    }
    expected = {
        (one, other)
        for one in places
        for other in places
        if related(name, places[one], places[other])
    }
    whole = SpatialIndex.of(rows_of(store))
    layered = SpatialIndex.of(rows_of(store, [G])).replaced([H], rows_of(store, [H]))
    few = {one for one in places if one[-1] in "02468"}
    for index in (whole, layered):
        found = index.joined(name, None, None)
        if name in EQUAL:  # two empty shapes are equal
            assert found is None
            continue
        some = index.joined(name, few, None)
        assert found is not None
        assert some is not None
        assert (set(found.subjects), found.is_exact) == (expected, True)
        assert set(some.subjects) == {pair for pair in expected if pair[0] in few}
    if name in EQUAL:
        filled = SpatialIndex.of(rows_of(store))
        (layer,) = filled._layers
        rows = layer.rows.taken(~layer.rows.shapes.is_empty)
        equal = SpatialIndex.of(rows).joined(name, None, None)
        assert equal is not None
        assert (set(equal.subjects), equal.is_exact) == (expected, True)
        return
    put(store, "s0", wkt("POINT(50 50)"))
    twice = SpatialIndex.of(rows_of(store)).joined(name, None, None)
    assert twice is not None
    first = "https://kb.example/s0"
    assert twice.is_exact == all(first not in pair for pair in twice.subjects)


def test_what_would_take_long_to_compare_is_left_to_the_engine() -> None:
    # What the index does is not stopped at the deadline of a query.
    store = ox.Store()
    for i in range(600):
        put(store, f"p{i}", wkt(f"POINT({i / 600:.4f} 48.5)"))
    index = SpatialIndex.of(rows_of(store))
    circle = shapely.Point(0.5, 48.5).buffer(0.45, quad_segs=MOST_COMPARED // 2000)
    many = index.related("sfWithin", Placed(circle, CRS84), is_first=True)
    few = circle.simplify(0.001)
    exact = index.related("sfWithin", Placed(few, CRS84), is_first=True)
    assert many is not None
    assert exact is not None
    assert (many.is_exact, exact.is_exact) == (False, True)
    assert set(exact.subjects) <= set(many.subjects)
    assert 530 < len(exact.subjects) <= len(many.subjects) < 600


def test_all_conditions_of_a_query_have_one_budget() -> None:
    store = ox.Store()
    for i in range(600):
        put(store, f"p{i}", wkt(f"POINT({i / 600:.4f} 48.5)"))
    index = SpatialIndex.of(rows_of(store))
    circle = Placed(shapely.Point(0.5, 48.5).buffer(0.45, quad_segs=500), CRS84)
    budget = Budget()
    found = [
        index.related("sfWithin", circle, budget, is_first=True) for _ in range(16)
    ]
    exact = [one.is_exact for one in found if one is not None]
    assert len(exact) == 16
    assert exact == sorted(exact, reverse=True)
    assert 2 <= sum(exact) <= 5
    assert budget.left < 2_001 * 600
    # One of pairs, too.
    assert index.joined("sfEquals", None, None) is not None
    assert index.joined("sfEquals", None, None, Budget(100)) is None


def test_nobody_uses_up_the_reference_systems_of_a_layer() -> None:
    store = ox.Store()
    put(store, "p", wkt("POINT(3 48)"))
    index = SpatialIndex.of(rows_of(store))
    for code in [*range(32628, 32638), 3857]:
        place = Placed(shapely.box(-1e8, -1e8, 1e8, 1e8), f"{EPSG}{code}")
        found = index.related("sfIntersects", place, is_first=False)
        assert found is not None
        assert names(found) == ["p"]
    assert len(index._layers[0]._planes) <= 5

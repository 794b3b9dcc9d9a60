"""Functions as a query calls them: values by hand, units, and what goes wrong."""

import math
import re

import pytest
import shapely
from geosparql_expressions import evaluate, number

from kb_api.geosparql.functions import AGGREGATE_LABELS, GEOF, LABELS

SQUARE = "POLYGON((0 0,4 0,4 4,0 4,0 0))"
SHIFTED = "POLYGON((2 2,6 2,6 6,2 6,2 2))"
HOLED = "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,1 2,2 2,2 1,1 1))"
NESTED = f"GEOMETRYCOLLECTION(GEOMETRYCOLLECTION({SQUARE},LINESTRING(0 0,9 0)))"
BOW_TIE = "POLYGON((0 0,2 2,2 0,0 2,0 0))"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
UTM = f"<{EPSG}32633> "
CORNERS = "500000 5500000,500200 5500000,500200 5500100,500000 5500100,500000 5500000"
FIELD = f"{UTM}POLYGON(({CORNERS}))"
OTHERS = """
area asGeoJSON asGML asWKT boundary boundingCircle buffer centroid concaveHull
convexHull
coordinateDimension difference dimension distance envelope geometryN geometryType
getSRID
intersection is3D isEmpty isMeasured isSimple length maxX maxY maxZ metricArea
metricBuffer metricDistance metricLength metricPerimeter minX minY minZ numGeometries
perimeter relate spatialDimension symDifference transform union
"""
AGGREGATES = """
aggBoundingBox aggBoundingCircle aggCentroid aggConcaveHull aggConvexHull aggUnion
"""
DEGREE_M = math.pi / 180 * 6_378_137


@pytest.mark.parametrize(
    ("call", "given", "expected"),
    [
        ("intersection({0},{1})", (SQUARE, SHIFTED), "POLYGON((2 2,4 2,4 4,2 4,2 2))"),
        (
            "union({0},{1})",
            (SQUARE, SHIFTED),
            "POLYGON((0 0,4 0,4 2,6 2,6 6,2 6,2 4,0 4,0 0))",
        ),
        (
            "difference({0},{1})",
            (SQUARE, SHIFTED),
            "POLYGON((0 0,4 0,4 2,2 2,2 4,0 4,0 0))",
        ),
        (
            "symDifference({0},{1})",
            ("LINESTRING(0 0,3 0)", "LINESTRING(2 0,5 0)"),
            "MULTILINESTRING((0 0,2 0),(3 0,5 0))",
        ),
        ("boundary({0})", (SQUARE,), "LINESTRING(0 0,4 0,4 4,0 4,0 0)"),
        ("envelope({0})", ("LINESTRING(0 0,1 3,2 1)",),
 "POLYGON((0 0,2 0,2 3,0 3,0 0))"),
        ("convexHull({0})", ("MULTIPOINT(0 0,4 0,2 1,2 4)",),
 "POLYGON((0 0,4 0,2 4,0 0))"),
        (
            "concaveHull({0}, 1)",
            ("MULTIPOINT(0 0,4 0,2 1,2 4)",),
            "POLYGON((0 0,4 0,2 4,0 0))",
        ),
        ("centroid({0})", (SHIFTED,), "POINT(4 4)"),
        ("centroid({0})", ("POINT EMPTY",), "POINT EMPTY"),
        ("geometryN({0}, 2)", ("MULTIPOINT(1 1,2 3)",), "POINT(2 3)"),
        ("geometryN({0}, 1)", ("POINT(2 3)",), "POINT(2 3)"),
        ("asWKT({0})", ("POINT Z(1 2 3)",), "POINT Z(1 2 3)"),
        ("union({0},{0})", ("POINT Z(1 2 3)",), "POINT(1 2)"),
        ("union({0},{1})", ("", "POINT(1 2)"), "POINT(1 2)"),
    ],
)  # fmt: skip
def test_a_geometry_is_made(call: str, given: tuple[str, ...], expected: str) -> None:
    value, told = evaluate(f"geof:{call}", *given)
    assert told == []
    assert value is not None
    made, wanted = shapely.from_wkt(value), shapely.from_wkt(expected)
    assert made.normalize().equals_exact(wanted.normalize(), 1e-12)
    assert made.has_z == wanted.has_z


def test_the_result_is_in_the_system_of_the_first() -> None:
    other = "POLYGON((14 49,16 49,16 50,14 50,14 49))"
    value, told = evaluate("geof:intersection({0}, {1})", FIELD, other)
    assert told == []
    assert value is not None
    assert value.startswith(UTM)
    made = shapely.from_wkt(value.removeprefix(UTM))
    assert shapely.symmetric_difference(
        made, shapely.box(500000, 5500000, 500200, 5500100)
    ).area == pytest.approx(0, abs=1e-6)


def test_transform_keeps_the_order_of_the_axes() -> None:
    value, told = evaluate("geof:transform({0}, epsg:4326)", "POINT(16 50)")
    assert (value, told) == (f"<{EPSG}4326> POINT (50 16)", [])
    to_utm = f"geof:transform({{0}}, '{EPSG}32633'^^xsd:anyURI)"
    value, told = evaluate(to_utm, "POINT(15 0)")
    assert told == []
    assert value is not None
    made = shapely.from_wkt(value.removeprefix(UTM))
    assert made.coords[0] == pytest.approx((500_000, 0), abs=1e-6)


@pytest.mark.parametrize(
    ("call", "given", "expected"),
    [
        ("area({0}, uom:degree)", HOLED, 15),
        ("area({0}, unit:DEG)", SQUARE, 16),
        ("area({0}, uom:radian)", SQUARE, 16 * (math.pi / 180) ** 2),
        ("area({0}, uom:metre)", FIELD, 20_000),
        ("area({0}, unit:HA)", FIELD, 2),
        ("area({0}, uom:kilometre)", FIELD, 0.02),
        ("length({0}, uom:metre)", FIELD, 600),
        ("perimeter({0}, uom:degree)", HOLED, 20),
        ("perimeter({0}, uom:degree)", "LINESTRING(0 0,5 0)", 0),
        ("perimeter({0}, unit:M)", FIELD, 600),
        ("perimeter({0}, uom:degree)", NESTED, 16),
        ("length({0}, uom:degree)", "LINESTRING(0 0,3 4)", 5),
        ("length({0}, uom:metre)", "LINESTRING(0 0,1 0)", DEGREE_M),
        ("length({0}, uom:kilometre)", "LINESTRING(0 0,1 0)", DEGREE_M / 1000),
        ("length({0}, uom:nauticalMile)", "LINESTRING(0 0,1 0)", DEGREE_M / 1852),
        ("metricLength({0})", f"<{EPSG}4326> LINESTRING(0 0,0 1)", DEGREE_M),
        ("metricLength({0})", "POINT(1 1)", 0),
        ("metricPerimeter({0})", "LINESTRING(0 0,1 0)", 0),
        ("metricArea({0})", "POLYGON((0 0,90 0,0 90,0 0))", 510_065_621_724_088.5 / 8),
        ("metricArea({0})", "POINT(1 1)", 0),
        ("metricArea({0})", "POLYGON EMPTY", 0),
        ("distance({0}, 'POINT(3 4)'^^geo:wktLiteral, uom:degree)", "POINT(0 0)", 5),
        ("distance({0}, 'POINT(1 0)'^^geo:wktLiteral, uom:metre)", "POINT(0 0)",
         DEGREE_M),
        (
            "distance({0}, 'POINT(1 0)'^^geo:wktLiteral, "
            "<http://www.opengis.net/def/uom/EPSG/0/9036>)",
            "POINT(0 0)",
            DEGREE_M / 1000,
        ),
        (
            f"distance({{0}}, '{UTM}POINT(500000 30)'^^geo:wktLiteral, uom:foot)",
            UTM + "POINT(500040 0)",
            50 / 0.3048,
        ),
        ("metricDistance({0}, 'POINT(1 0)'^^geo:wktLiteral)", "POINT(0 0)", DEGREE_M),
        ("metricDistance({0}, {0})", SQUARE, 0),
        ("maxX({0})", HOLED, 4),
        ("minY({0})", f"<{EPSG}4326> LINESTRING(1 2,3 4)", 1),
        ("maxZ({0})", "LINESTRING Z(0 0 5,1 1 7)", 7),
        ("minZ({0})", "LINESTRING Z(0 0 5,1 1 7)", 5),
    ],
)  # fmt: skip
def test_a_measure(call: str, given: str, expected: float) -> None:
    assert number(f"geof:{call}", given) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_the_grid_of_a_projection_is_not_the_ground() -> None:
    """On the central meridian of a UTM zone 1 m of the grid is 1/0.9996 m."""
    ends = (UTM + "POINT(500000 5500000)", UTM + "POINT(500000 5500100)")
    assert number("geof:distance({0}, {1}, uom:metre)", *ends) == pytest.approx(100)
    assert number("geof:metricDistance({0}, {1})", *ends) == pytest.approx(
        100 / 0.9996, rel=1e-6
    )
    assert number("geof:metricArea({0})", FIELD) == pytest.approx(
        20_000 / 0.9996**2, rel=1e-6
    )


def test_a_buffer_is_planar_or_geodesic_by_system_and_unit() -> None:
    circle = 64 / 2 * math.sin(2 * math.pi / 64)
    planar = "geof:area(geof:buffer({0}, 2, uom:degree), uom:degree)"
    assert number(planar, "POINT(3 3)") == pytest.approx(circle * 4)
    grid = "geof:area(geof:buffer({0}, 0.1, uom:kilometre), uom:metre)"
    assert number(grid, UTM + "POINT(500000 0)") == pytest.approx(circle * 1e4)
    ground = "geof:metricArea(geof:buffer({0}, 100.0, uom:metre))"
    assert number(ground, "POINT(15 0)") == pytest.approx(circle * 1e4, rel=1e-5)
    metric = "geof:metricArea(geof:metricBuffer({0}, 100))"
    assert number(metric, UTM + "POINT(500000 0)") == pytest.approx(
        circle * 1e4, rel=1e-5
    )


def test_a_bounding_circle_goes_through_the_farthest_points() -> None:
    value, _ = evaluate("geof:boundingCircle({0})", "LINESTRING(0 0,1 1,6 8)")
    assert value is not None
    made = shapely.from_wkt(value)
    assert made.bounds == pytest.approx((-2, -1, 8, 9), abs=1e-9)


def test_a_concave_hull_follows_its_points() -> None:
    u_shape = "MULTIPOINT(" + ",".join(
        f"{x} {y}" for x in range(11) for y in range(11) if y < 2 or x < 2 or x > 8
    ) + ")"  # fmt: skip
    area = "geof:area(geof:concaveHull({0}, 0.1), uom:degree)"
    assert 28 - 1e-9 <= number(area, u_shape) < 40
    whole = "geof:area(geof:convexHull({0}), uom:degree)"
    assert number(whole, u_shape) == pytest.approx(100)


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("MULTIPOINT(" + ",".join(["3 4"] * 5_000) + ")", "POINT (3 4)"),
        ("LINESTRING(" + ",".join(f"{n} 0" for n in range(5_000)) + ")",
         "LINESTRING (0 0, 4999 0)"),
        ("", "EMPTY"),
    ],
    ids=["one place", "one line", "empty"],
)  # fmt: skip
def test_a_hull_of_what_has_no_area(wkt: str, expected: str) -> None:
    for call in ("concaveHull({0}, 0)", "convexHull({0})"):
        value, told = evaluate(f"geof:{call}", wkt)
        assert told == []
        assert value is not None
        assert value.endswith(expected)


@pytest.mark.parametrize(
    ("call", "given", "expected"),
    [
        ("getSRID({0})", "POINT(1 1)", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
        ("getSRID({0})", FIELD, EPSG + "32633"),
        ("dimension({0})", "MULTIPOINT(1 1)", "0"),
        ("dimension({0})", "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))", "1"),
        ("dimension({0})", "", "0"),
        ("coordinateDimension({0})", "POINT ZM(1 1 1 1)", "4"),
        ("spatialDimension({0})", "POINT M(1 1 1)", "2"),
        ("spatialDimension({0})", "POINT Z(1 1 1)", "3"),
        ("is3D({0})", "POINT Z(1 1 1)", "true"),
        ("isMeasured({0})", "POINT M(1 1 1)", "true"),
        ("isMeasured({0})", "POINT Z(1 1 1)", "false"),
        ("isEmpty({0})", "", "true"),
        ("isEmpty({0})", SQUARE, "false"),
        ("isSimple({0})", "LINESTRING(0 0,2 2,2 0,0 2)", "false"),
        ("isSimple({0})", "LINESTRING(0 0,2 2,2 0)", "true"),
        ("geometryType({0})", SQUARE, "http://www.opengis.net/ont/sf#Polygon"),
        ("geometryType({0})", "MULTIPOINT(1 1)", "http://www.opengis.net/ont/sf#MultiPoint"),
        ("numGeometries({0})", "MULTIPOINT(1 1,2 2)", "2"),
        ("numGeometries({0})", SQUARE, "1"),
        ("numGeometries({0})", "POINT EMPTY", "1"),
        ("asGeoJSON({0})", f"<{EPSG}4326> POINT(50 16)",
         '{"type":"Point","coordinates":[16.0,50.0]}'),
        ("datatype(geof:asGML({0}))", SQUARE,
         "http://www.opengis.net/ont/geosparql#gmlLiteral"),
        ("geof:asWKT(geof:asGML({0}, 'any profile'))", f"<{EPSG}4326> POINT(50 16)",
         f"<{EPSG}4326> POINT (50 16)"),
        ("datatype(geof:geometryType({0}))", SQUARE,
         "http://www.w3.org/2001/XMLSchema#anyURI"),
    ],
)  # fmt: skip
def test_what_a_geometry_is(call: str, given: str, expected: str) -> None:
    call = call if call.startswith(("geof:", "datatype")) else f"geof:{call}"
    assert evaluate(call, given) == (expected, [])


@pytest.mark.parametrize(
    ("call", "given", "told"),
    [
        ("area({0})", (SQUARE,), "area: takes 2 arguments, not 1"),
        ("concaveHull({0}, 1, 1)", (SQUARE,), "takes 1 or 2 arguments, not 3"),
        ("convexHull(7)", (), "is no datatype of geometries"),
        ("convexHull(geo:asWKT)", (), "is no geometry literal"),
        ("convexHull('POINT(1 1)')", (), "is no datatype of geometries"),
        ("convexHull({0})", ("POINT(1",), "is no WKT"),
        ("union({0},{1})", (BOW_TIE, SQUARE), "invalid: Self-intersection[1 1]"),
        ("metricArea({0})", (BOW_TIE,), "invalid: Self-intersection[1 1]"),
        ("metricBuffer({0}, 5)", (BOW_TIE,), "invalid: Self-intersection[1 1]"),
        ("distance({0},{1},uom:metre)", (SQUARE, "POINT EMPTY"), "has no distance"),
        ("distance({0},{1},uom:degree)", (SQUARE, "POINT EMPTY"), "has no distance"),
        ("distance({0},{0},uom:degree)", (FIELD,), "not in angles"),
        ("distance({0},{0},unit:HA)", (SQUARE,), "no unit of area"),
        ("buffer({0}, 1, unit:HA)", (SQUARE,), "no unit of area"),
        ("length({0}, unit:HA)", (SQUARE,), "no unit of area"),
        ("length({0}, uom:cubit)", (SQUARE,), "uom/OGC/1.0/cubit is unknown"),
        ("metricBuffer({0}, 'NaN'^^xsd:double)", (SQUARE,), "is no finite number"),
        ("metricBuffer({0}, 'INF'^^xsd:double)", (SQUARE,), "is no finite number"),
        ("metricBuffer({0}, '5')", (SQUARE,), "is no finite number"),
        ("metricBuffer({0}, 1e9)", (SQUARE,), "beyond 5000000 m"),
        ("buffer({0}, 1e9, uom:degree)", (SQUARE,), "beyond the Earth"),
        ("buffer({0}, 1e9, uom:metre)", (FIELD,), "beyond the Earth"),
        ("concaveHull({0}, 1.5)", (SQUARE,), "not within 0 and 1"),
        ("geometryN({0}, 2)", (SQUARE,), "no part 2; the geometry has 1"),
        ("geometryN({0}, 'x')", (SQUARE,), "is no integer"),
        ("minX({0})", ("POINT EMPTY",), "has no coordinates"),
        ("minZ({0})", (SQUARE,), "has no heights"),
        ("transform({0}, epsg:999999)", ("POINT EMPTY",), "no system"),
        ("transform({0}, epsg:32633)", ("POINT(105 0)",), "to http"),
        ("metricArea({0})", (f"<{EPSG}32633> POINT(1e99 1)",), "32633"),
    ],
)  # fmt: skip
def test_an_error_leaves_the_value_unbound_and_is_told(
    call: str, given: tuple[str, ...], told: str
) -> None:
    value, faults = evaluate(f"geof:{call}", *given)
    assert value is None
    assert len(faults) == 1
    assert faults[0].startswith(call.partition("(")[0] + ": ")
    assert told in faults[0]


def test_an_unbound_argument_is_no_fault() -> None:
    assert evaluate("geof:metricArea(?nothing)") == (None, [])


def test_the_labels_name_every_function_of_the_standard() -> None:
    relations = [one for one in LABELS if re.match(GEOF + "(sf|eh|rcc8)", one)]
    assert len(relations) == 24
    wanted = {GEOF + one for one in OTHERS.split()}
    assert set(LABELS) - set(relations) == wanted
    assert set(AGGREGATE_LABELS) == {GEOF + one for one in AGGREGATES.split()}
    assert all(LABELS.values())

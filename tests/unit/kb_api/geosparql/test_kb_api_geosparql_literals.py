"""Literals in three serialisations and many reference systems."""

import numpy as np
import pyproj
import pytest
import shapely

from kb_api.geosparql.gml import parse_gml
from kb_api.geosparql.gml_writing import gml_text
from kb_api.geosparql.literals import GEOJSON, GML, WKT, read_literal, wkt_literal
from kb_api.geosparql.places import CRS84

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
GML_HEAD = 'xmlns:gml="http://www.opengis.net/gml/3.2"'


@pytest.mark.parametrize(
    "code", [4326, 4258, 3035, 32632, 3857, 2193, 32661, 3413, 5514]
)
def test_axes_stand_as_the_register_orders_them(code: int) -> None:
    """The literal's own order is what pyproj calls the order of the authority."""
    lon, lat = (17.0, 85.0) if code in (32661, 3413) else (15.5, 49.8)
    if code == 2193:
        lon, lat = 174.7, -36.8
    own = pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
    first, second = own.transform(lon, lat)
    text = f"<{EPSG}{code}> POINT({first!r} {second!r})"
    place = read_literal(text, WKT)
    assert np.allclose(place.on_earth().coords[0], (lon, lat), atol=1e-6)
    again = read_literal(wkt_literal(place.shape, place.crs).value, WKT)
    assert np.allclose(again.shape.coords[0], place.shape.coords[0], atol=1e-9)
    assert again.crs == EPSG + str(code)


@pytest.mark.parametrize(
    "crs",
    [
        EPSG + "4326",
        "https://www.opengis.net/def/crs/EPSG/9.9.1/4326",
        "urn:ogc:def:crs:EPSG::4326",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
    ],
)
def test_a_reference_system_has_many_names(crs: str) -> None:
    assert read_literal(f"<{crs}> POINT(50 16)", WKT).shape.wkt == "POINT (16 50)"


@pytest.mark.parametrize(
    "crs",
    [
        CRS84,
        "https://www.opengis.net/def/crs/OGC/0/CRS84",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
    ],
)
def test_longitude_and_latitude_have_many_names(crs: str) -> None:
    place = read_literal(f"<{crs}> POINT(16 50)", WKT)
    assert place.shape.wkt == place.on_earth().wkt == "POINT (16 50)"


@pytest.mark.parametrize(("datatype"), [WKT, GML, GEOJSON])
def test_an_empty_text_is_an_empty_geometry(datatype: str) -> None:
    place = read_literal("  ", datatype)
    assert place.shape.is_empty
    assert place.crs == CRS84


@pytest.mark.parametrize(
    ("text", "datatype", "told"),
    [
        ("POINT(1)", WKT, "is no WKT"),
        ("POINT(nan 1)", WKT, "a coordinate that is no number"),
        ("POINT(1e999 1)", WKT, "a coordinate that is no number"),
        ("LINESTRING(0 0, 1 inf)", WKT, "a coordinate that is no number"),
        ("<http://www.opengis.net/def/crs/EPSG/0/999999> POINT(1 1)", WKT, "no system"),
        ("<http://kb.example/crs> POINT(1 1)", WKT, "is unknown"),
        (f"<{EPSG}4978> POINT(1 1 1)", WKT, "no east and north"),
        (f"<{EPSG}4326> POINT M(1 1 1)", WKT, "leave M out"),
        ("{}", GEOJSON, "is no GeoJSON"),
        ('{"type": "Point"', GEOJSON, "is no GeoJSON"),
        ('{"type":"Feature","geometry":null,"properties":{}}', GEOJSON, "GeoJSON"),
        ("<a", GML, "is no GML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', GML, "is no GML"),
        (f"<gml:Solid {GML_HEAD}/>", GML, "no geometry of the GML"),
        (
            f"<gml:Point {GML_HEAD}><gml:pos>1 x</gml:pos></gml:Point>",
            GML,
            "could not convert",
        ),
        (
            f"<gml:LineString {GML_HEAD}><gml:posList>1 2 3</gml:posList>"
            "</gml:LineString>",
            GML,
            "are no positions",
        ),
        (
            f"<gml:Curve {GML_HEAD}><gml:segments><gml:Arc><gml:posList>0 0 1 1 2 0"
            "</gml:posList></gml:Arc></gml:segments></gml:Curve>",
            GML,
            "a curve of Arc is not read",
        ),
        ("GEOMETRYCOLLECTION(CIRCULARSTRING(0 0,1 1,2 0))", WKT, "as straight lines"),
        (
            f"<gml:MultiPoint {GML_HEAD}><m><gml:Polygon/></m></gml:MultiPoint>",
            GML,
            "is no GML: 'Polygon' object",
        ),
        ("POINT(1 1)", "http://www.w3.org/2001/XMLSchema#string", "no datatype"),
    ],
)
def test_what_is_no_geometry_is_told(text: str, datatype: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_literal(text, datatype)


SHAPES = [
    "POINT (16 50)",
    "LINESTRING (0 1, 2 3, 4 5)",
    "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1))",
    "MULTIPOINT ((1 2), (3 4))",
    "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
    "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))",
    "POINT Z (1 2 3)",
    "LINESTRING Z (1 2 3, 4 5 6, 7 8 9, 1 1 1)",
    "POLYGON Z ((0 0 5, 4 0 5, 4 4 5, 0 0 5))",
    "POINT EMPTY",
    "POLYGON EMPTY",
]


@pytest.mark.parametrize("wkt", SHAPES)
@pytest.mark.parametrize("crs", [CRS84, EPSG + "4326"])
def test_gml_is_read_as_it_was_written(wkt: str, crs: str) -> None:
    place = parse_gml(gml_text(shapely.from_wkt(wkt), crs))
    assert place.shape.wkt == wkt
    assert place.crs == crs


def test_gml_of_others_is_read() -> None:
    """Older names, commas between coordinates, patches, and a dimension above."""
    polygon = (
        f'<gml:Polygon {GML_HEAD} srsDimension="3"><gml:outerBoundaryIs>'
        "<gml:LinearRing><gml:coordinates>0,0,9 4,0,9 4,4,9 0,0,9</gml:coordinates>"
        "</gml:LinearRing></gml:outerBoundaryIs></gml:Polygon>"
    )
    assert parse_gml(polygon).shape.wkt == "POLYGON Z ((0 0 9, 4 0 9, 4 4 9, 0 0 9))"
    patch = (
        "<gml:PolygonPatch><gml:exterior><gml:LinearRing><gml:posList>{}</gml:posList>"
        "</gml:LinearRing></gml:exterior></gml:PolygonPatch>"
    )
    patches = patch.format("0 0 1 0 1 1 0 1 0 0") + patch.format("1 0 2 0 2 1 1 1 1 0")
    head = f"<gml:Surface {GML_HEAD}><gml:patches>"
    surface = f"{head}{patches}</gml:patches></gml:Surface>"
    assert shapely.equals(parse_gml(surface).shape, shapely.box(0, 0, 2, 1))


def test_geojson_is_longitude_and_latitude() -> None:
    place = read_literal('{"type":"Point","coordinates":[16,50]}', GEOJSON)
    assert place.shape.wkt == "POINT (16 50)"
    assert place.crs == CRS84


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        ("GEOMETRYCOLLECTION(" * 30_000 + "POINT(1 1)" + ")" * 30_000, WKT),
        ("CURVEPOLYGON(COMPOUNDCURVE(" * 20_000, WKT),
        ("MULTISURFACE (CURVEPOLYGON (" * 20_000, WKT),
        ("multicurve(compoundcurve(" * 20_000, WKT),
        ("<a>" * 100_000 + "</a>" * 100_000, GML),
        ("<MultiGeometry><geometryMember>" * 9_000
         + "</geometryMember></MultiGeometry>" * 9_000, GML),
        ('{"type":"Polygon","coordinates":' + "[" * 300_000 + "]" * 300_000 + "}",
         GEOJSON),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, GEOJSON),
        (r'{"type":"\u0047eometryCollection","geometries":[' * 200_000
         + "]}" * 200_000, GEOJSON),
    ],
    ids=["wkt", "polygons", "surfaces", "curves", "xml", "gml", "json arrays",
         "json objects", "geojson"],
)  # fmt: skip
def test_deep_nesting_is_refused_and_breaks_nothing(text: str, datatype: str) -> None:
    with pytest.raises(ValueError, match=r"deeper than 100|deeper than 40|is no "):
        read_literal(text, datatype)


def test_many_rings_and_brackets_in_words_are_no_nesting() -> None:
    square = "(({0} 0, {0} 1, 1 1, {0} 0))"
    many = ", ".join(square.format(at + 2) for at in range(500))
    assert len(read_literal(f"MULTIPOLYGON({many})", WKT).shape.geoms) == 500
    name = "[{" * 300
    feature = (
        f'{{"type":"Feature","properties":{{"name":"\\"{name}"}},'
        '"geometry":{"type":"Point","coordinates":[16,50]}}'
    )
    assert read_literal(feature, GEOJSON).shape.wkt == "POINT (16 50)"

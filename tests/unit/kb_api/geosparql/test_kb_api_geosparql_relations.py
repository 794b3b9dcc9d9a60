"""Every relation on shapes whose relation is seen at a glance."""

import pytest
from geosparql_expressions import evaluate

from kb_api.geosparql.relations import RELATIONS

SQUARE = "POLYGON((0 0,4 0,4 4,0 4,0 0))"
INNER = "POLYGON((1 1,2 1,2 2,1 2,1 1))"
CORNER = "POLYGON((0 0,2 0,2 2,0 2,0 0))"
SHIFTED = "POLYGON((2 2,6 2,6 6,2 6,2 2))"
BESIDE = "POLYGON((4 0,8 0,8 4,4 4,4 0))"
AWAY = "POLYGON((9 9,10 9,10 10,9 10,9 9))"
LINE = "LINESTRING(-1 2,5 2)"
POINT = "POINT(1 1)"
OTHERS = {
    "same": SQUARE,
    "inner": INNER,
    "corner": CORNER,
    "shifted": SHIFTED,
    "beside": BESIDE,
    "away": AWAY,
    "line": LINE,
    "point": POINT,
}
HOLDS = {
    "sfEquals": {"same"},
    "sfDisjoint": {"away"},
    "sfIntersects": set(OTHERS) - {"away"},
    "sfTouches": {"beside"},
    "sfCrosses": {"line"},
    "sfWithin": {"same"},
    "sfContains": {"same", "inner", "corner", "point"},
    "sfOverlaps": {"shifted"},
    "ehEquals": {"same"},
    "ehDisjoint": {"away"},
    "ehMeet": {"beside"},
    "ehOverlap": {"shifted", "line"},
    "ehCovers": {"corner"},
    "ehCoveredBy": set(),
    "ehInside": set(),
    "ehContains": {"inner", "point"},
    "rcc8eq": {"same"},
    "rcc8dc": {"away"},
    "rcc8ec": {"beside"},
    "rcc8po": {"shifted"},
    "rcc8tppi": {"corner"},
    "rcc8tpp": set(),
    "rcc8ntpp": set(),
    "rcc8ntppi": {"inner"},
}
"""Relation to those of the others to which the square stands so."""

TURNED = {
    "sfWithin": {"same", "inner", "corner", "point"},
    "ehCoveredBy": {"corner"},
    "ehInside": {"inner", "point"},
    "rcc8tpp": {"corner"},
    "rcc8ntpp": {"inner"},
}
"""The same with the square on the right."""


def test_the_table_names_every_relation() -> None:
    assert set(HOLDS) == set(RELATIONS)
    assert len(RELATIONS) == 24


@pytest.mark.parametrize("name", HOLDS)
def test_a_relation_holds_for_these_and_no_others(name: str) -> None:
    told = {
        other: evaluate(f"geof:{name}({{0}}, {{1}})", SQUARE, wkt)
        for other, wkt in OTHERS.items()
    }
    assert told == {
        other: ("true" if other in HOLDS[name] else "false", []) for other in OTHERS
    }


@pytest.mark.parametrize("name", TURNED)
def test_the_inverse_holds_the_other_way_round(name: str) -> None:
    for other, wkt in OTHERS.items():
        expected = "true" if other in TURNED[name] else "false"
        assert evaluate(f"geof:{name}({{0}}, {{1}})", wkt, SQUARE) == (expected, [])


def test_systems_and_serialisations_are_mixed() -> None:
    gml = (
        '\'<gml:Point xmlns:gml="http://www.opengis.net/gml/3.2" '
        'srsName="http://www.opengis.net/def/crs/EPSG/0/4326">'
        "<gml:pos>2 1</gml:pos></gml:Point>'^^geo:gmlLiteral"
    )
    json = '\'{{"type":"Point","coordinates":[1,2]}}\'^^geo:geoJSONLiteral'
    assert evaluate(f"geof:sfEquals({gml}, {json})") == ("true", [])
    utm = "<http://www.opengis.net/def/crs/EPSG/0/32631> POINT(500000 0)"
    box = "POLYGON((2 -1,4 -1,4 1,2 1,2 -1))"
    assert evaluate("geof:sfWithin({0}, {1})", utm, box) == ("true", [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("sfEquals", "true"), ("sfDisjoint", "true"), ("sfIntersects", "false"),
     ("ehCovers", "false"), ("rcc8eq", "true"), ("rcc8ec", "false")],
)  # fmt: skip
def test_of_two_empty_geometries(name: str, expected: str) -> None:
    assert evaluate(f"geof:{name}({{0}}, {{1}})", "", "POINT EMPTY") == (expected, [])


def test_heights_make_no_difference() -> None:
    pair = ("POINT Z(1 1 0)", "POINT Z(1 1 9)")
    assert evaluate("geof:sfEquals({0}, {1})", *pair) == ("true", [])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("'T*****FF*'", ("true", [])), ("'FF*FF****'", ("false", [])),
     ("'t*****ff*'^^xsd:string", ("true", [])),
     ("'T*'", (None, ["relate: 'T*' is no pattern of nine T, F, 0, 1, 2 or *"])),
     ("'X********'",
      (None, ["relate: 'X********' is no pattern of nine T, F, 0, 1, 2 or *"]))],
)  # fmt: skip
def test_relate_takes_a_pattern(
    pattern: str, expected: tuple[str | None, list[str]]
) -> None:
    assert evaluate(f"geof:relate({{0}}, {{1}}, {pattern})", SQUARE, INNER) == expected

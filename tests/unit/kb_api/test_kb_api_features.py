"""Rows become GeoJSON features with the IRI as identity."""

import json
from collections.abc import Mapping

import pytest
import shapely

from kb_api.binding import bind_values
from kb_api.features import collection
from kb_api.lookups import named_node, query_text
from kb_api.terms import Value
from ontology.errors import QueryRejected

WKT = "POLYGON((-0.1 44.8, 0 44.8, 0 44.9, -0.1 44.8))"
ROW: Mapping[str, Value] = {
    "unit": 'https://x/"a"',
    "wkt": WKT,
    "name": 'Clos "du" Tertre é',
    "high_ha": 0.25,
    "assessable": False,
}


def test_a_row_becomes_a_feature() -> None:
    found = json.loads(collection([ROW], "unit", [ROW]))
    assert found == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": 'https://x/"a"',
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[-0.1, 44.8], [0, 44.8], [0, 44.9], [-0.1, 44.8]]],
                },
                "properties": {
                    "name": 'Clos "du" Tertre é',
                    "high_ha": 0.25,
                    "assessable": False,
                },
            }
        ],
    }
    shape = shapely.from_geojson(json.dumps(found["features"][0]["geometry"]))
    assert shape.equals(shapely.from_wkt(WKT))


def test_no_rows_are_an_empty_collection() -> None:
    empty = json.loads(collection([], "unit", []))
    assert empty == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize("text", ["parcel", "https://x/> } DROP ALL {", "", "a b:c"])
def test_what_is_no_iri_never_reaches_a_query(text: str) -> None:
    with pytest.raises(QueryRejected, match="no IRI"):
        named_node(text)


def test_values_are_bound_in_the_row_of_a_lookup() -> None:
    text = bind_values(query_text("regions"), {"result": named_node("https://x/r")})
    assert "VALUES (?result) { (<https://x/r>) }" in text
    assert "UNDEF" not in text
    with pytest.raises(AssertionError):
        bind_values(query_text("regions"), {"wrong": None})

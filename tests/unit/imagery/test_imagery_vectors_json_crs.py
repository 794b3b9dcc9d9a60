"""The CRS that a GeoJSON names: known by all its names, and never guessed."""

import json
import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from imagery.errors import InvalidUnits
from imagery.vectors.features import read_features

PLACE = shapely.box(220_000, 150_000, 221_000, 152_000)
"""A rectangle in Lambert 72, near 5.4 E 50.7 N."""


def with_json_crs(folder: Path, member: object) -> Path:
    path = folder / "a.geojson"
    gpd.GeoSeries([PLACE], crs="EPSG:31370").to_file(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"crs": member}))
    return path


def json_name(name: str) -> dict[str, object]:
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize(
    ("member", "told"),
    [
        (json_name("EPSG:99999999"), "'EPSG:99999999', which nobody knows"),
        (json_name("/etc/passwd"), "'/etc/passwd', which nobody knows"),
        (json_name("x"), "'x', which nobody knows"),
        (json_name(""), "'', which nobody knows"),
        (json_name("http://example.org/a"), "'http://example.org/a', which nobody"),
        ([], "a member crs without the name of a CRS"),
        ("x", "a member crs without the name of a CRS"),
        (4326, "a member crs without the name of a CRS"),
        ({"type": "name"}, "a member crs without the name of a CRS"),
        (json_name("EPSG:5773"), "EGM96 height, which is neither of longitude"),
    ],
)
def test_a_json_crs_that_nobody_knows_is_not_taken_for_longitude(
    tmp_path: Path, member: object, told: str
) -> None:
    path = with_json_crs(tmp_path, member)
    with pytest.raises(InvalidUnits, match=re.escape(told)):
        read_features(path)


@pytest.mark.parametrize(
    "member",
    [
        json_name("EPSG:31370"),
        json_name("urn:ogc:def:crs:EPSG::31370"),
        json_name("http://www.opengis.net/def/crs/EPSG/0/31370"),
        {"type": "EPSG", "properties": {"code": 31370}},
    ],
)
def test_a_json_crs_is_known_by_all_its_names(tmp_path: Path, member: object) -> None:
    found = read_features(with_json_crs(tmp_path, member))
    assert found.frame.crs.to_epsg() == 31370
    assert not found.by_default
    assert found.in_crs84().total_bounds == pytest.approx(
        gpd.GeoSeries([PLACE], crs="EPSG:31370").to_crs("OGC:CRS84").total_bounds,
        abs=1e-9,
    )


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326",
        "urn:ogc:def:crs:EPSG::4326", "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    ],
)  # fmt: skip
def test_longitude_comes_first_in_json_under_all_its_names(
    tmp_path: Path, name: str
) -> None:
    place = {"type": "Point", "coordinates": [5.3, 50.6]}
    content = {
        "type": "FeatureCollection",
        "crs": json_name(name),
        "features": [{"type": "Feature", "properties": {}, "geometry": place}],
    }
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(content))
    assert read_features(path).in_crs84().iloc[0].equals(shapely.Point(5.3, 50.6))

"""Files of parcels: every row is a parcel or a listed problem, none disappears."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely.geometry import Polygon, box

from imagery.errors import InvalidUnits
from mining.damage.parcels import Parcel, ParcelProblem, check_parcels

SQUARE = box(-0.2, 44.8, -0.19, 44.81)
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[0, 44], [1, 45], [1, 44], [0, 45], [0, 44]]],
}


def square(west: float, south: float = 44.0) -> dict[str, Any]:
    east, north = west + 0.01, south + 0.01
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def write(path: Path, *rows: tuple[dict[str, Any] | None, dict[str, Any]]) -> Path:
    features = [
        {"type": "Feature", "geometry": shape, "properties": told}
        for shape, told in rows
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_text(text, encoding="utf-8")
    return path


def told(found: tuple[ParcelProblem, ...]) -> list[tuple[int, str | None, str]]:
    return [(one.row, one.id, one.action) for one in found]


def test_columns_are_found_by_english_and_french_names(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.geojson",
        (
            square(0),
            {
                "Num_Parcelle": 17,
                "Nom": "Le Clos",
                "CULTURE": "vigne",
                "Exploitation": "EARL A",
                "Capital assuré": "12 500,50",
            },
        ),
    )
    (parcel,) = check_parcels(path).parcels
    assert parcel == Parcel(
        "17", "Le Clos", "vigne", "EARL A", 12500.5, parcel.geometry
    )
    assert parcel.geometry.bounds == pytest.approx((0, 44, 0.01, 44.01))


def test_every_row_is_a_parcel_or_a_problem(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [0, 44]}
    flat = {"type": "Polygon", "coordinates": [[[0, 44], [1, 45], [2, 46], [0, 44]]]}
    short = {"type": "Polygon", "coordinates": [[[0, 44], [1, 45]]]}
    path = write(
        tmp_path / "a.geojson",
        (square(0), {"id": "A"}),
        (None, {"id": "B"}),
        (BOW_TIE, {"id": "C"}),
        (square(0.1), {"id": "A"}),
        (square(0.2), {"id": None}),
        (point, {"id": "D"}),
        (square(700_000), {"id": "E"}),
        (flat, {"id": "F"}),
        (short, {"id": "G"}),
        (square(0.3), {"id": "row-5"}),
    )
    found = check_parcels(path)
    assert [one.id for one in found.parcels] == ["A", "C", "row-5-2", "row-5"]
    assert told(found.problems) == [
        (2, "B", "left out"),
        (3, "C", "repaired"),
        (4, "A", "left out"),
        (5, None, "renamed"),
        (6, "D", "left out"),
        (7, "E", "left out"),
        (8, "F", "left out"),
        (9, "G", "left out"),
    ]
    left_out = {one.row for one in found.problems if one.action == "left out"}
    assert found.rows == len(found.parcels) + len(left_out) == 10
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    # Half of the unit square lies in the two triangles of the bow tie.
    assert found.parcels[1].geometry.area == pytest.approx(0.5)


def test_the_first_usable_row_of_an_identifier_is_taken(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.geojson",
        (None, {"id": "A"}),
        (square(0.1), {"id": "A"}),
        (square(0.2), {"id": "A"}),
    )
    found = check_parcels(path)
    (parcel,) = found.parcels
    assert parcel.geometry.bounds[0] == pytest.approx(0.1)
    assert told(found.problems) == [(1, "A", "left out"), (3, "A", "left out")]
    assert "row 2" in found.problems[1].problem


def test_markup_and_odd_sums_stay_text(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.geojson",
        (square(0), {"id": "<b>1</b>", "name": "a\u2028b", "sum_insured": "much"}),
        (square(0.1), {"id": "x" * 200, "sum_insured": "-5"}),
    )
    found = check_parcels(path)
    assert [(one.id, one.name) for one in found.parcels] == [
        ("<b>1</b>", "a b"),
        ("row-2", None),
    ]
    assert [one.sum_insured for one in found.parcels] == [None, None]
    assert told(found.problems) == [
        (1, "<b>1</b>", "repaired"),
        (2, "x" * 120 + "…", "renamed"),
        (2, "row-2", "repaired"),
    ]


def test_zipped_shapefile_and_geopackage_in_another_crs(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": ["a"]}, geometry=[SQUARE], crs="OGC:CRS84")
    projected = frame.to_crs("EPSG:32630")
    projected.to_file(tmp_path / "p.gpkg")
    projected.to_file(tmp_path / "p.shp")
    archive = tmp_path / "p.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for one in sorted(tmp_path.glob("p.*")):
            if one.suffix in (".shp", ".shx", ".dbf", ".prj"):
                packed.write(one, f"folder/{one.name}")
    for path in (tmp_path / "p.gpkg", tmp_path / "p.shp", archive):
        (parcel,) = check_parcels(path).parcels
        assert parcel.id == "a"
        assert parcel.geometry.bounds == pytest.approx(SQUARE.bounds, abs=1e-9)


def without_crs(folder: Path) -> Path:
    path = folder / "a.shp"
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[SQUARE]).to_file(path)
    return path


def two_layers(folder: Path) -> Path:
    path = folder / "a.gpkg"
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[SQUARE], crs="OGC:CRS84")
    frame.to_file(path, layer="one")
    frame.to_file(path, layer="two")
    return path


def holding(name: str, content: bytes) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return made


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (without_crs, "states no CRS"),
        (two_layers, "holds 2 layers"),
        (holding("a.csv", b"id,crop\n1,vine\n"), "table without outlines"),
        (holding("a.xlsx", b"PK\x03\x04 sheet"), "table without outlines"),
        (holding("a.geojson", b""), "is empty"),
        (holding("a.geojson", b"<OGRVRTDataSource/>"), "no vector file"),
        (holding("a.geojson", b'{"type":"FeatureCollection","fea'), "cannot be read"),
        (
            holding("a.geojson", b'{"type":"FeatureCollection","features":[]}'),
            "no rows",
        ),
        (holding("a.zip", b"PK\x03\x04 broken"), "archive cannot be read"),
        (lambda folder: folder / "nowhere.gpkg", "no such file"),
    ],
)
def test_whole_files_are_refused_in_one_line(
    tmp_path: Path,
    make: Callable[[Path], Path],
    said: str,
) -> None:
    path = make(tmp_path)
    with pytest.raises(InvalidUnits, match=said) as caught:
        check_parcels(path)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_archive_with_two_shapefiles_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name in ("a.shp", "b.shp"):
            packed.writestr(name, b"\x00\x00\x27\x0a")
    with pytest.raises(InvalidUnits, match="holds 2 shapefiles"):
        check_parcels(path)


def test_outlines_are_polygons_only(tmp_path: Path) -> None:
    shape = {
        "type": "GeometryCollection",
        "geometries": [square(0), {"type": "Point", "coordinates": [0, 44]}],
    }
    path = write(tmp_path / "a.geojson", (shape, {"id": "A"}))
    found = check_parcels(path)
    (parcel,) = found.parcels
    assert told(found.problems) == [(1, "A", "repaired")]
    assert isinstance(parcel.geometry, Polygon)
    assert parcel.geometry.area == pytest.approx(1e-4)

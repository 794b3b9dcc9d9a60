"""One reader: every format gives the same features; what is wrong is told."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import Geod

from imagery.errors import InvalidUnits
from imagery.vectors.features import read_features

LAMBERT = "EPSG:31370"
PLACE = shapely.box(220_000, 150_000, 221_000, 152_000)
"""A rectangle in Lambert 72, near 5.4 E 50.7 N."""


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": ["007"]}, geometry=[PLACE], crs=LAMBERT)


def package(folder: Path) -> Path:
    frame().to_file(folder / "a.gpkg", layer="a")
    return folder / "a.gpkg"


def geojson(folder: Path) -> Path:
    frame().to_file(folder / "a.geojson")
    return folder / "a.geojson"


def shapefile(folder: Path) -> Path:
    frame().to_file(folder / "a.shp")
    return folder / "a.shp"


def zipped(folder: Path, *, without: str = "") -> Path:
    shapefile(folder)
    with zipfile.ZipFile(folder / "packed", "w") as archive:
        for one in sorted(folder.glob("a.*")):
            if one.suffix != without:
                archive.write(one, f"inside/{one.name}")
    return folder / "packed"


def parquet(folder: Path) -> Path:
    frame().to_parquet(folder / "a.parquet")
    return folder / "a.parquet"


def text(folder: Path, content: str, name: str = "a.csv") -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def table(folder: Path) -> Path:
    return text(folder, f'code,wkt\n007,"SRID=31370;{PLACE.wkt}"\n')


def tabbed(folder: Path) -> Path:
    iri = "<http://www.opengis.net/def/crs/EPSG/0/31370>"
    return text(folder, f"code\tgeometry\n007\t{iri} {PLACE.wkt}\n", "a.tsv")


@pytest.mark.parametrize(
    "make", [package, geojson, shapefile, zipped, parquet, table, tabbed]
)
def test_every_format_gives_the_same_feature(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    path = path.rename(path.with_name("renamed")) if path.suffix != ".shp" else path
    found = read_features(path)
    assert list(found.frame["code"]) == ["007"]
    assert found.frame.geometry.iloc[0].equals(PLACE)
    west, south, east, north = found.in_crs84().total_bounds
    assert 5.33 < west < east < 5.38
    assert 50.63 < south < north < 50.68


def test_an_axis_order_of_the_authority_is_honoured(tmp_path: Path) -> None:
    iri = "http://www.opengis.net/def/crs/EPSG/0/4326"
    path = text(tmp_path, f"id;wkt\n1;<{iri}> POINT (50.6 5.3)\n")
    assert read_features(path).in_crs84().iloc[0].equals(shapely.Point(5.3, 50.6))
    path = text(tmp_path, "id;wkt\n1;SRID=4326;POINT (5.3 50.6)\n".replace(";P", "#P"))
    path.write_text(path.read_text().replace(";", ",").replace("#", ";"))
    assert read_features(path).in_crs84().iloc[0].equals(shapely.Point(5.3, 50.6))


def test_points_come_from_lon_and_lat(tmp_path: Path) -> None:
    path = text(tmp_path, "class;Latitude;Longitude\nwheat;50.6;5.3\n")
    found = read_features(path)
    assert found.in_crs84().iloc[0].equals(shapely.Point(5.3, 50.6))
    assert list(found.frame.columns) == ["class", "geometry"]
    path = text(tmp_path, "class,lat,lon\nwheat,50.6,5.3\nrye,north,5\n")
    with pytest.raises(InvalidUnits, match=r"row 2 has no number in 'lat' \('north'"):
        read_features(path)


def no_crs(folder: Path) -> Path:
    return text(folder, f'code,wkt\n007,"{PLACE.wkt}"\n')


def no_prj(folder: Path) -> Path:
    return zipped(folder, without=".prj")


def null_crs(folder: Path) -> Path:
    path = geojson(folder)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"crs": None}))
    return path


def undefined(folder: Path) -> Path:
    frame().set_crs(None, allow_override=True).to_file(folder / "a.gpkg")
    return folder / "a.gpkg"


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("make", [no_crs, no_prj, null_crs, undefined])
def test_a_crs_is_asked_for_and_not_guessed(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    asked = "states no CRS, so nobody .* tell it with --units-crs, such as --units-crs "
    with pytest.raises(InvalidUnits, match=asked):
        read_features(path, option="--units")
    told = read_features(path, option="--units", crs=LAMBERT)
    assert told.in_crs84().total_bounds == pytest.approx(
        frame().to_crs("OGC:CRS84").total_bounds, abs=1e-9
    )


def test_a_geojson_that_is_plainly_not_in_degrees_is_asked_about(
    tmp_path: Path,
) -> None:
    path = geojson(tmp_path)
    content = json.loads(path.read_text())
    del content["crs"]
    path.write_text(json.dumps(content))
    with pytest.raises(
        InvalidUnits, match=r"wrong or missing: .* --units-crs EPSG:31370$"
    ):
        read_features(path, option="--units").in_crs84()
    told = read_features(path, option="--units", crs=LAMBERT)
    assert told.in_crs84().total_bounds == pytest.approx(
        frame().to_crs("OGC:CRS84").total_bounds, abs=1e-9
    )


@pytest.mark.parametrize("make", [package, geojson, shapefile, parquet, table])
def test_a_stated_crs_is_not_overruled(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    assert read_features(path, crs=LAMBERT, option="--units").frame.crs == LAMBERT
    with pytest.raises(InvalidUnits, match=r"states the CRS .* and --units-crs says "):
        read_features(path, crs="EPSG:28992", option="--units")
    with pytest.raises(InvalidUnits, match=r"--units-crs 'EPSG:1': no such CRS is kno"):
        read_features(path, crs="EPSG:1", option="--units")


def test_coordinates_belong_where_their_crs_is_used(tmp_path: Path) -> None:
    path = text(tmp_path, "id,wkt\n1,POINT (5.3 50.6)\n2,POINT (220000 150000)\n")
    with pytest.raises(InvalidUnits, match="1 of 2 features lie far outside the area"):
        read_features(path, crs=LAMBERT).in_crs84()
    path = text(tmp_path, "id,wkt\n1,POINT (664000 5612120)\n")
    with pytest.raises(InvalidUnits, match=r"\(Belgium - onshore\.\); state the CRS"):
        read_features(path, crs=LAMBERT).in_crs84()
    east = read_features(path, crs="EPSG:32631").in_crs84()
    assert np.round(east.total_bounds[:2], 1) == pytest.approx((5.3, 50.6))


def test_curves_in_a_table_are_told(tmp_path: Path) -> None:
    curve = "CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))"
    path = text(tmp_path, f'code,wkt\n007,"SRID=4326;{curve}"\n')
    with pytest.raises(InvalidUnits, match=r"holds curves in 'wkt' .* straight lines"):
        read_features(path)


def test_a_site_may_lie_at_the_origin_of_its_own_crs(tmp_path: Path) -> None:
    site = "+proj=laea +lat_0=50.6 +lon_0=5.3 +datum=WGS84"
    path = text(tmp_path, "id,wkt\n1,POINT (0 0)\n2,POINT (900 0)\n")
    first, second = read_features(path, crs=site).in_crs84()
    assert (first.x, first.y) == pytest.approx((5.3, 50.6))
    metres = Geod(ellps="WGS84").inv(first.x, first.y, second.x, second.y)[2]
    assert metres == pytest.approx(900, abs=0.01)
    path = text(tmp_path, "id,wkt\n1,POINT (5.3 50.6)\n2,POINT (5.4 50.7)\n")
    with pytest.raises(InvalidUnits, match="2 of 2 features lie far outside the area"):
        read_features(path, crs=site).in_crs84()


def test_a_crs_that_is_no_place_on_the_earth_is_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".prj").write_text(
        'LOCAL_CS["site grid",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]'
    )
    for told in (None, LAMBERT):
        with pytest.raises(InvalidUnits, match=r"a\.shp: states the CRS site grid, wh"):
            read_features(path, crs=told, option="--units")
    with pytest.raises(InvalidUnits, match="'EPSG:5773': EGM96 height is neither of "):
        read_features(no_crs(tmp_path), crs="EPSG:5773", option="--units")


def test_no_option_is_advised_where_there_is_none(tmp_path: Path) -> None:
    path = geojson(tmp_path)
    path.write_text(re.sub(r'"crs": .*', "", path.read_text()))
    with pytest.raises(
        InvalidUnits, match=r"missing: write the CRS into the file \(a "
    ):
        read_features(path).in_crs84()


def test_both_sides_of_the_date_line_are_where_fiji_lies(tmp_path: Path) -> None:
    path = text(tmp_path, "id,wkt\n1,POINT (178 -18)\n2,POINT (-179 -18)\n")
    assert len(read_features(path, crs="EPSG:4720").in_crs84()) == 2


def test_a_row_without_wkt_is_told(tmp_path: Path) -> None:
    path = text(tmp_path, "id,wkt\n1,POINT (1 2)\n2,POINT (1\n")
    with pytest.raises(InvalidUnits, match=r"row 2 has no WKT in 'wkt' \('POINT \(1'"):
        read_features(path, crs=LAMBERT)
    path = text(tmp_path, "id,wkt\n1,SRID=4326;POINT (1 2)\n2,POINT (1 2)\n")
    with pytest.raises(InvalidUnits, match="several CRS: EPSG:4326, none; write one"):
        read_features(path)
    path = text(tmp_path, "id,wkt\n1,SRID=99;POINT (1 2)\n")
    with pytest.raises(InvalidUnits, match="states the CRS 'EPSG:99', which nobody"):
        read_features(path)


def test_parquet_says_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": [1], "geometry": [PLACE.wkb]}), path)
    with pytest.raises(InvalidUnits, match="is Parquet without geo metadata; write"):
        read_features(path)
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(InvalidUnits, match="cannot be read as GeoParquet"):
        read_features(path)
    monkeypatch.setattr("imagery.vectors.tables.MAX_UNPACKED_BYTES", 10)
    with pytest.raises(InvalidUnits, match="unpacks to more than"):
        read_features(parquet(tmp_path))


def test_a_parquet_folder_name_adds_no_column(tmp_path: Path) -> None:
    (tmp_path / "year=2017").mkdir()
    found = read_features(parquet(tmp_path / "year=2017"))
    assert list(found.frame.columns) == ["code", "geometry"]


def test_a_layer_is_asked_for_where_there_are_several(tmp_path: Path) -> None:
    path = package(tmp_path)
    frame().assign(code="008").to_file(path, layer="b")
    with pytest.raises(
        InvalidUnits, match=r"2 layers \(a, b\); choose one with --units"
    ):
        read_features(path, option="--units")
    assert list(read_features(path, layer="b").frame["code"]) == ["008"]
    with pytest.raises(InvalidUnits, match=r"no layer 'c'; choose one of a, b"):
        read_features(path, layer="c")
    with pytest.raises(InvalidUnits, match="is no GeoPackage and has no layer 'a'"):
        read_features(geojson(tmp_path), layer="a")


def test_what_is_no_table_of_places_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidUnits, match=r"without outlines \(no column wkt, or lon"):
        read_features(text(tmp_path, "id,crop\n1,vine\n"))
    path = tmp_path / "latin.csv"
    path.write_bytes("id,wkt\né,POINT (1 2)\n".encode("latin-1"))
    with pytest.raises(InvalidUnits, match="write it as CSV in UTF-8"):
        read_features(path, crs=LAMBERT)


def test_a_country_may_be_in_one_zone_of_utm(tmp_path: Path) -> None:
    path = text(tmp_path, "id,wkt\n1,POINT (-50000 6730000)\n")  # Bergen, zone 33
    assert 4 < read_features(path, crs="EPSG:25833").in_crs84().x.iloc[0] < 5.5


@pytest.mark.parametrize("rows", ["1,2.0,45.0,30,\n2,3.0,46.0,31\n", "1,2.0,45.0\n"])
def test_a_row_of_another_length_stays_where_it_is(tmp_path: Path, rows: str) -> None:
    found = read_features(text(tmp_path, f"id,lon,lat,height\n{rows}"))
    assert found.frame.geometry.iloc[0].equals(shapely.Point(2, 45))
    assert found.frame["id"].iloc[0] == "1"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("1,2,0,45,0\n", "more cells than the head names; correct"),
        ("1,2,45\n2,2,0,45,0\n", "Expected 3 fields in line 3, saw 5"),
    ],
)
def test_a_row_with_more_cells_than_the_head_is_refused(
    tmp_path: Path, rows: str, told: str
) -> None:
    path = text(tmp_path, f"id,lon,lat\n{rows}")
    with pytest.raises(InvalidUnits, match=rf"a\.csv: .*{told}") as caught:
        read_features(path)
    assert "\n" not in str(caught.value)


def test_wkt_may_run_over_several_lines(tmp_path: Path) -> None:
    content = 'id,wkt\na,"SRID=31370;POLYGON ((0 0,\n100 0,\n100 100, 0 0))"\n'
    found = read_features(text(tmp_path, content))
    assert found.frame.geometry.area.tolist() == [5000.0]


def test_a_shape_nested_without_end_is_refused(tmp_path: Path) -> None:
    deep = "CURVEPOLYGON(COMPOUNDCURVE(" * 20_000 + ")" * 40_000
    path = tmp_path / "deep.csv"
    path.write_text(f"id,wkt\na,POINT(1 1)\nb,{deep}\n", encoding="utf-8")
    with pytest.raises(InvalidUnits, match="row 2 has no WKT in 'wkt'"):
        read_features(path)

"""Units files: what is taken, and the line that refuses the rest."""

import datetime
import logging
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely.geometry import GeometryCollection, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from imagery.errors import InvalidUnits
from mining.units import read_units

SQUARE = box(-0.2, 44.8, -0.1, 44.9)
BOW_TIE = Polygon([(0, 44), (1, 45), (1, 44), (0, 45)])


def write(path: Path, crs: str | None = "OGC:CRS84", **columns: list[Any]) -> Path:
    gpd.GeoDataFrame(columns, crs=crs).to_file(path)
    return path


def test_columns_are_recognised(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.geojson",
        nazev=["Benešov"],
        nutslau=["CZ0201"],
        valid_from=["2017-03-01"],
        legal_ha=[12.5],
        geometry=[SQUARE],
    )
    (unit,) = read_units(path, level="district")
    assert (unit.id, unit.name, unit.level) == ("CZ0201", "Benešov", "district")
    assert unit.valid_from == datetime.date(2017, 3, 1)
    assert (unit.legal_ha, unit.altitude_m) == (12.5, None)


def test_the_first_unique_column_identifies(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.gpkg", zone=["x", "x"], key=[7, 8], geometry=[SQUARE, SQUARE]
    )
    assert [one.id for one in read_units(path)] == ["7", "8"]
    assert [one.name for one in read_units(path)] == ["7", "8"]
    assert {one.level for one in read_units(path)} == {"unit"}


def test_a_column_with_a_gap_or_of_measures_identifies_nothing(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.gpkg",
        owner=["Anna", None],
        key=["p", "q"],
        geometry=[SQUARE, SQUARE],
    )
    assert [one.id for one in read_units(path)] == ["p", "q"]
    table = tmp_path / "a.csv"
    for first, second in (("1.5", "2.5"), ("7", "8.25"), ('"1,5"', '"2,5"')):
        table.write_text(
            f'hectares,key,wkt\n{first},p,"{SQUARE.wkt}"\n{second},q,"{SQUARE.wkt}"\n'
        )
        found = read_units(table, crs="OGC:CRS84")
        assert [one.id for one in found] == ["p", "q"]
    table.write_text(f'hectares,wkt\n1.5,"{SQUARE.wkt}"\n2.5,"{SQUARE.wkt}"\n')
    with pytest.raises(InvalidUnits, match="no column identifies the units; name one"):
        read_units(table, crs="OGC:CRS84")
    found = read_units(table, crs="OGC:CRS84", id_column="hectares")
    assert [one.id for one in found] == ["1.5", "2.5"]


@pytest.mark.parametrize("codes", [("007", "008"), ("7.A", "7.B"), ("7", "7.A")])
def test_codes_of_digits_identify(tmp_path: Path, codes: tuple[str, str]) -> None:
    rows = "".join(f'{one},"{SQUARE.wkt}"\n' for one in codes)
    table = tmp_path / "a.csv"
    table.write_text(f"field,wkt\n{rows}")
    assert [one.id for one in read_units(table, crs="OGC:CRS84")] == list(codes)


def test_whole_numbers_kept_as_measured_ones_identify_while_exact(
    tmp_path: Path,
) -> None:
    path = write(
        tmp_path / "a.gpkg", id=[20250000001.0, 2.0**53], geometry=[SQUARE, SQUARE]
    )
    assert [one.id for one in read_units(path)] == ["20250000001", "9007199254740992"]
    for large in (1.2345678901234567e19, -1.2345678901234567e19):
        write(path, id=[7.0, large], geometry=[SQUARE, SQUARE])
        with pytest.raises(
            InvalidUnits, match=r"'id' holds whole .* write them as tex"
        ):
            read_units(path)


def test_geometry_comes_in_crs84(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[SQUARE], crs="OGC:CRS84")
    frame.to_crs("EPSG:32630").to_file(tmp_path / "utm.gpkg")
    (unit,) = read_units(tmp_path / "utm.gpkg")
    assert unit.geometry.bounds == pytest.approx(SQUARE.bounds, abs=1e-9)


def test_broken_outlines_are_repaired_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "a.gpkg", id=["tie"], geometry=[BOW_TIE])
    with caplog.at_level(logging.WARNING):
        (unit,) = read_units(path)
    assert unit.geometry.is_valid
    assert unit.geometry.area == pytest.approx(0.5)
    assert "1 broken outlines repaired: tie" in caplog.text


@pytest.mark.parametrize(
    ("columns", "options", "told"),
    [
        ({"id": ["a", "a"], "geometry": [SQUARE, SQUARE]}, {}, "more than once: a"),
        ({"id": ["a"], "geometry": [Point(0, 44)]}, {}, "a is a Point, no polygon"),
        ({"id": [None], "geometry": [SQUARE]}, {}, "have no value in 'id'"),
        ({"id": ["a"], "geometry": [None]}, {}, "no geometry"),
        ({"id": ["a"], "geometry": [SQUARE]}, {"id_column": "b"}, "no column 'b'"),
        ({"id": ["a"], "geometry": [SQUARE]}, {"level": "My Level"}, "no unit level"),
        ({"id": ["a"], "geometry": [SQUARE]}, {"level": "parcel\n"}, "no unit level"),
        (
            {"id": ["a", "b"], "level": ["parcel", None], "geometry": [SQUARE] * 2},
            {},
            "no unit level",
        ),
        (
            {"id": ["a"], "geometry": [box(700_000, 0, 700_100, 100)]},
            {},
            "leave the Earth",
        ),
        ({"id": ["a"], "legal_ha": ["12,5"], "geometry": [SQUARE]}, {}, "no number"),
        ({"id": ["a"], "altitude_m": [1e40], "geometry": [SQUARE]}, {}, "absurd"),
        (
            {"id": ["a"], "valid_from": ["soon"], "geometry": [SQUARE]},
            {},
            "YYYY-MM-DD",
        ),
    ],
)
def test_refusals(
    tmp_path: Path, columns: dict[str, Any], options: dict[str, str], told: str
) -> None:
    path = write(tmp_path / "a.gpkg", **columns)
    with pytest.raises(InvalidUnits, match=told) as caught:
        read_units(path, **options)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (2017, datetime.date(2017, 1, 1)),
        ("2017-05-02", datetime.date(2017, 5, 2)),
        ("2017-01-01T00:00:00+02:00", datetime.date(2017, 1, 1)),
    ],
)
def test_days_are_taken_as_written(
    tmp_path: Path, written: object, day: datetime.date
) -> None:
    path = write(tmp_path / "a.gpkg", id=["a"], valid_from=[written], geometry=[SQUARE])
    assert read_units(path)[0].valid_from == day


def test_no_crs_is_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.shp", crs=None, id=["a"], geometry=[SQUARE])
    with pytest.raises(InvalidUnits, match="states no CRS"):
        read_units(path)


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(InvalidUnits, match="no such file"):
        read_units(tmp_path / "nowhere.geojson")
    text = tmp_path / "text.geojson"
    text.write_text("no units here")
    with pytest.raises(InvalidUnits, match="no vector file"):
        read_units(text)


def test_units_know_which_of_them_were_repaired(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spike = Polygon([(0, 44), (1, 44), (1, 45), (1, 46), (1, 45), (0, 45)])
    path = write(
        tmp_path / "a.gpkg",
        id=["whole", "tie", "spike"],
        geometry=[SQUARE, BOW_TIE, spike],
    )
    whole, tie, spiked = read_units(path)
    assert (whole.repaired, tie.repaired, spiked.repaired) == (False, True, True)
    assert spiked.geometry.equals(box(0, 44, 1, 45))
    assert "2 broken outlines repaired: tie, spike" in caplog.text


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (Polygon([(0, 44), (1, 45), (0, 44)]), "unit b is a Polygon without area"),
        (Polygon(), "unit b has no geometry; remove it"),
        (
            GeometryCollection([SQUARE, Point(0, 44)]),
            "unit b is a GeometryCollection, no polygon; give polygons",
        ),
    ],
)
def test_outlines_that_are_none_are_refused_by_name(
    tmp_path: Path, shape: BaseGeometry, told: str
) -> None:
    path = tmp_path / "a.csv"
    rows = "".join(
        f'{name},"{one.wkt}"\n' for name, one in zip("ab", (SQUARE, shape), strict=True)
    )
    path.write_text(f"id,wkt\n{rows}")
    with pytest.raises(InvalidUnits, match=told):
        read_units(path, crs="OGC:CRS84")

"""Features written in each format, read back by other libraries."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from imagery.errors import ImageryError
from imagery.vectors.features import read_features
from imagery.vectors.writing import check_vector_output, write_features

COLUMNS = ("name", "count", "share", "seen")
ROWS: list[dict[str, Any]] = [
    {"name": "Épures", "count": 3, "share": 0.25, "seen": True},
    {"name": None, "count": None, "share": None, "seen": None},
]
SHAPES = [
    shapely.box(0, 44, 1, 45),
    shapely.MultiPolygon([shapely.box(2, 44, 3, 45), shapely.box(4, 44, 5, 45)]),
]


def written(
    path: Path,
    rows: Sequence[dict[str, Any]] = ROWS,
    shapes: Sequence[BaseGeometry | None] = SHAPES,
) -> Path:
    write_features(path, COLUMNS, rows, shapes)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return path


def opened(path: Path) -> gpd.GeoDataFrame:
    """By geopandas, or pandas where it has no reader."""
    if path.suffix == ".parquet":
        return gpd.read_parquet(path)
    if path.suffix == ".csv":
        table = pd.read_csv(path)
        outlines = gpd.GeoSeries.from_wkt(table.pop("wkt"), crs="OGC:CRS84")
        return gpd.GeoDataFrame(table, geometry=outlines)
    return gpd.read_file(path)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet", "csv"])
def test_what_was_written_is_read_back(tmp_path: Path, suffix: str) -> None:
    found = opened(written(tmp_path / f"a.{suffix}"))
    assert list(found.columns) == [*COLUMNS, "geometry"]
    assert found["name"].iloc[0] == "Épures"
    assert (found["count"].iloc[0], found["share"].iloc[0]) == (3, 0.25)
    assert bool(found["seen"].iloc[0]) is True
    assert found[list(COLUMNS)].iloc[1].isna().all()
    assert all(a.equals(b) for a, b in zip(found.geometry, SHAPES, strict=True))
    west, south, east, north = found.to_crs("OGC:CRS84").total_bounds
    assert (west, south, east, north) == (0, 44, 5, 45)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_our_own_reader_takes_it(tmp_path: Path, suffix: str) -> None:
    found = read_features(written(tmp_path / f"a.{suffix}")).in_crs84()
    assert all(a.equals(b) for a, b in zip(found, SHAPES, strict=True))


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet", "csv"])
def test_no_rows_are_an_empty_layer(tmp_path: Path, suffix: str) -> None:
    found = opened(written(tmp_path / f"a.{suffix}", (), ()))
    assert len(found) == 0
    if suffix != "geojson":  # which has no columns without features
        assert list(found.columns) == [*COLUMNS, "geometry"]


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet", "csv"])
def test_a_row_without_a_shape_is_kept(tmp_path: Path, suffix: str) -> None:
    found = opened(written(tmp_path / f"a.{suffix}", ROWS, [SHAPES[0], None]))
    assert found.geometry.isna().tolist() == [False, True]


def test_geojson_is_as_its_standard_says(tmp_path: Path) -> None:
    told = json.loads(written(tmp_path / "a.geojson").read_text("utf-8"))
    assert set(told) == {"type", "features"}
    assert told["features"][0]["properties"] == ROWS[0]
    assert told["features"][0]["geometry"]["type"] == "Polygon"


def test_a_package_is_marked_as_one(tmp_path: Path) -> None:
    path = written(tmp_path / "found.gpkg")
    assert path.read_bytes()[68:72] == b"GPKG"
    with closing(sqlite3.connect(path)) as base:
        (layer,) = base.execute("SELECT table_name FROM gpkg_contents").fetchall()
    assert layer == ("found",)


def test_parquet_has_valid_metadata(tmp_path: Path) -> None:
    told = pq.read_metadata(written(tmp_path / "a.parquet")).metadata[b"geo"]
    geo = json.loads(told)
    assert geo["version"] in ("1.0.0", "1.1.0")
    assert geo["primary_column"] == "geometry"
    column = geo["columns"]["geometry"]
    assert column["encoding"] == "WKB"
    assert set(column["geometry_types"]) == {"Polygon", "MultiPolygon"}
    assert column["crs"]["id"] == {"authority": "OGC", "code": "CRS84"}


def test_outputs_that_cannot_be_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").mkdir()
    (tmp_path / "in.csv").touch()
    for name, said in (
        ("a.shp", r"no format has this suffix; name it \.geojson, "),
        ("none/a.gpkg", "the folder does not exist; make it first"),
        ("a.gpkg", "is a folder; give the name of a file"),
        ("in.csv", "is an input or lies in one"),
    ):
        with pytest.raises(ImageryError, match=said):
            check_vector_output(tmp_path / name, [tmp_path / "in.csv"])


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet", "csv"])
def test_a_full_disk_is_told_and_leaves_the_old_file(
    tmp_path: Path, suffix: str, most_bytes: Callable[..., Any]
) -> None:
    shapes = [shapely.Point(step, 0).buffer(1, 64) for step in range(200)]
    path = tmp_path / f"a.{suffix}"
    size = written(path, ROWS[:1] * 200, shapes).stat().st_size
    old = written(path).read_bytes()
    for most in (0, 100, size // 3, size - 4096, size - 1):
        with most_bytes(most) as limit:
            limit()
            with pytest.raises(OSError, match="too large") as told:
                write_features(path, COLUMNS, ROWS[:1] * 200, shapes)
        assert path.name in str(told.value)
        assert path.read_bytes() == old
        assert list(tmp_path.iterdir()) == [path]

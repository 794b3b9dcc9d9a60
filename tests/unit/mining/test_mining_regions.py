"""Regions against rasters whose areas are known."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Geod, Transformer
from rasterio.transform import from_origin
from shapely.geometry import box

from mining.change.regions import find_regions

WEST, NORTH = 700_000.0, 4_970_000.0


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    values = np.zeros((600, 700), np.uint8)
    values[500:530, 500:540] = 60
    values[510:512, 510:512] = 90
    values[100:110, 100:110] = 50
    values[110:120, 110:120] = 50
    values[300:301, 300:304] = 100
    values[50:60, 50:60] = 255
    values[200:220, 200:220] = 49
    path = tmp_path / "scores.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=700,
        height=600,
        count=1,
        dtype="uint8",
        crs="EPSG:32630",
        transform=from_origin(WEST, NORTH, 10, 10),
        nodata=255,
        tiled=True,
        blockxsize=256,
        blockysize=256,
    ) as out:
        out.write(values, 1)
    return path


def test_areas_strength_and_order(scores: Path) -> None:
    found = find_regions(scores, least_score=50, min_area_m2=500)
    assert [round(one.area_m2 / 100) for one in found] == [1200, 100, 100], (
        "corner-touching squares are two regions; 4 px, 49 and nodata are none"
    )
    largest = found[0]
    assert largest.mean_score == pytest.approx((1196 * 60 + 4 * 90) / 1200)
    assert largest.max_score == 90


def test_outline_lies_on_pixel_edges_also_across_blocks(scores: Path) -> None:
    (largest, *_) = find_regions(scores, least_score=50, min_area_m2=500)
    to_crs84 = Transformer.from_crs("EPSG:32630", "OGC:CRS84", always_xy=True)
    planted = shapely.transform(
        box(WEST + 5000, NORTH - 5300, WEST + 5400, NORTH - 5000),
        to_crs84.transform,
        interleaved=False,
    )
    assert largest.geometry.symmetric_difference(planted).area < 1e-6 * planted.area
    area, perimeter = Geod(ellps="WGS84").geometry_area_perimeter(planted)
    assert largest.area_m2 == pytest.approx(abs(area), rel=1e-9)
    assert largest.perimeter_m == pytest.approx(perimeter, rel=1e-9)


def test_the_least_area_is_kept(scores: Path) -> None:
    assert len(find_regions(scores, least_score=50, min_area_m2=0)) == 4
    assert len(find_regions(scores, least_score=50, min_area_m2=20_000)) == 1


def test_a_raster_without_change_has_no_region(scores: Path) -> None:
    assert find_regions(scores, least_score=101, min_area_m2=0) == []

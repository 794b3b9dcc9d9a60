"""Pixels and index of a scene in polygons, against numpy on arrays made here."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Geod, Transformer
from rasterio.features import geometry_mask
from rasterio.windows import Window
from shapely.geometry import Polygon, box

from mining.zonal.scene import Look, scene_statistics

WEST, NORTH = 700_000.0, 4_970_000.0
BOUNDS = (-1.0, 0.3, 0.6)


def grid(height: int, width: int) -> GeoBox:
    return GeoBox((height, width), Affine(10, 0, WEST, 0, -10, NORTH), "EPSG:32630")


def reader(values: NDArray[Any]) -> Callable[[Window], NDArray[Any]]:
    def read(window: Window) -> NDArray[Any]:
        rows = slice(window.row_off, window.row_off + window.height)
        return values[rows, window.col_off : window.col_off + window.width]

    return read


def ground(shape: Polygon) -> Polygon:
    to_crs84 = Transformer.from_crs("EPSG:32630", "OGC:CRS84", always_xy=True)
    return shapely.transform(shape, to_crs84.transform, interleaved=False)


def cells(column: int, row: int, columns: int, rows: int) -> Polygon:
    west, north = WEST + 10 * column, NORTH - 10 * row
    return ground(box(west, north - 10 * rows, west + 10 * columns, north))


def test_pixels_are_counted_by_what_they_are_good_for() -> None:
    quality = np.zeros((20, 30), np.uint8)
    quality[0, :4] = 1
    quality[1, :6] = 2
    shapes = [cells(0, 0, 10, 10), cells(25, 15, 10, 10), cells(40, 0, 5, 5)]
    seen, at_edge, beyond = scene_statistics(
        shapes, grid(20, 30), [Look(reader(quality))]
    )[0]
    assert (seen.valid_pixels, seen.cloudy_pixels, seen.total_pixels) == (90, 4, 100)
    assert seen.index is None
    area = abs(Geod(ellps="WGS84").geometry_area_perimeter(shapes[0])[0]) / 10_000
    assert seen.covered_ha == pytest.approx(area * 0.94, rel=1e-6)
    # of the second only 5 x 5 pixels lie on the scene
    assert (at_edge.valid_pixels, at_edge.total_pixels) == (25, 25)
    assert (beyond.total_pixels, beyond.covered_ha) == (0, 0)


def test_index_is_that_of_the_clear_pixels() -> None:
    """Twenty pixels of -0.1 to 0.85; two are cloudy, one has no index."""
    index = (np.arange(20, dtype=np.float32) * 0.05 - 0.1).reshape(4, 5)
    quality = np.zeros((4, 5), np.uint8)
    quality[3, 3:] = 1
    index[0, 0] = np.nan
    look = Look(reader(quality), reader(index))
    ((seen,),) = scene_statistics(
        [cells(0, 0, 5, 4)], grid(4, 5), [look], bounds=BOUNDS
    )
    known = np.arange(1, 18) * 0.05 - 0.1
    assert seen.index is not None
    told = (seen.index.mean, seen.index.p10, seen.index.p50, seen.index.p90)
    quantiles = np.percentile(known, [10, 50, 90])
    assert told == pytest.approx((known.mean(), *quantiles), abs=1e-9)
    # -0.05 to 0.25 are seven pixels; 0.3, at the bound, is the first of the middle
    low, middle, high = seen.index.level_ha
    assert middle == pytest.approx(low * 6 / 7, rel=1e-3)
    assert high == pytest.approx(low * 4 / 7, rel=1e-3)


def test_a_unit_wholly_cloudy_has_no_index() -> None:
    look = Look(reader(np.ones((4, 5), np.uint8)), reader(np.zeros((4, 5), np.float32)))
    ((seen,),) = scene_statistics(
        [cells(0, 0, 5, 4)], grid(4, 5), [look], bounds=BOUNDS
    )
    assert (seen.valid_pixels, seen.cloudy_pixels, seen.index) == (0, 20, None)


def test_blocks_add_up_and_looks_stay_apart() -> None:
    """A grid of two by two blocks, and a polygon across all four."""
    rng = np.random.default_rng(5)
    first, second = (rng.integers(0, 3, (1100, 1100)).astype(np.uint8) for _ in "ab")
    index = rng.uniform(-1, 1, (1100, 1100)).astype(np.float32)
    triangle = ground(
        Polygon(
            [
                (WEST + 9005, NORTH - 9005),
                (WEST + 10905, NORTH - 9805),
                (WEST + 9805, NORTH - 10905),
            ]
        )
    )
    whole = grid(1100, 1100)
    looks = [Look(reader(first), reader(index)), Look(reader(second))]
    (one,), (other,) = scene_statistics([triangle], whole, looks, bounds=BOUNDS)
    back = Transformer.from_crs("OGC:CRS84", "EPSG:32630", always_xy=True)
    shape = shapely.transform(triangle, back.transform, interleaved=False)
    inside = ~geometry_mask([shape], (1100, 1100), whole.affine)
    for seen, quality in ((one, first), (other, second)):
        counts = np.bincount(quality[inside], minlength=3)
        assert (seen.valid_pixels, seen.cloudy_pixels) == tuple(counts[:2])
        assert seen.total_pixels == inside.sum()
    clear = np.round(index[inside & (first == 0)].astype(np.float64), 4)
    assert one.index is not None
    assert one.index.mean == pytest.approx(clear.mean(), abs=1e-9)
    assert one.index.p90 == pytest.approx(np.percentile(clear, 90), abs=1e-9)
    assert other.index is None

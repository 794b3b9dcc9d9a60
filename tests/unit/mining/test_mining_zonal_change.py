"""Zonal counts and areas against plain numpy on rasters made here."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Geod, Transformer
from rasterio.transform import from_origin
from shapely.geometry import Polygon, box

from imagery.context import read_context
from mining.zonal.change import NO_CLASS, zonal_statistics

BOUNDS = (0.0, 25.0, 50.0, 75.0)
WEST, NORTH = 700_000.0, 4_970_000.0


def write(
    path: Path, values: np.ndarray, nodata: int | None = None, **at: float
) -> Path:
    step = at.get("step", 10.0)
    origin = from_origin(at.get("west", WEST), at.get("north", NORTH), step, step)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=values.shape[1],
        height=values.shape[0],
        count=1,
        dtype=values.dtype,
        crs="EPSG:32630",
        transform=origin,
        nodata=nodata,
    ) as out:
        out.write(values, 1)
    return path


def ground(shape: Polygon) -> Polygon:
    """A shape of UTM metres in CRS84."""
    to_crs84 = Transformer.from_crs("EPSG:32630", "OGC:CRS84", always_xy=True)
    return shapely.transform(shape, to_crs84.transform, interleaved=False)


def cells(column: int, row: int, columns: int, rows: int) -> Polygon:
    west, north = WEST + 10 * column, NORTH - 10 * row
    return ground(box(west, north - 10 * rows, west + 10 * columns, north))


@pytest.fixture
def rasters(tmp_path: Path) -> tuple[Path, Path]:
    scores = np.zeros((30, 40), np.uint8)
    scores[:10, :10] = 80
    scores[10:20, :10] = 30
    scores[0, :5] = 255
    quality = np.zeros((30, 40), np.uint8)
    quality[0, :3] = 1
    quality[0, 3:5] = 2
    return (
        write(tmp_path / "scores.tif", scores, 255),
        write(tmp_path / "quality.tif", quality),
    )


def test_counts_and_levels_of_a_block(rasters: tuple[Path, Path]) -> None:
    (seen,) = zonal_statistics([cells(0, 0, 10, 20)], *rasters, bounds=BOUNDS)
    assert (seen.valid_pixels, seen.cloudy_pixels, seen.total_pixels) == (195, 3, 200)
    assert seen.mean == pytest.approx((95 * 80 + 100 * 30) / 195 / 100)
    none, low, middle, high = seen.level_ha
    assert (none, middle) == (0, 0)
    assert high == pytest.approx(95 / 100 * low, rel=1e-4)


def test_hectares_are_geodesic(rasters: tuple[Path, Path]) -> None:
    shape = cells(10, 5, 20, 20)
    (seen,) = zonal_statistics([shape], *rasters, bounds=BOUNDS)
    expected = abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 10_000
    assert sum(seen.level_ha) == pytest.approx(expected, rel=1e-6)
    assert abs(expected - 4.0) > 1e-4, "UTM square metres would pass unseen"


def test_a_pixel_belongs_where_its_centre_lies(rasters: tuple[Path, Path]) -> None:
    shape = ground(box(WEST + 104, NORTH - 116, WEST + 116, NORTH - 104))
    (seen,) = zonal_statistics([shape], *rasters, bounds=BOUNDS)
    assert seen.total_pixels == 4, "centres at 105, 115 and -105, -115 only"


def test_holes_parts_and_overlaps(rasters: tuple[Path, Path]) -> None:
    outer, hole = cells(10, 10, 10, 10), cells(12, 12, 3, 3)
    shapes = [
        outer.difference(hole),
        shapely.MultiPolygon([hole, cells(30, 0, 2, 2)]),
        outer,
    ]
    seen = zonal_statistics(shapes, *rasters, bounds=BOUNDS)
    assert [one.total_pixels for one in seen] == [91, 13, 100]


def test_outside_the_raster_nothing_is_counted(rasters: tuple[Path, Path]) -> None:
    half, off = cells(35, 25, 10, 10), cells(200, 200, 5, 5)
    seen = zonal_statistics([half, off], *rasters, bounds=BOUNDS)
    assert [one.total_pixels for one in seen] == [25, 0]
    assert seen[1].mean is None


def test_strata_cross_levels_with_classes(
    rasters: tuple[Path, Path], tmp_path: Path
) -> None:
    classes = np.full((5, 10), 221, np.uint16)
    classes[:, 5:] = 312
    classes[4, 0] = 0
    context = read_context(write(tmp_path / "classes.tif", classes, 0, step=40.0))
    (seen,) = zonal_statistics(
        [cells(0, 0, 40, 30)], *rasters, bounds=BOUNDS, classes=context
    )
    assert set(seen.strata) == {NO_CLASS, 221, 312}
    per_pixel = sum(seen.level_ha) / seen.valid_pixels
    pixels = {
        one: [round(ha / per_pixel) for ha in levels]
        for one, levels in seen.strata.items()
    }
    assert pixels[221] == [400 - 200, 100 - 16, 0, 95]
    assert pixels[312] == [400, 0, 0, 0]
    assert pixels[NO_CLASS] == [400, 16, 0, 0], "no class, and beyond the class raster"


@pytest.mark.parametrize("bands", [1, 2, 3, 4, 7])
def test_beyond_a_class_raster_of_many_bands_there_is_no_class(
    rasters: tuple[Path, Path], tmp_path: Path, bands: int
) -> None:
    classes = np.full((bands, 20, 40), 1, np.uint8)
    with rasterio.open(
        tmp_path / "many.tif",
        "w",
        driver="GTiff",
        width=40,
        height=20,
        count=bands,
        dtype="uint8",
        crs="EPSG:32630",
        transform=from_origin(WEST, NORTH, 10, 10),
        nodata=255,
        photometric="minisblack",
    ) as out:
        out.write(classes)
    (seen,) = zonal_statistics(
        [cells(10, 0, 30, 30)],
        *rasters,
        bounds=BOUNDS,
        classes=read_context(tmp_path / "many.tif"),
    )
    assert set(seen.strata) == {NO_CLASS, 1}
    shares = sum(seen.strata[1]) / sum(seen.level_ha)
    assert shares == pytest.approx(2 / 3, abs=1e-5)


def test_bounds_belong_to_the_level_above(tmp_path: Path) -> None:
    scores = np.array([[0, 24, 25, 49, 50, 74, 75, 100]], np.uint8)
    paths = (
        write(tmp_path / "s.tif", scores, 255),
        write(tmp_path / "q.tif", np.zeros_like(scores)),
    )
    (seen,) = zonal_statistics([cells(0, 0, 8, 1)], *paths, bounds=BOUNDS)
    unit = sum(seen.level_ha) / 8
    assert [round(ha / unit) for ha in seen.level_ha] == [2, 2, 2, 2]


def test_progress_ends_at_all(rasters: tuple[Path, Path]) -> None:
    calls: list[tuple[int, int]] = []
    zonal_statistics(
        [cells(0, 0, 1, 1)] * 3,
        *rasters,
        bounds=BOUNDS,
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(1, 3), (2, 3), (3, 3)]

"""Grids: shared pixels, windows, ground areas, footprints."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from pyproj import Geod, Transformer
from rasterio.windows import Window

from imagery.errors import GridMismatch
from imagery.grid import bbox_crs84, common_grid, footprint, pixel_area_m2, windows

WGS84 = Geod(ellps="WGS84")


def grid(
    west: float, north: float, width: int, height: int, crs: str = "EPSG:32630"
) -> GeoBox:
    return GeoBox((height, width), Affine(10, 0, west, 0, -10, north), crs)


def test_common_grid_is_the_shared_part() -> None:
    a, b = grid(1000, 5000, 30, 20), grid(1100, 5050, 30, 20)
    shared = common_grid(a, b)
    assert shared.shape == (15, 20)
    assert tuple(shared.affine)[:6] == (10, 0, 1100, 0, -10, 5000)
    assert shared.crs == a.crs


@given(
    shift=st.tuples(st.integers(-25, 25), st.integers(-15, 15)),
    sizes=st.tuples(*[st.integers(1, 30)] * 4),
)
def test_common_grid_is_symmetric_and_counts_shared_pixels(
    shift: tuple[int, int], sizes: tuple[int, int, int, int]
) -> None:
    columns, rows = shift
    a = grid(0, 0, sizes[0], sizes[1])
    b = grid(10 * columns, -10 * rows, sizes[2], sizes[3])
    pixels_a = {(x, y) for x in range(sizes[0]) for y in range(sizes[1])}
    pixels_b = {
        (columns + x, rows + y) for x in range(sizes[2]) for y in range(sizes[3])
    }
    if not pixels_a & pixels_b:
        with pytest.raises(GridMismatch, match="do not overlap"):
            common_grid(a, b)
        return
    shared = common_grid(a, b)
    assert shared == common_grid(b, a)
    assert shared.shape[0] * shared.shape[1] == len(pixels_a & pixels_b)


def test_common_grid_with_a_resolution_that_is_no_round_number() -> None:
    step = 8.983152841195215e-05
    a = GeoBox((500, 700), Affine(step, 0, 15.8, 0, -step, 49.4), "EPSG:4326")
    moved = a.affine @ Affine.translation(123, 45)
    b = GeoBox((500, 700), moved, "EPSG:4326")
    assert common_grid(a, b).shape == (455, 577)
    assert common_grid(a, b) == common_grid(b, a)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (grid(0, 0, 9, 9, "EPSG:32631"), "EPSG:32630 and EPSG:32631"),
        (GeoBox((9, 9), Affine(20, 0, 0, 0, -20, 0), "EPSG:32630"), "resolutions"),
        (grid(4, 0, 9, 9), r"shifted by \(0.400, 0.000\)"),
        (grid(500, 0, 9, 9), "do not overlap"),
        (GeoBox((9, 9), Affine(10, 0, 0, 0, 10, 0), "EPSG:32630"), "flipped"),
        (
            GeoBox((9, 9), Affine(10, 1, 0, 1, -10, 0), "EPSG:32630"),
            "rotated",
        ),
    ],
)
def test_common_grid_refuses(other: GeoBox, reason: str) -> None:
    with pytest.raises(GridMismatch, match=reason):
        common_grid(grid(0, 0, 9, 9), other)


@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 40))
def test_windows_tile_the_grid_once(height: int, width: int, size: int) -> None:
    hits = np.zeros((height, width), int)
    for window in windows(grid(0, 0, width, height), size):
        assert 0 < window.height <= size
        assert 0 < window.width <= size
        rows, columns = window.toslices()
        hits[rows, columns] += 1
    assert (hits == 1).all()


def test_windows_visit_a_jpeg2000_tile_in_one_go() -> None:
    tiles = [
        (w.row_off // 1024, w.col_off // 1024)
        for w in windows(grid(0, 0, 3000, 2500), 512)
    ]
    changes = sum(a != b for a, b in pairwise(tiles))
    assert changes == len(set(tiles)) - 1


def ground_area_m2(geobox: GeoBox) -> float:
    """Area of a whole grid by the geodesic polygon of its densified outline."""
    ring = shapely.box(0, 0, geobox.width, geobox.height).segmentize(0.5)
    columns, rows = shapely.get_coordinates(ring).T
    x, y = (
        geobox.affine.a * columns + geobox.affine.c,
        (geobox.affine.e * rows + geobox.affine.f),
    )
    to_crs84 = Transformer.from_crs(str(geobox.crs), "OGC:CRS84", always_xy=True)
    longitude, latitude = to_crs84.transform(x, y)
    return abs(WGS84.polygon_area_perimeter(longitude, latitude)[0])


def mercator(latitude: float, shape: tuple[int, int]) -> GeoBox:
    to_mercator = Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True)
    x, y = to_mercator.transform(15.9, latitude)
    return GeoBox(shape, Affine(10, 0, round(x), 0, -10, round(y)), "EPSG:3857")


STEP = 10 / 111_320
AREA_GRIDS = {
    "utm at its edge": grid(721_560, 4_977_480, 300, 200),
    "utm at its middle": grid(500_000, 4_977_480, 300, 200),
    "mercator 49 N": mercator(49, (200, 300)),
    "mercator 51 N": mercator(51, (200, 300)),
    "mercator 70 N": mercator(70, (90, 70)),
    "degrees": GeoBox((200, 300), Affine(STEP, 0, 5, 0, -STEP, 50), "EPSG:4326"),
    "south": GeoBox(
        (200, 300), Affine(10, 0, 315_040, 0, -10, 6_961_370), "EPSG:32721"
    ),
    "coarse degrees": GeoBox((60, 60), Affine(0.05, 0, 5, 0, -0.05, 52), "EPSG:4326"),
}


@pytest.mark.parametrize("name", AREA_GRIDS)
def test_pixel_areas_add_up_to_the_geodesic_area(name: str) -> None:
    geobox = AREA_GRIDS[name]
    areas = pixel_area_m2(geobox, Window(0, 0, geobox.width, geobox.height))
    assert areas.shape == geobox.shape
    assert areas.sum() == pytest.approx(ground_area_m2(geobox), rel=1e-6)


@pytest.mark.parametrize("name", AREA_GRIDS)
@pytest.mark.parametrize("corner", [(0, 0), (37, 41)])
def test_each_pixel_area_is_right(name: str, corner: tuple[int, int]) -> None:
    geobox, (row, column) = AREA_GRIDS[name], corner
    area = pixel_area_m2(geobox, Window(column, row, 1, 1))[0, 0]
    assert area == pytest.approx(
        ground_area_m2(geobox[row : row + 1, column : column + 1]), rel=2e-6
    )


def test_mercator_pixels_are_smaller_on_the_ground() -> None:
    south, north = (
        pixel_area_m2(mercator(latitude, (9, 9)), Window(0, 0, 9, 9)).mean() / 100
        for latitude in (49, 51)
    )
    # M N cos^2(latitude) / a^2 with the radii of curvature M and N, worked out by hand
    assert south == pytest.approx(0.430811, abs=2e-5)
    assert north == pytest.approx(0.396593, abs=2e-5)


def test_a_pixel_has_the_same_area_in_every_window() -> None:
    geobox = AREA_GRIDS["mercator 49 N"]
    whole = pixel_area_m2(geobox, Window(0, 0, geobox.width, geobox.height))
    for window in windows(geobox, 77):
        rows, columns = window.toslices()
        assert (pixel_area_m2(geobox, window) == whole[rows, columns]).all()


def test_footprint_holds_the_corners_in_longitude_and_latitude() -> None:
    geobox = grid(721_560, 4_977_480, 600, 600)
    to_crs84 = Transformer.from_crs("EPSG:32630", "OGC:CRS84", always_xy=True)
    outline = footprint(geobox)
    corners = set(map(tuple, np.round(shapely.get_coordinates(outline), 7).tolist()))
    for x, y in ((721_560, 4_977_480), (727_560, 4_971_480), (721_560, 4_971_480)):
        longitude, latitude = to_crs84.transform(x, y)
        assert (round(longitude, 7), round(latitude, 7)) in corners
    assert shapely.is_ccw(outline.exterior)


def test_footprint_across_the_antimeridian_has_two_parts() -> None:
    geobox = grid(99_960, 8_200_000, 10_980, 10_980, "EPSG:32701")
    outline = footprint(geobox)
    assert outline.geom_type == "MultiPolygon"
    west, south, east, north = outline.bounds
    assert (west, east) == (-180, 180)
    assert outline.area < 2
    assert -17.4 < south < north < -16.2


def degrees(west: float, north: float, east: float, south: float) -> GeoBox:
    width, height = round((east - west) * 4), round((north - south) * 4)
    return GeoBox((height, width), Affine(0.25, 0, west, 0, -0.25, north), "EPSG:4326")


MERCATOR = np.degrees([2e7 / 6378137, np.arctan(np.sinh(2e7 / 6378137))])
WIDE = {
    "the globe": (degrees(-180, 90, 180, -90), (-180, -90, 180, 90), 360 * 180),
    "two thirds": (degrees(-120, 60, 120, -60), (-120, -60, 120, 60), 240 * 120),
    "from 0 to 360": (degrees(0, 10, 360, 0), (-180, 0, 180, 10), 3600),
    "half a cell west": (degrees(-180.125, 9, 179.875, 0), (-180, 0, 180, 9), 3240),
    "a cell over the poles": (
        degrees(-180, 90.125, 180, -90.125),
        (-180, -90, 180, 90),
        360 * 180,
    ),
    "across 180": (degrees(150, 10, 210, 0), (150, 0, -150, 10), 600),
    "far across 180": (degrees(-100, 10, 200, 0), (-100, 0, -160, 10), 3000),
    "beyond -180": (degrees(-220, 10, -190, 0), (140, 0, 170, 10), 300),
    "mercator": (
        GeoBox((8, 8), Affine(5e6, 0, -2e7, 0, -5e6, 2e7), "EPSG:3857"),
        (-MERCATOR[0], -MERCATOR[1], *MERCATOR),
        4 * MERCATOR[0] * MERCATOR[1],
    ),
}


@pytest.mark.parametrize("name", WIDE)
def test_a_wide_grid_lies_where_it_lies(name: str) -> None:
    geobox, bbox, area = WIDE[name]
    outline = footprint(geobox)
    assert outline.is_valid
    assert outline.geom_type in ("Polygon", "MultiPolygon")
    assert bbox_crs84(outline) == pytest.approx(bbox, abs=2e-7)
    assert outline.area == pytest.approx(area, rel=1e-6)
    assert outline.bounds[:2] >= (-180, -90)
    assert outline.bounds[2] <= 180


@pytest.mark.parametrize(
    ("geobox", "reason"),
    [
        (
            GeoBox((20, 20), Affine(1e5, 0, -1e6, 0, -1e5, 1e6), "EPSG:3413"),
            "goes around a pole, .*; cut the raster",
        ),
        (
            GeoBox((40, 40), Affine(1e6, 0, -2e7, 0, -1e6, 2e7), "ESRI:54008"),
            r"leaves the Earth: .* in World_Sinusoidal; corr",
        ),
        (degrees(10, 120, 20, 100), "leaves the Earth: .* in EPSG:4326"),
    ],
)
def test_a_grid_that_has_no_outline_on_the_map_is_told(
    geobox: GeoBox, reason: str
) -> None:
    with pytest.raises(GridMismatch, match=reason):
        footprint(geobox)

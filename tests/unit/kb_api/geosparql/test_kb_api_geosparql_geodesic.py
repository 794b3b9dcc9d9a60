"""Metric functions against WGS 84's own numbers and against brute force."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from kb_api.geosparql.geodesic import (
    area_m2,
    buffered,
    distance_m,
    length_m,
)

A_M, F = 6_378_137.0, 1 / 298.257223563
EARTH_M2 = 510_065_621_724_088.5
"""Surface of the ellipsoid of WGS 84 (Karney 2013, section 6)."""
QUADRANT_M = 10_001_965.729
"""From the equator to a pole (NIMA TR 8350.2, 1/4 of a meridian)."""
DEGREE_M = math.pi / 180 * A_M


def test_along_the_equator_and_to_the_pole() -> None:
    equator = shapely.LineString([(0, 0), (1, 0), (3, 0)])
    assert length_m(equator) == pytest.approx(3 * DEGREE_M, abs=1e-6)
    meridian = shapely.LineString([(7, 0), (7, 90)])
    assert length_m(meridian) == pytest.approx(QUADRANT_M, abs=1e-3)


def test_an_octant_is_an_eighth_and_loses_its_hole() -> None:
    octant = shapely.Polygon([(0, 0), (90, 0), (0, 90)])
    assert area_m2(octant) == pytest.approx(EARTH_M2 / 8, rel=1e-12)
    assert length_m(octant) == pytest.approx(90 * DEGREE_M + 2 * QUADRANT_M, abs=1e-2)
    ring = [(10, 10), (20, 10), (10, 20)]
    for hole in (ring, ring[::-1]):
        holed = shapely.Polygon(octant.exterior, [hole])
        assert area_m2(holed) == pytest.approx(
            EARTH_M2 / 8 - area_m2(shapely.Polygon(ring)), rel=1e-12
        )


def test_a_belt_around_the_earth_is_cut_where_geodesics_run() -> None:
    """Between the parallels of ±30 degrees, by the closed form of the zone."""
    e = math.sqrt(F * (2 - F))
    sine = math.sin(math.radians(30))
    zone = sine / (1 - (e * sine) ** 2) + math.atanh(e * sine) / e
    belt = 2 * math.pi * A_M**2 * (1 - e * e) * zone
    assert area_m2(shapely.box(-180, -30, 180, 30)) == pytest.approx(belt, rel=1e-7)
    assert area_m2(shapely.box(-90, -30, 90, 30)) == pytest.approx(belt / 2, rel=1e-7)
    whole = shapely.box(-180, -90, 180, 90)
    assert area_m2(whole) == pytest.approx(EARTH_M2, rel=1e-9)


def test_a_wide_shape_is_widened_in_cells() -> None:
    wide = buffered(shapely.box(-172, 0, -160, 6), 100_000)
    assert wide.geom_type == "Polygon"
    assert wide.is_valid
    assert not wide.interiors
    rim = _sampled(wide, 40)
    shape = shapely.box(-172, 0, -160, 6)
    found = [distance_m(shapely.Point(one), shape) for one in rim]
    assert found == pytest.approx([100_000] * 40, rel=0.003)


def test_parts_add_up_and_the_rest_counts_nothing() -> None:
    square = shapely.box(0, 0, 1, 1)
    mixed = shapely.GeometryCollection(
        [
            shapely.MultiPolygon([square, shapely.box(5, 0, 6, 1)]),
            shapely.LineString([(0, 0), (1, 0)]),
            shapely.Point(1, 1),
        ]
    )
    assert area_m2(mixed) == pytest.approx(2 * area_m2(square), rel=1e-9)
    assert length_m(mixed) == pytest.approx(2 * length_m(square) + DEGREE_M, rel=1e-9)


def test_distance_to_a_line_is_to_its_nearest_point() -> None:
    line = shapely.LineString([(1, -2), (1, 2)])
    assert distance_m(shapely.Point(0, 0), line) == pytest.approx(DEGREE_M, abs=1e-3)
    assert distance_m(line, line) == 0


def test_distance_goes_over_the_180th_meridian_and_over_a_pole() -> None:
    west, east = shapely.box(-179.9, -1, -179, 1), shapely.box(179, -1, 179.9, 1)
    assert distance_m(west, east) == pytest.approx(
        0.2 * DEGREE_M * math.cos(math.radians(1)), rel=1e-4
    )
    here, there = shapely.box(10, 89, 12, 89.5), shapely.Point(191, 89.5)
    half_degree_m = math.radians(0.5) * A_M * (1 - F * F) / (1 - F)
    assert distance_m(here, there) == pytest.approx(2 * half_degree_m, rel=1e-3)


def _sampled(shape: BaseGeometry, count: int) -> NDArray[np.float64]:
    lines = shape if shape.geom_type != "Polygon" else shape.exterior
    steps = np.linspace(0, 1, count)
    return shapely.get_coordinates(
        [lines.interpolate(step, normalized=True) for step in steps]
    )


def _brute_m(one: BaseGeometry, other: BaseGeometry) -> float:
    """Least geodesic between points sampled along both."""
    left, right = _sampled(one, 200), _sampled(other, 200)
    a = np.repeat(left, len(right), axis=0)
    b = np.tile(right, (len(left), 1))
    return float(Geod(ellps="WGS84").inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2].min())


@settings(max_examples=40, deadline=None)
@given(
    st.floats(-180, 180), st.floats(-75, 75),
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=2, max_size=6),
    st.lists(st.tuples(st.floats(4, 8), st.floats(-2, 5)), min_size=2, max_size=6),
)  # fmt: skip
def test_no_sampled_pair_of_points_is_nearer(
    lon: float,
    lat: float,
    one: list[tuple[float, float]],
    other: list[tuple[float, float]],
) -> None:
    left, right = (
        shapely.LineString([(lon + x, lat + y) for x, y in points])
        for points in (one, other)
    )
    found, brute = distance_m(left, right), _brute_m(left, right)
    assert found <= brute * (1 + 1e-6 + (brute / (2 * A_M)) ** 2) + 0.1
    spacing = (length_m(left) + length_m(right)) / 199
    assert found >= brute - spacing - 0.1
    assert distance_m(right, left) == pytest.approx(found, rel=1e-3, abs=0.1)


def test_a_buffer_of_a_point_is_a_circle_on_the_ground() -> None:
    circle = buffered(shapely.Point(13, 49), 5_000)
    rim = shapely.get_coordinates(circle)
    _, _, radii = Geod(ellps="WGS84").inv(
        np.full(len(rim), 13.0), np.full(len(rim), 49.0), rim[:, 0], rim[:, 1]
    )
    assert radii == pytest.approx(5_000, abs=1e-4)
    chords = 64 / 2 * math.sin(2 * math.pi / 64) * 5_000**2
    assert area_m2(circle) == pytest.approx(chords, rel=1e-6)


@pytest.mark.parametrize(
    "line",
    [
        shapely.LineString([(-20, 60), (30, 62)]),
        shapely.LineString([(-20, 60), (30, 60)]),
        shapely.LineString([(10, 40), (10, 70)]),
        shapely.LineString([(10, 50), (10, 54)]),
    ],
)
def test_a_buffer_of_a_long_line_is_as_wide_everywhere(line: BaseGeometry) -> None:
    wide = buffered(line, 20_000)
    rim = _sampled(shapely.Polygon(wide.exterior), 60)
    found = [distance_m(shapely.Point(one), line) for one in rim]
    assert found == pytest.approx([20_000] * 60, rel=0.002)


def test_narrowing_and_widening_again() -> None:
    square = shapely.box(10, 50, 10.1, 50.1)
    narrow = buffered(square, -500)
    assert area_m2(narrow) < area_m2(square) - 500 * length_m(square) * 0.9
    assert buffered(square, -50_000).is_empty
    assert buffered(shapely.Point(1, 1), -1).is_empty
    assert buffered(shapely.Polygon(), 100).is_empty


def test_a_buffer_over_the_180th_meridian_is_cut_there() -> None:
    wide = buffered(shapely.Point(179.99, 10), 5_000)
    assert wide.geom_type == "MultiPolygon"
    assert [round(one, 2) for one in wide.bounds] == [-180.0, 9.95, 180.0, 10.05]
    whole = buffered(shapely.Point(0, 10), 5_000)
    assert area_m2(wide) == pytest.approx(area_m2(whole), rel=1e-6)


@pytest.mark.parametrize(
    ("shape", "radius_m"),
    [
        (shapely.Point(30, 90), 50_000),
        (shapely.Point(17, 89.9), 50_000),
        (shapely.Point(-170, -89.9), 50_000),
        (shapely.LineString([(40, 89.2), (100, 89.5)]), 90_000),
        (shapely.LineString([(5, -90), (5, -89)]), 30_000),
        (shapely.LineString([(x, 89.5) for x in range(-180, 181, 5)]), 20_000),
        (shapely.box(-180, 89, 180, 90), 10_000),
    ],
)
def test_a_buffer_around_a_pole(shape: BaseGeometry, radius_m: float) -> None:
    """Points all around are within it when they are as near as the radius."""
    wide = buffered(shape, radius_m)
    assert wide.is_valid
    pole = math.copysign(90, shape.bounds[1])
    for lat in np.linspace(pole, 0.98 * pole, 8):
        for lon in np.linspace(-179, 177, 6):
            point = shapely.Point(lon, lat)
            distance = distance_m(point, shape)
            if abs(distance - radius_m) > 0.01 * radius_m:
                assert wide.intersects(point) == (distance < radius_m), point.wkt


def test_a_cap_is_as_large_as_a_circle() -> None:
    cap = buffered(shapely.Point(30, 90), 50_000)
    assert area_m2(cap) == pytest.approx(math.pi * 50_000**2, rel=2e-3)
    assert [round(one, 3) for one in cap.bounds] == [-180, 89.552, 180, 90]


@pytest.mark.parametrize(
    ("shape", "radius_m", "told"),
    [
        (shapely.Point(0, 0), 6e6, "beyond 5000000 m"),
        (shapely.Point(0, 0), math.nan, "beyond"),
        (shapely.Point(0, 0), -math.inf, "beyond"),
        (shapely.box(0, 0, 9, 9), -1, "is not narrowed"),
        (shapely.Point(1e300, 0), 1, "no longitude and latitude"),
        (shapely.Point(0, 91), 1, "no longitude and latitude"),
        (shapely.box(-1e300, -80, 1e300, 80), 1, "no longitude and latitude"),
    ],
)
def test_what_a_buffer_cannot_be_is_told(
    shape: BaseGeometry, radius_m: float, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        buffered(shape, radius_m)

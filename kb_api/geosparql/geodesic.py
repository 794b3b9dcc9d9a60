"""Lengths, areas, distances and buffers on the ground, by geodesics of WGS 84.

All shapes here are longitude and latitude, in degrees. Where a plane is needed it is
the azimuthal equidistant one around a point: azimuth and distance of the geodesic to
each vertex, so that distances from the point are exact. One of a kilometre, seen at a
distance of 100 km from the point, is at most 0.05 m off.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

Points: TypeAlias = NDArray[np.float64]

QUADRANT_SEGMENTS = 16
"""Chords in a quarter of a circle: its area is 0.16 % short."""

MAX_RADIUS_M = 5_000_000.0
"""The widest buffer; beyond it a plane around a shape says little about the ground."""

_WGS84 = Geod(ellps="WGS84")
_STEP_DEG = 0.02
_STEP_M = 2_000.0
_MOST_STEPS = 20_000
_CELL_DEG = 5.0
_MOST_LON_DEG = 360.0
_HALF_WAY_DEG = 180.0
_NEAR_DEG = 0.2
_BEYOND_M = 3e7
_AT_POLE_M = 1e-3
_SEAM_DEG = 1e-7
_ROUNDS = 8
_TOLERANCE_M = 1e-4


def area_m2(shape: BaseGeometry) -> float:
    """Area of the polygons of a shape; edges are geodesics, holes are taken out.

    Of a polygon that spans 180 degrees of longitude or more, edges are straight in
    longitude and latitude: geodesics would go round the other side of the Earth.

    Raises:
        ValueError: The shape is no longitude and latitude.

    References:
        Karney 2013, Algorithms for geodesics, Journal of Geodesy 87, section 6.
    """
    _check_on_earth(shape)
    total = 0.0
    for part in simple_parts(shape):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        if part.bounds[2] - part.bounds[0] >= _HALF_WAY_DEG:
            total += sum(area_m2(one) for one in _strips(_with_short_edges(part)))
            continue
        oriented = shapely.orient_polygons(part)  # else holes could be added
        total += abs(float(_WGS84.geometry_area_perimeter(oriented)[0]))
    return total


def length_m(shape: BaseGeometry) -> float:
    """Length of lines and of the boundaries of polygons; edges are geodesics.

    Raises:
        ValueError: The shape is no longitude and latitude.
    """
    _check_on_earth(shape)
    total = 0.0
    for part in simple_parts(shape):
        if shapely.get_dimensions(part) == 2:
            total += length_m(shapely.boundary(part))
        elif shapely.get_dimensions(part) == 1:
            points = shapely.get_coordinates(part)
            total += float(_WGS84.line_length(points[:, 0], points[:, 1]))
    return total


def distance_m(one: BaseGeometry, other: BaseGeometry) -> float:
    """Length of the shortest geodesic between two shapes, 0 where they meet.

    The nearest points are sought in planes around them, until they stay; edges are
    straight in longitude and latitude, as they are for the relations. Right to a
    decimetre up to 10 km; farther on other points may be nearer, by at most 1 in 10^5
    at 100 km and 1 in 10^3 at 1 000 km.

    Raises:
        ValueError: A shape is empty, or no longitude and latitude.
    """
    if one.is_empty or other.is_empty:
        raise ValueError("an empty geometry has no distance")
    _check_on_earth(one, other)
    if one.geom_type == other.geom_type == "Point":
        return _between(shapely.get_coordinates([one, other]))
    if shapely.intersects(one, other):
        return 0.0
    one, other = _with_short_edges(one), _with_short_edges(other)
    (west, south, *_), (*_, east, north) = (
        map(bound, one.bounds, other.bounds) for bound in (min, max)
    )
    if max(east - west, north - south) <= _NEAR_DEG:
        middle = np.array([(west + east) / 2, (south + north) / 2])
        return _between(_nearest(one, other, middle))
    small = min(one, other, key=_spread)
    centre = shapely.get_coordinates(shapely.centroid(small))[0]
    best = np.inf
    for _ in range(_ROUNDS):
        ends = _nearest(one, other, centre)
        found = _between(ends)
        if found > best - _TOLERANCE_M:
            break
        best = found
        centre = _midpoint(ends)
    return float(min(best, found))


def buffered(shape: BaseGeometry, radius_m: float) -> BaseGeometry:
    """The points within a distance of a shape, in metres on the ground.

    Each part is widened in the plane around its centre, wide parts in cells of
    5 degrees; a negative radius takes from the inside of polygons. What reaches over
    the 180th meridian continues on its other side; around a pole it has an edge at 90
    degrees of latitude.

    Raises:
        ValueError: The radius is no number or beyond 5 000 km, the result reaches over
            both poles, or a part is too wide to be narrowed.
    """
    if not abs(radius_m) <= MAX_RADIUS_M:
        raise ValueError(f"a radius of {radius_m} m is beyond {MAX_RADIUS_M:.0f} m")
    _check_on_earth(shape)
    parts = [
        _buffered_part(_with_short_edges(piece), radius_m)
        for part in simple_parts(shape)
        if not part.is_empty
        for piece in _pieces(part, radius_m)
    ]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _buffered_part(part: BaseGeometry, radius_m: float) -> BaseGeometry:
    centre = shapely.get_coordinates(shapely.centroid(shapely.envelope(part)))[0]
    wide = _flat(part, centre).buffer(radius_m, quad_segs=QUADRANT_SEGMENTS)
    wide = shapely.segmentize(wide, max(_STEP_M, wide.length / _MOST_STEPS))
    filled = shapely.polygons(shapely.get_exterior_ring(list(simple_parts(wide))))
    poles = [
        lat
        for lat in (90.0, -90.0)
        if shapely.intersects(filled, _flat(shapely.Point(0, lat), centre)).any()
    ]
    if len(poles) > 1:
        raise ValueError("the result reaches over both poles; take a smaller radius")
    if poles:
        return _around_pole(wide, centre, poles[0])
    return _within_the_world(shapely.transform(wide, lambda at: _unflat(at, centre)))


def _pieces(part: BaseGeometry, radius_m: float) -> Iterator[BaseGeometry]:
    """A part that is wider than a cell in cells; only widening allows that."""
    west, south, east, north = part.bounds
    if max(east - west, north - south) <= _CELL_DEG:
        yield part
        return
    if radius_m < 0:
        raise ValueError(f"a shape wider than {_CELL_DEG:g} degrees is not narrowed")
    for column in range(int((east - west) // _CELL_DEG) + 1):
        for row in range(int((north - south) // _CELL_DEG) + 1):
            x, y = west + column * _CELL_DEG, south + row * _CELL_DEG
            cell = shapely.box(x, y, x + _CELL_DEG, y + _CELL_DEG)
            yield from simple_parts(shapely.intersection(part, cell))


def _strips(shape: BaseGeometry) -> list[BaseGeometry]:
    """A shape cut along meridians, where geodesics run too."""
    west, south, east, north = shape.bounds
    width = _HALF_WAY_DEG / 2
    return [
        shapely.intersection(shape, shapely.box(x, south, x + width, north))
        for x in np.arange(west, east, width)
    ]


def _around_pole(wide: BaseGeometry, centre: Points, pole: float) -> BaseGeometry:
    """A shape of the plane around a point that has a pole in it, in degrees.

    It is cut along the meridian of the point, which is straight there and goes on as
    the opposite one; each half spans at most 180 degrees of longitude.
    """
    end = _flat(shapely.Point(0, pole), centre)
    halves = []
    for side in (-1, 1):
        half = shapely.box(min(0, side) * _BEYOND_M, -_BEYOND_M,
                           max(0, side) * _BEYOND_M, _BEYOND_M)  # fmt: skip
        cut = shapely.snap(shapely.intersection(wide, half), end, _AT_POLE_M)
        for one in simple_parts(cut):
            if isinstance(one, shapely.Polygon):
                rings = [
                    _half_ring(shapely.get_coordinates(ring), centre, side, pole)
                    for ring in (one.exterior, *one.interiors)
                ]
                halves.append(_within_the_world(shapely.Polygon(rings[0], rings[1:])))
    return shapely.union_all(halves)


def _half_ring(points: Points, centre: Points, side: int, pole: float) -> Points:
    """A ring east (1) or west (-1) of a meridian; the pole is a whole edge of it."""
    turned = _unflat(points[:-1], centre) - [centre[0], 0]
    turned[np.abs(turned[:, 0]) < _SEAM_DEG, 0] = 0
    turned[np.abs(turned[:, 0]) > 180 - _SEAM_DEG, 0] = 180 * side
    at_pole = np.abs(turned[:, 1] - pole) < _SEAM_DEG
    found = []
    for at, (lon, lat) in enumerate(turned):
        if at_pole[at]:
            found.append((turned[at - 1, 0], pole))
            found.append((turned[(at + 1) % len(turned), 0], pole))
        else:
            found.append((lon, lat))
    return np.add(found, [centre[0], 0])


def _within_the_world(shape: BaseGeometry) -> BaseGeometry:
    """A shape with longitudes beyond ±180 degrees, cut and moved within."""
    if shape.is_empty or -180 <= shape.bounds[0] <= shape.bounds[2] <= 180:
        return shape
    parts = [
        translate(
            shapely.intersection(shape, shapely.box(x, -90, x + 360, 90)), -x - 180
        )
        for x in (-540, -180, 180)
    ]
    return shapely.union_all(parts)


def _check_on_earth(*shapes: BaseGeometry) -> None:
    for shape in shapes:
        west, south, east, north = (0, 0, 0, 0) if shape.is_empty else shape.bounds
        if min(west, -east) < -_MOST_LON_DEG or min(south, -north) < -90:
            raise ValueError(
                f"{west:g} {south:g} to {east:g} {north:g} is no longitude and latitude"
            )


def simple_parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """Points, lines and polygons of a shape, of collections within it too."""
    for part in shapely.get_parts(shape):
        if part.geom_type.startswith(("Multi", "Geometry")):
            yield from simple_parts(part)
        else:
            yield part


def _with_short_edges(shape: BaseGeometry) -> BaseGeometry:
    """A shape whose edges in degrees are also edges on the ground, nearly."""
    if not shape.is_empty and _spread(shape) <= _STEP_DEG:
        return shapely.force_2d(shape)
    if not shapely.is_valid(shape):  # an edge of no length, or rings that cross
        shape = shapely.make_valid(shape)
    step = max(_STEP_DEG, shape.length / _MOST_STEPS)
    return shapely.segmentize(shapely.force_2d(shape), step)


def _spread(shape: BaseGeometry) -> float:
    west, south, east, north = shape.bounds
    return float(east - west + north - south)


def _nearest(one: BaseGeometry, other: BaseGeometry, centre: Points) -> Points:
    """The ends of the shortest line between two shapes in the plane around a point."""
    line = shapely.shortest_line(_flat(one, centre), _flat(other, centre))
    return _unflat(shapely.get_coordinates(line), centre)


def _between(ends: Points) -> float:
    return float(_WGS84.inv(*ends[0], *ends[1])[2])


def _midpoint(ends: Points) -> Points:
    azimuth, _, length = _WGS84.inv(*ends[0], *ends[1])
    east, north, _ = _WGS84.fwd(ends[0][0], ends[0][1], azimuth, length / 2)
    return np.array([east, north])


def _flat(shape: BaseGeometry, centre: Points) -> BaseGeometry:
    """A shape in the plane around a point: metres to the east and to the north."""

    def moved(points: Points) -> Points:
        azimuth, _, length = _WGS84.inv(
            np.full(len(points), centre[0]),
            np.full(len(points), centre[1]),
            points[:, 0],
            points[:, 1],
        )
        angle = np.radians(azimuth)
        return np.column_stack([length * np.sin(angle), length * np.cos(angle)])

    return shapely.transform(shape, moved)


def _unflat(points: Points, centre: Points) -> Points:
    """Points of the plane in degrees, longitudes less than 180 from the centre's."""
    east, north, _ = _WGS84.fwd(
        np.full(len(points), centre[0]),
        np.full(len(points), centre[1]),
        np.degrees(np.arctan2(points[:, 0], points[:, 1])),
        np.hypot(points[:, 0], points[:, 1]),
    )
    turned = (np.asarray(east) - centre[0] + 180) % 360 - 180
    return np.column_stack([turned + centre[0], north])

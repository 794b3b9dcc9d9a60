"""Geometries made of geometries, in the reference system of the first.

Results are wktLiterals on the plane of that system; heights are left out. Buffers in a
unit of length are geodesic where the system is one of longitude and latitude.

References:
    OGC 22-047r1 (GeoSPARQL 1.1), Geometry Extension
"""

from collections.abc import Callable

import numpy as np
import pyoxigraph as ox
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from kb_api.geosparql import geodesic
from kb_api.geosparql.arguments import (
    flat_place,
    iri_of,
    number_of,
    unit_from,
    valid_place,
)
from kb_api.geosparql.literals import wkt_literal
from kb_api.geosparql.measures import in_coordinates
from kb_api.geosparql.places import CRS84, Placed, reference
from kb_api.outcome import Term

HULL_RATIO = 0.3
_HULL_DECIMALS = 9
_WIDEST_DEG = 360.0


def buffer(geometry: Term, radius: Term, unit: Term) -> ox.Literal:
    """The points within a radius of a geometry; a negative one narrows polygons.

    Raises:
        ValueError: The radius is no finite number, the unit does not fit the system,
            or `geodesic.buffered` cannot hold the result.
    """
    place, given = valid_place(geometry), unit_from(unit)
    amount = number_of(radius)
    planar = in_coordinates(amount, given, place)
    if planar is None:
        return _buffered(place, amount * given.size)
    if abs(planar) > (_WIDEST_DEG if given.kind == "angle" else geodesic.MAX_RADIUS_M):
        raise ValueError(f"a radius of {planar:g} in {place.crs} is beyond the Earth")
    wide = place.shape.buffer(planar, quad_segs=geodesic.QUADRANT_SEGMENTS)
    return wkt_literal(wide, place.crs)


def metric_buffer(geometry: Term, radius_m: Term) -> ox.Literal:
    """The points within a radius in metres of a geometry, geodesic on WGS 84."""
    return _buffered(valid_place(geometry), number_of(radius_m))


def concave_hull(geometry: Term, ratio: Term | None = None) -> ox.Literal:
    """A hull that follows its points: ratio 1 is the convex hull, 0 the closest.

    Raises:
        ValueError: The ratio is not within 0 and 1.

    References:
        Duckham et al. 2008, Pattern Recognition 41 (of its edges, by GEOS).
    """
    given = HULL_RATIO if ratio is None else number_of(ratio)
    if not 0 <= given <= 1:
        raise ValueError(f"a ratio of {given:g} is not within 0 and 1")
    place = flat_place(geometry)
    return wkt_literal(concave_hull_of(place.shape, given), place.crs)


def concave_hull_of(shape: BaseGeometry, ratio: float) -> BaseGeometry:
    """A hull around the vertices of a shape."""
    points = distinct_points(shapely.get_coordinates(shape))
    return shapely.concave_hull(shapely.MultiPoint(points), ratio=ratio)


def distinct_points(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points without those that are the same but for rounding.

    The triangulation under a concave hull can fail for such (GEOS 3.14).
    """
    return np.unique(np.round(points, _HULL_DECIMALS), axis=0)


def transform(geometry: Term, crs: Term) -> ox.Literal:
    """A geometry in another reference system.

    Raises:
        ValueError: The system is unknown, or cannot hold a coordinate.
    """
    target = iri_of(crs)
    reference(target)
    return wkt_literal(flat_place(geometry).within(target), target)


def _buffered(place: Placed, radius_m: float) -> ox.Literal:
    wide = geodesic.buffered(place.on_earth(), radius_m)
    return wkt_literal(Placed(wide, CRS84).within(place.crs), place.crs)


def _of_one(
    change: Callable[[BaseGeometry], BaseGeometry],
) -> Callable[[Term], ox.Literal]:
    def made(geometry: Term) -> ox.Literal:
        place = flat_place(geometry)
        return wkt_literal(change(place.shape), place.crs)

    return made


def _of_two(
    overlay: Callable[[BaseGeometry, BaseGeometry], BaseGeometry],
) -> Callable[[Term, Term], ox.Literal]:
    def made(one: Term, other: Term) -> ox.Literal:
        left, right = valid_place(one), valid_place(other)
        return wkt_literal(overlay(left.shape, right.within(left.crs)), left.crs)

    return made


FUNCTIONS: dict[str, tuple[str, Callable[..., ox.Literal]]] = {
    "intersection": ("what two geometries share", _of_two(shapely.intersection)),
    "union": ("two geometries as one", _of_two(shapely.union)),
    "difference": ("the first without the second", _of_two(shapely.difference)),
    "symDifference": (
        "what only one of two geometries has",
        _of_two(shapely.symmetric_difference),
    ),
    "buffer": ("points within a radius in a unit", buffer),
    "metricBuffer": ("points within a radius in metres", metric_buffer),
    "boundary": ("boundary", _of_one(shapely.boundary)),
    "envelope": ("smallest upright rectangle", _of_one(shapely.envelope)),
    "convexHull": ("convex hull", _of_one(shapely.convex_hull)),
    "concaveHull": ("concave hull", concave_hull),
    "boundingCircle": (
        "smallest circle around a geometry",
        _of_one(shapely.minimum_bounding_circle),
    ),
    "centroid": ("centroid", _of_one(shapely.centroid)),
    "transform": ("a geometry in another reference system", transform),
}
"""Local name to label and function."""

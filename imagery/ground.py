"""Ground area and length of shapes, on the WGS84 ellipsoid."""

import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

_WGS84 = Geod(ellps="WGS84")


def ground_area_m2(shape: BaseGeometry) -> float:
    """Geodesic area of a CRS84 polygon or multipolygon, holes taken out.

    Rings are oriented first: a hole that runs the same way as its outer ring would
    be added, not taken out.

    References:
        Karney 2013, Algorithms for geodesics, Journal of Geodesy 87, section 6.

    >>> outer, hole = [(0, 0), (2, 0), (2, 2), (0, 2)], [(0, 0), (1, 0), (1, 1), (0, 1)]
    >>> whole, part = shapely.Polygon(outer), shapely.Polygon(hole)
    >>> left = ground_area_m2(shapely.Polygon(outer, [hole]))
    >>> round(left / (ground_area_m2(whole) - ground_area_m2(part)), 9)
    1.0
    """
    area, _ = _WGS84.geometry_area_perimeter(shapely.orient_polygons(shape))
    return abs(float(area))


def ground_perimeter_m(shape: BaseGeometry) -> float:
    """Geodesic length of the outer rings of a CRS84 polygon or multipolygon."""
    _, length = _WGS84.geometry_area_perimeter(shapely.orient_polygons(shape))
    return float(length)

"""Measures of geometries, in units and on the ground.

With a unit, a measure is taken in the reference system of the first geometry: on its
plane where it is a projected one, geodesically where it is one of longitude and
latitude and the unit is of length or area, and in its degrees where the unit is an
angle. The metric ones are always geodesic on WGS 84, whatever the system.

References:
    OGC 22-047r1 (GeoSPARQL 1.1), Geometry Extension; Karney 2013, Algorithms
    for geodesics, Journal of Geodesy 87.
"""

import math
from collections.abc import Callable

import pyoxigraph as ox
import shapely
from shapely.geometry.base import BaseGeometry

from kb_api.geosparql import geodesic
from kb_api.geosparql.arguments import flat_place, unit_from, valid_place
from kb_api.geosparql.places import Placed
from kb_api.geosparql.units import Unit, unit_of_coordinates
from kb_api.outcome import Term


def area(geometry: Term, unit: Term) -> ox.Literal:
    """Area; a unit of length stands for its square."""
    place, given = valid_place(geometry), unit_from(unit)
    size = given.size if given.kind == "area" else given.size**2
    if _on_ground(place, given):
        return ox.Literal(geodesic.area_m2(place.on_earth()) / size)
    factor = unit_of_coordinates(place.crs).size ** 2
    return ox.Literal(float(place.shape.area * factor / size))


def metric_area(geometry: Term) -> ox.Literal:
    """Area in square metres, geodesic on WGS 84."""
    return ox.Literal(geodesic.area_m2(valid_place(geometry).on_earth()))


def length(geometry: Term, unit: Term) -> ox.Literal:
    """Length of lines, and of the boundaries of polygons, as in simple features."""
    return _length(flat_place(geometry), unit_from(unit))


def metric_length(geometry: Term) -> ox.Literal:
    """Length in metres, geodesic on WGS 84; of polygons that of their boundaries."""
    return ox.Literal(geodesic.length_m(flat_place(geometry).on_earth()))


def perimeter(geometry: Term, unit: Term) -> ox.Literal:
    """Length of the boundaries of polygons, holes included; 0 for points and lines."""
    place = flat_place(geometry)
    return _length(Placed(_areal(place.shape), place.crs), unit_from(unit))


def metric_perimeter(geometry: Term) -> ox.Literal:
    """Perimeter in metres, geodesic on WGS 84."""
    return ox.Literal(geodesic.length_m(_areal(flat_place(geometry).on_earth())))


def distance(one: Term, other: Term, unit: Term) -> ox.Literal:
    """Shortest distance between two geometries.

    Raises:
        ValueError: A geometry is empty, or the unit does not fit the system.
    """
    left, right, given = flat_place(one), flat_place(other), unit_from(unit)
    if given.kind == "area":
        raise ValueError("a distance has no unit of area; give one of length or angle")
    if _on_ground(left, given):
        metres = geodesic.distance_m(left.on_earth(), right.on_earth())
        return ox.Literal(metres / given.size)
    plain = float(shapely.distance(left.shape, right.within(left.crs)))
    if math.isnan(plain):
        raise ValueError("an empty geometry has no distance")
    return ox.Literal(plain * unit_of_coordinates(left.crs).size / given.size)


def metric_distance(one: Term, other: Term) -> ox.Literal:
    """Shortest distance in metres, geodesic on WGS 84."""
    left, right = flat_place(one), flat_place(other)
    return ox.Literal(geodesic.distance_m(left.on_earth(), right.on_earth()))


def in_coordinates(amount: float, unit: Unit, place: Placed) -> float | None:
    """A length or angle in the unit of a geometry's coordinates; None: geodesic.

    Raises:
        ValueError: The unit does not fit the reference system.
    """
    if unit.kind == "area":
        raise ValueError("a distance has no unit of area; give one of length or angle")
    if _on_ground(place, unit):
        return None
    return amount * unit.size / unit_of_coordinates(place.crs).size


def _length(place: Placed, unit: Unit) -> ox.Literal:
    if unit.kind == "area":
        raise ValueError("a length has no unit of area; give one of length or angle")
    if _on_ground(place, unit):
        return ox.Literal(geodesic.length_m(place.on_earth()) / unit.size)
    factor = unit_of_coordinates(place.crs).size
    return ox.Literal(float(place.shape.length * factor / unit.size))


def _on_ground(place: Placed, unit: Unit) -> bool:
    """Whether a measure is geodesic.

    Raises:
        ValueError: The unit is an angle and the system a projected one.
    """
    angular = unit_of_coordinates(place.crs).kind == "angle"
    if unit.kind == "angle" and not angular:
        raise ValueError(
            f"{place.crs} is measured in lengths, not in angles; give a unit of length"
        )
    return angular and unit.kind != "angle"


def _areal(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape."""
    parts = geodesic.simple_parts(shape)
    return shapely.GeometryCollection(
        [one for one in parts if shapely.get_dimensions(one) == 2]
    )


FUNCTIONS: dict[str, tuple[str, Callable[..., ox.Literal]]] = {
    "area": ("area in a unit", area),
    "metricArea": ("area in square metres", metric_area),
    "length": ("length in a unit", length),
    "metricLength": ("length in metres", metric_length),
    "perimeter": ("perimeter in a unit", perimeter),
    "metricPerimeter": ("perimeter in metres", metric_perimeter),
    "distance": ("shortest distance in a unit", distance),
    "metricDistance": ("shortest distance in metres", metric_distance),
}
"""Local name to label and function."""

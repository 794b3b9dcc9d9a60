"""Shapes as GML 3.2 (Simple Features profile)."""

import shapely
from shapely.geometry.base import BaseGeometry

from kb_api.geosparql.places import swapped

_NAMESPACE = "http://www.opengis.net/gml/3.2"
_MEMBERS = {
    "MultiPoint": "pointMember",
    "MultiLineString": "curveMember",
    "MultiPolygon": "surfaceMember",
    "GeometryCollection": "geometryMember",
}
_NAMES = {
    "MultiLineString": "MultiCurve",
    "MultiPolygon": "MultiSurface",
    "GeometryCollection": "MultiGeometry",
    "LinearRing": "LineString",
}


def gml_text(shape: BaseGeometry, crs: str) -> str:
    """A shape, (east, north), as GML in the axis order of its reference system.

    Raises:
        ValueError: The system is unknown.

    References:
        OGC 10-100r3 (GML Simple Features profile), section 8.

    >>> gml_text(shapely.Point(16, 50), "http://www.opengis.net/def/crs/EPSG/0/4326")
    ... # doctest: +ELLIPSIS
    '<gml:Point xmlns:gml=... srsDimension="2"><gml:pos>50 16</gml:pos></gml:Point>'
    """
    size = 3 if shape.has_z else 2
    head = f'xmlns:gml="{_NAMESPACE}" srsName="{crs}" srsDimension="{size}"'
    return _element(swapped(shape, crs), f" {head}")


def _element(shape: BaseGeometry, attributes: str = "") -> str:
    kind = shape.geom_type
    if kind in _MEMBERS:
        member = f"gml:{_MEMBERS[kind]}"
        parts = shapely.get_parts(shape)
        inner = "".join(f"<{member}>{_element(one)}</{member}>" for one in parts)
    elif shape.is_empty:
        inner = ""
    elif isinstance(shape, shapely.Polygon):
        inner = _ring("exterior", shape.exterior)
        inner += "".join(_ring("interior", one) for one in shape.interiors)
    else:
        tag = "pos" if kind == "Point" else "posList"
        inner = f"<gml:{tag}>{_numbers(shape)}</gml:{tag}>"
    name = _NAMES.get(kind, kind)
    return f"<gml:{name}{attributes}>{inner}</gml:{name}>"


def _ring(role: str, ring: BaseGeometry) -> str:
    inner = f"<gml:posList>{_numbers(ring)}</gml:posList>"
    return f"<gml:{role}><gml:LinearRing>{inner}</gml:LinearRing></gml:{role}>"


def _numbers(shape: BaseGeometry) -> str:
    numbers = shapely.get_coordinates(shape, include_z=shape.has_z).ravel()
    return " ".join(f"{round(float(one), 12):.15g}" for one in numbers)

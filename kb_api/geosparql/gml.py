"""GML 3.2 geometries (Simple Features profile) into shapes."""

import re
from collections.abc import Iterator
from typing import Any

import shapely
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from shapely.geometry.base import BaseGeometry

from kb_api.geosparql.places import CRS84, Placed, swapped

_SEQUENCES = {"posList", "pos", "coordinates"}
_MULTI: dict[str, Any] = {
    "MultiPoint": shapely.MultiPoint,
    "MultiCurve": shapely.MultiLineString,
    "MultiLineString": shapely.MultiLineString,
    "MultiSurface": shapely.MultiPolygon,
    "MultiPolygon": shapely.MultiPolygon,
    "MultiGeometry": shapely.GeometryCollection,
    "GeometryCollection": shapely.GeometryCollection,
}
_MAX_DEPTH = 40


def parse_gml(text: str) -> Placed:
    """The shape of a gmlLiteral; an empty text is an empty geometry.

    Without `srsName` its coordinates are longitude and latitude (CRS84).

    Raises:
        ValueError: It is no XML, or no geometry of the Simple Features profile.

    References:
        OGC 22-047r1, Geometry Extension; OGC 10-100r3 (GML Simple Features profile).
    """
    if not text.strip():
        return Placed(shapely.GeometryCollection(), CRS84)
    try:
        root = fromstring(text.strip())
    except (ParseError, DefusedXmlException) as error:
        raise ValueError(f"{text.strip()[:80]} is no GML: {error}") from error
    crs = _declared(root, "srsName") or CRS84
    size = _declared(root, "srsDimension")
    try:
        shape = _shape(root, size, 0)
    except (shapely.errors.GEOSException, TypeError) as error:  # a wrong kind of part
        raise ValueError(f"{text.strip()[:80]} is no GML: {error}") from error
    return Placed(swapped(shape, crs), crs)


def _declared(root: Any, attribute: str) -> str | None:  # noqa: ANN401
    """The first value of an attribute, on the geometry or within it."""
    found = (one.get(attribute) for one in root.iter())
    return next((value for value in found if value), None)


def _shape(element: Any, size: str | None, depth: int) -> BaseGeometry:  # noqa: ANN401
    if depth > _MAX_DEPTH:
        raise ValueError(f"a GML geometry nests deeper than {_MAX_DEPTH} levels")
    kind = _name(element)
    match kind:
        case "Point":
            points = _points(element, size)
            return shapely.Point(points[0]) if points else shapely.Point()
        case "LineString" | "LinearRing" | "Curve":
            _refuse_arcs(element)
            return shapely.LineString(_points(element, size) or None)
        case "Polygon" | "PolygonPatch":
            return _polygon(element, size)
        case "Surface" | "PolyhedralSurface":
            patches = [one for one in element.iter() if _name(one) == "PolygonPatch"]
            return shapely.union_all([_polygon(one, size) for one in patches])
    if kind in _MULTI:
        parts = [_shape(one, size, depth + 1) for one in _members(element)]
        made: BaseGeometry = _MULTI[kind](_flat(parts))
        return made
    raise ValueError(f"{kind[:60]} is no geometry of the GML Simple Features profile")


def _members(element: Any) -> Iterator[Any]:  # noqa: ANN401
    for member in element:
        yield from member


def _flat(parts: list[BaseGeometry]) -> list[BaseGeometry]:
    """Parts of parts: a Surface of several patches inside a MultiSurface."""
    return [one for part in parts for one in shapely.get_parts(part).tolist()]


def _refuse_arcs(element: Any) -> None:  # noqa: ANN401
    for one in element.iter():
        if _name(one).startswith(("Arc", "Circle", "Geodesic", "Clothoid")):
            raise ValueError(f"a curve of {_name(one)[:60]} is not read; only of lines")


def _polygon(element: Any, size: str | None) -> BaseGeometry:  # noqa: ANN401
    shell: list[tuple[float, ...]] = []
    holes = []
    _refuse_arcs(element)
    for part in element:
        if _name(part) in ("exterior", "outerBoundaryIs"):
            shell = _points(part, size)
        elif _name(part) in ("interior", "innerBoundaryIs"):
            holes.append(_points(part, size))
    return shapely.Polygon(shell, holes) if shell else shapely.Polygon()


def _points(
    element: Any,  # noqa: ANN401
    declared: str | None,
) -> list[tuple[float, ...]]:
    """The positions within an element, two or three coordinates each."""
    found: list[tuple[float, ...]] = []
    for one in element.iter():
        text = (one.text or "").strip()
        if _name(one) not in _SEQUENCES or not text:
            continue
        numbers = [float(number) for number in re.split(r"[\s,]+", text)]
        size = int(one.get("srsDimension") or declared or 0)
        if _name(one) == "pos" and not size:
            size = len(numbers)
        size = size or 2
        if size not in (2, 3) or len(numbers) % size:
            raise ValueError(f"{len(numbers)} numbers are no positions: {text[:60]}")
        found += [tuple(numbers[at : at + size]) for at in range(0, len(numbers), size)]
    return found


def _name(element: Any) -> str:  # noqa: ANN401
    return str(element.tag).rpartition("}")[2]

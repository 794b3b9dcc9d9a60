"""Geometry literals (WKT, GML, GeoJSON) into shapes, and shapes into WKT."""

import functools
import re

import numpy as np
import pyoxigraph as ox
import shapely
from shapely.geometry.base import BaseGeometry

from kb_api.geosparql.gml import parse_gml
from kb_api.geosparql.places import CRS84, Placed, swapped
from kb_api.wkt import parse_wkt
from ontology.nesting import MAX_NESTING, json_depth

GEO = "http://www.opengis.net/ont/geosparql#"
WKT = GEO + "wktLiteral"
GML = GEO + "gmlLiteral"
GEOJSON = GEO + "geoJSONLiteral"
HAS_SERIALIZATION = GEO + "hasSerialization"
SERIALISATIONS = {
    GEO + "asWKT": WKT,
    GEO + "asGML": GML,
    GEO + "asGeoJSON": GEOJSON,
    HAS_SERIALIZATION: None,
}
"""Properties from a geometry to its literal, each with its datatype; None: any."""

_WKT_TEXT = re.compile(r"\s*(?:<([^<>\s]*)>)?\s*(.*)", re.DOTALL)
_SHORT = 2_000
_HELD = 100_000
_HELD_LONG = 200
"""Shapes that are kept, of short and of long texts: together some 100 MB."""


def place_of(term: object) -> Placed:
    """The shape that a literal stands for.

    Raises:
        ValueError: It is no geometry literal, or not well formed.
    """
    if not isinstance(term, ox.Literal):
        raise ValueError(f"{str(term)[:80]} is no geometry literal")
    return read_literal(term.value, term.datatype.value)


def read_literal(text: str, datatype: str) -> Placed:
    """The shape of a literal's text; an empty text is an empty geometry.

    Args:
        text: WKT with or without the IRI of its reference system before it, GML, or
            GeoJSON (RFC 7946: always CRS84).
        datatype: IRI of one of the three.

    Raises:
        ValueError: The text is not well formed, names an unknown system, or has a
            coordinate that is infinite or no number.

    References:
        OGC 22-047r1 (GeoSPARQL 1.1), Geometry Extension.

    >>> read_literal("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(50 16)",
    ...              WKT).shape.wkt
    'POINT (16 50)'
    """
    return (_read_short if len(text) <= _SHORT else _read_long)(text, datatype)


def _read(text: str, datatype: str) -> Placed:
    try:
        place = _parsed(text, datatype)
        places = shapely.get_coordinates(place.shape)
    except ValueError:
        raise
    except Exception as error:  # a stranger's text may break a parser in any way
        raise ValueError(
            f"{text.strip()[:80]} cannot be read: {type(error).__name__}: {error}"
        ) from error
    if not np.isfinite(places).all():
        raise ValueError(f"{text.strip()[:80]} has a coordinate that is no number")
    return place


def _parsed(text: str, datatype: str) -> Placed:
    if datatype == WKT:
        return _read_wkt(text)
    if datatype == GML:
        return parse_gml(text)
    if datatype == GEOJSON:
        return Placed(_read_geojson(text), CRS84)
    raise ValueError(f"<{datatype[:100]}> is no datatype of geometries")


_read_short = functools.lru_cache(_HELD)(_read)
_read_long = functools.lru_cache(_HELD_LONG)(_read)


def wkt_literal(shape: BaseGeometry, crs: str = CRS84) -> ox.Literal:
    """A shape, (east, north), as a wktLiteral of a reference system.

    The IRI is left out for CRS84, which is the default.

    Raises:
        ValueError: A coordinate of the shape is infinite or no number.
    """
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise ValueError("the result has a coordinate that is no number")
    text = shapely.to_wkt(swapped(shape, crs), rounding_precision=12, trim=True)
    prefix = "" if crs == CRS84 else f"<{crs}> "
    return ox.Literal(prefix + text, datatype=ox.NamedNode(WKT))


def _read_wkt(text: str) -> Placed:
    found = _WKT_TEXT.fullmatch(text)
    assert found is not None
    crs, wkt = found[1] or CRS84, found[2].strip()
    if not wkt:
        return Placed(shapely.GeometryCollection(), crs)
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # told by read_literal
            shape = parse_wkt(wkt)
    except (shapely.errors.GEOSException, NotImplementedError) as error:
        raise ValueError(f"{wkt[:80]} is no WKT: {error}") from error
    return Placed(swapped(shape, crs), crs)


def _read_geojson(text: str) -> BaseGeometry:
    if not text.strip():
        return shapely.GeometryCollection()
    if json_depth([text.encode(errors="replace")]) > MAX_NESTING:
        raise ValueError(f"a shape nests deeper than {MAX_NESTING} levels")
    try:
        shape = shapely.from_geojson(text)
    except shapely.errors.GEOSException as error:
        raise ValueError(f"{text[:80]} is no GeoJSON geometry: {error}") from error
    if shape is None:
        raise ValueError(f"{text[:80]} is no GeoJSON geometry")
    return shape

"""What a geometry is: its kind, parts, extent, reference system and serialisations.

References:
    OGC 22-047r1 (GeoSPARQL 1.1), Geometry Extension; OGC 06-103r4, section 6.1.
"""

from collections.abc import Callable

import numpy as np
import pyoxigraph as ox
import shapely

from kb_api.geosparql.arguments import iri_term, whole_number_of
from kb_api.geosparql.gml_writing import gml_text
from kb_api.geosparql.literals import GEOJSON, GML, place_of, wkt_literal
from kb_api.geosparql.places import reference
from kb_api.outcome import Term

SF = "http://www.opengis.net/ont/sf#"


def get_srid(geometry: Term) -> ox.Literal:
    """IRI of the reference system, as it is written or left out in the literal."""
    return iri_term(place_of(geometry).crs)


def dimension(geometry: Term) -> ox.Literal:
    """Topological dimension: 0 points, 1 lines, 2 polygons; the highest of parts."""
    return ox.Literal(max(int(shapely.get_dimensions(place_of(geometry).shape)), 0))


def coordinate_dimension(geometry: Term) -> ox.Literal:
    """Number of coordinates of a point: 2 to 4."""
    return ox.Literal(int(shapely.get_coordinate_dimension(place_of(geometry).shape)))


def spatial_dimension(geometry: Term) -> ox.Literal:
    """Number of coordinates of a point that are of space: 2 or 3."""
    return ox.Literal(3 if place_of(geometry).shape.has_z else 2)


def is_3d(geometry: Term) -> ox.Literal:
    """Whether there are heights."""
    return ox.Literal(bool(place_of(geometry).shape.has_z))


def is_measured(geometry: Term) -> ox.Literal:
    """Whether there are measures beside the places."""
    return ox.Literal(bool(place_of(geometry).shape.has_m))


def is_empty(geometry: Term) -> ox.Literal:
    """Whether a geometry has no points."""
    return ox.Literal(bool(place_of(geometry).shape.is_empty))


def is_simple(geometry: Term) -> ox.Literal:
    """Whether a geometry does not cross or touch itself (polygons: their rings)."""
    return ox.Literal(bool(place_of(geometry).shape.is_simple))


def geometry_type(geometry: Term) -> ox.Literal:
    """IRI of the class of a geometry in the simple features vocabulary."""
    kind = place_of(geometry).shape.geom_type
    return iri_term(SF + ("LineString" if kind == "LinearRing" else kind))


def num_geometries(geometry: Term) -> ox.Literal:
    """Number of parts of a collection; 1 for what is none."""
    shape = place_of(geometry).shape
    if shape.geom_type.startswith(("Multi", "GeometryC")):
        return ox.Literal(int(shapely.get_num_geometries(shape)))
    return ox.Literal(1)


def geometry_n(geometry: Term, number: Term) -> ox.Literal:
    """A part of a collection, counted from 1; what is no collection is its own first.

    Raises:
        ValueError: There is no such part.
    """
    place, given = place_of(geometry), whole_number_of(number)
    parts = shapely.get_parts(place.shape)
    if not 1 <= given <= len(parts):
        raise ValueError(f"there is no part {given}; the geometry has {len(parts)}")
    return wkt_literal(parts[given - 1], place.crs)


def as_wkt(geometry: Term) -> ox.Literal:
    """A geometry as a wktLiteral, in its reference system."""
    place = place_of(geometry)
    return wkt_literal(place.shape, place.crs)


def as_gml(geometry: Term, profile: Term | None = None) -> ox.Literal:
    """A geometry as a gmlLiteral, in its reference system.

    It is of the Simple Features profile, which all GML profiles of geometries hold, so
    the name of a profile makes no difference.
    """
    del profile
    place = place_of(geometry)
    reference(place.crs)
    text = gml_text(place.shape, place.crs)
    return ox.Literal(text, datatype=ox.NamedNode(GML))


def as_geojson(geometry: Term) -> ox.Literal:
    """A geometry as a geoJSONLiteral, moved to longitude and latitude (RFC 7946).

    Raises:
        ValueError: A coordinate lies where it has no longitude and latitude.
    """
    text = shapely.to_geojson(place_of(geometry).on_earth())
    return ox.Literal(text, datatype=ox.NamedNode(GEOJSON))


def _extreme(axis: int, bound: Callable[..., float]) -> Callable[[Term], ox.Literal]:
    def found(geometry: Term) -> ox.Literal:
        shape = place_of(geometry).shape
        if shape.is_empty:
            raise ValueError("an empty geometry has no coordinates")
        if axis == 2 and not shape.has_z:
            raise ValueError("the geometry has no heights")
        values = shapely.get_coordinates(shape, include_z=axis == 2)[:, axis]
        return ox.Literal(float(bound(values)))

    return found


FUNCTIONS: dict[str, tuple[str, Callable[..., ox.Literal]]] = {
    "getSRID": ("reference system", get_srid),
    "dimension": ("topological dimension", dimension),
    "coordinateDimension": ("number of coordinates", coordinate_dimension),
    "spatialDimension": ("number of coordinates of space", spatial_dimension),
    "is3D": ("whether there are heights", is_3d),
    "isMeasured": ("whether there are measures", is_measured),
    "isEmpty": ("whether a geometry is empty", is_empty),
    "isSimple": ("whether a geometry is simple", is_simple),
    "geometryType": ("class of a geometry", geometry_type),
    "numGeometries": ("number of parts", num_geometries),
    "geometryN": ("one part of a collection", geometry_n),
    "asWKT": ("a geometry as WKT", as_wkt),
    "asGML": ("a geometry as GML", as_gml),
    "asGeoJSON": ("a geometry as GeoJSON", as_geojson),
    "minX": ("least longitude or easting", _extreme(0, np.min)),
    "minY": ("least latitude or northing", _extreme(1, np.min)),
    "minZ": ("least height", _extreme(2, np.nanmin)),
    "maxX": ("greatest longitude or easting", _extreme(0, np.max)),
    "maxY": ("greatest latitude or northing", _extreme(1, np.max)),
    "maxZ": ("greatest height", _extreme(2, np.nanmax)),
}
"""Local name to label and function."""

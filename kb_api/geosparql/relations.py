"""Topological relations of GeoSPARQL: simple features, Egenhofer and RCC8."""

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from kb_api.geosparql.places import Placed

_PATTERNS = {
    "ehMeet": ("FT*******", "F**T*****", "F***T****"),
    "ehOverlap": ("T*T***T**",),
    "ehCovers": ("T*TFT*FF*",),
    "ehCoveredBy": ("TFF*TFT**",),
    "ehInside": ("TFF*FFT**",),
    "ehContains": ("T*TFF*FF*",),
    "rcc8dc": ("FFTFFTTTT",),
    "rcc8ec": ("FFTFTTTTT",),
    "rcc8po": ("TTTTTTTTT",),
    "rcc8tppi": ("TTTFTTFFT",),
    "rcc8tpp": ("TFFTTFTTT",),
    "rcc8ntpp": ("TFFTFFTTT",),
    "rcc8ntppi": ("TTTFFTFFT",),
}
"""DE-9IM patterns (OGC 22-047r1, Geometry Topology Extension)."""

_GEOS: dict[str, Any] = {
    "sfEquals": shapely.equals,
    "sfDisjoint": shapely.disjoint,
    "sfIntersects": shapely.intersects,
    "sfTouches": shapely.touches,
    "sfCrosses": shapely.crosses,
    "sfWithin": shapely.within,
    "sfContains": shapely.contains,
    "sfOverlaps": shapely.overlaps,
    "ehEquals": shapely.equals,
    "ehDisjoint": shapely.disjoint,
    "rcc8eq": shapely.equals,
}

_AREAL = 2

RELATIONS = (*_GEOS, *_PATTERNS)
"""Local names of the relations, the same for functions and properties."""

EQUAL = frozenset({"sfEquals", "ehEquals", "rcc8eq"})
"""Relations that hold of two empty geometries too, which meet nowhere."""

DISJOINT = frozenset({"sfDisjoint", "ehDisjoint", "rcc8dc"})
"""Relations that hold without common points; all others imply an intersection."""


def related(name: str, one: Placed, other: Placed) -> bool:
    """Whether a relation holds, computed in the reference system of the first.

    Of two empty geometries only equality and disjointness hold; RCC8 is defined on
    regions, so it never holds for points and lines.

    Args:
        name: One of `RELATIONS`.
        one: Left of the relation.
        other: Right of it.

    Raises:
        ValueError: The other shape cannot be moved into that reference system.
        shapely.errors.GEOSException: A shape is not valid enough to be compared.

    References:
        OGC 22-047r1 (GeoSPARQL 1.1), Geometry Topology Extension; Egenhofer and
        Herring 1990; Randell, Cui and Cohn 1992.
    """
    return hold(name, one.shape, other.within(one.crs))


def hold(name: str, one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether a relation holds between shapes of one reference system."""
    if name in _GEOS and name != "rcc8eq":
        return bool(_GEOS[name](one, other))  # of empty shapes too
    if one.is_empty and other.is_empty:
        return name in EQUAL
    return bool(held(name, one, other))


def held(name: str, one: Any, other: Any) -> Any:  # noqa: ANN401
    """Whether a relation holds, for shapes or arrays of them, none of them empty."""
    is_defined: Any = True
    if name.startswith("rcc8"):
        is_defined = _is_areal(one) & _is_areal(other)
        if not np.any(is_defined):
            return is_defined
    if name in _GEOS:
        return _GEOS[name](one, other) & is_defined
    matrices = [shapely.relate_pattern(one, other, each) for each in _PATTERNS[name]]
    return np.logical_or.reduce(matrices) & is_defined


def _is_areal(shape: Any) -> Any:  # noqa: ANN401
    return shapely.get_dimensions(shape) == _AREAL

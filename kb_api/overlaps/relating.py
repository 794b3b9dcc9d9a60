"""Which of two things lies in the other, and how much ground they share."""

import hashlib
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from kb_api.geosparql.geodesic import area_m2
from kb_api.geosparql.literals import GEO
from kb_api.overlaps.things import Kind, Things, together
from ontology import LUC, RDF, XSD

_COARSER = {
    Kind.STATION: (Kind.UNIT, Kind.FOOTPRINT),
    Kind.PATCH: (Kind.REGION, Kind.UNIT, Kind.FOOTPRINT),
    Kind.REGION: (Kind.UNIT, Kind.FOOTPRINT),
    Kind.UNIT: (Kind.UNIT, Kind.FOOTPRINT),
    Kind.FOOTPRINT: (),
}
"""What a thing is linked to. Two units are linked where they are of different levels,
or of different graphs: the smaller one to the larger one."""

_TYPE = str(RDF.type)
_DOUBLE = str(XSD.double)
_AREAL = 2

Pairs = NDArray[np.intp]


def facts_of_overlaps(things: Things, others: Things) -> list[str]:
    """How things meet each other and others, as lines of N-Triples.

    `geo:sfIntersects` leads from the finer to the coarser of two things that have a
    point in common, be it of their boundaries; `geo:sfWithin` from a thing that lies
    in the other. Both hold as the functions `geof:` say of the two shapes. Two areas
    of which neither lies in the other, and that do more than touch, have a
    `luc:Overlap` with the ground that they share; where one lies in the other, they
    share all of it. Areas are geodesic, in square metres to a thousandth.

    Args:
        things: Compared with one another too.
        others: Not compared with one another.

    References:
        OGC 06-103r4, Simple feature access, section 6.1.15.
    """
    both = together([things, others])
    tree = shapely.STRtree(things.shapes)
    given, met = tree.query(both.shapes)
    new = given < len(things)
    kept = ~new | (given < met)
    finer, coarser = _directed(both, met[kept], given[kept])
    shapes = both.shapes
    shapely.prepare(shapes[np.unique(coarser)])
    meet = shapely.intersects(shapes[coarser], shapes[finer])
    finer, coarser = finer[meet], coarser[meet]
    within = shapely.contains(shapes[coarser], shapes[finer])
    around = shapely.within(shapes[coarser], shapes[finer])
    lines = list(_relations(both, finer, coarser, within, around))
    areal = shapely.get_dimensions(shapes) == _AREAL
    partly = ~within & ~around & areal[finer] & areal[coarser]
    lines += _shared(both, finer[partly], coarser[partly])
    return lines


def overlap_iri(finer: str, coarser: str) -> str:
    """What two things have in common, the same for the same two.

    >>> overlap_iri("https://kb.example/region/1", "https://kb.example/unit/2")
    'https://kb.example/region/1/overlap/afce59748300'
    """
    return f"{finer}/overlap/{hashlib.sha256(coarser.encode()).hexdigest()[:12]}"


def _directed(things: Things, first: Pairs, second: Pairs) -> tuple[Pairs, Pairs]:
    """The finer and the coarser of each pair; without those that are not linked."""
    allowed = np.zeros((len(Kind), len(Kind)), bool)
    for kind, others in _COARSER.items():
        allowed[kind, list(others)] = True
    kinds = things.kinds
    units = (kinds[first] == Kind.UNIT) & (kinds[second] == Kind.UNIT)
    areas = shapely.area(things.shapes)
    larger = areas[first] > areas[second]
    same = areas[first] == areas[second]
    later = things.iris[first] > things.iris[second]
    turned = np.where(units, larger | (same & later), kinds[first] > kinds[second])
    finer = np.where(turned, second, first)
    coarser = np.where(turned, first, second)
    kept = allowed[kinds[finer], kinds[coarser]] & (
        ~units | (things.groups[finer] != things.groups[coarser])
    )
    return finer[kept], coarser[kept]


def _relations(
    things: Things,
    finer: Pairs,
    coarser: Pairs,
    within: NDArray[np.bool_],
    around: NDArray[np.bool_],
) -> Iterator[str]:
    rows = zip(things.iris[finer], things.iris[coarser], within, around, strict=True)
    for one, other, is_within, is_around in rows:
        yield f"<{one}> <{GEO}sfIntersects> <{other}> ."
        if is_within:
            yield f"<{one}> <{GEO}sfWithin> <{other}> ."
        if is_around:
            yield f"<{other}> <{GEO}sfWithin> <{one}> ."


def _shared(things: Things, finer: Pairs, coarser: Pairs) -> Iterator[str]:
    common = shapely.intersection(things.shapes[finer], things.shapes[coarser])
    for one, other, shape in zip(
        things.iris[finer], things.iris[coarser], common, strict=True
    ):
        area = round(area_m2(shape), 3)
        if area > 0:
            node = overlap_iri(one, other)
            yield f"<{node}> <{_TYPE}> <{LUC.Overlap}> ."
            yield f"<{node}> <{LUC.overlapOf}> <{one}> ."
            yield f"<{node}> <{LUC.overlapWith}> <{other}> ."
            yield f'<{node}> <{GEO}hasMetricArea> "{area}"^^<{_DOUBLE}> .'

"""Pairs of geometries that a relation holds for."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from kb_api.geosparql.budget import Budget
from kb_api.geosparql.layers import Layer
from kb_api.geosparql.relations import DISJOINT, EQUAL, held

_MOST_SIDE = 20_000
_MOST_PAIRS = 500_000
_PAIRED = 4
"""Corners of pairs that take as long as one corner of a large place."""


@dataclass(frozen=True)
class Pairs:
    """Pairs outside of which a relation holds for none.

    Attributes:
        subjects: First and second geometry of each.
        is_exact: Whether it holds for all literals of each pair.
        unread: How many literals cannot be read that might have been of some.
    """

    subjects: list[tuple[str, str]]
    is_exact: bool
    unread: int = 0


def pairs_of(
    name: str,
    layers: Sequence[Layer],
    first: Set[str] | None,
    second: Set[str] | None,
    budget: Budget,
) -> Pairs | None:
    """The pairs of a relation.

    Args:
        name: The relation.
        layers: All geometries that can be read.
        first: Those that may stand first; None: all.
        second: Those that may stand second; None: all.
        budget: What may be compared.

    Returns:
        None where there are too many, several reference systems, or pairs that a box
        does not find.
    """
    if name in DISJOINT or len({layer.crs for layer in layers}) > 1:
        return None
    if name in EQUAL and any(layer.has_empty for layer in layers):
        return None
    found: dict[tuple[str, str], None] = {}
    is_exact = True
    for one in layers:
        for other in layers:
            both = _meeting(one, _rows(one, first), other, _rows(other, second))
            if both is None or len(found) + len(both[0]) > _MOST_PAIRS:
                return None
            left, right = both
            shapes = one.rows.shapes[left], other.rows.shapes[right]
            corners = sum(
                int(shapely.get_num_coordinates(each).sum()) for each in shapes
            )
            if not budget.allows(corners // _PAIRED):
                return None
            try:
                kept = held(name, *shapes)
            except shapely.errors.GEOSException:
                return None
            names = one.rows.subjects[left[kept]], other.rows.subjects[right[kept]]
            pairs = dict.fromkeys(zip(*(each.tolist() for each in names), strict=True))
            found |= pairs
            is_exact = is_exact and not any(
                subject in (layer.several if layer is own else layer.place)
                for own, each in ((one, names[0]), (other, names[1]))
                for layer in layers
                if layer.several or layer is not own
                for subject in each.tolist()
            )
    return Pairs(list(found), is_exact)


def _rows(layer: Layer, subjects: Set[str] | None) -> NDArray[np.intp]:
    return np.flatnonzero(layer.alive) if subjects is None else layer.rows_of(subjects)


def _meeting(
    one: Layer, left: NDArray[np.intp], other: Layer, right: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Pairs of the rows whose boxes meet; the smaller side is sought in the other."""
    if min(len(left), len(right)) > _MOST_SIDE:
        return None
    if len(left) > len(right):
        swapped = _meeting(other, right, one, left)
        return None if swapped is None else swapped[::-1]
    given, found = other.meeting(one.rows.shapes[left])
    is_ours = np.zeros(len(other.rows), bool)
    is_ours[right] = True
    kept = is_ours[found]
    return left[given[kept]], found[kept]

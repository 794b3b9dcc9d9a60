"""The spatial index: which geometries of a store can satisfy a condition."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from kb_api.geosparql.budget import Budget
from kb_api.geosparql.layers import Layer
from kb_api.geosparql.pairs import Pairs, pairs_of
from kb_api.geosparql.places import Placed
from kb_api.geosparql.reach import Reach
from kb_api.geosparql.relations import DISJOINT, held
from kb_api.geosparql.rows import BROKEN, Rows, together
from kb_api.geosparql.shapes import Shapes

MOST_FOUND = 200_000
"""Geometries of which a query is told; from about there a scan is as fast."""

_FEW = 2_000
_MOST_LAYERS = 6
_SMALL = 10_000


@dataclass(frozen=True)
class Found:
    """Geometries outside of which none satisfies a condition.

    Attributes:
        subjects: Their IRIs; labels of blank nodes with `_:` before them.
        is_exact: Whether each literal of each of them satisfies it, as the engine
            would compute it.
    """

    subjects: list[str]
    is_exact: bool


class SpatialIndex:
    """The geometries of one state of a store, found by their boxes.

    It never changes; what a load changes makes another index, which shares with this
    one what is the same.

    Attributes:
        broken: Literals that cannot be read. They are found always, but in pairs, so
            that the engine tells of the error.
    """

    def __init__(self, layers: Sequence[Layer], broken: Rows) -> None:
        self._layers = tuple(layers)
        self.broken = broken

    @classmethod
    def of(cls, rows: Rows) -> "SpatialIndex":
        """The index of geometries."""
        return cls(_layers(rows), rows.taken(rows.systems == BROKEN))

    def __len__(self) -> int:
        """How many literals can be read."""
        return sum(int(layer.alive.sum()) for layer in self._layers)

    def replaced(self, graphs: Iterable[str], rows: Rows) -> "SpatialIndex":
        """The index after a load.

        Args:
            graphs: Those that were replaced or removed; empty: the unnamed one.
            rows: The geometries that stand in them now.
        """
        gone = frozenset(graphs)
        lasting = np.array([one not in gone for one in self.broken.graphs], bool)
        new = rows.taken(rows.systems == BROKEN)
        broken = together([self.broken.taken(lasting), new])
        layers = [layer.without(gone) for layer in self._layers] + _layers(rows)
        return SpatialIndex(_merged(layers), broken)

    def names(self) -> list[str]:
        """The geometries that have a literal that can be read."""
        subjects = [layer.rows.subjects[layer.alive] for layer in self._layers]
        return list(dict.fromkeys(one for each in subjects for one in each.tolist()))

    def rows(self) -> Rows:
        """All geometries, for keeping them."""
        alive = [layer.rows.taken(layer.alive) for layer in self._layers]
        return together([*alive, self.broken])

    def related(
        self, name: str, place: Placed, budget: Budget | None = None, *, is_first: bool
    ) -> Found | None:
        """Geometries that a relation may hold between and a place.

        Args:
            name: The relation.
            place: What they are compared with.
            budget: What may be compared; beyond, what is found is not exact. None:
                a new one.
            is_first: Whether they stand first and the place second. The relation is
                computed in the reference system of the first.

        Returns:
            None where the index is no help: relations that hold without a common
            point, empty places, too many geometries.
        """
        if name in DISJOINT or place.shape.is_empty:
            return None
        budget = Budget() if budget is None else budget
        subjects: dict[str, None] = dict.fromkeys(self.broken.subjects.tolist())
        is_exact = not subjects
        for layer in self._layers:
            plane = layer.crs if is_first else place.crs
            rows = _near(layer, place, plane)
            if rows is None or self._are_too_many(len(rows)):
                return None
            if layer.crs == place.crs:
                shapes = layer.rows.shapes
                rows, is_sure = _refined(name, place, shapes, rows, budget, is_first)
                is_exact = is_exact and is_sure
            else:
                is_exact = is_exact and not len(rows)
            found = layer.rows.subjects[rows].tolist()
            is_exact = is_exact and self._have_one_literal(layer, found)
            subjects |= dict.fromkeys(found)
        return Found(list(subjects), is_exact)

    def within(self, reach: Reach, place: Placed, *, is_first: bool) -> Found | None:
        """Geometries that may lie within a distance of a place.

        Args:
            reach: The distance.
            place: From where.
            is_first: Whether the geometries stand first and the place second.

        Returns:
            Never exact; None where the index is no help.
        """
        subjects: dict[str, None] = dict.fromkeys(self.broken.subjects.tolist())
        if place.shape.is_empty:
            return None
        for layer in self._layers:
            try:
                around = reach.boxes(place, layer.crs if is_first else place.crs)
            except ValueError:
                return None
            if around is None:
                return None
            rows = layer.near_any(*around)
            if rows is None or self._are_too_many(len(rows)):
                return None
            subjects |= dict.fromkeys(layer.rows.subjects[rows].tolist())
        return Found(list(subjects), is_exact=False)

    def joined(
        self,
        name: str,
        first: Set[str] | None,
        second: Set[str] | None,
        budget: Budget | None = None,
    ) -> Pairs | None:
        """Pairs of geometries that a relation holds for; see `pairs_of`."""
        budget = Budget() if budget is None else budget
        found = pairs_of(name, self._layers, first, second, budget)
        if found is None or not len(self.broken):
            return found
        asked = (each for each in (first, second) if each is not None)
        names = None if None in (first, second) else frozenset[str]().union(*asked)
        broken = self.broken.subjects.tolist()
        unread = sum(names is None or one in names for one in broken)
        return Pairs(found.subjects, is_exact=False, unread=unread)

    def _are_too_many(self, found: int) -> bool:
        return found > _FEW and found > min(MOST_FOUND, len(self) // 2)

    def _have_one_literal(self, layer: Layer, found: Sequence[str]) -> bool:
        """Whether subjects found in one layer have no other literal."""
        others = [one.place for one in self._layers if one is not layer]
        places = [layer.several, *others]
        return not any(one in place for place in places if place for one in found)


def _near(layer: Layer, place: Placed, plane: str) -> NDArray[np.intp] | None:
    """The rows near a place as seen in a reference system; all, where it has none."""
    try:
        box = np.array(place.within(plane).bounds)
    except ValueError:
        return np.flatnonzero(layer.alive)
    return layer.near(box, plane) if np.isfinite(box).all() else None


def _refined(
    name: str,
    place: Placed,
    shapes: Shapes,
    rows: NDArray[np.intp],
    budget: Budget,
    is_first: bool,
) -> tuple[NDArray[np.intp], bool]:
    """The rows that a relation holds for; all, and False, where it cannot be told.

    Or where it would take too long.
    """
    corners = int(shapely.get_num_coordinates(place.shape))
    if not budget.allows(corners * len(rows)):
        return rows, False
    these = shapes[rows]
    pair = (these, place.shape) if is_first else (place.shape, these)
    try:
        return rows[held(name, *pair)], True
    except shapely.errors.GEOSException:
        return rows, False


def _layers(rows: Rows) -> list[Layer]:
    systems = dict.fromkeys(rows.systems.tolist())
    return [Layer(rows.taken(rows.systems == one)) for one in systems if one != BROKEN]


def _merged(layers: Sequence[Layer]) -> list[Layer]:
    """The same rows in few layers: small ones together, all where many are small."""
    kept: list[Layer] = []
    for crs in dict.fromkeys(layer.crs for layer in layers):
        ours = [one for one in layers if one.crs == crs and one.alive.any()]
        ours.sort(key=lambda one: -len(one.rows))
        small = sum(len(one.rows) for one in ours[1:])
        is_dead = any(one.alive.mean() < 0.5 for one in ours[:1])
        if is_dead or small > max(_SMALL, len(ours[0].rows) // 4 if ours else 0):
            ours = [_one_layer(ours)]
        elif len(ours) > _MOST_LAYERS:
            ours = [ours[0], _one_layer(ours[1:])]
        kept += ours
    return kept


def _one_layer(layers: Sequence[Layer]) -> Layer:
    return Layer(together([one.rows.taken(one.alive) for one in layers]))

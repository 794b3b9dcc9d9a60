"""One geometry of many: union, box, circle, hulls and centroid of a group of rows.

Results are wktLiterals in the reference system of the first geometry that came. A row
with a geometry that cannot be read leaves the whole group unbound, and is a fault.

References:
    OGC 22-047r1 (GeoSPARQL 1.1), Geometry Extension.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import pyoxigraph as ox
import shapely
from shapely.geometry.base import BaseGeometry

from kb_api.geosparql.arguments import flat_place, valid_place
from kb_api.geosparql.constructions import HULL_RATIO, concave_hull_of, distinct_points
from kb_api.geosparql.literals import wkt_literal
from kb_api.outcome import Faults, Term

_BATCH = 1_000
_MOST_POINTS = 1_000_000


class Gatherer(Protocol):
    """What takes shapes one by one, and makes one of them."""

    def take(self, shape: BaseGeometry) -> None:
        """Hold one more shape."""
        ...

    def made(self) -> BaseGeometry:
        """The shape of all that were taken."""
        ...


class Folding:
    """Folds shapes in batches, and folded ones of one size in pairs.

    So each shape is folded a few times only, however many there are.

    Attributes:
        fold: Many shapes into one that says as much.
        last: That one into the result.
    """

    def __init__(
        self,
        fold: Callable[[Sequence[BaseGeometry]], BaseGeometry],
        last: Callable[[BaseGeometry], BaseGeometry] = lambda shape: shape,
    ) -> None:
        self.fold, self.last = fold, last
        self._held: list[BaseGeometry] = []
        self._folded: list[tuple[int, BaseGeometry]] = []

    def take(self, shape: BaseGeometry) -> None:
        """Hold one more shape."""
        self._held.append(shape)
        if len(self._held) < _BATCH:
            return
        size, folded, self._held = 1, self.fold(self._held), []
        while self._folded and self._folded[-1][0] == size:
            folded = self.fold([self._folded.pop()[1], folded])
            size *= 2
        self._folded.append((size, folded))

    def made(self) -> BaseGeometry:
        """The shape of all that were taken; an empty collection of none."""
        folded = [one for _, one in self._folded]
        return self.last(self.fold([*folded, *self._held]))


class Centring:
    """The centroid of shapes: of their areas, else their lengths, else their points.

    What overlaps counts as often as it is given.
    """

    def __init__(self) -> None:
        self._dimension = -1
        self._weight = 0.0
        self._sum = np.zeros(2)

    def take(self, shape: BaseGeometry) -> None:
        """Count one more shape; one of fewer dimensions than another counts nothing."""
        dimension = int(shapely.get_dimensions(shape))
        if shape.is_empty or dimension < self._dimension:
            return
        if dimension > self._dimension:
            self._dimension, self._weight, self._sum = dimension, 0.0, np.zeros(2)
        points = int(shapely.get_num_coordinates(shape))
        weight = float((points, shape.length, shape.area)[dimension])
        self._weight += weight
        self._sum += weight * shapely.get_coordinates(shapely.centroid(shape))[0]

    def made(self) -> BaseGeometry:
        """The centroid; an empty point of nothing."""
        if not self._weight:
            return shapely.Point()
        return shapely.Point(self._sum / self._weight)


class Aggregate:
    """An aggregate function at work on one group, as pyoxigraph wants it."""

    def __init__(self, name: str, faults: Faults) -> None:
        self._name, self._faults = name, faults
        self._gatherer = _GATHERERS[name][1]()
        self._crs: str | None = None
        self._failed = False

    def accumulate(self, term: Term) -> None:
        """Take one row's geometry."""
        if self._failed:
            return
        try:
            place = (valid_place if self._name == "aggUnion" else flat_place)(term)
            self._crs = self._crs or place.crs
            self._gatherer.take(place.within(self._crs))
        except Exception as error:  # pyoxigraph would swallow any of them
            self._failed = True
            self._faults.note(self._name, error)

    def finish(self) -> ox.Literal | None:
        """The geometry of the group; None after a fault, or of no rows."""
        if self._failed or self._crs is None:
            return None
        try:
            return wkt_literal(self._gatherer.made(), self._crs)
        except Exception as error:  # pyoxigraph would swallow any of them
            self._faults.note(self._name, error)
            return None


def _hull(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    return shapely.convex_hull(shapely.GeometryCollection(list(shapes)))


def _box(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    return shapely.envelope(shapely.GeometryCollection(list(shapes)))


def _points(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """The vertices of shapes.

    Raises:
        ValueError: They are more than a hull is made of.
    """
    points = distinct_points(shapely.get_coordinates(list(shapes)))
    if len(points) > _MOST_POINTS:
        raise ValueError(f"the group has more than {_MOST_POINTS} points; group finer")
    return shapely.MultiPoint(points)


_GATHERERS: dict[str, tuple[str, Callable[[], Gatherer]]] = {
    "aggUnion": ("union of geometries", lambda: Folding(shapely.union_all)),
    "aggBoundingBox": ("upright rectangle around geometries", lambda: Folding(_box)),
    "aggBoundingCircle": (
        "smallest circle around geometries",
        lambda: Folding(_hull, shapely.minimum_bounding_circle),
    ),
    "aggConvexHull": ("convex hull of geometries", lambda: Folding(_hull)),
    "aggConcaveHull": (
        "concave hull of geometries",
        lambda: Folding(_points, lambda points: concave_hull_of(points, HULL_RATIO)),
    ),
    "aggCentroid": ("centroid of geometries", Centring),
}

AGGREGATES = {name: label for name, (label, _) in _GATHERERS.items()}
"""Local name to label."""

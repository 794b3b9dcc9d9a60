"""Geometries of one reference system, found by their boxes in any other."""

import copy
import functools
import threading
from collections import Counter
from collections.abc import Sequence, Set

import numpy as np
import shapely
from numpy.typing import NDArray

from kb_api.geosparql.places import CRS84, transformed
from kb_api.geosparql.reach import LONGEST_DEG
from kb_api.geosparql.rows import Rows
from kb_api.geosparql.shapes import Shapes

_MOST_MOVED = 20_000
_MOST_PLANES = 4
_MARGIN = 1e-9


class Layer:
    """Rows of one reference system.

    Attributes:
        crs: Its IRI.
        rows: The geometries.
        alive: (row,) bool: those that the store still has.
        several: Subjects that have more than one row.
        has_empty: Whether a shape is empty.
    """

    def __init__(self, rows: Rows) -> None:
        self.crs: str = rows.systems[0]
        self.rows = rows
        self.alive = np.ones(len(rows), bool)
        subjects = rows.subjects.tolist()
        self.has_empty = bool(rows.shapes.is_empty.any())
        self.several: set[str] = set()
        if len(set(subjects)) < len(rows):
            counts = Counter(subjects)
            self.several = {one for one, count in counts.items() if count > 1}
        self._planes: dict[str, _Plane] = {}
        self._lock = threading.Lock()

    @functools.cached_property
    def place(self) -> dict[str, int]:
        """Subject to one of its rows."""
        return {one: at for at, one in enumerate(self.rows.subjects.tolist())}

    def without(self, graphs: frozenset[str]) -> "Layer":
        """The same layer, with the rows of some graphs dead."""
        gone = np.fromiter((one in graphs for one in self.rows.graphs), bool)
        other = copy.copy(self)
        other.alive = self.alive & ~gone
        return other

    def rows_of(self, subjects: Set[str]) -> NDArray[np.intp]:
        """The rows of some subjects."""
        if subjects.isdisjoint(self.several):
            found = [self.place[one] for one in subjects if one in self.place]
        else:
            found = [at for at, one in enumerate(self.rows.subjects) if one in subjects]
        rows = np.array(found, np.intp)
        kept: NDArray[np.intp] = rows[self.alive[rows]]
        return kept

    def meeting(
        self, shapes: NDArray[np.object_]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Pairs of a shape and a row whose boxes meet; both in the layer's system."""
        plane = self._plane(self.crs)
        assert plane is not None
        given, rows = plane.tree.query(shapes)
        kept = self.alive[rows]
        return given[kept], rows[kept]

    def near(self, box: NDArray[np.float64], crs: str) -> NDArray[np.intp] | None:
        """The rows whose boxes meet one, both in a reference system.

        A relation is computed in the plane of one system, to which only the corners
        of a shape are moved; its edges are straight there. So the box of the moved
        corners holds the shape as the relation sees it, and needs no more margin than
        what rounding takes. Rows that cannot be moved are always found.

        Args:
            box: (west, south, east, north).
            crs: IRI of the system.

        Returns:
            Indices of rows; None where too many would have to be moved.
        """
        plane = self._plane(crs)
        if plane is None:
            return None
        margin = _MARGIN * (1 + np.abs(box).max())
        west, south, east, north = box
        asked = (west - margin, south - margin, east + margin, north + margin)
        found = plane.tree.query(shapely.box(*asked))
        if len(plane.lost):
            found = np.union1d(found, plane.lost)
        kept: NDArray[np.intp] = found[self.alive[found]]
        return kept

    def near_any(
        self, crs: str, boxes: Sequence[NDArray[np.float64]]
    ) -> NDArray[np.intp] | None:
        """The rows whose boxes meet one of several; see `near`."""
        found = [self.near(box, crs) for box in boxes if np.isfinite(box).all()]
        plane = self._plane(crs)
        if plane is None or (crs == CRS84 and plane.longest > LONGEST_DEG):
            return None
        rows = [one for one in found if one is not None]
        return np.unique(np.concatenate(rows)) if len(rows) == len(boxes) else None

    def _plane(self, crs: str) -> "_Plane | None":
        with self._lock:
            if crs not in self._planes:
                if crs == self.crs:
                    self._planes[crs] = _Plane(self.rows.shapes)
                elif len(self.rows) <= _MOST_MOVED:
                    moved = [one for one in self._planes if one != self.crs]
                    for oldest in moved[: max(0, len(moved) + 1 - _MOST_PLANES)]:
                        del self._planes[oldest]
                    self._planes[crs] = _Plane(Shapes.of(self._moved(crs)))
            return self._planes.get(crs)

    def _moved(self, crs: str) -> NDArray[np.object_]:
        shapes = np.full(len(self.rows), None, object)
        for at, shape in enumerate(self.rows.shapes.all()):
            try:
                shapes[at] = transformed(shape, self.crs, crs)
            except ValueError:
                continue
        return shapes


class _Plane:
    """Boxes of shapes in one reference system.

    Attributes:
        tree: Of those that have one.
        lost: Rows that could not be moved there; empty shapes are none of them.
        longest: Length of the longest line or boundary.
    """

    def __init__(self, shapes: Shapes) -> None:
        has_box = np.isfinite(shapes.boxes).all(axis=1)
        # A tree looks at boxes only, and a diagonal has the box of its shape.
        lines = np.full(len(shapes), None, object)
        lines[has_box] = shapely.linestrings(shapes.boxes[has_box].reshape(-1, 2, 2))
        self.tree = shapely.STRtree(lines)
        self.longest = float(np.nanmax(shapes.lengths, initial=0.0))
        self.lost = np.flatnonzero(~has_box & ~shapes.is_empty)

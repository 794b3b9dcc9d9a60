"""Shapes that are read from their WKB when they are first needed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

_READ = -1


@dataclass(frozen=True, eq=False)
class Shapes:
    """Shapes, one a row; None where there is none.

    Attributes:
        boxes: (row, 4) float64: west, south, east, north; NaN: no point.
        lengths: (row,) float64: of a line or boundary.
        is_empty: (row,) bool: there is a shape, without a point.
    """

    boxes: NDArray[np.float64]
    lengths: NDArray[np.float64]
    is_empty: NDArray[np.bool_]
    _known: NDArray[np.object_]
    _places: NDArray[np.int64]
    """(row, 3): number of the buffer or `_READ`, first byte, byte after the last."""
    _buffers: tuple[memoryview, ...] = ()

    @classmethod
    def of(cls, shapes: NDArray[np.object_]) -> "Shapes":
        """Shapes that are known."""
        return cls(
            shapely.bounds(shapes),
            shapely.length(shapes),
            shapely.is_empty(shapes),
            shapes,
            np.full((len(shapes), 3), _READ),
        )

    @classmethod
    def packed(
        cls,
        wkb: memoryview,
        sizes: NDArray[np.int64],
        boxes: NDArray[np.float64],
        lengths: NDArray[np.float64],
    ) -> "Shapes":
        """Shapes whose WKB stands one behind the other; of no bytes: none."""
        ends = np.cumsum(sizes)
        is_empty = np.isnan(boxes).all(axis=1) & (sizes > 0)
        number = np.where(sizes > 0, 0, _READ)
        places = np.column_stack([number, ends - sizes, ends])
        known = np.full(len(sizes), None, object)
        return cls(boxes, lengths, is_empty, known, places, (wkb,))

    def __len__(self) -> int:
        return len(self._known)

    def __getitem__(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """The shapes of some rows, by their indices."""
        places = self._places[rows]  # a copy: another thread may read the same rows
        is_unread = places[:, 0] != _READ
        unread = rows[is_unread]
        if len(unread):
            self._known[unread] = shapely.from_wkb(self._wkb_at(places[is_unread]))
            self._places[unread, 0] = _READ
        found: NDArray[np.object_] = self._known[rows]
        return found

    def all(self) -> NDArray[np.object_]:
        """All shapes. Memory: as many objects."""
        return self[np.arange(len(self))]

    def taken(self, which: NDArray[np.bool_]) -> "Shapes":
        """Those of the rows for which a mask is true."""
        return Shapes(
            self.boxes[which],
            self.lengths[which],
            self.is_empty[which],
            self._known[which],
            self._places[which],
            self._buffers,
        )

    def wkb(self) -> list[bytes]:
        """The WKB of each row; none: no shape."""
        places = self._places.copy()  # before what is known: that only grows
        pieces: list[bytes | None] = shapely.to_wkb(self._known).tolist()
        rows = np.flatnonzero(places[:, 0] != _READ)
        for row, piece in zip(rows.tolist(), self._wkb_at(places[rows]), strict=True):
            pieces[row] = piece
        return [one or b"" for one in pieces]

    def _wkb_at(self, places: NDArray[np.int64]) -> list[bytes]:
        """The WKB of rows that are not read yet, by their places."""
        return [
            bytes(self._buffers[number][begin:end])
            for number, begin, end in places.tolist()
        ]


def joined(shapes: Sequence[Shapes]) -> Shapes:
    """The shapes of all; there is at least one."""
    places, before = [], 0
    for one in shapes:
        moved = one._places.copy()
        moved[moved[:, 0] != _READ, 0] += before
        places.append(moved)
        before += len(one._buffers)
    return Shapes(
        np.concatenate([one.boxes for one in shapes]),
        np.concatenate([one.lengths for one in shapes]),
        np.concatenate([one.is_empty for one in shapes]),
        np.concatenate([one._known for one in shapes]),
        np.concatenate(places),
        tuple(buffer for one in shapes for buffer in one._buffers),
    )

"""Shapes read from their WKB when needed are those that were packed."""

import numpy as np
import shapely

from kb_api.geosparql.shapes import Shapes, joined

TEXTS = [
    "POINT (1 2)",
    "POLYGON ((0 0, 4 0, 4 3, 0 3, 0 0))",
    "POLYGON EMPTY",
    "LINESTRING (0 0, 3 4)",
]


def known() -> Shapes:
    return Shapes.of(np.append(shapely.from_wkt(TEXTS), None))


def packed(shapes: Shapes) -> Shapes:
    pieces = shapes.wkb()
    sizes = np.array([len(one) for one in pieces])
    wkb = memoryview(b"".join(pieces))
    return Shapes.packed(wkb, sizes, shapes.boxes, shapes.lengths)


def told(shapes: Shapes) -> list[str | None]:
    return [None if one is None else one.wkt for one in shapes.all()]


def test_what_is_packed_comes_back() -> None:
    shapes = packed(known())
    assert shapes.boxes[1].tolist() == [0, 0, 4, 3]
    assert np.isnan(shapes.boxes[[2, 4]]).all()
    assert shapes.lengths[[0, 1, 3]].tolist() == [0, 14, 5]
    assert shapes.is_empty.tolist() == [False, False, True, False, False]
    assert [one.wkt for one in shapes[np.array([3, 0])]] == [TEXTS[3], TEXTS[0]]
    assert told(shapes) == [*TEXTS, None]
    assert told(packed(shapes)) == [*TEXTS, None]


def test_some_of_them_and_others_are_packed_again() -> None:
    shapes = packed(known())
    assert shapes[np.array([1])][0].area == 12
    some = shapes.taken(np.array([False, True, True, False, True]))
    other = packed(Shapes.of(shapely.from_wkt(["POINT (7 7)", "POINT (8 8)"])))
    both = joined([some, known(), other])
    expected = [*TEXTS[1:3], None, *TEXTS, None, "POINT (7 7)", "POINT (8 8)"]
    assert len(both) == len(expected) == 10
    assert both.boxes[8].tolist() == [7, 7, 7, 7]
    assert told(packed(both)) == expected
    assert told(both) == expected

"""WKT that somebody wrote, never nested so deep that its parser overruns the stack."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ontology.nesting import MAX_NESTING, bracket_depth

_PLAIN = ("P", "L", "M")
_CURVED = ("MULTIC", "MULTIS")


def parse_wkt(text: str) -> BaseGeometry:
    """The shape of a WKT text.

    Raises:
        ValueError: It nests deeper than anybody writes, or has curves within.
        shapely.errors.GEOSException: It is no WKT.
        NotImplementedError: It is of a kind that shapely does not know.

    >>> parse_wkt("CURVEPOLYGON(COMPOUNDCURVE(" * 20_000 + "0 0")
    Traceback (most recent call last):
    ...
    ValueError: a shape nests deeper than 100 levels
    """
    if _is_deep(text):
        raise ValueError(f"a shape nests deeper than {MAX_NESTING} levels")
    shape = shapely.from_wkt(text)
    try:
        shapely.get_coordinates(shape)
    except shapely.errors.GEOSException as error:
        raise ValueError("a shape has curves; draw them as straight lines") from error
    return shape


def shape_of(text: str | None) -> BaseGeometry | None:
    """The shape of a WKT text; None for none, and for what cannot be read.

    >>> shape_of("CIRCULARSTRING(0 0, 1 1, 2 0)") is shape_of("POINT(1") is None
    True
    """
    try:
        return None if text is None else parse_wkt(text)
    except (shapely.errors.GEOSException, NotImplementedError, ValueError):
        return None


def is_plain(text: str) -> bool:
    """Whether a text begins as points, lines or polygons do, and as no curve does."""
    return text[:1] in _PLAIN and text[:6].upper() not in _CURVED


def parse_plain(texts: Sequence[str]) -> NDArray[np.object_]:
    """The shapes of plain WKT texts; None for those that cannot be read."""
    sound = [None if _is_deep(text) else text for text in texts]
    return np.atleast_1d(shapely.from_wkt(np.array(sound, object), on_invalid="ignore"))


def _is_deep(text: str) -> bool:
    return text.count("(") > MAX_NESTING and bracket_depth(text) > MAX_NESTING

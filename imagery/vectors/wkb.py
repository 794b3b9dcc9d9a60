"""How deep a shape in WKB or WKT nests: GEOS follows until its stack is overrun."""

import itertools
import re
import struct

MOST_LEVELS = 100
"""Depth of shapes in shapes that is read; files of people have two."""

_POINT, _LINE, _POLYGON, _ARC = 1, 2, 3, 8
_OF_SHAPES = (4, 5, 6, 7, 9, 10, 11, 12)
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000


def nests_too_deep(shape: bytes) -> bool:
    """Whether a shape holds shapes in shapes beyond `MOST_LEVELS`.

    Read as GEOS reads it, with the flags of EWKB and the thousands of ISO; where it
    is damaged the rest is not looked at.

    >>> nests_too_deep(struct.pack("<BII", 1, 7, 1) * 101)
    True
    >>> nests_too_deep(struct.pack("<BII", 1, 7, 1) * 99)
    False
    """
    position, order = 0, "<"
    waiting = [1]  # shapes still to come at each level
    try:
        while waiting:
            if len(waiting) > 1 + MOST_LEVELS:
                return True
            if not waiting[-1]:
                waiting.pop()
                continue
            waiting[-1] -= 1
            order = {1: "<", 0: ">"}.get(shape[position], order)
            (kind,) = struct.unpack_from(f"{order}I", shape, position + 1)
            position += 9 if kind & _SRID else 5
            found = (kind & 0xFFFF) % 1000
            if found in _OF_SHAPES:
                (count,) = struct.unpack_from(f"{order}I", shape, position)
                position += 4
                waiting.append(count)
            else:
                position = _after(shape, position, order, kind)
    except (struct.error, IndexError):
        return False
    return False


def wkt_nests_too_deep(text: str) -> bool:
    """Whether brackets of WKT stand in brackets beyond `MOST_LEVELS`.

    >>> wkt_nests_too_deep("CURVEPOLYGON(COMPOUNDCURVE(" * 51)
    True
    >>> wkt_nests_too_deep("POLYGON(" + "(1 1, 2 1, 2 2, 1 1)," * 200)
    False
    """
    if text.count("(") <= MOST_LEVELS:
        return False
    steps = (1 if one == "(" else -1 for one in re.findall("[()]", text))
    return max(itertools.accumulate(steps)) > MOST_LEVELS


def _after(shape: bytes, position: int, order: str, kind: int) -> int:
    """Where a point, line or polygon ends whose coordinates begin at `position`."""
    found, thousands = (kind & 0xFFFF) % 1000, (kind & 0xFFFF) // 1000
    size = 8 * (
        2
        + bool(kind & _Z or thousands in (1, 3))
        + bool(kind & _M or thousands in (2, 3))
    )
    if found == _POINT:
        return position + size
    if found not in (_LINE, _POLYGON, _ARC):
        raise IndexError(found)
    rings = 1
    if found == _POLYGON:
        (rings,) = struct.unpack_from(f"{order}I", shape, position)
        position += 4
    for _ in range(rings):
        (count,) = struct.unpack_from(f"{order}I", shape, position)
        position += 4 + count * size
    return position

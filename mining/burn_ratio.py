"""Drop of the normalised burn ratio between two dates, cleaned of single pixels."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from imagery.indices import nbr

CLOSING_PX = 2
"""Radius of the disc whose gaps are filled."""

OPENING_PX = 1
"""Radius of the disc that a burn must be able to hold."""

HALO = 2 * (CLOSING_PX + OPENING_PX)
"""Pixels around a window that decide its values."""

_Pixels = NDArray[np.float32]


def burn_ratio_drop(before: _Pixels, after: _Pixels) -> NDArray[np.float32]:
    """NBR before minus NBR after, closed and then opened in grey levels.

    Closing lifts gaps narrower than a disc of radius `CLOSING_PX`, opening takes away
    peaks narrower than one of `OPENING_PX`: cutting the result at any height gives
    the same mask as closing and opening the mask cut from the difference. Pixels that
    are unknown on either date, and those outside, have no say.

    Args:
        before: NBR itself `(1, y, x)`, or reflectance of B08 and B12 `(2, y, x)`, with
            `HALO` pixels around the window; NaN for nodata.
        after: The same later.

    Returns:
        Difference of the window without its halo `(y, x)`, in -2..2, positive where
        vegetation burned; NaN where it is unknown.

    References:
        Key and Benson 2006, Landscape Assessment, USDA RMRS-GTR-164-CD, LA-33 to 35;
        Serra 1982, Image Analysis and Mathematical Morphology, chapter XII.

    >>> before, after = np.full((1, 13, 13), 0.5, "f4"), np.full((1, 13, 13), 0.1, "f4")
    >>> burn_ratio_drop(before, after).round(3)
    array([[0.4]], dtype=float32)
    """
    drop = _ratio(before) - _ratio(after)
    known = np.isfinite(drop)
    closing, opening = _disc(CLOSING_PX), _disc(OPENING_PX)
    cleaned = _highest(drop, known, closing)
    cleaned = _lowest(cleaned, known, closing)
    cleaned = _lowest(cleaned, known, opening)
    cleaned = _highest(cleaned, known, opening)
    inner = (slice(HALO, -HALO), slice(HALO, -HALO))
    result: NDArray[np.float32] = np.where(known, cleaned, np.nan)[inner]
    return result


def _ratio(pixels: _Pixels) -> _Pixels:
    return pixels[0] if len(pixels) == 1 else nbr(pixels[0], pixels[1])


def _disc(radius: int) -> NDArray[np.bool_]:
    rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    disc: NDArray[np.bool_] = rows**2 + columns**2 <= radius**2
    return disc


def _highest(
    values: _Pixels, known: NDArray[np.bool_], disc: NDArray[np.bool_]
) -> _Pixels:
    lowered = np.where(known, values, np.float32(-np.inf))
    highest: _Pixels = ndimage.maximum_filter(
        lowered, footprint=disc, mode="constant", cval=-np.inf
    )
    return highest


def _lowest(
    values: _Pixels, known: NDArray[np.bool_], disc: NDArray[np.bool_]
) -> _Pixels:
    raised = np.where(known, values, np.float32(np.inf))
    lowest: _Pixels = ndimage.minimum_filter(
        raised, footprint=disc, mode="constant", cval=np.inf
    )
    return lowest

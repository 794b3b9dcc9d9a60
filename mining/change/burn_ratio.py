"""Relativised burn ratio of two dates, smoothed and freed of the scene's offset."""

import numpy as np
from numpy.typing import NDArray

from imagery.indices import nbr

SIGMA_PX = 1.0
"""Standard deviation of the Gaussian that the ratio is smoothed with."""

HALO = 4
"""Pixels around a window that decide its values: four standard deviations."""

OFFSET_LIMIT = 0.10
"""Largest offset taken off: where low burn severity begins (Key and Benson 2006)."""

OFFSET_RULE = f"median dNBR of clear pixels, within {OFFSET_LIMIT:.2f} of 0"
"""How the offset of a pair is found, for the record of a run."""

_Pixels = NDArray[np.float32]
_KERNEL = np.exp(-0.5 * (np.arange(-HALO, HALO + 1) / SIGMA_PX) ** 2)


def burn_ratio_drop(before: _Pixels, after: _Pixels) -> NDArray[np.float32]:
    """NBR before minus NBR after (dNBR), of single pixels.

    Args:
        before: NBR itself `(1, y, x)`, or reflectance of B08 and B12 `(2, y, x)`; NaN
            for nodata.
        after: The same later.

    Returns:
        `(y, x)` in -2..2, positive where vegetation burned; NaN where it is unknown.

    References:
        Key and Benson 2006, Landscape Assessment, USDA RMRS-GTR-164-CD, LA-33 to 35.
    """
    return _ratio(before) - _ratio(after)


def scene_offset(drops: NDArray[np.float32]) -> float:
    """The dNBR of unburned ground: what season, sun and haze did to the whole scene.

    It is the median of the pixels, limited to `OFFSET_LIMIT` on both sides, so that a
    scene most of which burned cannot take its own burn for the unburned state. In such
    a scene the limit is reached, and burns with a dNBR only a little above it are told
    lower than they are.

    Args:
        drops: dNBR of any number of pixels, any shape; NaN where unknown.

    Returns:
        NBR units, to four decimals; 0 when no pixel is known.

    References:
        Key and Benson 2006, Landscape Assessment, USDA RMRS-GTR-164-CD; Parks, Dillon
        and Miller 2014, Remote Sensing 6, 1827-1844, for the offset in the ratio.

    >>> scene_offset(np.array([0.02, 0.03, 0.04, np.nan], "f4"))
    0.03
    >>> scene_offset(np.array([0.0, 0.5, 0.6], "f4"))
    0.1
    """
    known = drops[np.isfinite(drops)].astype(np.float64)
    if not known.size:
        return 0.0
    middle = float(np.clip(np.median(known), -OFFSET_LIMIT, OFFSET_LIMIT))
    return round(middle, 4) + 0.0


def relativised_burn_ratio(
    before: _Pixels, after: _Pixels, offset: float = 0.0
) -> NDArray[np.float64]:
    """RBR, (dNBR - offset) / (NBR before + 1.001), smoothed by a Gaussian.

    The ratio is limited to -1..1 before it is smoothed: it cannot be higher without an
    offset, and it is lower only where there was next to nothing to burn. Pixels that
    are unknown on either date, and those outside, have no say. Neighbours are added
    up in one order, so that a pixel has the same value in every window.

    Args:
        before: NBR itself `(1, y, x)`, or reflectance of B08 and B12 `(2, y, x)`, with
            `HALO` pixels around the window; NaN for nodata.
        after: The same later.
        offset: dNBR of unburned ground, by `scene_offset`.

    Returns:
        Ratio of the window without its halo `(y, x)`, in -1..1, positive where
        vegetation burned; NaN where it is unknown.

    References:
        Parks, Dillon and Miller 2014, A new metric for quantifying burn severity: the
        relativized burn ratio, Remote Sensing 6, 1827-1844.

    >>> before, after = np.full((1, 9, 9), 0.599, "f4"), np.full((1, 9, 9), 0.1, "f4")
    >>> relativised_burn_ratio(before, after, 0.019).round(4)
    array([[0.3]])
    """
    first, second = (_ratio(one).astype(np.float64) for one in (before, after))
    ratio = np.clip((first - second - offset) / (first + 1.001), -1.0, 1.0)
    known = np.isfinite(ratio)
    summed = _blurred(np.where(known, ratio, 0.0))
    weights = _blurred(known.astype(np.float64))
    inner = known[HALO:-HALO, HALO:-HALO]
    smooth = np.full(inner.shape, np.nan)
    np.divide(summed, weights, out=smooth, where=inner)
    return smooth


def _ratio(pixels: _Pixels) -> _Pixels:
    ratio = pixels[0] if len(pixels) == 1 else nbr(pixels[0], pixels[1])
    return np.clip(ratio, np.float32(-1), np.float32(1))


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted sums of the pixels at most `HALO` away, rows first; without the halo."""
    height, width = (side - 2 * HALO for side in values.shape)
    rows = np.zeros((height, width + 2 * HALO))
    for step, weight in enumerate(_KERNEL):
        rows += weight * values[step : step + height]
    blurred = np.zeros((height, width))
    for step, weight in enumerate(_KERNEL):
        blurred += weight * rows[:, step : step + width]
    return blurred

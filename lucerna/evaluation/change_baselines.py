"""Simple ways to find change, to measure ours against."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from imagery.indices import ndmi
from lucerna.evaluation.change_data import KnownChange
from mining.change.methods import COMPARED_BANDS

_NIR, _SWIR = COMPARED_BANDS.index("B08"), COMPARED_BANDS.index("B11")


def moisture_drop(pair: KnownChange) -> NDArray[np.float32]:
    """NDMI before minus after `(y, x)`: knows that trees dry out."""
    first, second = (ndmi(one[_NIR], one[_SWIR]) for one in (pair.before, pair.after))
    return first - second


@dataclass(frozen=True)
class JointScaling:
    """Mean and deviation of each band over both dates of many pairs.

    Attributes:
        mean: `(band, 1, 1)` reflectance.
        deviation: The same.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    def cosine_distance(self, pair: KnownChange) -> NDArray[np.float64]:
        """One minus the cosine between both dates, each band scaled; `(y, x)`."""
        first, second = (
            (one - self.mean) / self.deviation for one in (pair.before, pair.after)
        )
        lengths = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
        distance: NDArray[np.float64] = 1 - (first * second).sum(axis=0) / lengths
        return distance


def joint_scaling(pairs: Sequence[KnownChange]) -> JointScaling:
    """The scaling of all pixels of both dates of some pairs."""
    pixels = np.concatenate(
        [
            one.reshape(len(one), -1)
            for pair in pairs
            for one in (pair.before, pair.after)
        ],
        axis=1,
    ).astype(np.float64)
    mean, deviation = np.nanmean(pixels, axis=1), np.nanstd(pixels, axis=1)
    return JointScaling(mean[:, None, None], deviation[:, None, None])


def smoothed(values: NDArray[np.float32], sigma_px: float) -> NDArray[np.float64]:
    """Gaussian mean of the known pixels; NaN nowhere but far from any."""
    known = np.isfinite(values)
    weights = ndimage.gaussian_filter(known.astype(np.float64), sigma_px)
    filled = np.where(known, values, 0).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: NDArray[np.float64] = ndimage.gaussian_filter(filled, sigma_px) / weights
    return mean


def otsu(values: NDArray[np.floating]) -> float:
    """The threshold that parts known values best into two classes, 256 bins.

    References:
        Otsu 1979, A threshold selection method from gray-level histograms, IEEE
        Transactions on Systems, Man and Cybernetics 9, 62-66.

    >>> 1 < otsu(np.array([0.0, 0.1, 0.2, 3.0, 3.1])) < 3
    True
    """
    counts, edges = np.histogram(values[np.isfinite(values)], bins=256)
    centres = (edges[1:] + edges[:-1]) / 2
    below, summed = np.cumsum(counts), np.cumsum(counts * centres)
    above = below[-1] - below
    apart = (summed[-1] * below - below[-1] * summed) ** 2
    between = apart / np.maximum(below * above, 1)
    best = np.flatnonzero(between == between.max())
    return float(edges[1:][best].mean())

"""Ways to measure change between two spectra, and their fixed map to the score."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Spectra: TypeAlias = NDArray[np.float32]
Magnitude: TypeAlias = NDArray[np.floating[Any]]

NODATA = 255
"""Score of pixels that were not compared: cloudy or without data on either date."""

COMPARED_BANDS = (
    "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12",
)  # fmt: skip
"""The 10 m and 20 m bands; those that both scenes have are compared."""


@dataclass(frozen=True)
class ChangeMethod:
    """One way to measure change, with its fixed map to the score.

    Attributes:
        name: What users call it, such as `spectral-angle`.
        version: Changes whenever the same pixels would get another score.
        title: One line for people.
        unit: Unit of the magnitude.
        full: The magnitude that has score 100.
        magnitude: Function of the reflectances before and after, both
            `(band, y, x) float32` with NaN for nodata, to `(y, x)` in `unit`.
    """

    name: str
    version: str
    title: str
    unit: str
    full: float
    magnitude: Callable[[Spectra, Spectra], Magnitude]


def spectral_angle(before: Spectra, after: Spectra) -> Magnitude:
    """The angle between the two spectra of each pixel.

    Args:
        before: Reflectance `(band, y, x)`, NaN for nodata.
        after: The same bands and pixels later.

    Returns:
        Radians in 0..pi, `(y, x)`; NaN where either spectrum has NaN or is zero.

    References:
        Kruse et al. 1993, The spectral image processing system (SIPS), Remote
        Sensing of Environment 44, 145-163.

    >>> east, north = np.zeros((2, 1, 1), "f4"), np.zeros((2, 1, 1), "f4")
    >>> east[0], north[1] = 0.2, 0.4
    >>> round(float(spectral_angle(east, north)[0, 0]), 4)
    1.5708
    """
    first, second = before.astype(np.float64), after.astype(np.float64)
    lengths = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = (first * second).sum(axis=0) / lengths
    angle: Magnitude = np.arccos(np.clip(cosine, -1.0, 1.0))
    return angle


def change_vector(before: Spectra, after: Spectra) -> Magnitude:
    """The length of the change vector, as root mean square over the bands.

    The mean over bands, not the sum, makes pairs with fewer bands comparable.

    Args:
        before: Reflectance `(band, y, x)`, NaN for nodata.
        after: The same bands and pixels later.

    Returns:
        Reflectance units, 0 and up, `(y, x)`; NaN where either has NaN.

    References:
        Malila 1980, Change vector analysis, LARS Symposia, paper 385.

    >>> dark, bright = np.full((4, 1, 1), 0.1, "f4"), np.full((4, 1, 1), 0.3, "f4")
    >>> round(float(change_vector(dark, bright)[0, 0]), 4)
    0.2
    """
    difference = after.astype(np.float64) - before.astype(np.float64)
    length: Magnitude = np.sqrt((difference**2).mean(axis=0))
    return length


_MAGNITUDES: dict[str, Callable[[Spectra, Spectra], Magnitude]] = {
    "spectral-angle": spectral_angle,
    "cva": change_vector,
}


@cache
def change_methods() -> dict[str, ChangeMethod]:
    """All methods by name, with the constants of `change_methods.toml`."""
    text = resources.files("mining").joinpath("change_methods.toml").read_text("utf-8")
    return {
        name: ChangeMethod(name=name, magnitude=_MAGNITUDES[name], **constants)
        for name, constants in tomllib.loads(text).items()
    }


def score(magnitude: Magnitude, full: float) -> NDArray[np.uint8]:
    """Scores 0 to 100 of a magnitude; `NODATA` where it is NaN.

    >>> score(np.array([[0.0, 0.25, 0.5, 3.0, np.nan]]), full=0.5).tolist()
    [[0, 50, 100, 100, 255]]
    """
    scaled = np.rint(np.minimum(100.0 * magnitude / full, 100.0))
    return np.where(np.isnan(scaled), NODATA, scaled).astype(np.uint8)

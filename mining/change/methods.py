"""Ways to measure change between two dates, and their fixed map to the score."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib import resources
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mining.change import burn_ratio
from mining.change import encoder as change_encoder

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
        magnitude: Function of the values before and after, both `(band, y, x)
            float32` with NaN for nodata and `halo` pixels around the window, to
            `(y, x)` in `unit` without the halo. One with a `difference` takes the
            offset of the pair too.
        halo: Pixels around a window that decide its values.
        bands: Sets of bands, the first that both scenes have is compared; empty when
            any three or more of `COMPARED_BANDS` can be.
        knots: Magnitudes and their scores between 0 and `full`, ascending; the score
            is linear from one to the next.
        weights_sha256: Of the file of learned weights; None without one.
        difference: Function of the values before and after, without halo, to the
            difference of single pixels that the offset of a pair is taken from; None
            for a method without an offset.
        offset: Of the pair, taken off before scoring; None until `with_offset`. It
            is a radiometric correction: the map to the score stays fixed.
    """

    name: str
    version: str
    title: str
    unit: str
    full: float
    magnitude: Callable[..., Magnitude]
    halo: int = 0
    bands: tuple[tuple[str, ...], ...] = ()
    knots: tuple[tuple[float, float], ...] = ()
    weights_sha256: str | None = None
    difference: Callable[[Spectra, Spectra], NDArray[np.float32]] | None = None
    offset: float | None = None

    def with_offset(self, offset: float) -> "ChangeMethod":
        """The same method for a pair whose unburned ground differs by `offset`."""
        corrected = partial(self.magnitude, offset=offset)
        return replace(self, magnitude=corrected, offset=offset)

    def parameters(self, bands: Sequence[str]) -> dict[str, Any]:
        """Everything of the method that decides a score, for the record of a run."""
        told: dict[str, Any] = {
            "method": self.name,
            "method_version": self.version,
            "full": self.full,
            "bands": list(bands),
        }
        if self.knots:
            told["knots"] = [list(knot) for knot in self.knots]
        if self.weights_sha256 is not None:
            told["weights_sha256"] = self.weights_sha256
        if self.offset is not None:
            told["offset"] = self.offset
            told["offset_rule"] = burn_ratio.OFFSET_RULE
        return told

    def score(self, before: Spectra, after: Spectra) -> NDArray[np.uint8]:
        """Scores 0 to 100 of two dates, `NODATA` where unknown; shapes as `magnitude`.

        Args:
            before: `(band, y, x) float32` with the halo; NaN for nodata.
            after: The same bands and pixels later.
        """
        return score(self.magnitude(before, after), self.full, self.knots)


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


@dataclass(frozen=True)
class _Measure:
    magnitude: Callable[..., Magnitude]
    halo: int = 0
    bands: tuple[tuple[str, ...], ...] = ()
    weights_sha256: Callable[[], str | None] = field(default=lambda: None)
    difference: Callable[[Spectra, Spectra], NDArray[np.float32]] | None = None


_MEASURES = {
    "spectral-angle": _Measure(spectral_angle),
    "cva": _Measure(change_vector),
    "rbr": _Measure(
        burn_ratio.relativised_burn_ratio,
        burn_ratio.HALO,
        (("NBR",), ("B08", "B12")),
        difference=burn_ratio.burn_ratio_drop,
    ),
    "encoder": _Measure(
        change_encoder.feature_angle,
        change_encoder.HALO,
        (COMPARED_BANDS,),
        change_encoder.weights_sha256,
    ),
}


@cache
def change_methods() -> dict[str, ChangeMethod]:
    """All methods by name, with the constants of `change_methods.toml`."""
    text = resources.files("mining.change").joinpath("methods.toml").read_text("utf-8")
    return {name: _method(name, told) for name, told in tomllib.loads(text).items()}


def _method(name: str, told: dict[str, Any]) -> ChangeMethod:
    measure = _MEASURES[name]
    return ChangeMethod(
        name=name,
        version=told["version"],
        title=told["title"],
        unit=told["unit"],
        full=told["full"],
        magnitude=measure.magnitude,
        halo=measure.halo,
        bands=measure.bands,
        knots=tuple((bound, points) for bound, points in told.get("knots", [])),
        weights_sha256=measure.weights_sha256(),
        difference=measure.difference,
    )


def score(
    magnitude: Magnitude, full: float, knots: Sequence[tuple[float, float]] = ()
) -> NDArray[np.uint8]:
    """Scores 0 to 100 of a magnitude; `NODATA` where it is NaN.

    Without knots the score is `100 * magnitude / full`. With knots it runs in straight
    lines from 0 through them to 100 at `full`; a negative magnitude has score 0.

    >>> score(np.array([[0.0, 0.25, 0.5, 3.0, np.nan]]), full=0.5).tolist()
    [[0, 50, 100, 100, 255]]
    >>> score(np.array([[-1, 0.1, 0.2, 0.35, 0.5]]), 0.5, [(0.2, 50)]).tolist()
    [[0, 25, 50, 75, 100]]
    """
    if knots:
        bounds, points = zip((0.0, 0.0), *knots, (full, 100.0), strict=True)
        scaled = np.rint(np.interp(magnitude, bounds, points))
    else:
        scaled = np.rint(np.minimum(100.0 * magnitude / full, 100.0))
    return np.where(np.isnan(scaled), NODATA, scaled).astype(np.uint8)

"""A patch into numbers: statistics of bands and indices, and their texture.

Names are `{layer}-{measure}`. Layers are the bands, the indices that they allow
(`imagery.indices`), the shares of red, green and blue in their sum and their normalised
differences, and `brightness`, the mean of the bands. Backscatter is taken in dB.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagery.bands import SENTINEL1_POLARISATIONS
from imagery.errors import ImageryError
from imagery.indices import SPECTRAL_INDICES

Layer = NDArray[np.float64]

LEAST_SIDE = 16
"""Fewest pixels of a patch's side: four times halved, texture is still left."""

_PERCENTILES = (5, 25, 50, 75, 95)
_VISIBLE = ("B04", "B03", "B02")
_CELLS = 8
_RINGS = 8
_SMALL = 1e-4
_FAINTEST = 1e-5
_EVEN = 0.1


def describe(array: NDArray[np.float32], bands: Sequence[str]) -> NDArray[np.float32]:
    """The descriptor of a patch.

    Args:
        array: (band, y, x) reflectance, linear backscatter or index values; NaN where
            no data. At least 16 pixels a side.
        bands: Name of each band, such as "B04" or "VH".

    Returns:
        (number,) float32, finite; the numbers are named by `descriptor_names`.

    Raises:
        ImageryError: No pixel has data in all bands, or the patch is too small.

    References:
        Ojala, Pietikainen, Maenpaa 2002, IEEE PAMI 24, 971-987: rotation-invariant
        uniform local binary patterns.
    """
    return np.fromiter(_measured(array, bands).values(), np.float32)


def descriptor_names(bands: Sequence[str]) -> tuple[str, ...]:
    """Names of the numbers that `describe` gives for these bands.

    >>> names = descriptor_names(["B04", "B08"])
    >>> len(names), names[0], names[-1]
    (155, 'B04-mean', 'brightness-spectrum-8')
    """
    blank = np.ones((len(bands), LEAST_SIDE, LEAST_SIDE), np.float32)
    return tuple(_measured(blank, bands))


def _measured(array: NDArray[np.float32], bands: Sequence[str]) -> dict[str, float]:
    values = np.asarray(array, np.float64)
    if min(values.shape[1:]) < LEAST_SIDE:
        raise ImageryError(
            f"a patch of {values.shape[2]} x {values.shape[1]} pixels is too small to "
            f"describe; cut patches of at least {LEAST_SIDE}"
        )
    known: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=0))
    if not known.any():
        raise ImageryError("no pixel of the patch has data in all bands; leave it out")
    planes = {
        band: _decibel(plane) if band in SENTINEL1_POLARISATIONS else plane
        for band, plane in zip(bands, values, strict=True)
    }
    planes = {band: _filled(plane, known) for band, plane in planes.items()}
    told: dict[str, float] = {}
    for name, plane in (planes | _indices(planes)).items():
        told |= _statistics(name, plane[known])
    for first, second in pairwise(bands):
        both = planes[first][known], planes[second][known]
        told[f"{first}-{second}-correlation"] = _correlation(*both)
    for name, plane in planes.items():
        told |= _gradients(name, plane) | _patterns(name, plane, scales=(1, 2))
    brightness = np.mean(list(planes.values()), axis=0)
    told |= _gradients("brightness", brightness)
    told |= _directions("brightness", brightness)
    told |= _patterns("brightness", brightness, scales=(1, 2, 4))
    return told | _cells("brightness", brightness) | _rings("brightness", brightness)


def _decibel(power: Layer) -> Layer:
    decibel: Layer = 10 * np.log10(np.maximum(power, _FAINTEST))
    return decibel


def _filled(plane: Layer, known: NDArray[np.bool_]) -> Layer:
    return plane if known.all() else np.where(known, plane, plane[known].mean())


def _indices(planes: Mapping[str, Layer]) -> dict[str, Layer]:
    """Indices that the bands allow; 0 where they are not defined."""
    found: dict[str, NDArray[Any]] = {
        name: index.function(*(planes[band].astype(np.float32) for band in index.bands))
        for name, index in SPECTRAL_INDICES.items()
        if name != "EVI" and set(index.bands) <= set(planes)
    }
    if set(_VISIBLE) <= set(planes):
        red, green, blue = (planes[band].clip(0) for band in _VISIBLE)
        total = red + green + blue
        for name, colour in (("red", red), ("green", green), ("blue", blue)):
            found[f"{name}-share"] = _ratio(colour, total)
        found["green-red"] = _ratio(green - red, green + red)
        found["blue-red"] = _ratio(blue - red, blue + red)
    return {name: np.nan_to_num(plane.astype(float)) for name, plane in found.items()}


def _ratio(numerator: Layer, denominator: Layer) -> Layer:
    return np.divide(
        numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0
    )


def _statistics(name: str, pixels: Layer) -> dict[str, float]:
    """Moments and percentiles of the pixels with data."""
    mean, std = pixels.mean(), pixels.std()
    scaled = (pixels - mean) / (std + _SMALL)
    told = {
        "mean": mean,
        "std": std,
        "skewness": np.mean(scaled * scaled * scaled),
    }
    percentiles = np.percentile(pixels, _PERCENTILES)
    for share, value in zip(_PERCENTILES, percentiles, strict=True):
        told[f"p{share:02}"] = value
    return {f"{name}-{measure}": float(value) for measure, value in told.items()}


def _correlation(first: Layer, second: Layer) -> float:
    spread = first.std() * second.std()
    if spread < _SMALL**2:
        return 0.0
    return float(np.mean((first - first.mean()) * (second - second.mean())) / spread)


def _gradients(name: str, plane: Layer) -> dict[str, float]:
    """Log of mean, spread and percentiles of the gradient, at three scales."""
    told: dict[str, float] = {}
    for scale in (1, 2, 4):
        down, right = np.gradient(_shrunk(plane, scale))
        steep = np.hypot(down, right)
        numbers = (steep.mean(), steep.std(), *np.percentile(steep, (50, 90, 99)))
        words = ("mean", "std", "p50", "p90", "p99")
        for word, number in zip(words, numbers, strict=True):
            told[f"{name}-gradient-{scale}-{word}"] = float(np.log(number + _SMALL))
    return told


def _directions(name: str, plane: Layer) -> dict[str, float]:
    """How much the gradients of a patch share one direction, 0 to 1, by scale."""
    told: dict[str, float] = {}
    for scale in (1, 2, 4):
        down, right = np.gradient(_shrunk(plane, scale))
        across, along, mixed = (
            (right**2).mean(),
            (down**2).mean(),
            (right * down).mean(),
        )
        strength = np.hypot(across - along, 2 * mixed)
        told[f"{name}-coherence-{scale}"] = float(
            strength / (across + along + _SMALL**2)
        )
    return told


def _pattern_table() -> NDArray[np.intp]:
    """Code of eight neighbours to its pattern: 0 to 8 set ones in one run, 9 others."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    turns = (bits != np.roll(bits, 1, axis=1)).sum(axis=1)
    return np.where(turns <= 2, bits.sum(axis=1), 9)


_PATTERN = _pattern_table()
_RING = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))


def _patterns(name: str, plane: Layer, scales: Sequence[int]) -> dict[str, float]:
    """Shares of the ten local binary patterns, by scale.

    A neighbour counts as brighter by a tenth of the patch's spread.
    """
    told: dict[str, float] = {}
    for scale in scales:
        small = _shrunk(plane, scale)
        height, width = small.shape
        centre = small[1:-1, 1:-1] + _EVEN * small.std()
        code = np.zeros(centre.shape, np.uint8)
        for bit, (row, column) in enumerate(_RING):
            rows = slice(1 + row, height - 1 + row)
            columns = slice(1 + column, width - 1 + column)
            code |= (small[rows, columns] > centre).astype(np.uint8) << np.uint8(bit)
        counts = np.bincount(_PATTERN[code].ravel(), minlength=10) / code.size
        for pattern, share in enumerate(counts):
            told[f"{name}-pattern-{scale}-{pattern}"] = float(share)
    return told


def _cells(name: str, plane: Layer) -> dict[str, float]:
    """Log of least, middle, greatest and spread of contrast in 8 x 8 cells."""
    height, width = (side // _CELLS for side in plane.shape)
    cells = plane[: height * _CELLS, : width * _CELLS]
    contrast = cells.reshape(_CELLS, height, _CELLS, width).std(axis=(1, 3))
    numbers = {
        "min": contrast.min(),
        "median": np.median(contrast),
        "max": contrast.max(),
        "std": contrast.std(),
    }
    return {
        f"{name}-cells-{word}": float(np.log(number + _SMALL))
        for word, number in numbers.items()
    }


def _rings(name: str, plane: Layer) -> dict[str, float]:
    """Log power of eight rings of spatial frequency, coarse to fine."""
    height, width = plane.shape
    tapered = (plane - plane.mean()) * np.outer(np.hanning(height), np.hanning(width))
    power = np.abs(np.fft.fft2(tapered)) ** 2 / plane.size
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    edges = np.geomspace(1 / LEAST_SIDE / 4, 0.5, _RINGS + 1)
    ring = np.digitize(np.hypot(rows, columns), edges)
    told: dict[str, float] = {}
    for number in range(1, _RINGS + 1):
        inside = power[ring == number]
        strength = inside.mean() if inside.size else 0.0
        told[f"{name}-spectrum-{number}"] = float(np.log(strength + _SMALL**2))
    return told


def _shrunk(plane: Layer, factor: int) -> Layer:
    """Means of squares of `factor` pixels a side."""
    if factor == 1:
        return plane
    height, width = (side // factor for side in plane.shape)
    squares = plane[: height * factor, : width * factor]
    means: Layer = squares.reshape(height, factor, width, factor).mean(axis=(1, 3))
    return means

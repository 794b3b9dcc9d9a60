"""Learned features of Sentinel-2 pixels and how far apart two dates are in them."""

import hashlib
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagery.errors import UnreadableProduct

KERNEL_PX = 3
"""Side of each convolution."""

LAYERS = 2
"""Convolutions, each followed by ReLU, without bias and without padding."""

HALO = LAYERS * (KERNEL_PX // 2)
"""Pixels around a window that decide its features."""

STEP = 2.0**-11
"""Step of reflectances and activations; for Sentinel-2 about five digital numbers."""

LIMIT = 2**12
"""Largest of them in steps: a reflectance of 2."""

WEIGHT_STEP = 2.0**-7
"""Step of the weights."""

_EXACT = 2**24
_MAX_BYTES = 1 << 20
_ROWS = 16

_Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Encoder:
    """A small convolutional network without biases.

    Attributes:
        bands: Bands of its input, in order.
        kernels: Weights of each layer in steps of `WEIGHT_STEP`, whole numbers,
            `(out, in, y, x) float32`.
    """

    bands: tuple[str, ...]
    kernels: tuple[_Numbers, ...]


def feature_angle(
    before: _Numbers, after: _Numbers, encoder: Encoder | None = None
) -> NDArray[np.float64]:
    """The angle between the features of two dates.

    Without biases, twice the reflectance has twice the features: the cosine ignores
    brightness, as the spectral angle does. All numbers of the network are whole steps
    and few enough for float32 to add them exactly, in whatever order a library sums:
    the result is the same however the raster is cut into windows. A pixel that is
    unknown on either date is zero on both, so that it sets no neighbour apart.

    Args:
        before: Reflectance `(band, y, x)` of the encoder's bands with `HALO` pixels
            around the window; NaN for nodata.
        after: The same later.
        encoder: The one that is shipped when None.

    Returns:
        Radians in 0..pi/2, `(y, x)` without the halo, whose cosine is one minus the
        cosine distance; NaN where unknown.

    Memory: 9 times the features of `_ROWS` rows.

    References:
        Mohan et al. 2020, Robust and interpretable blind image denoising via
        bias-free convolutional neural networks, ICLR (why no biases).
    """
    network = shipped_encoder() if encoder is None else encoder
    height, width = (side - 2 * HALO for side in before.shape[1:])
    angle = np.empty((height, width))
    for row in range(0, height, _ROWS):
        rows = slice(row, row + _ROWS + 2 * HALO)
        angle[row : row + _ROWS] = _angle(network, before[:, rows], after[:, rows])
    return angle


def _angle(encoder: Encoder, before: _Numbers, after: _Numbers) -> NDArray[np.float64]:
    known = np.isfinite(before).all(axis=0) & np.isfinite(after).all(axis=0)
    unknown: NDArray[np.bool_] = np.logical_not(known)
    first, second = (_features(encoder, one, unknown) for one in (before, after))
    lengths = np.sqrt(_product(first, first)) * np.sqrt(_product(second, second))
    cosine = np.divide(
        _product(first, second), lengths, out=np.ones_like(lengths), where=lengths > 0
    )
    angle: NDArray[np.float64] = np.arccos(np.minimum(cosine, 1.0))
    angle[unknown[HALO:-HALO, HALO:-HALO]] = np.nan
    return angle


def _product(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    summed: NDArray[np.float64] = np.einsum("fyx,fyx->yx", first, second)
    return summed


def _features(
    encoder: Encoder, pixels: _Numbers, unknown: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Features `(feature, y, x)` in steps: whole, so that float64 sums are exact."""
    values = np.where(unknown, np.float32(0), pixels)
    values *= np.float32(1 / STEP)
    _round(values, -LIMIT)
    for kernel in encoder.kernels:
        values = _convolve(values, kernel)
        values *= np.float32(WEIGHT_STEP)
        _round(values, 0)
    return values.astype(np.float64)


def _round(values: _Numbers, lowest: int) -> None:
    """Round to whole steps between `lowest` and `LIMIT`, in place."""
    np.rint(values, out=values)
    np.clip(values, lowest, LIMIT, out=values)


def _convolve(values: _Numbers, kernel: _Numbers) -> _Numbers:
    weights = kernel.reshape(len(kernel), -1)
    seen = np.lib.stride_tricks.sliding_window_view(values, kernel.shape[2:], (1, 2))
    block = seen.transpose(0, 3, 4, 1, 2).reshape(weights.shape[1], -1)
    result: _Numbers = (weights @ block).reshape(len(kernel), *seen.shape[1:3])
    return result


@cache
def shipped_encoder() -> Encoder:
    """The encoder that Lucerna ships; `encoder.md` is its card."""
    with resources.as_file(_weights()) as path:
        return read_encoder(path)


@cache
def weights_sha256() -> str:
    """Hex SHA-256 of the file of weights that Lucerna ships."""
    return hashlib.sha256(_weights().read_bytes()).hexdigest()


def _weights() -> Traversable:
    return resources.files("mining.change").joinpath("encoder.npz")


def write_encoder(encoder: Encoder, path: Path) -> None:
    """Write an encoder as a `.npz` of plain arrays; the same encoder, the same bytes.

    Raises:
        ValueError: Its weights are no whole steps, or too large to add exactly.
    """
    _check(encoder)
    arrays: dict[str, Any] = {
        f"kernel_{number}": kernel.astype(np.int16)
        for number, kernel in enumerate(encoder.kernels)
    }
    np.savez_compressed(path, bands=np.array(encoder.bands), **arrays)


def read_encoder(path: Path) -> Encoder:
    """The encoder in a file of weights; runs nothing that the file holds.

    Raises:
        UnreadableProduct: The file is missing, damaged, too large or no encoder.
    """
    try:
        encoder = _read(path)
        _check(encoder)
    except (
        OSError,
        EOFError,
        KeyError,
        TypeError,
        ValueError,
        MemoryError,
        NotImplementedError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableProduct(
            f"{path} holds no change encoder ({reason}); build it with `make encoder`"
        ) from error
    return encoder


def _read(path: Path) -> Encoder:
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError("the file is larger than 1 MiB")
    with zipfile.ZipFile(path) as archive:
        if sum(one.file_size for one in archive.infolist()) > _MAX_BYTES:
            raise ValueError("its arrays are larger than 1 MiB")
    with np.load(path, allow_pickle=False) as held:
        return Encoder(
            bands=tuple(str(band) for band in held["bands"]),
            kernels=tuple(
                held[f"kernel_{number}"].astype(np.float32) for number in range(LAYERS)
            ),
        )


def _check(encoder: Encoder) -> None:
    """Refuse layers that do not fit, or whose sums float32 could not hold exactly."""
    inputs = len(encoder.bands)
    for kernel in encoder.kernels:
        if kernel.ndim != 4 or kernel.shape[1:] != (inputs, KERNEL_PX, KERNEL_PX):
            raise ValueError("its layers do not fit each other")
        if not (kernel == np.rint(kernel)).all():
            raise ValueError("its weights are no whole steps")
        if largest_sum(kernel) >= _EXACT:
            raise ValueError("its weights are too large to add exactly")
        inputs = len(kernel)


def largest_sum(kernel: _Numbers) -> float:
    """The largest number that adding up a convolution can meet, in steps.

    >>> largest_sum(np.full((1, 10, 3, 3), -2, np.float32)) == 10 * 9 * 2 * LIMIT
    True
    """
    return float(np.abs(kernel.astype(np.float64)).sum(axis=(1, 2, 3)).max()) * LIMIT


def whole_steps(weights: Sequence[NDArray[np.float32]]) -> tuple[_Numbers, ...]:
    """Weights `(out, in, y, x)` of each layer rounded to whole steps."""
    return tuple(
        np.rint(np.asarray(one) / WEIGHT_STEP).astype(np.float32) for one in weights
    )

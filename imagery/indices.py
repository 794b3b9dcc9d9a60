"""Spectral indices of reflectance."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]


def ndvi(red: Pixels, nir: Pixels) -> Pixels:
    """Normalised difference vegetation index, (nir - red) / (nir + red).

    Args:
        red: Reflectance of any shape; B04.
        nir: Reflectance of the same shape; B08 or B8A.

    Returns:
        float32, -1 to 1 for reflectance of 0 and more; NaN where a band is NaN or the
        sum is not above 0.

    References:
        Rouse et al. 1974, Monitoring vegetation systems in the Great Plains with ERTS.

    >>> ndvi(np.array([0.125, 0], np.float32), np.array([0.375, 0], np.float32))
    array([0.5, nan], dtype=float32)
    """
    return _difference(nir, red)


def ndwi(green: Pixels, nir: Pixels) -> Pixels:
    """Normalised difference water index, (green - nir) / (green + nir).

    Bands B03 and B08 or B8A. Shape, range and NaN as `ndvi`.

    References:
        McFeeters 1996, International Journal of Remote Sensing 17, 1425-1432.
    """
    return _difference(green, nir)


def ndmi(nir: Pixels, swir16: Pixels) -> Pixels:
    """Normalised difference moisture index, (nir - swir16) / (nir + swir16).

    Bands B08 or B8A, and B11. Shape, range and NaN as `ndvi`.

    References:
        Gao 1996, Remote Sensing of Environment 58, 257-266 (there named NDWI).
    """
    return _difference(nir, swir16)


def nbr(nir: Pixels, swir22: Pixels) -> Pixels:
    """Normalised burn ratio, (nir - swir22) / (nir + swir22).

    Bands B08 or B8A, and B12. Shape, range and NaN as `ndvi`.

    References:
        Key and Benson 2006, Landscape Assessment, USDA RMRS-GTR-164-CD, LA-33.
    """
    return _difference(nir, swir22)


def evi(blue: Pixels, red: Pixels, nir: Pixels) -> Pixels:
    """Enhanced vegetation index, 2.5 (nir - red) / (nir + 6 red - 7.5 blue + 1).

    Bands B02, B04 and B08.

    Returns:
        float32; about 0 to 1 over vegetation and unbounded where the denominator is
        small, as over bright cloud; NaN where a band is NaN or it is not above 0.

    References:
        Huete et al. 2002, Remote Sensing of Environment 83, 195-213, equation 1.
    """
    denominator = nir + np.float32(6) * red - np.float32(7.5) * blue + np.float32(1)
    return _quotient(np.float32(2.5) * (nir - red), denominator)


@dataclass(frozen=True)
class SpectralIndex:
    """An index and the Sentinel-2 bands it takes, in the order of its arguments."""

    function: Callable[..., Pixels]
    bands: tuple[str, ...]


SPECTRAL_INDICES: dict[str, SpectralIndex] = {
    "NDVI": SpectralIndex(ndvi, ("B04", "B08")),
    "NBR": SpectralIndex(nbr, ("B08", "B12")),
    "NDMI": SpectralIndex(ndmi, ("B08", "B11")),
    "NDWI": SpectralIndex(ndwi, ("B03", "B08")),
    "EVI": SpectralIndex(evi, ("B02", "B04", "B08")),
}
"""Index names, those of `INDEX_BANDS` among them."""


def _difference(more: Pixels, less: Pixels) -> Pixels:
    return _quotient(more - less, more + less)


def _quotient(numerator: Pixels, denominator: Pixels) -> Pixels:
    quotient = np.full(numerator.shape, np.nan, np.float32)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return quotient

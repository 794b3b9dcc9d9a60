"""Pixels of bands in their own quantity: reflectance, index or backscatter."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from imagery.backscatter import open_backscatter
from imagery.raster import open_reflectance
from imagery.scene import BACKSCATTER_QUANTITIES, BandFile


def open_pixels(
    band_files: Sequence[BandFile], geobox: GeoBox
) -> AbstractContextManager[Callable[[Window], NDArray[np.float32]]]:
    """A function that reads bands on a grid, window by window.

    It is that of `open_backscatter` where the bands hold backscatter, else that of
    `open_reflectance`.

    Args:
        band_files: Bands of one scene, in the order of the result.
        geobox: Grid to read on.

    Yields:
        A function from a window of `geobox`, which may overhang it, to (band, y, x)
        float32: reflectance, index values, or backscatter in linear power; NaN where
        no data. Memory: one window.

    Raises:
        UnreadableProduct: A file cannot be opened.
        GridMismatch: An optical file has another CRS than `geobox`.
    """
    radar = any(one.quantity in BACKSCATTER_QUANTITIES for one in band_files)
    return (open_backscatter if radar else open_reflectance)(band_files, geobox)

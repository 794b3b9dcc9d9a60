"""Cloud, shadow and nodata: which pixels can be judged."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from imagery.pixels import open_pixels
from imagery.raster import open_values
from imagery.scene import Scene

CLEAR = 0
CLOUDY = 1
NODATA = 2

_SCL_CLEAR = (4, 5, 6, 7, 11)
_SCL_CLOUDY = (3, 8, 9, 10)


def quality_mask(scl: NDArray[Any]) -> NDArray[np.uint8]:
    """What each pixel of a Sentinel-2 scene classification is good for.

    Classes as listed in `Scene_Classification_List` of MTD_MSIL2A.xml.

    Args:
        scl: (y, x) classes 0 to 11.

    Returns:
        (y, x) uint8: CLEAR (0) for vegetation 4, not vegetated 5, water 6,
        unclassified 7 and snow 11; CLOUDY (1) for cloud shadow 3, cloud 8 and 9 and
        thin cirrus 10; NODATA (2) for nodata 0, saturated or defective 1, dark
        feature 2 and any other number.

    >>> quality_mask(np.array([[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]])).tolist()
    [[2, 2, 2, 1, 0, 0], [0, 0, 1, 1, 1, 0]]
    """
    table = np.full(256, NODATA, np.uint8)
    table[list(_SCL_CLEAR)] = CLEAR
    table[list(_SCL_CLOUDY)] = CLOUDY
    mask: NDArray[np.uint8] = table[scl.astype(np.uint8)]
    return mask


@contextmanager
def open_quality(
    scene: Scene, geobox: GeoBox
) -> Iterator[Callable[[Window], NDArray[np.uint8]]]:
    """A function that says for each pixel of a window what it is good for.

    With a scene classification it is `quality_mask` of it, replicated to the grid.
    Without one a pixel is CLEAR where all bands are valid and NODATA elsewhere: such
    a scene has no CLOUDY pixel, since nothing is known of its clouds. A Sentinel-1
    scene is valid where `open_backscatter` gives a number for all polarisations.

    Yields:
        A function from a window of `geobox`, which may overhang it, to (y, x) uint8;
        NODATA outside the scene. Memory: one window.

    Raises:
        UnreadableProduct: A file cannot be opened.
        GridMismatch: An optical scene has another CRS than `geobox`.
    """
    if scene.classification is not None:
        with open_values([scene.classification], geobox) as read_classes:
            yield lambda window: quality_mask(read_classes(window)[0])
        return
    with open_pixels(tuple(scene.bands.values()), geobox) as read_bands:

        def valid(window: Window) -> NDArray[np.uint8]:
            known = np.isfinite(read_bands(window)).all(axis=0)
            return np.where(known, CLEAR, NODATA).astype(np.uint8)

        yield valid

"""Offset between two scenes, from a regular sample of their clear pixels."""

import math
from collections.abc import Sequence

import numpy as np

from imagery.grid import windows
from imagery.masks import CLEAR, open_quality
from imagery.raster import gdal_env, open_reflectance
from imagery.scene import Scene, require_bands
from mining.change.burn_ratio import scene_offset
from mining.change.methods import ChangeMethod
from mining.change.raster import joint_quality, pair_grid

SAMPLE = 1_000_000
"""Pixels that the offset is taken from, at most."""

_BLOCK_PX = 512


def for_pair(
    method: ChangeMethod, before: Scene, after: Scene, bands: Sequence[str]
) -> ChangeMethod:
    """The method with the offset of a pair; the method itself when it takes none.

    The offset is that of every n-th pixel of every n-th row of the common grid that is
    clear on both dates, with the least n that gives at most `SAMPLE` pixels.

    Memory: one window of the bands of both scenes, beside the sample.

    Args:
        method: A change method without its offset.
        before: The earlier scene.
        after: The later scene.
        bands: Bands that the method compares, of both scenes.

    Raises:
        GridMismatch: The two scenes have no common grid.
        MissingBand: A scene lacks one of the bands.
    """
    if method.difference is None:
        return method
    grid = pair_grid(before, after, bands)
    height, width = grid.shape
    step = 1
    while math.ceil(height / step) * math.ceil(width / step) > SAMPLE:
        step += 1
    drops = []
    with (
        gdal_env(),
        open_reflectance(require_bands(before, bands), grid) as first,
        open_reflectance(require_bands(after, bands), grid) as second,
        open_quality(before, grid) as first_quality,
        open_quality(after, grid) as second_quality,
    ):
        for window in windows(grid, _BLOCK_PX):
            rows, columns = (
                slice(-int(start) % step, None, step)
                for start in (window.row_off, window.col_off)
            )
            quality = joint_quality(first_quality(window), second_quality(window))
            clear = quality[rows, columns] == CLEAR
            earlier, later = (
                read(window)[:, rows, columns] for read in (first, second)
            )
            drops.append(method.difference(earlier, later)[clear])
    return method.with_offset(scene_offset(np.concatenate(drops)))

"""What a scene shows in polygons: clear and cloudy pixels, and an index of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from imagery.grid import crs_of, pixel_area_m2, windows
from imagery.masks import CLEAR, CLOUDY, NODATA
from mining.zonal.polygons import pixel_span, pixels_inside, reproject

_BLOCK = 1024
_STEPS = 10_000
"""An index is counted in ten-thousandths, as facts are written."""


@dataclass(frozen=True)
class Look:
    """How one scene is read on a grid.

    Attributes:
        quality: From a window to (y, x) uint8: 0 clear, 1 cloudy, 2 no data.
        index: From a window to (y, x) float32 of an index from -1 to 1, NaN where
            there is none; None without one.
    """

    quality: Callable[[Window], NDArray[np.uint8]]
    index: Callable[[Window], NDArray[np.float32]] | None = None


@dataclass(frozen=True)
class IndexStatistics:
    """An index inside one polygon, of its clear pixels, to four decimals.

    Attributes:
        mean: Mean of the pixels.
        p10: Value that 10 of 100 pixels do not exceed, interpolated linearly.
        p50: Median.
        p90: Value that 90 of 100 pixels do not exceed.
        level_ha: Ground hectares of the pixels in each bin of the index.
    """

    mean: float
    p10: float
    p50: float
    p90: float
    level_ha: tuple[float, ...]


@dataclass(frozen=True)
class SceneStatistics:
    """What one scene shows of one polygon.

    A pixel belongs to a polygon when its centre lies inside. Pixels are those of the
    scene's grid: what lies beyond it is not counted.

    Attributes:
        valid_pixels: Clear pixels.
        cloudy_pixels: Pixels under cloud or cloud shadow.
        total_pixels: All pixels, those without data included.
        covered_ha: Ground hectares of the pixels with data, clear or cloudy.
        index: Of the clear pixels that have it; None where there is none.
    """

    valid_pixels: int
    cloudy_pixels: int
    total_pixels: int
    covered_ha: float
    index: IndexStatistics | None


def scene_statistics(
    polygons: Sequence[BaseGeometry],
    geobox: GeoBox,
    looks: Sequence[Look],
    *,
    bounds: Sequence[float] = (),
    progress: Callable[[int, int], None] | None = None,
) -> list[list[SceneStatistics]]:
    """Statistics of scenes on one grid in each polygon: a list for each look.

    Each block of the grid is read once, and each polygon drawn once in each block
    that it meets.

    Args:
        polygons: In CRS84; they may overlap, have holes or several parts.
        geobox: Grid of the pixels.
        looks: The scenes.
        bounds: Lower bounds of the bins of the index, ascending, first -1.
        progress: Called with blocks done and all of them.

    Memory: a block of 1024 x 1024 pixels, and the distinct values of the index in
    each polygon.
    """
    to_grid = Transformer.from_crs("OGC:CRS84", crs_of(geobox), always_xy=True)
    projected = [reproject(one, to_grid) for one in polygons]
    spans = np.array([pixel_span(one, geobox) for one in projected]).reshape(-1, 4)
    tallies = [[_Tally(bounds) for _ in polygons] for _ in looks]
    blocks = list(windows(geobox, _BLOCK))
    for done, block in enumerate(blocks, start=1):
        parts = [
            (number, *part)
            for number in _meeting(spans, block)
            if (part := _part(projected[number], spans[number], geobox, block))
        ]
        if parts:
            hectares = pixel_area_m2(geobox, block) / 10_000
            for look, tally in zip(looks, tallies, strict=True):
                quality = look.quality(block)
                index = None if look.index is None else look.index(block)
                for number, place, inside in parts:
                    tally[number].add(
                        quality[place][inside],
                        hectares[place][inside],
                        None if index is None else index[place][inside],
                    )
        if progress is not None:
            progress(done, len(blocks))
    return [[one.result() for one in tally] for tally in tallies]


def _meeting(spans: NDArray[np.int64], block: Window) -> list[int]:
    """Numbers of the spans (top, bottom, left, right) that meet a block."""
    top, left = block.row_off, block.col_off
    meets = (
        (spans[:, 0] < top + block.height)
        & (spans[:, 1] > top)
        & (spans[:, 2] < left + block.width)
        & (spans[:, 3] > left)
    )
    return [int(one) for one in np.flatnonzero(meets)]


def _part(
    polygon: BaseGeometry, span: NDArray[np.int64], geobox: GeoBox, block: Window
) -> tuple[tuple[slice, slice], NDArray[np.bool_]] | None:
    """Where in a block a polygon lies, and which pixels there are inside it."""
    top = max(int(span[0]), block.row_off)
    bottom = min(int(span[1]), block.row_off + block.height)
    left = max(int(span[2]), block.col_off)
    right = min(int(span[3]), block.col_off + block.width)
    inside = pixels_inside(
        polygon, geobox, Window(left, top, right - left, bottom - top)
    )
    if not inside.any():
        return None
    rows = slice(top - block.row_off, bottom - block.row_off)
    return (rows, slice(left - block.col_off, right - block.col_off)), inside


class _Tally:
    """Running sums of one polygon in one scene over the blocks it meets."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = np.rint(np.asarray(bounds) * _STEPS)
        self._counts = np.zeros(3, dtype=np.int64)
        self._covered_ha = 0.0
        self._level_ha = np.zeros(len(bounds))
        self._values: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []

    def add(
        self,
        quality: NDArray[np.uint8],
        hectares: NDArray[np.float64],
        index: NDArray[np.float32] | None,
    ) -> None:
        """Count the pixels of one block, all arrays one value a pixel."""
        clear = quality == CLEAR
        self._counts += (clear.sum(), (quality == CLOUDY).sum(), quality.size)
        self._covered_ha += float(hectares[quality != NODATA].sum())
        if index is None:
            return
        known = clear & np.isfinite(index)
        steps = np.rint(np.clip(index[known], -1, 1).astype(np.float64) * _STEPS)
        bins = np.searchsorted(self._bounds, steps, side="right") - 1
        self._level_ha += np.bincount(bins, hectares[known], len(self._bounds))
        self._values.append(np.unique(steps.astype(np.int64), return_counts=True))

    def result(self) -> SceneStatistics:
        """The statistics of all blocks added."""
        valid, cloudy, total = (int(one) for one in self._counts)
        return SceneStatistics(valid, cloudy, total, self._covered_ha, self._index())

    def _index(self) -> IndexStatistics | None:
        if not sum(len(values) for values, _ in self._values):
            return None
        values = np.concatenate([one for one, _ in self._values])
        counts = np.concatenate([one for _, one in self._values])
        order = np.argsort(values, kind="stable")
        values, ranks = values[order], np.cumsum(counts[order])
        p10, p50, p90 = (
            _percentile(values, ranks, share) / _STEPS for share in (0.1, 0.5, 0.9)
        )
        mean = int((values * counts[order]).sum()) / int(ranks[-1]) / _STEPS
        levels = tuple(float(one) for one in self._level_ha)
        return IndexStatistics(mean, p10, p50, p90, levels)


def _percentile(
    values: NDArray[np.int64], ranks: NDArray[np.int64], share: float
) -> float:
    """The value at a share of the ranks, between the two nearest.

    Args:
        values: Distinct or repeated values, ascending.
        ranks: How many pixels there are up to each, it included.
        share: 0 to 1.
    """
    place = share * (int(ranks[-1]) - 1)
    low, high = (
        values[np.searchsorted(ranks, rank, side="right")]
        for rank in (np.floor(place), np.ceil(place))
    )
    return float(low + (high - low) * (place - np.floor(place)))

"""Statistics of a change raster in polygons, crossed with a class raster."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from imagery.context import ContextRaster
from imagery.grid import pixel_area_m2
from imagery.masks import CLEAR, CLOUDY
from imagery.raster import open_raster, reading
from mining.change.methods import NODATA
from mining.zonal.polygons import blocks_inside, reproject

NO_CLASS = int(np.iinfo(np.int64).min)
"""Class of pixels that the class raster does not cover."""


@dataclass(frozen=True)
class UnitStatistics:
    """What a change raster says inside one polygon.

    A pixel belongs to a polygon when its centre lies inside. Pixels are those of the
    raster's grid: what lies outside the raster is not counted.

    Attributes:
        valid_pixels: Pixels compared on both dates.
        cloudy_pixels: Pixels under cloud or cloud shadow on either date.
        total_pixels: All pixels, those without data included.
        level_ha: Ground hectares of the valid pixels in each bin of the score.
        mean: Mean score of the valid pixels, 0 to 1; None when there are none.
        strata: `level_ha` for each class of the class raster; empty without one.
    """

    valid_pixels: int
    cloudy_pixels: int
    total_pixels: int
    level_ha: tuple[float, ...]
    mean: float | None
    strata: dict[int, tuple[float, ...]]


def zonal_statistics(
    polygons: Sequence[BaseGeometry],
    change: Path,
    quality: Path,
    *,
    bounds: Sequence[float],
    classes: ContextRaster | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[UnitStatistics]:
    """Counts and ground areas of change levels in each polygon.

    Polygons are reprojected to the raster, never the raster to them; the class raster
    is read on the change raster's grid by nearest neighbour.

    Args:
        polygons: In CRS84; they may overlap, have holes or several parts.
        change: Raster of scores, uint8 0 to 100, 255 where not compared.
        quality: Raster of the same grid: 0 clear, 1 cloudy, 2 no data.
        bounds: Lower bounds of the bins of the score, ascending, first 0.
        classes: Raster of class numbers, any grid and CRS.
        progress: Called with polygons done and all of them.

    Memory: a block of 1024 x 1024 pixels of each raster.
    """
    with (
        open_raster(change) as scores,
        open_raster(quality) as clarity,
        _open_classes(classes, scores) as read_classes,
    ):
        to_raster = Transformer.from_crs("OGC:CRS84", scores.crs, always_xy=True)
        geobox = GeoBox.from_rio(scores)
        found = []
        for done, polygon in enumerate(polygons, start=1):
            projected = reproject(polygon, to_raster)
            tally = _Tally(bounds)
            for window, inside in blocks_inside(projected, geobox):
                tally.add(
                    scores.read(1, window=window)[inside],
                    clarity.read(1, window=window)[inside],
                    pixel_area_m2(geobox, window)[inside] / 10_000,
                    None if read_classes is None else read_classes(window)[inside],
                )
            found.append(tally.result())
            if progress is not None:
                progress(done, len(polygons))
    return found


class _Tally:
    """Running sums of one polygon over the blocks it meets."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = np.asarray(bounds, dtype=np.float64)
        self._counts = np.zeros(3, dtype=np.int64)
        self._score_sum = 0
        self._level_ha = np.zeros(len(bounds))
        self._strata: dict[int, NDArray[np.float64]] = {}

    def add(
        self,
        scores: NDArray[np.uint8],
        clarity: NDArray[np.uint8],
        hectares: NDArray[np.float64],
        classes: NDArray[np.int64] | None,
    ) -> None:
        """Count the pixels of one block, all arrays one value a pixel."""
        valid = (scores != NODATA) & (clarity == CLEAR)
        self._counts += (valid.sum(), (clarity == CLOUDY).sum(), scores.size)
        compared = scores[valid]
        self._score_sum += int(compared.sum(dtype=np.int64))
        bins = np.searchsorted(self._bounds, compared, side="right") - 1
        self._level_ha += _sums(bins, hectares[valid], len(self._bounds))
        if classes is None:
            return
        for value in np.unique(classes[valid]):
            one = classes[valid] == value
            sums = _sums(bins[one], hectares[valid][one], len(self._bounds))
            held = self._strata.setdefault(int(value), np.zeros(len(self._bounds)))
            held += sums

    def result(self) -> UnitStatistics:
        """The statistics of all blocks added."""
        valid, cloudy, total = (int(one) for one in self._counts)
        return UnitStatistics(
            valid_pixels=valid,
            cloudy_pixels=cloudy,
            total_pixels=total,
            level_ha=tuple(float(one) for one in self._level_ha),
            mean=self._score_sum / valid / 100 if valid else None,
            strata={
                value: tuple(float(one) for one in sums)
                for value, sums in sorted(self._strata.items())
            },
        )


def _sums(
    bins: NDArray[np.int64], weights: NDArray[np.float64], length: int
) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = np.bincount(bins, weights, length).astype(np.float64)
    return sums


@contextlib.contextmanager
def _open_classes(
    context: ContextRaster | None, grid: rasterio.DatasetReader
) -> Iterator[Callable[[Window], NDArray[np.int64]] | None]:
    """Reads a class raster on another raster's grid; None without a class raster."""
    if context is None:
        yield None
        return
    with (
        open_raster(context.path) as source,
        WarpedVRT(
            source,
            crs=grid.crs,
            transform=grid.transform,
            width=grid.width,
            height=grid.height,
            src_nodata=context.nodata,
            add_alpha=True,
        ) as warped,
    ):

        def read(window: Window) -> NDArray[np.int64]:
            with reading(context.path):
                values = warped.read(1, window=window).astype(np.int64)
                # The added band; GDAL's mask ignores it unless bands are 2 or 4.
                covered = warped.read(warped.count, window=window) > 0
            return np.where(covered, values, NO_CLASS)

        yield read

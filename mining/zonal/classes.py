"""Areas and confidence of the classes of a classification in polygons."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from imagery.errors import GridMismatch
from imagery.grid import pixel_area_m2
from imagery.raster import open_raster
from mining.zonal.polygons import blocks_inside, reproject

NO_CLASS = 0
"""Class number of pixels that were not classified."""


@dataclass(frozen=True)
class ClassShare:
    """One class inside one polygon.

    Attributes:
        hectares: Ground hectares of its pixels.
        confidence: Mean probability that the classifier gave it there, 0 to 1.
        optical_ha: Those that were judged by Sentinel-2 alone.
        radar_ha: Those that were judged by Sentinel-1 alone.
        both_ha: Those that were judged by both.
    """

    hectares: float
    confidence: float
    optical_ha: float
    radar_ha: float
    both_ha: float


@dataclass(frozen=True)
class ClassStatistics:
    """What a classification says inside one polygon.

    A pixel belongs to a polygon when its centre lies inside. Pixels are those of the
    raster's grid: what lies outside the raster is not counted.

    Attributes:
        total_pixels: All pixels, those without a class included.
        valid_pixels: Pixels with a class.
        observed_ha: Ground hectares of the valid pixels.
        confidence: Mean confidence of the valid pixels, 0 to 1; None without any.
        classes: Class number to its share; classes without a pixel are left out.
    """

    total_pixels: int
    valid_pixels: int
    observed_ha: float
    confidence: float | None
    classes: Mapping[int, ClassShare]


def class_statistics(
    polygons: Sequence[BaseGeometry],
    raster: Path,
    confidence: Path,
    basis: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> list[ClassStatistics]:
    """Ground areas and confidence of the classes in each polygon.

    Polygons are reprojected to the raster, never the raster to them.

    Args:
        polygons: In CRS84; they may overlap, have holes or several parts.
        raster: Class numbers, uint16, 0 where there is none.
        confidence: Of the same grid: probability of the class given, uint8 0 to 100,
            255 without a class.
        basis: Of the same grid: 0 none, 1 Sentinel-2, 2 Sentinel-1, 3 both.
        progress: Called with polygons done and all of them.

    Memory: a block of 1024 x 1024 pixels of each raster.

    Raises:
        UnreadableProduct: A raster cannot be read.
        GridMismatch: The three rasters are not of one grid.
    """
    with (
        open_raster(raster) as classes,
        open_raster(confidence) as probabilities,
        open_raster(basis) as sensors,
    ):
        for other in (probabilities, sensors):
            _check_grid(classes, other)
        to_raster = Transformer.from_crs("OGC:CRS84", classes.crs, always_xy=True)
        geobox = GeoBox.from_rio(classes)
        found = []
        for done, polygon in enumerate(polygons, start=1):
            projected = reproject(polygon, to_raster)
            tally = _Tally()
            for window, inside in blocks_inside(projected, geobox):
                tally.add(
                    classes.read(1, window=window)[inside],
                    probabilities.read(1, window=window)[inside],
                    sensors.read(1, window=window)[inside],
                    pixel_area_m2(geobox, window)[inside] / 10_000,
                )
            found.append(tally.result())
            if progress is not None:
                progress(done, len(polygons))
    return found


class _Tally:
    """Running sums of one polygon over the blocks it meets."""

    def __init__(self) -> None:
        self._total = 0
        self._sums: dict[int, NDArray[np.float64]] = {}

    def add(
        self,
        classes: NDArray[np.uint16],
        confidence: NDArray[np.uint8],
        basis: NDArray[np.uint8],
        hectares: NDArray[np.float64],
    ) -> None:
        """Count the pixels of one block, all arrays one value a pixel."""
        self._total += classes.size
        for value in np.unique(classes[classes != NO_CLASS]):
            one = classes == value
            by_basis = np.bincount(basis[one], hectares[one], minlength=4)
            summed = (
                one.sum(),
                hectares[one].sum(),
                confidence[one].sum(dtype=np.int64) / 100,
                *by_basis[1:4],
            )
            held = self._sums.setdefault(int(value), np.zeros(len(summed)))
            held += summed

    def result(self) -> ClassStatistics:
        """The statistics of all blocks added."""
        pixels = sum(int(one[0]) for one in self._sums.values())
        return ClassStatistics(
            total_pixels=self._total,
            valid_pixels=pixels,
            observed_ha=float(sum(one[1] for one in self._sums.values())),
            confidence=(
                float(sum(one[2] for one in self._sums.values())) / pixels
                if pixels
                else None
            ),
            classes={
                value: ClassShare(
                    hectares=float(hectares),
                    confidence=float(confidence / count),
                    optical_ha=float(optical),
                    radar_ha=float(radar),
                    both_ha=float(both),
                )
                for value, (
                    count,
                    hectares,
                    confidence,
                    optical,
                    radar,
                    both,
                ) in sorted(self._sums.items())
            },
        )


def _check_grid(classes: rasterio.DatasetReader, other: rasterio.DatasetReader) -> None:
    if GeoBox.from_rio(classes) != GeoBox.from_rio(other):
        raise GridMismatch(
            f"{other.name} is not on the grid of {classes.name}; "
            "make both with one `lucerna classify`"
        )

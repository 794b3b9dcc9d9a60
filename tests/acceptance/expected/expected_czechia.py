"""What the Czech bark-beetle pair must give, from the files alone.

The pixels are 10 m in EPSG:3857, which is 6.5 m on the ground there. The header of the
forest map calls 0 no data, but 0 is one of its four classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from expected_ground import pixel_ha
from expected_pixels import (
    BANDS,
    CLEAR,
    FULL,
    MISSING,
    Comparison,
    Grid,
    compare_arrays,
)
from expected_units import Seen, Unit, observe, read_classes, read_units
from numpy.typing import NDArray

FILE_BANDS = (
    "B01", "B02", "B03", "B04", "B05", "B06", "B07",
    "B08", "B8A", "B09", "B11", "B12",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One place: scores by method, pixel areas, districts.

    Attributes:
        grid: The pixels of all its rasters.
        comparisons: Method to scores and quality.
        hectares: Ground hectares of each pixel.
        classes: Forest class of each pixel.
        districts: All districts, also those elsewhere.
    """

    grid: Grid
    comparisons: Mapping[str, Comparison]
    hectares: NDArray[np.float64]
    classes: NDArray[np.int64]
    districts: list[Unit]

    def seen(self, comparison: Comparison) -> dict[Unit, Seen]:
        """What scores show in each district that meets the place."""
        return observe(
            self.districts, comparison, self.grid, self.hectares, self.classes
        )


def read_place(before: Path, after: Path, forest: Path, districts: Path) -> Place:
    """Everything of a place."""
    first, grid = _reflectance(before)
    second, other = _reflectance(after)
    assert grid == other, "the two dates have different grids"
    missing = np.isnan(first).any(axis=0) | np.isnan(second).any(axis=0)
    quality = np.where(missing, MISSING, CLEAR).astype(np.uint8)
    chosen = [FILE_BANDS.index(name) for name in BANDS]
    return Place(
        grid=grid,
        comparisons={
            method: compare_arrays(first[chosen], second[chosen], quality, method)
            for method in FULL
        },
        hectares=pixel_ha(grid),
        classes=read_classes(forest, grid, nodata_is_class=True),
        districts=read_units(districts, "nutslau", "nazev", "district"),
    )


def _reflectance(path: Path) -> tuple[NDArray[np.float64], Grid]:
    with rasterio.open(path) as raster:
        stored = raster.read()
        grid = Grid(raster.shape, raster.transform, raster.crs)
    return np.where(stored == 0, np.nan, stored / 10_000), grid

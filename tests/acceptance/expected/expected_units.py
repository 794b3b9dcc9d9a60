"""Change levels per territorial unit, worked out pixel by pixel.

A pixel belongs to a unit when its centre lies in the unit's polygon. Hectares are
ground hectares with four digits; the observed area is their sum.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from expected_ground import WGS84
from expected_pixels import CLEAR, CLOUDY, Comparison, Grid
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.features import geometry_mask
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

BOUNDS = (0, 25, 50, 75)
LEVELS = ("none", "low", "middle", "high")
LEAST_VALID_PIXELS = 10
TIE_HA = 0.0005
"""Areas of classes nearer than this are as many pixels, a twentieth of one apart."""


@dataclass(frozen=True)
class Unit:
    """A unit of a GeoJSON file in CRS84, with its properties as they stand there."""

    id: str
    level: str
    name: str
    geometry: BaseGeometry
    properties: Mapping[str, Any] = field(hash=False)

    def area_ha(self) -> float:
        """Geodesic hectares of the polygon."""
        return abs(WGS84.geometry_area_perimeter(self.geometry)[0]) / 10_000

    def distance_m(self, lon: float, lat: float) -> float:
        """Geodesic metres from the centroid to a point."""
        centre = self.geometry.centroid
        return float(WGS84.inv(centre.x, centre.y, lon, lat)[2])


@dataclass(frozen=True)
class Seen:
    """What one method shows in one unit; hectares in the order of `LEVELS`."""

    valid: int
    cloudy: int
    total: int
    hectares: tuple[float, ...]
    mean: float | None
    strata: Mapping[int, tuple[float, ...]]

    @property
    def assessable(self) -> bool:
        """Ten clear pixels or more, and at most half of all pixels cloudy."""
        return self.valid >= LEAST_VALID_PIXELS and 2 * self.cloudy <= self.total

    @property
    def main_classes(self) -> list[int]:
        """The class with the largest clear area; several where pixels are equal."""
        areas = {value: sum(hectares) for value, hectares in self.strata.items()}
        most = max(areas.values(), default=0.0)
        return [value for value, area in areas.items() if most - area < TIE_HA]


def read_units(
    path: Path, id_name: str = "id", name_name: str = "name", level: str | None = None
) -> list[Unit]:
    """All units of a GeoJSON file."""
    features = json.loads(path.read_text("utf-8"))["features"]
    return [
        Unit(
            id=str(one["properties"][id_name]),
            level=level or one["properties"]["level"],
            name=str(one["properties"][name_name]),
            geometry=shape(one["geometry"]),
            properties=one["properties"],
        )
        for one in features
    ]


def observe(
    units: Sequence[Unit],
    comparison: Comparison,
    grid: Grid,
    hectares: NDArray[np.float64],
    classes: NDArray[np.int64] | None = None,
) -> dict[Unit, Seen]:
    """The units that have a pixel, and what is seen in each.

    Args:
        units: In CRS84.
        comparison: Scores and quality on `grid`.
        grid: The pixels.
        hectares: Ground hectares of each pixel.
        classes: Class of each pixel, 0 or less where it has none.
    """
    to_grid = Transformer.from_crs("OGC:CRS84", grid.crs, always_xy=True)
    found = {}
    for unit in units:
        inside = membership(unit.geometry, to_grid, grid)
        if inside.any():
            found[unit] = _seen(inside, comparison, hectares, classes)
    return found


def membership(
    geometry: BaseGeometry, to_grid: Transformer, grid: Grid
) -> NDArray[np.bool_]:
    """Pixels of the grid whose centre lies in the polygon."""
    moved = shapely.transform(
        geometry, lambda xy: np.stack(to_grid.transform(xy[:, 0], xy[:, 1]), axis=1)
    )
    return geometry_mask([moved], grid.shape, grid.transform, invert=True)


def read_classes(
    path: Path, grid: Grid, *, nodata_is_class: bool = False
) -> NDArray[np.int64]:
    """The class under each pixel centre; -1 outside the raster and where nodata."""
    with rasterio.open(path) as source:
        assert source.crs == grid.crs, "the class raster has another CRS"
        stored, nodata = source.read(1).astype(np.int64), source.nodata
        row, column = np.mgrid[: grid.shape[0], : grid.shape[1]] + 0.5
        x, y = grid.transform @ (column, row)
        column, row = ~source.transform @ (x, y)
    row, column = np.floor(row).astype(int), np.floor(column).astype(int)
    inside = (row >= 0) & (column >= 0)
    inside &= (row < stored.shape[0]) & (column < stored.shape[1])
    values = np.full(grid.shape, -1, np.int64)
    values[inside] = stored[row[inside], column[inside]]
    if nodata is not None and not nodata_is_class:
        values[values == nodata] = -1
    return values


def _seen(
    inside: NDArray[np.bool_],
    comparison: Comparison,
    hectares: NDArray[np.float64],
    classes: NDArray[np.int64] | None,
) -> Seen:
    clear = inside & (comparison.quality == CLEAR)
    strata = {}
    if classes is not None:
        for value in np.unique(classes[clear]):
            if value >= 0:
                own = clear & (classes == value)
                strata[int(value)] = _levels(comparison, hectares, own)
    return Seen(
        valid=int(clear.sum()),
        cloudy=int((inside & (comparison.quality == CLOUDY)).sum()),
        total=int(inside.sum()),
        hectares=_levels(comparison, hectares, clear),
        mean=comparison.scores[clear].mean() / 100 if clear.any() else None,
        strata=strata,
    )


def _levels(
    comparison: Comparison, hectares: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> tuple[float, ...]:
    level = np.digitize(comparison.scores[chosen], BOUNDS) - 1
    area = hectares[chosen]
    return tuple(round(float(area[level == k].sum()), 4) for k in range(4))

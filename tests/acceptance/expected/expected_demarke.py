"""NDVI of parcels from rasters of stored numbers, parcel by parcel."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.features import geometry_mask
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

SCALE, MISSING, LOW = 250, 0, 0.3


@dataclass(frozen=True)
class Greenness:
    """NDVI of the pixels of one parcel that have it."""

    total: int
    seen: int
    low: int
    mean: float
    p90: float


def through_crs84(shapes: Sequence[BaseGeometry], crs: str) -> list[BaseGeometry]:
    """The shapes after a way to longitude and latitude and back, as units go."""
    there = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    back = Transformer.from_crs("OGC:CRS84", crs, always_xy=True)
    moved = list(shapes)
    for way in (there, back):
        moved = [
            shapely.transform(one, way.transform, interleaved=False) for one in moved
        ]
    return moved


def greenness(path: Path, shapes: Sequence[BaseGeometry]) -> list[Greenness | None]:
    """NDVI of each shape in the raster's CRS; None for one without a pixel."""
    with rasterio.open(path) as source:
        stored, transform = source.read(1), source.transform
    return [_one(stored, transform, shape) for shape in shapes]


def _one(
    stored: NDArray[np.uint8], transform: Affine, shape: BaseGeometry
) -> Greenness | None:
    west, south, east, north = shape.bounds
    left, top = (int(np.floor(one)) for one in ~transform @ (west, north))
    right, bottom = (int(np.ceil(one)) for one in ~transform @ (east, south))
    left, top = max(0, left), max(0, top)
    values = stored[top : max(top, bottom), left : max(left, right)]
    if not values.size:
        return None
    corner = transform @ Affine.translation(left, top)
    inside = values[~geometry_mask([shape], values.shape, corner)]
    if not inside.size:
        return None
    index = inside[inside != MISSING].astype(np.float64) / SCALE
    if not index.size:
        return Greenness(inside.size, 0, 0, 0.0, 0.0)
    return Greenness(
        total=inside.size,
        seen=index.size,
        low=int((index < LOW).sum()),
        mean=float(index.mean()),
        p90=float(np.percentile(index, 90)),
    )

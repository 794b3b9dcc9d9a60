"""Connected areas of change as polygons with area and strength."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from pyproj import Transformer
from rasterio.features import geometry_mask, geometry_window, shapes
from rasterio.io import MemoryFile
from shapely.geometry import Polygon, mapping, shape

from imagery.ground import ground_area_m2, ground_perimeter_m
from imagery.raster import open_raster
from mining.change.methods import NODATA
from mining.zonal.polygons import reproject


@dataclass(frozen=True)
class Region:
    """A connected area of change found in a raster.

    Attributes:
        geometry: Outline along pixel edges, CRS84.
        area_m2: Ground area on WGS84.
        perimeter_m: Ground length of its outer ring.
        mean_score: Mean score of its pixels, 0 to 100.
        max_score: Highest score of its pixels, 0 to 100.
    """

    geometry: Polygon
    area_m2: float
    perimeter_m: float
    mean_score: float
    max_score: int


def find_regions(
    change: Path,
    *,
    least_score: float,
    min_area_m2: float,
) -> list[Region]:
    """The regions of a change raster, largest first.

    Pixels that share an edge belong together. They are polygonised from a deflated
    mask: of a bit a pixel at most, and a hundredth of that where little changed.

    Args:
        change: Raster of scores, uint8 0 to 100, 255 where not compared.
        least_score: Pixels with this score or more belong to a region.
        min_area_m2: Regions of less ground area are left out.

    Memory: the deflated mask, the outlines, and the bounding box of one region.
    """
    found: list[Region] = []
    with open_raster(change) as scores, MemoryFile() as mask:
        to_crs84 = Transformer.from_crs(scores.crs, "OGC:CRS84", always_xy=True)
        _write_mask(scores, mask, least_score)
        for outline in _outlines(mask):
            ground = reproject(outline, to_crs84)
            assert isinstance(ground, Polygon)
            area = ground_area_m2(ground)
            if area < min_area_m2:
                continue
            values = _values(scores, outline)
            found.append(
                Region(
                    ground,
                    area,
                    ground_perimeter_m(ground),
                    float(values.mean()),
                    int(values.max()),
                )
            )
    return sorted(found, key=lambda one: (-one.area_m2, one.geometry.bounds))


def _write_mask(
    scores: rasterio.DatasetReader, made: MemoryFile, least_score: float
) -> None:
    profile = scores.profile | {
        "driver": "GTiff", "dtype": "uint8", "nodata": 0, "compress": "deflate",
    }  # fmt: skip
    with made.open(**profile) as mask:
        for _, window in scores.block_windows(1):
            values = scores.read(1, window=window)
            member = (values >= least_score) & (values != NODATA)
            mask.write(member.astype(np.uint8), 1, window=window)


def _outlines(mask: MemoryFile) -> Iterator[Polygon]:
    with mask.open() as dataset:
        band = rasterio.band(dataset, 1)
        for outline, _ in shapes(band, mask=band, connectivity=4):
            polygon = shape(outline)
            assert isinstance(polygon, Polygon), polygon.geom_type
            yield polygon


def _values(scores: rasterio.DatasetReader, outline: Polygon) -> np.ndarray:
    window = geometry_window(scores, [mapping(outline)])
    inside = geometry_mask(
        [outline],
        out_shape=(int(window.height), int(window.width)),
        transform=scores.window_transform(window),
        invert=True,
    )
    values: np.ndarray = scores.read(1, window=window)[inside]
    return values

"""Polygons on a raster's grid: the pixels inside them, block by block."""

import math
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.features import geometry_mask
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

_BLOCK = 1024


def reproject(shape: BaseGeometry, transformer: Transformer) -> BaseGeometry:
    """The shape with each vertex in the transformer's other CRS; x first."""

    def move(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(vertices[:, 0], vertices[:, 1]))

    return shapely.transform(shape, move)


def blocks_inside(
    polygon: BaseGeometry, geobox: GeoBox
) -> Iterator[tuple[Window, NDArray[np.bool_]]]:
    """Blocks of a grid, at most 1024 pixels a side, with the pixels in a polygon.

    Args:
        polygon: In the CRS of the grid.
        geobox: Grid without rotation or with.

    Yields:
        Window, and (y, x) bool of it: pixels whose centre lies in the polygon. Blocks
        without one are left out.
    """
    for window in _blocks(polygon, geobox):
        inside = pixels_inside(polygon, geobox, window)
        if inside.any():
            yield window, inside


def pixel_span(polygon: BaseGeometry, geobox: GeoBox) -> tuple[int, int, int, int]:
    """Rows and columns of a grid that cover a polygon's bounding box.

    Args:
        polygon: In the CRS of the grid.
        geobox: Grid without rotation or with.

    Returns:
        Top, bottom, left and right; bottom and right are the first beyond it. None
        lies beyond the grid: where they do not meet, it is empty.
    """
    height, width = geobox.shape
    columns, rows = zip(
        *(
            ~geobox.affine @ corner
            for corner in _corners(*(float(one) for one in polygon.bounds))
        ),
        strict=True,
    )
    left, right = max(0, math.floor(min(columns))), min(width, math.ceil(max(columns)))
    top, bottom = max(0, math.floor(min(rows))), min(height, math.ceil(max(rows)))
    return top, bottom, left, right


def _blocks(polygon: BaseGeometry, geobox: GeoBox) -> Iterator[Window]:
    """Blocks of the grid that cover a polygon's bounding box."""
    top, bottom, left, right = pixel_span(polygon, geobox)
    for row in range(top, bottom, _BLOCK):
        for column in range(left, right, _BLOCK):
            yield Window(
                column, row, min(_BLOCK, right - column), min(_BLOCK, bottom - row)
            )


def _corners(
    west: float, south: float, east: float, north: float
) -> tuple[tuple[float, float], ...]:
    return ((west, south), (west, north), (east, south), (east, north))


def pixels_inside(
    polygon: BaseGeometry, geobox: GeoBox, window: Window
) -> NDArray[np.bool_]:
    """(y, x) bool of a window: pixels with their centre in a polygon of its CRS."""
    affine = geobox.affine @ geobox.affine.translation(window.col_off, window.row_off)
    shape = (int(window.height), int(window.width))
    mask: NDArray[np.bool_] = geometry_mask(
        [polygon], out_shape=shape, transform=affine, invert=True
    )
    return mask

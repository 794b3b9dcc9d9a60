"""Ground areas of pixels, from geodesic areas of whole rows and columns of a grid.

A single pixel of 10 m is too small to be measured by `pyproj.Geod`: the area of a
polygon carries an absolute error of some hundredths of a square metre. A row of a few
hundred pixels is not. So each row and each column of the grid is measured as one long
polygon, and a pixel's area is row mean times column mean over the mean of all. This
leaves out only how rows and columns interact, some parts in a billion here.
"""

import numpy as np
from expected_pixels import Grid
from numpy.typing import NDArray
from pyproj import Geod, Transformer

WGS84 = Geod(ellps="WGS84")
STEP_PX = 30
"""Long edges get a vertex at least every so many pixels."""


def pixel_ha(grid: Grid) -> NDArray[np.float64]:
    """Hectares of ground of each pixel, (y, x)."""
    height, width = grid.shape
    rows = np.array([_mean_m2(grid, r, r + 1, 0, width) for r in range(height)])
    columns = np.array([_mean_m2(grid, 0, height, c, c + 1) for c in range(width)])
    mean = (rows.mean() + columns.mean()) / 2
    return np.outer(rows, columns) / mean / 10_000


def outline_ha(grid: Grid) -> float:
    """Hectares of ground of the whole grid, measured as one polygon."""
    height, width = grid.shape
    return _mean_m2(grid, 0, height, 0, width) * height * width / 10_000


def _mean_m2(grid: Grid, top: int, bottom: int, left: int, right: int) -> float:
    across = _stops(left, right)
    down = _stops(top, bottom)
    columns = np.concatenate(
        [across, np.full(len(down), right), across[::-1], np.full(len(down), left)]
    )
    rows = np.concatenate(
        [np.full(len(across), top), down, np.full(len(across), bottom), down[::-1]]
    )
    to_crs84 = _to_crs84(grid.crs.to_wkt())
    x, y = grid.transform @ (columns.astype(float), rows.astype(float))
    area, _ = WGS84.polygon_area_perimeter(*to_crs84.transform(x, y))
    return abs(area) / ((bottom - top) * (right - left))


def _stops(first: int, last: int) -> NDArray[np.float64]:
    pieces = max(1, -(-(last - first) // STEP_PX))
    return np.linspace(first, last, pieces + 1)


_TRANSFORMERS: dict[str, Transformer] = {}


def _to_crs84(wkt: str) -> Transformer:
    if wkt not in _TRANSFORMERS:
        _TRANSFORMERS[wkt] = Transformer.from_crs(wkt, "OGC:CRS84", always_xy=True)
    return _TRANSFORMERS[wkt]

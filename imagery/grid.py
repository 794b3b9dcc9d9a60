"""Questions about GeoBoxes."""

import functools
import math
from collections.abc import Iterator

import numpy as np
import shapely
import shapely.affinity
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from odc.geo.crs import CRS
from odc.geo.geobox import GeoBox
from pyproj import Geod, Transformer
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from imagery.errors import GridMismatch

_WGS84 = Geod(ellps="WGS84")
_ALIGNMENT_PX = 1e-3
_BLOCK_PX = 64
_BLOCK_LIMIT_M = 6_400.0
_METRES_PER_DEGREE = 111_320.0
_FARTHEST = 5e8
"""Coordinate, in metres or feet, that no map reaches; some CRS wrap it around."""

_HALF_DEG, _ROUND_DEG = 180.0, 360.0


def common_grid(a: GeoBox, b: GeoBox) -> GeoBox:
    """The pixels that two aligned grids share, as a grid; symmetric in its arguments.

    Args:
        a: A grid, rows from north to south, columns from west to east.
        b: Another in the same CRS and resolution, shifted by whole pixels.

    Raises:
        GridMismatch: CRS or resolution differ, a grid is rotated or flipped, the
            shift is no whole number of pixels, or the grids do not overlap.
    """
    if a.crs != b.crs:
        raise GridMismatch(
            f"the grids have different CRS: {crs_name(a)} and {crs_name(b)}; "
            "reproject one of them"
        )
    for grid in (a, b):
        check_upright(grid, "grid")
    shift = ~a.affine @ b.affine
    if abs(shift.a - 1) * b.width > _ALIGNMENT_PX or (
        abs(shift.e - 1) * b.height > _ALIGNMENT_PX
    ):
        raise GridMismatch(
            f"the grids have different resolutions: {_resolution(a)} and "
            f"{_resolution(b)}; resample one of them"
        )
    columns, rows = round(shift.c), round(shift.f)
    if max(abs(shift.c - columns), abs(shift.f - rows)) > _ALIGNMENT_PX:
        raise GridMismatch(
            f"the grids are shifted by ({shift.c:.3f}, {shift.f:.3f}) pixels; "
            "resample one of them to whole pixels"
        )
    width = min(a.width, columns + b.width) - max(0, columns)
    height = min(a.height, rows + b.height) - max(0, rows)
    if width <= 0 or height <= 0:
        raise GridMismatch(
            f"the grids do not overlap: {_bounds(a)} and {_bounds(b)}; "
            "give two products of one place"
        )
    west, north = max(a.affine.c, b.affine.c), min(a.affine.f, b.affine.f)
    fine = min(a, b, key=lambda grid: tuple(grid.affine))
    corner = Affine(fine.affine.a, 0.0, west, 0.0, fine.affine.e, north)
    return GeoBox((height, width), corner, a.crs)


def check_upright(geobox: GeoBox, what: str) -> None:
    """Refuse a grid whose rows do not run from north to south, or columns eastwards.

    Args:
        geobox: The grid.
        what: What has it, for the message.

    Raises:
        GridMismatch: It is rotated or flipped, or its pixels have no size.
    """
    a, b, _, d, e, _ = tuple(geobox.affine)[:6]
    if b or d or a <= 0 or e >= 0:
        raise GridMismatch(
            f"{what} is rotated, flipped or without a pixel size: "
            f"{tuple(geobox.affine)[:6]}; resample it"
        )


def windows(geobox: GeoBox, size: int) -> Iterator[Window]:
    """Windows of at most `size` pixels a side that tile a grid once, without gaps.

    They come in groups of two by two, so that walking in windows of 512 visits each
    1024-pixel tile of a JPEG 2000 band once while it is cached.

    >>> grid = GeoBox((3, 5), Affine(10, 0, 0, 0, -10, 0), "EPSG:32630")
    >>> [(w.row_off, w.col_off, w.height, w.width) for w in windows(grid, 4)]
    [(0, 0, 3, 4), (0, 4, 3, 1)]
    """
    height, width = geobox.shape
    for group_row in range(0, height, 2 * size):
        for group_column in range(0, width, 2 * size):
            for row in range(group_row, min(group_row + 2 * size, height), size):
                for column in range(
                    group_column, min(group_column + 2 * size, width), size
                ):
                    yield Window(
                        column, row, min(size, width - column), min(size, height - row)
                    )


def pixel_area_m2(geobox: GeoBox, window: Window) -> NDArray[np.float64]:
    """Ground area of each pixel of a window on the WGS 84 ellipsoid.

    Geodesic areas (Karney 2013, through GeographicLib in PROJ) of blocks of at most
    64 pixels and 6.4 km a side, divided by their pixels and interpolated bilinearly
    between block centres. The blocks belong to the grid, not to the window: a pixel
    has the same area in every window.

    Args:
        geobox: Grid in any CRS that pyproj can turn into longitude and latitude;
            EPSG:3857 and EPSG:4326 included.
        window: Part of it, in pixels.

    Returns:
        (y, x) float64 in square metres; relative error below 1e-6 between 80 S and
        80 N. Memory: one window.
    """
    size = _block_px(geobox)
    rows = (np.arange(window.height) + window.row_off + 0.5) / size - 0.5
    columns = (np.arange(window.width) + window.col_off + 0.5) / size - 0.5
    first_row, first_column = int(np.floor(rows[0])), int(np.floor(columns[0]))
    last_row, last_column = int(np.floor(rows[-1])) + 1, int(np.floor(columns[-1])) + 1
    areas = _block_areas(geobox, size, first_row, first_column, last_row, last_column)
    row, column = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = (rows - row)[:, None], (columns - column)[None, :]
    row, column = (row - first_row)[:, None], (column - first_column)[None, :]
    upper = areas[row, column] * (1 - right) + areas[row, column + 1] * right
    lower = areas[row + 1, column] * (1 - right) + areas[row + 1, column + 1] * right
    interpolated: NDArray[np.float64] = upper * (1 - down) + lower * down
    return interpolated


def ground_resolution_m(geobox: GeoBox) -> float:
    """Side of a square with the ground area of the middle pixel, to centimetres.

    Raises:
        GridMismatch: The grid has no CRS.
    """
    height, width = geobox.shape
    middle = pixel_area_m2(geobox, Window(width // 2, height // 2, 1, 1))
    return round(math.sqrt(float(middle[0, 0])), 2)


def crs_of(geobox: GeoBox) -> CRS:
    """The CRS of a grid that must have one.

    Raises:
        GridMismatch: The grid has no CRS.
    """
    if geobox.crs is None:
        raise GridMismatch(f"grid without a CRS: {_bounds(geobox)}; give it one")
    return geobox.crs


def crs_name(geobox: GeoBox) -> str:
    """The CRS of a grid in a few words, for a message: "EPSG:32630"."""
    if geobox.crs is None:
        return "no CRS"
    epsg = geobox.crs.epsg
    return f"EPSG:{epsg}" if epsg else str(geobox.crs.proj.name)


def footprint(geobox: GeoBox) -> BaseGeometry:
    """Outline of a grid in CRS84 (longitude, latitude), rounded to 1e-7 degrees.

    Each side carries 8 segments, so that it follows curved meridians. A grid across
    the antimeridian gives two polygons that meet there.

    Raises:
        GridMismatch: The grid holds a pole, or leaves the Earth.
    """
    height, width = geobox.shape
    steps = np.linspace(0, 1, 9)[:-1]
    turns = ((0, 0, 1, 0), (1, 0, 0, 1), (1, 1, -1, 0), (0, 1, 0, -1))
    x = np.concatenate([(c + steps * dc) * width for c, _, dc, _ in turns])
    y = np.concatenate([(r + steps * dr) * height for _, r, _, dr in turns])
    longitude, latitude = _to_crs84(geobox, x, y)
    return outline_crs84(longitude, _on_earth(geobox, longitude, latitude))


def outline_crs84(longitude: ArrayLike, latitude: ArrayLike) -> BaseGeometry:
    """Outline of a ring in CRS84, rounded to 1e-7 degrees.

    A ring across the antimeridian gives two polygons that meet there.

    Args:
        longitude: Of its corners, in degrees; neighbours lie less than half of the
            globe apart.
        latitude: Likewise.

    Raises:
        GridMismatch: The ring goes around a pole.

    >>> outline_crs84([179, -179, -179, 179], [10, 10, 11, 11]).bounds
    (-180.0, 10.0, 180.0, 11.0)
    >>> outline_crs84([-120, 0, 120, 120, 0, -120], [0, 0, 0, 9, 9, 9]).bounds
    (-120.0, 0.0, 120.0, 9.0)
    """
    longitude, latitude = np.asarray(longitude, float), np.asarray(latitude, float)
    unrolled = np.unwrap(np.append(longitude, longitude[:1]), period=360)
    if abs(unrolled[-1] - unrolled[0]) > _HALF_DEG:
        raise GridMismatch(
            f"the outline between latitudes {latitude.min():.2f} and "
            f"{latitude.max():.2f} goes around a pole, where longitude and latitude "
            "draw none; cut the raster into parts beside the pole"
        )
    ring = shapely.Polygon(np.round(np.column_stack([unrolled[:-1], latitude]), 7))
    west, _, east, _ = ring.bounds
    if west >= -_HALF_DEG and east <= _HALF_DEG:
        return shapely.orient_polygons(ring)
    first, last = (int((one + _HALF_DEG) // _ROUND_DEG) for one in (west, east))
    parts = []
    for shift in np.arange(first, last + 1) * _ROUND_DEG:
        part = ring & shapely.box(shift - _HALF_DEG, -90, shift + _HALF_DEG, 90)
        parts.append(shapely.affinity.translate(part, -shift))
    areal = [one for one in parts if one.area]
    return shapely.orient_polygons(shapely.union_all(areal))


def bbox_crs84(outline: BaseGeometry) -> tuple[float, float, float, float]:
    """West, south, east, north of an outline in CRS84, in degrees.

    Across the antimeridian, where a `footprint` has a part on either side, west is
    greater than east (RFC 7946, 5.2).

    >>> bbox_crs84(shapely.box(1, 44, 2, 45))
    (1.0, 44.0, 2.0, 45.0)
    >>> parts = [shapely.box(179, -17, 180, -16), shapely.box(-180, -17, -179.5, -16)]
    >>> bbox_crs84(shapely.MultiPolygon(parts))
    (179.0, -17.0, -179.5, -16.0)
    """
    west, south, east, north = outline.bounds
    parts = [one.bounds for one in shapely.get_parts(outline)]
    if len(parts) > 1 and (west, east) == (-_HALF_DEG, _HALF_DEG):
        west = min(one[0] for one in parts if one[2] == _HALF_DEG)
        east = max(one[2] for one in parts if one[0] == -_HALF_DEG)
    return west, south, east, north


def _on_earth(
    geobox: GeoBox, longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The latitudes of an outline; half a pixel may stick out beyond a pole."""
    tolerance = abs(geobox.resolution.y) if crs_of(geobox).geographic else 0.0
    known = np.isfinite(longitude) & np.isfinite(latitude)
    beyond = max(abs(one) for one in geobox.boundingbox.bbox) > _FARTHEST
    if beyond or not known.all() or np.abs(latitude).max() > 90 + tolerance:
        raise GridMismatch(
            f"the grid leaves the Earth: {_bounds(geobox)} in {crs_name(geobox)}; "
            "correct its CRS, or cut it to where its CRS is used"
        )
    return np.clip(latitude, -90, 90)


def _block_px(geobox: GeoBox) -> int:
    pixel = max(abs(geobox.resolution.x), abs(geobox.resolution.y))
    if crs_of(geobox).geographic:
        pixel *= _METRES_PER_DEGREE
    size = _BLOCK_PX
    while size > 1 and size * pixel > _BLOCK_LIMIT_M:
        size //= 2
    return size


def _block_areas(
    geobox: GeoBox, size: int, top: int, left: int, bottom: int, right: int
) -> NDArray[np.float64]:
    """Mean pixel area in m2 of the blocks top..bottom, left..right, both included."""
    x, y = np.meshgrid(
        np.arange(left, right + 2) * float(size), np.arange(top, bottom + 2) * size
    )
    longitude, latitude = _to_crs84(geobox, x, y)
    areas = np.empty((bottom - top + 1, right - left + 1))
    for row, column in np.ndindex(areas.shape):
        corners = (
            (row, row + 1, row + 1, row),
            (column, column, column + 1, column + 1),
        )
        area, _ = _WGS84.polygon_area_perimeter(longitude[corners], latitude[corners])
        areas[row, column] = abs(area) / size**2
    return areas


@functools.lru_cache(maxsize=16)
def _transformer(crs: str) -> Transformer:
    """From a CRS to CRS84; making one costs more than a block of pixels."""
    known = CRS(crs).proj
    if not (known.is_geographic or known.is_projected):
        raise GridMismatch(
            f"the CRS {known.name} of the grid is neither of longitude and latitude "
            "nor of a map; georeference it"
        )
    return Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)


def _to_crs84(
    geobox: GeoBox, x_px: NDArray[np.float64], y_px: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b, c, d, e, f = tuple(geobox.affine)[:6]
    x, y = a * x_px + b * y_px + c, d * x_px + e * y_px + f
    longitude, latitude = _transformer(str(crs_of(geobox))).transform(x, y)
    return longitude, latitude


def _resolution(geobox: GeoBox) -> tuple[float, float]:
    return geobox.resolution.x, geobox.resolution.y


def _bounds(geobox: GeoBox) -> tuple[float, ...]:
    return tuple(round(value, 3) for value in geobox.boundingbox.bbox)

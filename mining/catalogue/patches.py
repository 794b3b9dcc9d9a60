"""Cut a scene into patches."""

import hashlib
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window
from shapely.geometry import Polygon

from imagery.errors import ImageryError
from imagery.grid import footprint, windows
from imagery.masks import CLOUDY, open_quality
from imagery.masks import NODATA as NO_DATA
from imagery.pixels import open_pixels
from imagery.scene import Scene, geobox_of

LEAST_VALID = 0.5
"""Least share of pixels with data in a patch."""

_BLOCK_PX = 1024


@dataclass(frozen=True)
class Patch:
    """One square of a scene's grid: the unit that is labelled.

    Attributes:
        id: `{scene}-{size}-{row}-{column}` in ASCII, the same at every cutting.
        scene: Identifier of the scene.
        row: Row of the patch, counted in patches from the top of the grid.
        column: Column of the patch, counted in patches from the left.
        size: Side in pixels of the grid.
        geometry: Outline in CRS84.
        valid_share: Share of its pixels that have data, 0 to 1.
        cloudy_share: Share of its pixels that are cloudy, 0 to 1.
    """

    id: str
    scene: str
    row: int
    column: int
    size: int
    geometry: Polygon
    valid_share: float
    cloudy_share: float


@dataclass(frozen=True)
class CutPatch:
    """A patch with its pixels.

    Attributes:
        patch: The patch.
        window: Where it lies on the grid of the scene.
        pixels: (band, y, x) float32 reflectance, linear backscatter or index values
            in the order of the scene's bands; NaN where no data.
    """

    patch: Patch
    window: Window
    pixels: NDArray[np.float32]


def patch_grid(scene: Scene) -> GeoBox:
    """The grid that a scene is cut on: that of its finest band.

    Raises:
        UnreadableProduct: A file cannot be opened.
    """
    grids = [geobox_of(band_file) for band_file in scene.bands.values()]
    return min(grids, key=lambda grid: abs(grid.affine.a))


def cut_patches(
    scene: Scene,
    size: int = 64,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Generator[CutPatch | None]:
    """The patches of a scene, block by block; None for each that is passed over.

    Patches tile the grid from its upper left corner; what is left at the right and
    lower edge is no patch. A patch is passed over when fewer than half of its pixels
    have data in all bands.

    Args:
        scene: An optical or radar scene.
        size: Side of a patch in pixels of the finest band.
        progress: Called with patches done and patches in all.

    Yields:
        Patches with pixels. Memory: all bands of a block of about 1024 pixels a side.

    Raises:
        ImageryError: The scene is smaller than one patch.
        UnreadableProduct: A file cannot be opened.
        GridMismatch: The bands differ in CRS.
    """
    grid = patch_grid(scene)
    rows, columns = grid.height // size, grid.width // size
    if rows * columns == 0:
        raise ImageryError(
            f"{scene.product_id} has {grid.width} x {grid.height} pixels, too few for "
            f"a patch of {size} x {size}; give a smaller size"
        )
    bands = tuple(scene.bands.values())
    patches_only = grid[: rows * size, : columns * size]
    block = size * max(1, _BLOCK_PX // size)
    done = 0
    with open_pixels(bands, grid) as read, open_quality(scene, grid) as read_quality:
        for part in windows(patches_only, block):
            pixels, quality = read(part), read_quality(part)
            for inner in _squares(part, size):
                here = inner.toslices()
                window = Window(
                    part.col_off + inner.col_off,
                    part.row_off + inner.row_off,
                    size,
                    size,
                )
                yield _patch(
                    scene, grid, window, pixels[(slice(None), *here)], quality[here]
                )
                done += 1
                if progress is not None:
                    progress(done, rows * columns)


def patch_id(scene: str, size: int, row: int, column: int) -> str:
    """The identifier of a patch, in ASCII letters, digits and `._-`.

    A scene whose identifier has other characters is told apart by six hex digits.

    >>> patch_id("S2A_T30TYQ", 64, 0, 12)
    'S2A_T30TYQ-64-0-12'
    >>> patch_id("scène 1", 64, 0, 12)
    'sc-ne-1-8f8c52-64-0-12'
    """
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", scene)
    if plain != scene:
        plain += "-" + hashlib.sha256(scene.encode()).hexdigest()[:6]
    return f"{plain}-{size}-{row}-{column}"


def _squares(part: Window, size: int) -> Iterator[Window]:
    for row in range(0, int(part.height), size):
        for column in range(0, int(part.width), size):
            yield Window(column, row, size, size)


def _patch(
    scene: Scene,
    grid: GeoBox,
    window: Window,
    pixels: NDArray[np.float32],
    quality: NDArray[np.uint8],
) -> CutPatch | None:
    known = np.isfinite(pixels).all(axis=0) & (quality != NO_DATA)
    if known.mean() < LEAST_VALID:
        return None
    size = int(window.width)
    row, column = int(window.row_off) // size, int(window.col_off) // size
    patch = Patch(
        patch_id(scene.id, size, row, column),
        scene.id,
        row,
        column,
        size,
        _outline(grid[window.toslices()]),
        float(known.mean()),
        float((quality == CLOUDY).mean()),
    )
    return CutPatch(patch, window, pixels)


def _outline(grid: GeoBox) -> Polygon:
    """Outline in CRS84; across the antimeridian its larger part."""
    outline = footprint(grid)
    parts = [one for one in shapely.get_parts(outline) if isinstance(one, Polygon)]
    return max(parts, key=lambda part: part.area)

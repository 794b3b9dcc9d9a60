"""Function over windows of many inputs, written as it goes."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rasterio
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.io import DatasetWriter
from rasterio.windows import Window

from imagery.grid import crs_of, windows
from imagery.raster import gdal_env, write_cog
from imagery.written import digest, holds, not_whole, writing

_LOG = logging.getLogger(__name__)
_TILE_PX = 512


@dataclass(frozen=True)
class Output:
    """A raster to be written by `map_windows`.

    Attributes:
        path: The file; replaced whole when the run ends well.
        dtype: Number type, "uint8" or "float32".
        nodata: Value that means no data; None without one.
        tags: GeoTIFF tags, such as the method that made the raster.
        bands: Number of bands; with more than one its arrays are (band, y, x).
        descriptions: Name of each band; none are written where empty.
    """

    path: Path
    dtype: str
    nodata: float | None
    tags: Mapping[str, str] = field(default_factory=dict)
    bands: int = 1
    descriptions: Sequence[str] = ()


def map_windows(
    function: Callable[..., Sequence[NDArray[Any]]],
    sources: Sequence[Callable[[Window], NDArray[Any]]],
    outputs: Sequence[Output],
    geobox: GeoBox,
    *,
    block: int = 512,
    halo: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Apply a pure function to each window of a grid and write what it returns.

    Outputs are Cloud-Optimised GeoTIFFs. They appear whole when all windows are done;
    an interrupted or failed run leaves neither an output nor a temporary file, and
    keeps an older output as it was.

    Args:
        function: Takes one array a source, each of the window grown by `halo` on all
            four sides, and returns one array an output, of the window itself, as a
            sequence: (y, x), or (band, y, x) where the output has several bands. A
            pixel of the result must depend only on the pixels at most `halo` away,
            added up in a fixed order: it then has the same bytes for every `block`.
            (The order of `numpy.sum` over several axes depends on the shape.)
        sources: Functions from a window to an array whose last two axes are the
            window's, such as those of `open_reflectance` and `open_quality`. With a
            halo the windows overhang the grid at its edge. There these readers give
            the file's own pixels where the file reaches beyond the grid, and NaN, the
            fill value or NODATA where it does not.
        outputs: Rasters to write, on `geobox`.
        geobox: Grid of the outputs.
        block: Side of a window in pixels. Memory: the arrays of one window.
        halo: Pixels around a window that the function needs to see.
        progress: Called with windows done and windows in all.

    Raises:
        ImageryError: An output could not be written whole, as on a full disk.
    """
    tiles = list(windows(geobox, block))
    _LOG.info("%d windows of %d pixels for %d rasters", len(tiles), block, len(outputs))
    parts = [_beside(output.path, "part") for output in outputs]
    finished = [_beside(output.path, "done") for output in outputs]
    digests: list[list[int]] = [[] for _ in outputs]
    try:
        with gdal_env(), ExitStack() as stack:
            targets = [
                stack.enter_context(_created(part, output, geobox))
                for part, output in zip(parts, outputs, strict=True)
            ]
            for done, window in enumerate(tiles, start=1):
                seen = grown(window, halo)
                arrays = function(*(source(seen) for source in sources))
                for output, target, array, held in zip(
                    outputs, targets, arrays, digests, strict=True
                ):
                    with writing(output.path):
                        _write(target, array, window)
                    held.append(digest(array, output.dtype))
                if progress is not None:
                    progress(done, len(tiles))
        for part, whole, output, held in zip(
            parts, finished, outputs, digests, strict=True
        ):
            with writing(output.path):
                write_cog(whole, part)
                if not holds(whole, output.tags, tiles, held):
                    raise not_whole(output.path)
        for whole, output in zip(finished, outputs, strict=True):
            whole.replace(output.path)
    finally:
        for leftover in (*parts, *finished):
            leftover.unlink(missing_ok=True)


def grown(window: Window, halo: int) -> Window:
    """A window with `halo` more pixels on each of its four sides.

    >>> grown(Window(0, 10, 5, 4), 2)
    Window(col_off=-2, row_off=8, width=9, height=8)
    """
    return Window(
        window.col_off - halo,
        window.row_off - halo,
        window.width + 2 * halo,
        window.height + 2 * halo,
    )


def _write(target: DatasetWriter, array: NDArray[Any], window: Window) -> None:
    expected = (int(window.height), int(window.width))
    whole = expected if target.count == 1 else (target.count, *expected)
    assert array.shape == whole, f"shape {array.shape} for a window of {whole}"
    target.write(array.reshape(target.count, *expected), window=window)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{suffix}")


def _created(path: Path, output: Output, geobox: GeoBox) -> DatasetWriter:
    with writing(output.path):
        return _create(path, output, geobox)


def _create(path: Path, output: Output, geobox: GeoBox) -> DatasetWriter:
    height, width = geobox.shape
    output.path.parent.mkdir(parents=True, exist_ok=True)
    target = rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height,
        width=width,
        count=output.bands,
        dtype=output.dtype,
        nodata=output.nodata,
        crs=crs_of(geobox).to_wkt(),
        transform=geobox.affine,
        tiled=True,
        blockxsize=_TILE_PX,
        blockysize=_TILE_PX,
        BIGTIFF="IF_SAFER",
    )
    target.update_tags(**output.tags)
    for number, description in enumerate(output.descriptions, start=1):
        target.set_band_description(number, description)
    return target

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
from rasterio.windows import Window

from imagery.grid import crs_of, windows
from imagery.raster import gdal_env, write_cog

_LOG = logging.getLogger(__name__)
_TILE_PX = 512


@dataclass(frozen=True)
class Output:
    """A single-band raster to be written by `map_windows`.

    Attributes:
        path: The file; replaced whole when the run ends well.
        dtype: Number type, "uint8" or "float32".
        nodata: Value that means no data; None without one.
        tags: GeoTIFF tags, such as the method that made the raster.
    """

    path: Path
    dtype: str
    nodata: float | None
    tags: Mapping[str, str] = field(default_factory=dict)


def map_windows(
    function: Callable[..., Sequence[NDArray[Any]]],
    sources: Sequence[Callable[[Window], NDArray[Any]]],
    outputs: Sequence[Output],
    geobox: GeoBox,
    *,
    block: int = 512,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Apply a pure function to each window of a grid and write what it returns.

    Outputs are Cloud-Optimised GeoTIFFs. They appear whole when all windows are done;
    an interrupted or failed run leaves neither an output nor a temporary file, and
    keeps an older output as it was.

    Args:
        function: Takes one array a source and returns one (y, x) array an output, as
            a sequence. It must look at each pixel alone: it then gives the same bytes
            for every `block`.
        sources: Functions from a window to an array whose last two axes are the
            window's, such as those of `open_reflectance` and `open_quality`.
        outputs: Rasters to write, on `geobox`.
        geobox: Grid of the outputs.
        block: Side of a window in pixels. Memory: the arrays of one window.
        progress: Called with windows done and windows in all.
    """
    tiles = list(windows(geobox, block))
    _LOG.info("%d windows of %d pixels for %d rasters", len(tiles), block, len(outputs))
    parts = [_beside(output.path, "part") for output in outputs]
    finished = [_beside(output.path, "done") for output in outputs]
    try:
        with gdal_env(), ExitStack() as stack:
            targets = [
                stack.enter_context(_create(part, output, geobox))
                for part, output in zip(parts, outputs, strict=True)
            ]
            for done, window in enumerate(tiles, start=1):
                arrays = function(*(source(window) for source in sources))
                for target, array in zip(targets, arrays, strict=True):
                    target.write(array, 1, window=window)
                if progress is not None:
                    progress(done, len(tiles))
        for part, whole in zip(parts, finished, strict=True):
            write_cog(whole, part)
        for whole, output in zip(finished, outputs, strict=True):
            whole.replace(output.path)
    finally:
        for leftover in (*parts, *finished):
            leftover.unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.{suffix}")


def _create(path: Path, output: Output, geobox: GeoBox) -> rasterio.io.DatasetWriter:
    height, width = geobox.shape
    output.path.parent.mkdir(parents=True, exist_ok=True)
    target = rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height,
        width=width,
        count=1,
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
    return target

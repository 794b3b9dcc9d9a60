"""Array + GeoBox + nodata + band names; windows read, COGs written."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from imagery.errors import GridMismatch, ImageryError, UnreadableProduct
from imagery.files import replaced
from imagery.grid import crs_name
from imagery.scene import BACKSCATTER_QUANTITIES, BandFile
from imagery.written import quiet_libtiff

_GDAL_OPTIONS: dict[str, Any] = {
    # Holds one 1024-pixel JPEG 2000 tile of each of 20 open bands about four times.
    "GDAL_CACHEMAX": 192 * 2**20,
    "GDAL_PAM_ENABLED": "NO",
}
_DRIVERS = ("GTiff", "JP2OpenJPEG", "netCDF")
"""Formats whose pixels lie in the file itself; others name files and addresses."""

_COG_OPTIONS = {
    "COMPRESS": "DEFLATE",
    "PREDICTOR": "YES",
    "BLOCKSIZE": "512",
    "OVERVIEWS": "IGNORE_EXISTING",
    "OVERVIEW_RESAMPLING": "NEAREST",
}

_Inside = tuple[slice, slice]


def gdal_env() -> rasterio.Env:
    """The one GDAL environment of Lucerna: a modest block cache, no side files."""
    quiet_libtiff()
    return rasterio.Env(**_GDAL_OPTIONS)


@contextmanager
def open_raster(path: Path, crs: str | None = None) -> Iterator[rasterio.DatasetReader]:
    """Open a georeferenced raster for reading; close it at the end of the block.

    GeoTIFF, JPEG 2000 and NetCDF are read, by what a file holds and not by its name.

    Args:
        path: The file, or the name that GDAL has for a part of one.
        crs: Its CRS where it states none, "EPSG:32631".

    Raises:
        UnreadableProduct: The file is missing, is no raster or has no CRS.
    """
    with gdal_env(), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            dataset = _dataset(path)
            if crs is not None:
                dataset.close()
                dataset = rasterio.open(f"vrt://{path}?a_srs={crs}", driver="VRT")
        except RasterioError as error:
            raise UnreadableProduct(
                f"not a readable raster: {path}; give a sound GeoTIFF, JPEG 2000 or "
                "NetCDF"
            ) from error
        with dataset:
            if dataset.crs is None:
                raise UnreadableProduct(
                    f"raster without a CRS: {path}; georeference it first"
                )
            yield dataset


def _dataset(path: Path) -> rasterio.DatasetReader:
    """A file of the first of `_DRIVERS` that knows it."""
    *others, last = _DRIVERS
    for driver in others:
        with suppress(RasterioError):
            return rasterio.open(path, driver=driver)
    return rasterio.open(path, driver=last)


@contextmanager
def reading(name: str | Path) -> Iterator[None]:
    """A block that only reads pixels of one raster.

    Raises:
        UnreadableProduct: They are damaged.
    """
    try:
        yield
    except RasterioError as error:
        raise UnreadableProduct(
            f"the pixels of {name} cannot be read; fetch the file again"
        ) from error


@contextmanager
def open_values(
    band_files: Sequence[BandFile], geobox: GeoBox, fill: float = 0
) -> Iterator[Callable[[Window], NDArray[Any]]]:
    """A function that reads stored numbers of bands on a grid, window by window.

    The files stay open until the block ends, so that decoded blocks are reused. Use
    it in one thread.

    Args:
        band_files: Bands in the order of the result; files may differ in resolution.
        geobox: Grid to read on; any sub-grid, super-grid or refinement of the files'.
        fill: Value outside a file.

    Yields:
        A function from a window of `geobox` to (band, y, x) in the files' common
        dtype. A pixel takes the file's pixel under its centre: a 20 m band on a 10 m
        grid is replicated 2 x 2. Memory: one window.

    Raises:
        UnreadableProduct: A file cannot be opened.
        GridMismatch: A file has another CRS than `geobox`, or either is rotated.
    """
    with _open_bands(band_files, geobox, fill) as read_bands:

        def read(window: Window) -> NDArray[Any]:
            return read_bands(window)[0]

        yield read


@contextmanager
def open_reflectance(
    band_files: Sequence[BandFile], geobox: GeoBox
) -> Iterator[Callable[[Window], NDArray[np.float32]]]:
    """A function that reads reflectance of bands on a grid, window by window.

    As `open_values`, then `DN * scale + offset` in float32. Index rasters are read
    the same way; for backscatter use `open_backscatter`.

    Yields:
        A function from a window of `geobox`, which may overhang it, to (band, y, x)
        float32 reflectance; NaN where the stored number is nodata and outside a file.
        Nodata is compared before the offset: DN 0 stays nodata whatever the offset
        (Sentinel-2 product metadata, `Special_Values`).

    Raises:
        ImageryError: A band holds backscatter.
        UnreadableProduct: A file cannot be opened.
        GridMismatch: A file has another CRS than `geobox`, or either is rotated.
    """
    for band_file in band_files:
        if band_file.quantity in BACKSCATTER_QUANTITIES:
            raise ImageryError(
                f"band {band_file.index} of {band_file.path} holds "
                f"{band_file.quantity} and no reflectance; give a Sentinel-2 scene"
            )
    with _open_bands(band_files, geobox, 0) as read_bands:

        def read(window: Window) -> NDArray[np.float32]:
            values, insides = read_bands(window)
            result = np.full(values.shape, np.nan, np.float32)
            for position, band_file in enumerate(band_files):
                inside = (position, *insides[position])
                stored = values[inside]
                scaled = stored.astype(np.float32)
                scaled *= np.float32(band_file.scale)
                scaled += np.float32(band_file.offset)
                if band_file.nodata is not None:
                    scaled[stored == band_file.nodata] = np.nan
                result[inside] = scaled
            return result

        yield read


def write_cog(path: Path, source_path: Path) -> None:
    """Rewrite a finished raster as a Cloud-Optimised GeoTIFF with overviews.

    The target appears whole or not at all. Overviews take the nearest pixel, so they
    hold only values of the raster itself. The same source gives the same bytes.

    Raises:
        UnreadableProduct: The source cannot be opened.
    """
    with replaced(path) as part, open_raster(source_path) as source:
        rasterio.shutil.copy(source, part, driver="COG", **_COG_OPTIONS)


@contextmanager
def _open_bands(
    band_files: Sequence[BandFile], geobox: GeoBox, fill: float
) -> Iterator[Callable[[Window], tuple[NDArray[Any], list[_Inside]]]]:
    groups: dict[Path, list[int]] = {}
    for position, band_file in enumerate(band_files):
        groups.setdefault(band_file.path, []).append(position)
    with ExitStack() as stack:
        datasets = {
            path: stack.enter_context(open_raster(path, band_files[first].crs))
            for path, (first, *_) in groups.items()
        }
        grids = {
            path: _relative_grid(geobox, dataset) for path, dataset in datasets.items()
        }
        dtype = np.result_type(*(d.dtypes[0] for d in datasets.values()))

        def read(window: Window) -> tuple[NDArray[Any], list[_Inside]]:
            shape = (len(band_files), int(window.height), int(window.width))
            values = np.full(shape, fill, dtype)
            insides: list[_Inside] = [(slice(0, 0), slice(0, 0))] * len(band_files)
            for path, positions in groups.items():
                indexes = [band_files[position].index for position in positions]
                part = _read_nearest(datasets[path], indexes, grids[path], window)
                if part is None:
                    continue
                inside, block = part
                for position, pixels in zip(positions, block, strict=True):
                    values[(position, *inside)] = pixels
                    insides[position] = inside
            return values, insides

        yield read


@dataclass(frozen=True)
class _RelativeGrid:
    """Rows and columns of a grid counted in pixels of a file: start + step * n."""

    start: tuple[float, float]
    step: tuple[float, float]
    file_shape: tuple[int, int]

    def pixels(self, axis: int, first: int, count: int) -> NDArray[np.int64]:
        """File row (axis 0) or column (1) under the centres of grid pixels."""
        centres = np.arange(first, first + count) + 0.5
        position = self.start[axis] + centres * self.step[axis]
        pixels: NDArray[np.int64] = np.floor(position).astype(np.int64)
        return pixels

    def span(
        self, axis: int, first: int, count: int
    ) -> tuple[slice, NDArray[np.int64]]:
        """Part of the grid pixels that lie in the file, and their file pixels."""
        pixels = self.pixels(axis, first, count)
        known = np.flatnonzero((pixels >= 0) & (pixels < self.file_shape[axis]))
        if known.size == 0:
            return slice(0, 0), pixels[:0]
        inside = slice(int(known[0]), int(known[-1]) + 1)
        return inside, pixels[inside]


def _relative_grid(geobox: GeoBox, dataset: rasterio.DatasetReader) -> _RelativeGrid:
    own = GeoBox.from_rio(dataset)
    if own.crs != geobox.crs:
        raise GridMismatch(
            f"{dataset.name} is in {crs_name(own)} and the grid in {crs_name(geobox)}; "
            "reproject one of them first"
        )
    relative = ~own.affine @ geobox.affine
    if abs(relative.b) > 1e-9 or abs(relative.d) > 1e-9:
        raise GridMismatch(f"{dataset.name} is rotated against the grid; resample it")
    start = (round(relative.f, 6), round(relative.c, 6))
    step = (round(relative.e, 9), round(relative.a, 9))
    return _RelativeGrid(start, step, dataset.shape)


def _read_nearest(
    dataset: rasterio.DatasetReader,
    indexes: list[int],
    grid: _RelativeGrid,
    window: Window,
) -> tuple[_Inside, NDArray[Any]] | None:
    inside_rows, rows = grid.span(0, int(window.row_off), int(window.height))
    inside_columns, columns = grid.span(1, int(window.col_off), int(window.width))
    if rows.size == 0 or columns.size == 0:
        return None
    top, left = int(rows.min()), int(columns.min())
    height, width = int(rows.max()) - top + 1, int(columns.max()) - left + 1
    with reading(dataset.name):
        block = dataset.read(indexes, window=Window(left, top, width, height))
    if (height, width) != (rows.size, columns.size) or grid.step != (1, 1):
        block = block[:, (rows - top)[:, None], (columns - left)[None, :]]
    return (inside_rows, inside_columns), block

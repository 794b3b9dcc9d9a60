"""Backscatter of Sentinel-1 on any grid, window by window, in linear power."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio import DatasetReader
from rasterio.errors import RasterioError
from rasterio.windows import Window

from imagery.errors import ImageryError, UnreadableProduct
from imagery.grid import crs_of
from imagery.raster import open_raster
from imagery.scene import BACKSCATTER_QUANTITIES, BandFile

_Plane = NDArray[np.float64]


@contextmanager
def open_backscatter(
    band_files: Sequence[BandFile], geobox: GeoBox
) -> Iterator[Callable[[Window], NDArray[np.float32]]]:
    """A function that reads backscatter of bands on a grid, window by window.

    Stored numbers become linear power first (amplitude squared, decibels to the power
    of ten); power is then interpolated bilinearly at the centres of the grid's
    pixels, between the centres of the file's. The file may have another CRS,
    resolution, rotation or phase than the grid. Where both have the same pixels, the
    file's values come out exactly. A pixel is the same in every window, so there are
    no seams. The files stay open until the block ends. Use it in one thread.

    Args:
        band_files: Bands in the order of the result, such as VV and VH.
        geobox: Grid to read on.

    Yields:
        A function from a window of `geobox`, which may overhang it, to (band, y, x)
        float32 in linear power, above 0. NaN where the file's pixel under the centre
        is nodata, not above 0 or outside the file; elsewhere pixels without data
        around it get no weight. Memory: one window.

    Raises:
        ImageryError: A band holds no backscatter.
        UnreadableProduct: A file cannot be opened.
        GridMismatch: `geobox` has no CRS.
    """
    for band_file in band_files:
        if band_file.quantity not in BACKSCATTER_QUANTITIES:
            raise ImageryError(
                f"band {band_file.index} of {band_file.path} holds "
                f"{band_file.quantity} and no backscatter; give a Sentinel-1 scene"
            )
    groups: dict[Path, list[int]] = {}
    for position, band_file in enumerate(band_files):
        groups.setdefault(band_file.path, []).append(position)
    with ExitStack() as stack:
        files = [
            _SourceFile(
                dataset := stack.enter_context(
                    open_raster(path, band_files[positions[0]].crs)
                ),
                _placement(geobox, dataset),
                tuple(band_files[position] for position in positions),
            )
            for path, positions in groups.items()
        ]

        def read(window: Window) -> NDArray[np.float32]:
            shape = (len(band_files), int(window.height), int(window.width))
            result = np.full(shape, np.nan, np.float32)
            for file, positions in zip(files, groups.values(), strict=True):
                result[positions] = _interpolated(file, window)
            return result

        yield read


def linear_power(stored: NDArray[np.generic], band_file: BandFile) -> _Plane:
    """Stored numbers of a Sentinel-1 band as linear power.

    Power is DN * scale + offset; its square for amplitude; 10 ** (value / 10) for
    decibels.

    Returns:
        float64 of the same shape; NaN for nodata and where power is not above 0, as
        on the border of a GRD product.

    >>> band = BandFile(Path(), 1, 10 ** (-83 / 20), 0.0, 0, "backscatter_amplitude")
    >>> power = linear_power(np.array([[0, 1000]], np.uint16), band)
    >>> np.round(10 * np.log10(power), 6).tolist()
    [[nan, -23.0]]
    """
    value = stored.astype(np.float64) * band_file.scale + band_file.offset
    if band_file.quantity == "backscatter_db":
        power = 10.0 ** (value / 10.0)
    elif band_file.quantity == "backscatter_amplitude":
        power = np.where(value > 0, value * value, np.nan)
    else:
        power = value
    unknown = ~(np.isfinite(power) & (power > 0))
    if band_file.nodata is not None:
        unknown |= stored == band_file.nodata
    power[unknown] = np.nan
    return power


@dataclass(frozen=True)
class _Placement:
    """From the pixels of a grid to those of a file.

    Attributes:
        to_map: From (column, row) of the grid to its CRS.
        across: From the grid's CRS to the file's; None where they are the same.
        to_file: From the file's CRS to (column, row) of the file.
        direct: From the grid's (column, row) to the file's; None where CRS differ.
    """

    to_map: Affine
    across: Transformer | None
    to_file: Affine
    direct: Affine | None

    def positions(self, window: Window) -> tuple[_Plane, _Plane]:
        """File rows and columns of the window's pixel centres, from centre 0.

        They broadcast to the window. Each comes from its own pixel alone.
        """
        columns = np.arange(window.width) + (window.col_off + 0.5)
        rows = (np.arange(window.height) + (window.row_off + 0.5))[:, None]
        if self.direct is not None:
            a, b, c, d, e, f = tuple(self.direct)[:6]
            if b == 0 and d == 0:
                return rows * e + f - 0.5, (columns * a + c - 0.5)[None, :]
            return (
                columns * d + rows * e + f - 0.5,
                columns * a + rows * b + c - 0.5,
            )
        assert self.across is not None
        a, b, c, d, e, f = tuple(self.to_map)[:6]
        x, y = self.across.transform(
            columns * a + rows * b + c, columns * d + rows * e + f
        )
        a, b, c, d, e, f = tuple(self.to_file)[:6]
        return x * d + y * e + f - 0.5, x * a + y * b + c - 0.5


@dataclass(frozen=True)
class _SourceFile:
    dataset: DatasetReader
    placement: _Placement
    bands: tuple[BandFile, ...]


def _placement(geobox: GeoBox, dataset: DatasetReader) -> _Placement:
    own = GeoBox.from_rio(dataset)
    if own.crs == crs_of(geobox):
        # Rounded, so that pixels that are the same meet exactly.
        a, b, c, d, e, f = tuple(~own.affine @ geobox.affine)[:6]
        direct = Affine(
            round(a, 9), round(b, 9), round(c, 6), round(d, 9), round(e, 9), round(f, 6)
        )
        return _Placement(geobox.affine, None, ~own.affine, direct)
    across = Transformer.from_crs(
        crs_of(geobox).to_wkt(), crs_of(own).to_wkt(), always_xy=True
    )
    return _Placement(geobox.affine, across, ~own.affine, None)


def _interpolated(file: _SourceFile, window: Window) -> _Plane:
    """Power (band, y, x) at the window's pixel centres; NaN where unknown."""
    height, width = file.dataset.shape
    rows, columns = file.placement.positions(window)
    rows_inside = (rows >= -0.5) & (rows < height - 0.5)
    columns_inside = (columns >= -0.5) & (columns < width - 0.5)
    inside = rows_inside & columns_inside
    result = np.full((len(file.bands), *inside.shape), np.nan)
    if not inside.any():
        return result
    rows = np.where(rows_inside, rows, rows[rows_inside][0])
    columns = np.where(columns_inside, columns, columns[columns_inside][0])
    row, column = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    down, right = rows - row, columns - column
    top, left = int(row.min()), int(column.min())
    power = _read_power(file, top, left, int(row.max()) + 2, int(column.max()) + 2)
    known = np.isfinite(power)
    power[~known] = 0.0
    row, column = row - top, column - left
    total = _bilinear(power, row, column, down, right)
    weight = _bilinear(known.astype(np.float64), row, column, down, right)
    under = known[:, row + (down >= 0.5), column + (right >= 0.5)] & inside
    np.divide(total, weight, out=result, where=under)
    return result


def _bilinear(
    planes: _Plane,
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    down: _Plane,
    right: _Plane,
) -> _Plane:
    """Planes (band, y, x) between four pixels; rows and columns broadcast."""
    if row.shape[1] == 1 and column.shape[0] == 1:
        lines = planes[:, row[:, 0]] * (1 - down) + planes[:, row[:, 0] + 1] * down
        left, beside = lines[..., column[0]], lines[..., column[0] + 1]
        return np.asarray(left * (1 - right) + beside * right)
    above, below = (
        planes[:, one, column] * (1 - right) + planes[:, one, column + 1] * right
        for one in (row, row + 1)
    )
    return np.asarray(above * (1 - down) + below * down)


def _read_power(
    file: _SourceFile, top: int, left: int, bottom: int, right: int
) -> _Plane:
    """Power of the file's pixels top..bottom, left..right; NaN beyond its edges."""
    height, width = file.dataset.shape
    power = np.full((len(file.bands), bottom - top, right - left), np.nan)
    first_row, first_column = max(top, 0), max(left, 0)
    part = Window(
        first_column,
        first_row,
        min(right, width) - first_column,
        min(bottom, height) - first_row,
    )
    try:
        block = file.dataset.read([band.index for band in file.bands], window=part)
    except RasterioError as error:
        raise UnreadableProduct(
            f"the pixels of {file.dataset.name} cannot be read; fetch the file again"
        ) from error
    rows = slice(first_row - top, first_row - top + block.shape[1])
    columns = slice(first_column - left, first_column - left + block.shape[2])
    for position, band_file in enumerate(file.bands):
        power[position, rows, columns] = linear_power(block[position], band_file)
    return power

"""What GDAL wrote, checked: it says nothing of a disk that was full when it closed."""

import ctypes
import functools
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio._io
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.windows import Window

from imagery.errors import ImageryError, UnreadableProduct


def digest(pixels: NDArray[Any], dtype: str) -> int:
    """CRC-32 of the bytes of pixels, stored as that number type."""
    return zlib.crc32(np.ascontiguousarray(pixels, dtype).data)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A block that only writes by GDAL; its errors become one that names the file.

    Raises:
        ImageryError: GDAL could not write.
    """
    try:
        yield
    except (RasterioError, CPLE_BaseError, UnreadableProduct) as error:
        raise not_whole(path) from error


def holds(
    path: Path,
    tags: Mapping[str, str],
    windows: Sequence[Window],
    digests: Sequence[int],
) -> bool:
    """Whether a raster holds these tags, and in each window pixels of that `digest`.

    Memory: one window.

    Raises:
        RasterioError: It cannot be read.
    """
    with rasterio.open(path) as dataset:
        read = (digest(dataset.read(window=one), dataset.dtypes[0]) for one in windows)
        same = all(one == other for one, other in zip(read, digests, strict=True))
        return same and dataset.tags().items() >= tags.items()


def not_whole(path: Path) -> ImageryError:
    """The error that a file could not be written, by its name."""
    return ImageryError(
        f"{path.name} could not be written whole; free space on the disk, "
        "or write to another"
    )


@functools.cache
def quiet_libtiff() -> None:
    """Let libtiff print nothing: GDAL tells the errors that matter by exceptions.

    GDAL leaves libtiff its own handler, which prints on stderr. Where libtiff is no
    library of its own nothing is done.
    """
    try:
        set_handler = ctypes.CDLL(rasterio._io.__file__).TIFFSetErrorHandler
    except (AttributeError, OSError):
        return
    set_handler.argtypes = [ctypes.c_void_p]
    set_handler.restype = ctypes.c_void_p
    set_handler(None)

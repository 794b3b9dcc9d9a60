"""Simulated pixels → a GeoTIFF that is marked as simulated."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from affine import Affine
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from imagery.raster import gdal_env
from imagery.simulation.place import CRS, MARK


def write_geotiff(
    path: Path,
    pixels: NDArray[Any],
    transform: Affine,
    *,
    nodata: float | None = None,
    names: Sequence[str] = (),
    **options: str | int | bool,
) -> None:
    """Write an array in the CRS of the landscape, deflated.

    Args:
        path: The GeoTIFF.
        pixels: (band, y, x) of the type that is stored.
        transform: From (column, row) to metres of the CRS.
        nodata: Value that means no data; None without one.
        names: Name of each band; none are written where empty.
        options: Creation options of GDAL, such as `tiled`.
    """
    count, height, width = pixels.shape
    with gdal_env(), MemoryFile(ext=path.suffix) as made:
        with made.open(
            driver="GTiff",
            height=height,
            width=width,
            count=count,
            dtype=pixels.dtype.name,
            nodata=nodata,
            crs=CRS,
            transform=transform,
            compress="deflate",
            **options,
        ) as target:
            target.write(pixels)
            for number, name in enumerate(names, start=1):
                target.set_band_description(number, name)
            target.update_tags(SIMULATED=MARK)
        path.write_bytes(made.read())

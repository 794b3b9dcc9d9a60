"""Picture of a scene for a map page."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from PIL import Image
from rasterio.enums import Resampling
from rasterio.transform import array_bounds
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform

from imagery.errors import UnreadableProduct
from imagery.files import replaced
from imagery.grid import crs_of
from imagery.raster import open_raster
from imagery.scene import BandFile, Scene, require_bands

_WEB_MERCATOR = "EPSG:3857"
TRUE_COLOUR = ("B04", "B03", "B02")
_BRIGHTEST = 0.3
_GAMMA = 1.5


def write_quicklook(
    scene: Scene, geobox: GeoBox, path: Path, max_size: int = 1024
) -> tuple[float, float, float, float]:
    """Write a true-colour PNG of the part of a scene under a grid; gives its bounds.

    Bands B04, B03, B02 at reflectance 0 to 0.3 with gamma 1.5, the same stretch for
    every scene, so that two dates compare. Transparent where a band has no data.
    Reads the files' overviews. Memory: the picture.

    Args:
        scene: Scene with the three visible bands.
        geobox: Grid whose bounds the picture covers; it gets no more pixels than it.
        path: The PNG; replaced whole.
        max_size: Longest side of the picture in pixels.

    Returns:
        West, south, east, north in EPSG:3857 metres, of the picture's outer edges.

    Raises:
        MissingBand: The scene has no true-colour bands.
        UnreadableProduct: A file cannot be opened.
    """
    files = require_bands(scene, TRUE_COLOUR)
    height, width = geobox.shape
    transform, columns, rows = calculate_default_transform(
        crs_of(geobox).to_wkt(), _WEB_MERCATOR, width, height, *geobox.boundingbox.bbox
    )
    shrink = math.ceil(max(columns, rows) / max_size * 1000) / 1000
    if shrink > 1:
        columns, rows = int(columns / shrink), int(rows / shrink)
        transform = transform @ transform.scale(shrink, shrink)
    colours = [_warped(file, transform, columns, rows) for file in files]
    picture = np.zeros((rows, columns, 4), np.uint8)
    picture[..., 3] = 255 * np.isfinite(colours).all(axis=0)
    for channel, reflectance in enumerate(colours):
        stretched = np.clip(np.nan_to_num(reflectance) / _BRIGHTEST, 0, 1)
        picture[..., channel] = np.round(255 * stretched ** (1 / _GAMMA))
    picture[picture[..., 3] == 0] = 0
    with replaced(path) as part:
        Image.fromarray(picture, "RGBA").save(part, format="PNG", optimize=True)
    west, south, east, north = array_bounds(rows, columns, transform)
    return west, south, east, north


def read_picture(path: Path) -> bytes:
    """The bytes of a PNG.

    Raises:
        UnreadableProduct: The file is missing or is no PNG.
    """
    content = path.read_bytes() if path.is_file() else b""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise UnreadableProduct(
            f"{path} is missing or no PNG; make the change raster again"
        )
    return content


def _warped(
    file: BandFile, transform: object, columns: int, rows: int
) -> NDArray[np.float32]:
    """Reflectance (y, x) float32 on a Web Mercator grid; NaN where no data."""
    with (
        open_raster(file.path) as dataset,
        WarpedVRT(
            dataset,
            crs=_WEB_MERCATOR,
            transform=transform,
            width=columns,
            height=rows,
            src_nodata=file.nodata,
            nodata=np.nan,
            dtype="float32",
            resampling=Resampling.bilinear,
        ) as warped,
    ):
        stored = warped.read(file.index)
    reflectance: NDArray[np.float32] = stored * np.float32(file.scale)
    reflectance += np.float32(file.offset)
    return reflectance

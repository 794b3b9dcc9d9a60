"""Picture of a scene for a page: the whole, or a small part of it."""

import io
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from PIL import Image
from rasterio.enums import Resampling
from rasterio.transform import array_bounds
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform
from rasterio.windows import Window

from imagery.errors import UnreadableProduct
from imagery.files import replaced
from imagery.grid import crs_of
from imagery.pixels import open_pixels
from imagery.raster import open_raster, reading
from imagery.scene import BACKSCATTER_QUANTITIES, BandFile, Scene, require_bands

_WEB_MERCATOR = "EPSG:3857"
TRUE_COLOUR = ("B04", "B03", "B02")
_BURN_SHADE = "B12"
_BRIGHTEST = 0.3
_GAMMA = 1.5
_RADAR_COLOUR = ("VV", "VH")
_DARKEST_DB = {"VV": np.float32(-20), "VH": np.float32(-27)}
_RANGE_DB = np.float32(20)


def write_quicklook(
    scene: Scene, geobox: GeoBox, path: Path, max_size: int = 1024
) -> tuple[float, float, float, float]:
    """Write a PNG of the part of a scene under a grid; gives its bounds.

    Bands B04, B03, B02 at reflectance 0 to 0.3 with gamma 1.5; without them an index
    from -1 to 1 in grey, or B12 in grey as those three: the same stretch for every
    scene, so that two dates compare.
    Transparent where a band has no data. Reads the files' overviews. Memory: the
    picture.

    Args:
        scene: Scene with the three visible bands, or with B12, or of an index.
        geobox: Grid whose bounds the picture covers; it gets no more pixels than it.
        path: The PNG; replaced whole.
        max_size: Longest side of the picture in pixels.

    Returns:
        West, south, east, north in EPSG:3857 metres, of the picture's outer edges.

    Raises:
        MissingBand: The scene has none of them.
        UnreadableProduct: A file cannot be opened or read.
    """
    files = require_bands(scene, picture_bands(scene))
    _, paint = _painting(scene)
    height, width = geobox.shape
    transform, columns, rows = calculate_default_transform(
        crs_of(geobox).to_wkt(), _WEB_MERCATOR, width, height, *geobox.boundingbox.bbox
    )
    shrink = math.ceil(max(columns, rows) / max_size * 1000) / 1000
    if shrink > 1:
        columns, rows = int(columns / shrink), int(rows / shrink)
        transform = transform @ transform.scale(shrink, shrink)
    values = np.stack([_warped(file, transform, columns, rows) for file in files])
    picture = np.zeros((rows, columns, 4), np.uint8)
    picture[..., 3] = 255 * np.isfinite(values).all(axis=0)
    for channel, colour in enumerate(np.clip(np.nan_to_num(paint(values)), 0, 1)):
        picture[..., channel] = np.round(255 * colour)
    picture[picture[..., 3] == 0] = 0
    with replaced(path) as part:
        Image.fromarray(picture, "RGBA").save(part, format="PNG", optimize=True)
    west, south, east, north = array_bounds(rows, columns, transform)
    return west, south, east, north


def picture_bands(scene: Scene) -> tuple[str, ...]:
    """The bands of a scene's quicklook: true colour, an index alone, or B12 alone.

    Raises:
        MissingBand: The scene has none of them.
    """
    names, _ = _painting(scene)
    index = scene.bands[names[0]].quantity == "index"
    shown = names if index or names == (_BURN_SHADE,) else TRUE_COLOUR
    require_bands(scene, shown)
    return shown


@contextmanager
def open_thumbnails(
    scene: Scene, geobox: GeoBox, *, size_px: int
) -> Iterator[Callable[[Window], bytes]]:
    """A function that paints windows of a scene as small PNGs.

    The files stay open until the block ends. Use it in one thread. The stretch is
    fixed, so that pictures of different places and dates compare:

    - Sentinel-2 with B04, B03, B02: true colour, reflectance 0 to 0.3, gamma 1.5;
    - Sentinel-1 with VV and VH: red VV -20 to 0 dB, green VH -27 to -7 dB, blue VV
      less VH 0 to 20 dB;
    - otherwise B12, or without it the first band, in grey: reflectance as above,
      index -1 to 1, co-polarised backscatter -20 to 0 dB and cross-polarised -27 to
      -7 dB.

    Args:
        scene: An optical or radar scene.
        geobox: Grid that the windows are of.
        size_px: Longest side of a picture in pixels.

    Yields:
        A function from a window of `geobox` to the bytes of an RGBA PNG, transparent
        where a band has no data. Memory: one window.

    Raises:
        UnreadableProduct: A file cannot be opened.
        GridMismatch: An optical scene has another CRS than `geobox`.
    """
    names, paint = _painting(scene)
    files = require_bands(scene, names)
    with open_pixels(files, geobox) as read:

        def picture(window: Window) -> bytes:
            values = read(window)
            painted = np.zeros((*values.shape[1:], 4), np.uint8)
            known = np.isfinite(values).all(axis=0)
            colours = np.clip(np.nan_to_num(paint(values)), 0, 1)
            painted[..., :3] = np.moveaxis(np.round(255 * colours), 0, -1)
            painted[..., 3] = 255
            painted[~known] = 0
            longest = max(known.shape)
            height, width = (
                max(1, round(side * size_px / longest)) for side in known.shape
            )
            small = Image.fromarray(painted, "RGBA").resize(
                (width, height), Image.Resampling.BILINEAR
            )
            stream = io.BytesIO()
            small.save(stream, format="PNG", optimize=True)
            return stream.getvalue()

        yield picture


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
        open_raster(file.path, file.crs) as dataset,
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
        reading(file.path),
    ):
        stored = warped.read(file.index)
    reflectance: NDArray[np.float32] = stored * np.float32(file.scale)
    reflectance += np.float32(file.offset)
    return reflectance


_Paint = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def _painting(scene: Scene) -> tuple[tuple[str, ...], _Paint]:
    """The bands to show, and from their values to (red, green, blue) of 0 to 1."""
    if all(name in scene.bands for name in TRUE_COLOUR):
        return TRUE_COLOUR, _stretched
    if all(name in scene.bands for name in _RADAR_COLOUR):
        return _RADAR_COLOUR, _radar_colours
    name = _BURN_SHADE if _BURN_SHADE in scene.bands else next(iter(scene.bands))
    file = scene.bands[name]
    if file.quantity == "index":
        return (name,), lambda values: _grey((values + 1) / 2)
    if file.quantity in BACKSCATTER_QUANTITIES:
        darkest = _DARKEST_DB["VV" if name[0] == name[-1] else "VH"]
        return (name,), lambda values: _grey((_decibels(values) - darkest) / _RANGE_DB)
    return (name,), lambda values: _grey(_stretched(values))


def _stretched(reflectance: NDArray[np.float32]) -> NDArray[np.float32]:
    bright = np.clip(np.nan_to_num(reflectance) / _BRIGHTEST, 0, 1)
    stretched: NDArray[np.float32] = bright ** np.float32(1 / _GAMMA)
    return stretched


def _radar_colours(power: NDArray[np.float32]) -> NDArray[np.float32]:
    vv, vh = _decibels(power)
    red, green = vv - _DARKEST_DB["VV"], vh - _DARKEST_DB["VH"]
    colours = np.stack([red, green, vv - vh]) / _RANGE_DB
    return colours.astype(np.float32)


def _decibels(power: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.float32(10) * np.log10(power)


def _grey(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.repeat(values[:1], 3, axis=0)

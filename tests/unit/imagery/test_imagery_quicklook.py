"""The picture shows the right colour at the right place."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image
from pyproj import Transformer

from imagery.errors import MissingBand
from imagery.quicklook import write_quicklook
from imagery.scene import Scene, geobox_of, open_scene
from imagery.stac import describe_raster, parse_datetime
from imagery.synthetic import Sample


def described(folder: Path, bands: list[str], pixels: int = 200) -> Scene:
    """A raster that is dark in the west and has a nodata corner in the north-east."""
    path = folder / "a.tif"
    array = np.zeros((len(bands), pixels, pixels), np.uint16)
    array[:, :, : pixels // 2] = 300
    array[:, :, pixels // 2 :] = np.array([750, 1500, 3000, 3000])[
        : len(bands), None, None
    ]
    array[:, : pixels // 4, 3 * pixels // 4 :] = 0
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=len(bands),
        height=pixels,
        width=pixels,
        dtype="uint16",
        nodata=0,
        crs="EPSG:32630",
        transform=Affine(10, 0, 721_560, 0, -10, 4_977_480),
    ) as target:
        target.write(array)
    begins, ends = parse_datetime("2020-06-01")
    describe_raster(
        path, sensor="sentinel-2-l2a", begins=begins, ends=ends, bands=bands
    )
    return open_scene(path)


def pixel(
    picture: Path, bounds: tuple[float, ...], x_utm: float, y_utm: float
) -> tuple[int, ...]:
    to_mercator = Transformer.from_crs("EPSG:32630", "EPSG:3857", always_xy=True)
    x, y = to_mercator.transform(x_utm, y_utm)
    west, south, east, north = bounds
    with Image.open(picture) as image:
        column = int((x - west) / (east - west) * image.width)
        row = int((north - y) / (north - south) * image.height)
        value = image.getpixel((column, row))
    assert isinstance(value, tuple)
    return value


def test_colours_places_and_transparency(tmp_path: Path) -> None:
    scene = described(tmp_path, ["B02", "B03", "B04"])
    picture = tmp_path / "q.png"
    bounds = write_quicklook(scene, geobox_of(scene.bands["B02"]), picture)
    # gamma 1.5 on reflectance / 0.3: 255 * 0.1^(2/3) = 55, 0.25: 101, 0.5: 161, 1: 255
    assert pixel(picture, bounds, 721_560 + 500, 4_977_480 - 1500) == (55, 55, 55, 255)
    east = pixel(picture, bounds, 721_560 + 1500, 4_977_480 - 1500)
    assert east == (255, 161, 101, 255)
    corner = pixel(picture, bounds, 721_560 + 1900, 4_977_480 - 100)
    assert corner == (0, 0, 0, 0)


def test_bounds_enclose_the_grid(sample: Sample, tmp_path: Path) -> None:
    scene = open_scene(sample.before)
    picture = tmp_path / "q.png"
    bounds = write_quicklook(scene, geobox_of(scene.bands["B02"]), picture)
    to_mercator = Transformer.from_crs("EPSG:32630", "EPSG:3857", always_xy=True)
    xs, ys = to_mercator.transform(
        [721_560, 727_560, 721_560, 727_560],
        [4_977_480, 4_977_480, 4_971_480, 4_971_480],
    )
    pixel_m = (bounds[2] - bounds[0]) / Image.open(picture).width
    assert bounds == pytest.approx(
        (min(xs), min(ys), max(xs), max(ys)), abs=2 * pixel_m
    )


def test_a_large_scene_is_shrunk_in_proportion(tmp_path: Path) -> None:
    scene = described(tmp_path, ["B02", "B03", "B04"])
    grid = geobox_of(scene.bands["B02"])
    large, small = tmp_path / "l.png", tmp_path / "s.png"
    bounds = write_quicklook(scene, grid, large)
    shrunk = write_quicklook(scene, grid, small, max_size=50)
    assert max(Image.open(small).size) in (49, 50)
    assert shrunk == pytest.approx(bounds, abs=(bounds[2] - bounds[0]) / 40)
    assert pixel(small, shrunk, 721_560 + 500, 4_977_480 - 1500) == (55, 55, 55, 255)
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["l.png", "s.png"]


def test_a_scene_without_true_colour_is_told(tmp_path: Path) -> None:
    scene = described(tmp_path, ["B08", "B11"])
    with pytest.raises(MissingBand, match="B04, B03, B02"):
        write_quicklook(scene, geobox_of(scene.bands["B08"]), tmp_path / "q.png")

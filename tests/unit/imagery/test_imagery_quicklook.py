"""The picture shows the right colour at the right place."""

import io
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from PIL import Image
from pyproj import Transformer
from rasterio.windows import Window

from imagery.errors import MissingBand
from imagery.quicklook import open_thumbnails, write_quicklook
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


def test_bands_of_the_burn_ratio_alone_show_b12_in_grey(tmp_path: Path) -> None:
    scene, path = described(tmp_path, ["B08", "B12"]), tmp_path / "q.png"
    bounds = write_quicklook(scene, geobox_of(scene.bands["B12"]), path)
    shade = round(255 * 0.5 ** (1 / 1.5))  # 1500 is 0.15, half of 0.3
    found = pixel(path, bounds, 721_560 + 1500, 4_977_480 - 1500)
    assert found == (shade, shade, shade, 255)


def colours(content: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        return np.asarray(image)


def thumbnail(scene: Scene, grid: GeoBox, size_px: int) -> NDArray[np.uint8]:
    height, width = grid.shape
    with open_thumbnails(scene, grid, size_px=size_px) as picture:
        return colours(picture(Window(0, 0, width, height)))


def one_band(path: Path, value: float, sensor: str, band: str) -> Scene:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=8,
        width=8,
        dtype="float32",
        crs="EPSG:32630",
        transform=Affine(10, 0, 721_560, 0, -10, 4_977_480),
    ) as target:
        target.write(np.full((1, 8, 8), value, np.float32))
    time, _ = parse_datetime("2020-06-01T00:00:00Z")
    describe_raster(path, sensor=sensor, begins=time, ends=time, bands=[band])
    return open_scene(path)


def test_a_thumbnail_is_the_patch_in_the_fixed_stretch(tmp_path: Path) -> None:
    scene = described(tmp_path, ["B02", "B03", "B04"])
    grid = geobox_of(scene.bands["B02"])
    picture = thumbnail(scene, grid[68:132, 68:132], 96)
    assert picture.shape == (96, 96, 4)
    # the patch ends in the dark west at column 32 of 64, 48 of 96
    assert picture[50, 10].tolist() == [55, 55, 55, 255]
    assert picture[50, 90].tolist() == [255, 161, 101, 255]
    corner = thumbnail(scene, grid[0:40, 160:200], 40)
    assert (corner == 0).all()
    wide = thumbnail(scene, grid[100:110, 0:40], 20)
    assert wide.shape == (5, 20, 4)


@pytest.mark.parametrize(
    ("sensor", "band", "value", "grey"),
    [
        ("sentinel-2-index", "NDVI", 0.2, 153),  # (0.2 + 1) / 2 * 255
        ("sentinel-2-l1c", "B08", 1500, 161),  # as 0.15 / 0.3 above
        ("sentinel-1-grd", "VV", -10, 128),  # halfway from -20 to 0 dB
        ("sentinel-1-grd", "VH", -12, 191),  # 15 / 20 of the way from -27 dB
    ],
)
def test_a_single_band_is_grey(
    tmp_path: Path, sensor: str, band: str, value: float, grey: int
) -> None:
    scene = one_band(tmp_path / "a.tif", value, sensor, band)
    grid = geobox_of(scene.bands[band])
    picture = thumbnail(scene, grid, 8)
    assert np.unique(picture.reshape(-1, 4), axis=0).tolist() in (
        [[grey, grey, grey, 255]],
        [[grey - 1, grey - 1, grey - 1, 255]],
    )


def test_thumbnails_of_products_show_the_ground(sample: Sample) -> None:
    optical, radar = open_scene(sample.before), open_scene(sample.radar_before)
    grid = geobox_of(optical.bands["B02"])
    with rasterio.open(sample.land_cover) as raster:
        codes = raster.read(1)
    means = {}
    for name, scene in (("optical", optical), ("radar", radar)):
        with open_thumbnails(scene, grid, size_px=600) as picture:
            whole = colours(picture(Window(0, 0, 600, 600)))
            part = colours(picture(Window(100, 200, 600, 300)))[:, :500]
        assert (whole[..., 3] == 255).all()
        np.testing.assert_array_equal(part, whole[200:500, 100:])
        means[name] = {
            code: whole[codes == code][:, :3].mean(axis=0) for code in (112, 311, 511)
        }
    red, green, blue = range(3)
    assert means["optical"][112][red] > means["optical"][311][red] + 40
    assert means["radar"][112][red] > means["radar"][311][red] + 20
    assert means["radar"][311][green] > means["radar"][511][green] + 80
    assert means["radar"][112][blue] < means["radar"][112][red]

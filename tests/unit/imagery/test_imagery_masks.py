"""What a pixel is good for."""

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from imagery.masks import CLEAR, CLOUDY, NODATA, open_quality, quality_mask
from imagery.scene import Scene, geobox_of, open_scene
from imagery.stac import describe_raster, parse_datetime
from imagery.synthetic import Sample


def quality(scene: Scene, geobox: GeoBox, window: Window) -> NDArray[np.uint8]:
    with open_quality(scene, geobox) as read:
        return read(window)


def test_quality_of_each_class() -> None:
    expected = {
        0: NODATA, 1: NODATA, 2: NODATA, 3: CLOUDY, 4: CLEAR, 5: CLEAR, 6: CLEAR,
        7: CLEAR, 8: CLOUDY, 9: CLOUDY, 10: CLOUDY, 11: CLEAR, 12: NODATA, 255: NODATA,
    }  # fmt: skip
    classes = np.array([list(expected)], np.uint8)
    mask = quality_mask(classes)
    assert mask.dtype == np.uint8
    assert mask.tolist() == [list(expected.values())]


def test_quality_of_a_scene_is_its_classification_replicated(sample: Sample) -> None:
    scene = open_scene(sample.after)
    geobox = geobox_of(scene.bands["B02"])
    window = Window(101, 203, 250, 180)
    classes = rasterio.open(next(sample.after.glob("**/*_SCL_20m.jp2"))).read(1)
    at_10_m = np.kron(classes, np.ones((2, 2), np.uint8))[203:383, 101:351]
    expected = np.select(
        [np.isin(at_10_m, [4, 5, 6, 7, 11]), np.isin(at_10_m, [3, 8, 9, 10])], [0, 1], 2
    )
    np.testing.assert_array_equal(quality(scene, geobox, window), expected)


def test_without_classification_clear_is_where_all_bands_are_valid(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.tif"
    array = np.array([[[5, 0, 5]], [[7, 7, 0]]], np.uint16)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=2,
        height=1,
        width=3,
        dtype="uint16",
        nodata=0,
        crs="EPSG:32630",
        transform=Affine(10, 0, 700_000, 0, -10, 5_000_000),
    ) as target:
        target.write(array)
    begins, ends = parse_datetime("2020-01-01")
    describe_raster(
        path, sensor="sentinel-2-l2a", begins=begins, ends=ends, bands=["B04", "B08"]
    )
    scene = open_scene(path)
    mask = quality(scene, geobox_of(scene.bands["B04"]), Window(0, 0, 3, 1))
    assert mask.tolist() == [[CLEAR, NODATA, NODATA]]


def test_radar_is_clear_where_all_polarisations_are_valid(sample: Sample) -> None:
    radar = open_scene(sample.radar_before)
    optical = geobox_of(open_scene(sample.before).bands["B02"])
    assert (quality(radar, optical, Window(-9, -9, 618, 618)) == CLEAR).all()
    # the radar reaches 203.75 m further west and 196.25 m further north
    corner = quality(radar, optical, Window(-22, -22, 4, 4))
    assert corner.tolist() == [
        [NODATA] * 4,
        [NODATA] * 4,
        [NODATA, NODATA, CLEAR, CLEAR],
        [NODATA, NODATA, CLEAR, CLEAR],
    ]


def test_windows_may_overhang_the_scene(sample: Sample) -> None:
    scene = open_scene(sample.before)
    geobox = geobox_of(scene.bands["B02"])
    mask = quality(scene, geobox, Window(-2, -1, 5, 4))
    inside = quality(scene, geobox, Window(0, 0, 3, 3))
    assert (mask[0] == NODATA).all()
    assert (mask[:, :2] == NODATA).all()
    np.testing.assert_array_equal(mask[1:, 2:], inside)

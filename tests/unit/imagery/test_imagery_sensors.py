"""Plain rasters described as each sensor."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window

from imagery.errors import ImageryError, MissingBand, UnreadableProduct
from imagery.raster import open_reflectance
from imagery.scene import geobox_of, open_scene, require_bands
from imagery.sensors import SENSORS
from imagery.stac import describe_raster, parse_datetime, read_item, sidecar, write_item
from imagery.synthetic import Sample

BEGINS, ENDS = parse_datetime("2021-07-07T06:00:00Z")
WriteRaster = Callable[..., Path]


@pytest.fixture
def raster(tmp_path: Path) -> WriteRaster:
    def write(count: int, names: tuple[str, ...] = (), dtype: str = "float32") -> Path:
        path = tmp_path / "place.tif"
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            count=count,
            height=4,
            width=5,
            dtype=dtype,
            crs="EPSG:32630",
            transform=Affine(10, 0, 700_000, 0, -10, 5_000_000),
        ) as target:
            for number in range(1, count + 1):
                target.write(np.full((4, 5), number, dtype), number)
            for number, name in enumerate(names, start=1):
                target.set_band_description(number, name)
        return path

    return write


def describe(path: Path, sensor: str, **options: object) -> Path:
    return describe_raster(path, sensor=sensor, begins=BEGINS, ends=ENDS, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sensor", "level", "bands", "quantity"),
    [
        ("sentinel-2-l2a", "L2A", ["B04", "B08"], "reflectance"),
        ("sentinel-2-l1c", "L1C", ["B04", "B10"], "reflectance"),
        ("sentinel-2-index", "index", ["NDVI", "NBR"], "index"),
        ("sentinel-1-grd", "GRD", ["VV", "VH"], "backscatter_db"),
        ("sentinel-1-rtc", "RTC", ["HH", "HV"], "backscatter_db"),
    ],
)
def test_level_and_quantity_of_each_sensor(
    raster: WriteRaster, sensor: str, level: str, bands: list[str], quantity: str
) -> None:
    path = raster(2, tuple(bands))
    describe(path, sensor)
    scene = open_scene(path)
    assert (scene.sensor, scene.level) == (sensor, level)
    assert list(scene.bands) == bands
    assert {band.quantity for band in scene.bands.values()} == {quantity}
    constellation = sensor[: len("sentinel-2")]
    assert scene.platform == constellation
    properties = read_item(sidecar(path))["properties"]
    assert properties["constellation"] == constellation
    instrument = {"sentinel-2": ["msi"], "sentinel-1": ["c-sar"]}[constellation]
    assert properties["instruments"] == instrument


def test_each_sensor_is_tested() -> None:
    assert len(SENSORS) == 5


def test_thirteen_bands_of_level_1c(raster: WriteRaster) -> None:
    path = raster(13, dtype="uint16")
    describe(path, "sentinel-2-l1c")
    scene = open_scene(path)
    assert [name for name, band in scene.bands.items() if band.index == 11] == ["B10"]
    assert scene.bands["B10"].scale == 1e-4
    with pytest.raises(ImageryError, match="has 12 bands without names; give --bands"):
        describe(raster(12, dtype="uint16"), "sentinel-2-l1c")


def test_an_index_is_read_as_it_is_stored(raster: WriteRaster) -> None:
    path = raster(1)
    describe(path, "sentinel-2-index", bands=["NBR"])
    scene = open_scene(path)
    band = scene.bands["NBR"]
    assert (band.scale, band.offset, band.nodata) == (1.0, 0.0, None)
    with open_reflectance([band], geobox_of(band)) as read:
        values = read(Window(-1, 0, 2, 1))
    np.testing.assert_array_equal(values, [[[np.nan, 1.0]]])


@pytest.mark.parametrize(
    ("given", "quantity", "nodata"),
    [
        ("linear", "backscatter", 0),
        ("amplitude", "backscatter_amplitude", 0),
        ("db", "backscatter_db", None),
        (None, "backscatter_db", None),
    ],
)
def test_quantities_of_radar(
    raster: WriteRaster, given: str | None, quantity: str, nodata: float | None
) -> None:
    path = raster(2, dtype="uint16")
    describe(path, "sentinel-1-grd", bands=["VH", "VV"], quantity=given, scale=0.5)
    scene = open_scene(path)
    assert list(scene.bands) == ["VV", "VH"]
    vv = scene.bands["VV"]
    assert (vv.index, vv.quantity, vv.scale, vv.nodata) == (2, quantity, 0.5, nodata)


def test_a_dash_passes_bands_of_the_file_over(raster: WriteRaster) -> None:
    path = raster(4, ("vv", "vh", "angle", ""))
    describe(path, "sentinel-1-rtc", bands=["-", "VV", "angle", "-"])
    scene = open_scene(path)
    assert {name: band.index for name, band in scene.bands.items()} == {"VV": 2}
    entries = read_item(sidecar(path))["assets"]["data"]["bands"]
    assert [entry.get("name") for entry in entries] == [None, "VV", "angle", None]
    assert "raster:scale" not in entries[0]
    with pytest.raises(ImageryError, match=r"names no band of the sensor \(-,-,-,-\)"):
        describe(path, "sentinel-1-rtc", bands=["-"] * 4)


@pytest.mark.parametrize(
    ("sensor", "options", "reason"),
    [
        ("sentinel-1-grd", {}, "2 bands without names; give --bands, for example "
         "--bands VV,VH"),
        ("sentinel-1-grd", {"bands": ["VV", "B04"]}, "unknown band B04"),
        ("sentinel-1-grd", {"bands": ["VV", "VH"], "quantity": "beta"},
         "unknown quantity: beta; known are linear, db, amplitude"),
        ("sentinel-2-l2a", {"bands": ["B04", "B08"], "quantity": "db"},
         "quantity means nothing for sensor sentinel-2-l2a"),
        ("sentinel-2-index", {"bands": ["NDVI", "NBR"], "metadata": Path("m.xml")},
         "metadata means nothing for sensor sentinel-2-index"),
        ("context", {"quantity": "db"}, "quantity means nothing for sensor context"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(
    raster: WriteRaster, sensor: str, options: dict[str, Any], reason: str
) -> None:
    path = raster(2)
    with pytest.raises(ImageryError, match=reason):
        describe(path, sensor, **options)
    assert not sidecar(path).exists()


def test_an_item_of_an_impossible_quantity_is_damaged(raster: WriteRaster) -> None:
    path = raster(1)
    describe(path, "sentinel-1-grd", bands=["VV"])
    item = read_item(sidecar(path))
    for wrong in ("reflectance", "loudness"):
        item["assets"]["data"]["bands"][0]["lucerna:quantity"] = wrong
        write_item(sidecar(path), item)
        with pytest.raises(UnreadableProduct, match=f"damaged .*{wrong}"):
            open_scene(path)


def test_radar_has_polarisations_and_no_spectral_bands(sample: Sample) -> None:
    before = open_scene(sample.radar_before)
    assert [file.index for file in require_bands(before, ["VH", "VV"])] == [2, 1]
    with pytest.raises(MissingBand, match=r"B04 is missing in radar_before_.*VV, VH"):
        require_bands(before, ["B04", "VV"])

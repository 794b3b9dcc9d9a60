"""STAC items beside plain rasters."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window

from imagery.errors import GridMismatch, ImageryError, UnreadableProduct
from imagery.raster import open_reflectance
from imagery.scene import geobox_of, open_scene
from imagery.sensors import SENSORS
from imagery.stac import describe_raster, parse_datetime, read_item, sidecar, write_item

SENSOR = "sentinel-2-l2a"
DEFAULT = [
    "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12",
]  # fmt: skip
BEGINS, ENDS = parse_datetime("2019-09-01/2019-09-30")
WriteRaster = Callable[..., Path]
METADATA = Path(__file__).with_name("test_imagery_sentinel2.py")


@pytest.fixture
def raster(tmp_path: Path) -> WriteRaster:
    def write(
        count: int = 12,
        names: tuple[str, ...] = (),
        dtype: str = "uint16",
        nodata: float | None = 0,
    ) -> Path:
        path = tmp_path / "place 7.tif"
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            count=count,
            height=4,
            width=5,
            dtype=dtype,
            nodata=nodata,
            crs="EPSG:3857",
            transform=Affine(10, 0, 1_769_290, 0, -10, 6_349_570),
        ) as target:
            for number in range(1, count + 1):
                target.write(np.full((4, 5), 1000 + number, dtype), number)
            for number, name in enumerate(names, start=1):
                target.set_band_description(number, name)
        return path

    return write


def describe(path: Path, **options: object) -> Path:
    return describe_raster(path, sensor=SENSOR, begins=BEGINS, ends=ENDS, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("2019-09-01/2019-09-30", (2019, 9, 1, 0, 0, 0), (2019, 9, 30, 23, 59, 59)),
        ("2020-02-29", (2020, 2, 29, 0, 0, 0), (2020, 2, 29, 23, 59, 59)),
        ("20200229", (2020, 2, 29, 0, 0, 0), (2020, 2, 29, 23, 59, 59)),
        ("20200229T101112Z", (2020, 2, 29, 10, 11, 12), (2020, 2, 29, 10, 11, 12)),
        ("2020-02-29 10:11", (2020, 2, 29, 10, 11, 0), (2020, 2, 29, 10, 11, 0)),
        ("2017-04-19T10:56:21Z", (2017, 4, 19, 10, 56, 21), (2017, 4, 19, 10, 56, 21)),
        (
            "2017-04-19T12:56:21+02:00",
            (2017, 4, 19, 10, 56, 21),
            (2017, 4, 19, 10, 56, 21),
        ),
        ("2017-04-19T10:56:21", (2017, 4, 19, 10, 56, 21), (2017, 4, 19, 10, 56, 21)),
        ("2020-02", (2020, 2, 1, 0, 0, 0), (2020, 2, 29, 23, 59, 59)),
        ("2020-11/2021-02", (2020, 11, 1, 0, 0, 0), (2021, 2, 28, 23, 59, 59)),
        (
            "2017-04-19T10:00:00Z / 2017-04-20",
            (2017, 4, 19, 10, 0, 0),
            (2017, 4, 20, 23, 59, 59),
        ),
    ],
)
def test_times(text: str, begins: tuple[int, ...], ends: tuple[int, ...]) -> None:
    assert parse_datetime(text) == (
        datetime(*begins, tzinfo=UTC),  # type: ignore[misc,arg-type]
        datetime(*ends, tzinfo=UTC),  # type: ignore[misc,arg-type]
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "2019-13", "2019-00", "2019-13-01",
        "2019-09-01/", "/2019-09-01", "../2019-09-01",
        "0001-01-01T00:00:00+14:00", "2020-01-01/2020-01-02/2020",
        "2020-01-02x2020", "2020-01-02/", "2020-W01-1", "20201301",
    ],
)  # fmt: skip
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(ImageryError, match=r"not a date or time: .*; write 2019-09-01"):
        parse_datetime(text)


def test_an_interval_ends_after_it_begins() -> None:
    with pytest.raises(ImageryError, match="ends before it begins"):
        parse_datetime("2019-09-30/2019-09-01")


def test_item_of_a_month_window(raster: WriteRaster) -> None:
    path = raster()
    item_path = describe(path, note="from a public data set")
    assert item_path == path.with_name("place 7.json") == sidecar(path)
    item = json.loads(item_path.read_text(encoding="utf-8"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert item["type"] == "Feature"
    assert item["stac_version"] == "1.1.0"
    assert item["id"] == f"place-7_20190901_20190930_{digest[:8]}"
    assert item["links"] == []
    properties = item["properties"]
    assert properties["datetime"] is None
    assert properties["start_datetime"] == "2019-09-01T00:00:00Z"
    assert properties["end_datetime"] == "2019-09-30T23:59:59Z"
    assert properties["proj:code"] == "EPSG:3857"
    assert properties["proj:shape"] == [4, 5]
    assert properties["proj:transform"] == [10, 0, 1_769_290, 0, -10, 6_349_570]
    assert properties["lucerna:simulated"] is False
    assert properties["description"] == "from a public data set"
    asset = item["assets"]["data"]
    assert asset["href"] == "./place 7.tif"
    assert asset["file:checksum"] == "1220" + digest
    assert asset["bands"][8] == {
        "name": "B8A",
        "data_type": "uint16",
        "nodata": 0.0,
        "raster:scale": 0.0001,
        "raster:offset": 0.0,
        "eo:center_wavelength": 0.8647,
        "eo:common_name": "nir08",
    }
    used = {
        key.split(":")[0]
        for part in (properties, asset, *asset["bands"])
        for key in part
        if ":" in key
    }
    declared = {url.split("/")[3] for url in item["stac_extensions"]}
    assert used - {"lucerna"} == {"proj", "raster", "eo", "file"}
    assert declared == {"projection", "raster", "eo", "file"}
    assert pystac.Item.from_dict(item).assets["data"].media_type == (
        pystac.MediaType.GEOTIFF
    )


def test_an_instant_has_one_time(raster: WriteRaster) -> None:
    path = raster()
    time = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    describe_raster(path, sensor=SENSOR, begins=time, ends=time)
    properties = read_item(sidecar(path))["properties"]
    assert properties["datetime"] == "2020-01-02T03:04:05Z"
    assert "start_datetime" not in properties
    scene = open_scene(path)
    assert scene.begins == scene.ends == time


def test_scene_of_a_described_raster(raster: WriteRaster) -> None:
    path = raster()
    describe(path, offset=-0.1, simulated=True)
    scene = open_scene(path)
    assert list(scene.bands) == DEFAULT
    assert [band.index for band in scene.bands.values()] == list(range(1, 13))
    assert (scene.begins, scene.ends) == (BEGINS, ENDS)
    assert scene.simulated
    assert scene.platform == "sentinel-2"
    assert scene.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    band = scene.bands["B11"]
    with open_reflectance([band], geobox_of(band)) as read:
        values = read(Window(0, 0, 1, 1))
    assert values[0, 0, 0] == pytest.approx(1011 * 0.0001 - 0.1, abs=1e-7)
    west, south, east, north = scene.footprint.bounds
    assert (west, north) == pytest.approx((15.8938025, 49.4383489), abs=2e-7)
    assert west < east
    assert south < north


def test_thirteen_bands_have_b10(raster: WriteRaster) -> None:
    path = raster(count=13)
    describe(path)
    assert open_scene(path).bands["B10"].index == 11


def test_names_in_the_file_win_and_a_foreign_band_is_no_band_of_the_scene(
    raster: WriteRaster,
) -> None:
    names = (*DEFAULT[:9], "B11", "B12", "QA60")
    path = raster(names=names, dtype="float32", nodata=np.nan)
    describe(path)
    scene = open_scene(path)
    assert tuple(scene.bands) == names[:-1]
    assert scene.bands["B11"].index == 10
    nodata = scene.bands["B11"].nodata
    assert nodata is not None
    assert np.isnan(nodata)
    last = read_item(sidecar(path))["assets"]["data"]["bands"][-1]
    assert last == {"name": "QA60", "data_type": "float32", "nodata": "nan"}


def test_metadata_gives_each_band_its_offset(
    raster: WriteRaster, tmp_path: Path
) -> None:
    source = METADATA.read_text(encoding="utf-8")
    name = "S2B_MSIL2A_20231217T135659_N0510_R067_T21JUK_20231217T175625"
    text = source[source.index("<?xml") : source.index("</n1:Level-2A_User_Product>")]
    metadata = tmp_path / "MTD_MSIL2A.xml"
    metadata.write_text(
        text.replace("{NAME}", name) + "</n1:Level-2A_User_Product>", encoding="utf-8"
    )
    path = raster()
    begins, ends = parse_datetime("2023-12-17")
    describe_raster(path, sensor=SENSOR, begins=begins, ends=ends, metadata=metadata)
    scene = open_scene(path)
    assert scene.bands["B02"].offset == -0.1001
    assert scene.bands["B8A"].offset == -0.1008
    assert scene.bands["B03"].offset == 0.0
    assert (scene.platform, scene.tile) == ("sentinel-2b", "T21JUK")
    assert (scene.relative_orbit, scene.baseline) == (67, "05.10")
    describe(path, metadata=metadata)
    other = open_scene(path)
    assert other.bands["B02"].offset == -0.1001
    assert (other.platform, other.tile) == ("sentinel-2", None)
    with pytest.raises(ImageryError, match="give the one or the other"):
        describe(path, metadata=metadata, offset=-0.1)
    held = sidecar(path).read_bytes()
    with pytest.raises(ImageryError, match="give the metadata of the same level"):
        describe_raster(
            path, sensor="sentinel-2-l1c", begins=BEGINS, ends=ENDS, metadata=metadata
        )
    assert sidecar(path).read_bytes() == held


@pytest.mark.parametrize(
    ("count", "options", "reason"),
    [
        (12, {"bands": ["B02", "B03"]}, "has 12 bands and --bands names 2"),
        (2, {"bands": ["B02", "B99"]}, "unknown band B99"),
        (2, {"bands": ["B02", "B02"]}, "name each band once"),
        (5, {}, "has 5 bands without names; give --bands"),
    ],
)
def test_bands_that_do_not_fit_are_told(
    raster: WriteRaster, count: int, options: dict[str, Any], reason: str
) -> None:
    path = raster(count=count)
    with pytest.raises(ImageryError, match=reason):
        describe(path, **options)
    assert not sidecar(path).exists()


def test_unknown_sensor_and_bad_raster_are_told(
    raster: WriteRaster, tmp_path: Path
) -> None:
    with pytest.raises(ImageryError, match="unknown sensor: landsat"):
        describe_raster(raster(), sensor="landsat", begins=BEGINS, ends=ENDS)
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    with pytest.raises(UnreadableProduct, match="not a readable raster"):
        describe(text)


@pytest.mark.parametrize(
    "told",
    [
        {"offset": float("nan")}, {"offset": float("-inf")}, {"scale": float("nan")},
        {"scale": float("inf")}, {"scale": 0.0}, {"scale": -1.0},
    ],
)  # fmt: skip
def test_a_scale_that_gives_no_values_is_refused(
    raster: WriteRaster, told: dict[str, float]
) -> None:
    path = raster()
    with pytest.raises(ImageryError, match=r"of band B01 of .* give no values; give a"):
        describe(path, **told)
    assert not sidecar(path).exists()


def test_infinity_can_stand_for_no_data(raster: WriteRaster) -> None:
    path = raster(dtype="float32", nodata=float("-inf"))
    describe(path)
    assert open_scene(path).bands["B02"].nodata == float("-inf")


def test_complex_numbers_are_no_reflectance(raster: WriteRaster) -> None:
    path = raster(dtype="complex64")
    with pytest.raises(ImageryError, match="holds complex numbers; write their ampli"):
        describe(path)


@pytest.mark.parametrize(
    ("transform", "told"),
    [
        (Affine(10, 3, 1_769_290, 3, -10, 6_349_570), "is rotated, flipped or without"),
        (Affine(10, 0, 1_769_290, 0, 10, 6_349_570), "is rotated, flipped or without"),
        (Affine(0, 0, 1_769_290, 0, 0, 6_349_570), "is rotated, flipped or without"),
        (Affine(10, 0, 1e12, 0, -10, 6_349_570), "leaves the Earth"),
        (Affine(10, 0, 1_769_290, 0, -10, -1e12), "leaves the Earth"),
        (Affine(1e9, 0, 1_769_290, 0, -1e9, 6_349_570), "leaves the Earth"),
        (Affine(float("nan"), 0, 0, 0, -10, 0), "leaves the Earth"),
    ],
)
def test_a_grid_that_nothing_can_use_is_refused(
    raster: WriteRaster, transform: Affine, told: str
) -> None:
    path = raster()
    with rasterio.open(path, "r+") as target:
        target.transform = transform
    with pytest.raises(GridMismatch, match=told):
        describe(path)
    assert not sidecar(path).exists()


@pytest.mark.parametrize("crs", ['LOCAL_CS["site",UNIT["metre",1]]', "EPSG:5773"])
def test_a_crs_that_is_no_place_is_refused(raster: WriteRaster, crs: str) -> None:
    path = raster()
    with rasterio.open(path, "r+") as target:
        target.crs = crs
    with pytest.raises(GridMismatch, match=r"is neither of longitude and latitude nor"):
        describe(path)


@pytest.mark.parametrize("source", ["place 7.tif", "/vsicurl/http://127.0.0.1:9/a.tif"])
def test_a_file_that_only_points_at_pixels_is_no_raster(
    raster: WriteRaster, source: str
) -> None:
    path = raster()
    pointer = path.with_name("pointer.tif")
    bands = "".join(
        f'<VRTRasterBand dataType="UInt16" band="{number}"><SimpleSource>'
        f"<SourceFilename>{source.replace('place', str(path.parent / 'place'))}"
        f"</SourceFilename><SourceBand>{number}</SourceBand></SimpleSource>"
        "</VRTRasterBand>"
        for number in range(1, 13)
    )
    pointer.write_text(
        '<VRTDataset rasterXSize="5" rasterYSize="4"><SRS>EPSG:3857</SRS>'
        "<GeoTransform>1769290, 10, 0, 6349570, 0, -10</GeoTransform>"
        f"{bands}</VRTDataset>"
    )
    with rasterio.open(pointer) as dataset:
        assert dataset.count == 12
    with pytest.raises(
        UnreadableProduct, match=r"not a readable raster: .*pointer.tif"
    ):
        describe(pointer)
    assert not sidecar(pointer).exists()


def test_only_a_stac_item_is_overwritten(raster: WriteRaster) -> None:
    path = raster()
    sidecar(path).write_text('{"my": "notes"}', encoding="utf-8")
    with pytest.raises(ImageryError, match="is no STAC item and would be overwritten"):
        describe(path)
    assert sidecar(path).read_text(encoding="utf-8") == '{"my": "notes"}'
    sidecar(path).unlink()
    describe(path, note="one")
    first = sidecar(path).read_bytes()
    describe(path, note="two")
    assert read_item(sidecar(path))["properties"]["description"] == "two"
    describe(path, note="one")
    assert sidecar(path).read_bytes() == first
    assert sorted(item.name for item in path.parent.iterdir()) == [
        "place 7.json",
        "place 7.tif",
    ]


def test_a_raster_that_changed_is_told(raster: WriteRaster) -> None:
    path = raster()
    describe(path)
    with rasterio.open(path, "r+") as target:
        target.write(np.full((4, 5), 9, np.uint16), 1)
    with pytest.raises(UnreadableProduct, match="has changed since it was described"):
        open_scene(path)


def test_damaged_items_are_told(raster: WriteRaster, tmp_path: Path) -> None:
    path = raster()
    item_path = describe(path)
    item = read_item(item_path)
    for change, reason in (
        ({"assets": {}}, "has no asset place 7.tif"),
        (
            {"properties": {**item["properties"], "start_datetime": "?"}},
            "no usable time",
        ),
        ({"properties": {}}, "described as nothing known"),
    ):
        write_item(item_path, {**item, **change})
        with pytest.raises(UnreadableProduct, match=reason):
            open_scene(path)
    item["properties"]["eo:cloud_cover"] = 1234.5
    text = json.dumps(item)
    damaged = [text.replace("1234.5", one) for one in ("NaN", "-Infinity", "1e999")]
    for text in ("{", "[" * 100_000, *damaged):
        item_path.write_text(text, encoding="utf-8")
        with pytest.raises(UnreadableProduct, match="no JSON"):
            open_scene(path)


def test_a_tile_is_told_as_the_grid_extension_writes_it(tmp_path: Path) -> None:
    from imagery.product_metadata import LEVELS, ProductMetadata
    from imagery.told import Reading, Told

    day = datetime(2017, 4, 19, tzinfo=UTC)
    product = ProductMetadata(
        level=LEVELS["Level-2A"], product_id="S2A_MSIL2A_X_T30TYQ_Y",
        begins=day, ends=day, platform="s2",
        baseline="02.04", tile="T30TYQ", relative_orbit=94, cloud_percent=12.5,
        quantification=10_000, offsets_dn={}, images=(), simulated=False,
    )  # fmt: skip
    reading = Reading(Told(SENSOR), SENSORS[SENSOR], "reflectance", product)
    told = reading.properties(day, day)
    assert told["grid:code"] == "MGRS-30TYQ"
    assert told["eo:cloud_cover"] == 12.5

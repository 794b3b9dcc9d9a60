"""Sentinel-2 L2A products: metadata, offsets per band, band files."""

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window

from imagery.bands import SENTINEL2_BANDS
from imagery.errors import UnreadableProduct
from imagery.product_metadata import read_product_metadata
from imagery.raster import open_reflectance
from imagery.scene import geobox_of, open_scene
from imagery.sentinel2 import finest_files, read_sentinel2
from imagery.synthetic import Sample

NAME = "S2B_MSIL2A_20231217T135659_N0510_R067_T21JUK_20231217T175625"
METADATA = f"""<?xml version="1.0" encoding="UTF-8"?>
<n1:Level-2A_User_Product
    xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-2A.xsd">
<n1:General_Info><Product_Info>
<PRODUCT_START_TIME>2023-12-17T13:56:59.024Z</PRODUCT_START_TIME>
<PRODUCT_STOP_TIME>2023-12-17T13:56:59.024Z</PRODUCT_STOP_TIME>
<PRODUCT_URI>{NAME}.SAFE</PRODUCT_URI>
<PROCESSING_LEVEL>Level-2A</PROCESSING_LEVEL>
<PROCESSING_BASELINE>05.10</PROCESSING_BASELINE>
<Datatake><SPACECRAFT_NAME>Sentinel-2B</SPACECRAFT_NAME>
<SENSING_ORBIT_NUMBER>67</SENSING_ORBIT_NUMBER></Datatake>
<Granule_List><Granule imageFormat="JPEG2000">
<IMAGE_FILE>GRANULE/L2A/IMG_DATA/R60m/T21JUK_20231217T135659_B02_60m</IMAGE_FILE>
<IMAGE_FILE>GRANULE/L2A/IMG_DATA/R10m/T21JUK_20231217T135659_B02_10m</IMAGE_FILE>
<IMAGE_FILE>GRANULE/L2A/IMG_DATA/R20m/T21JUK_20231217T135659_B8A_20m</IMAGE_FILE>
</Granule></Granule_List>
</Product_Info>
<Product_Image_Characteristics>
<BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE>
<BOA_ADD_OFFSET band_id="0">-1000</BOA_ADD_OFFSET>
<BOA_ADD_OFFSET band_id="1">-1001</BOA_ADD_OFFSET>
<BOA_ADD_OFFSET band_id="8">-1008</BOA_ADD_OFFSET>
<BOA_ADD_OFFSET band_id="12">-1012</BOA_ADD_OFFSET>
</Product_Image_Characteristics></n1:General_Info>
<n1:Quality_Indicators_Info>
<Cloud_Coverage_Assessment>12.693287</Cloud_Coverage_Assessment>
</n1:Quality_Indicators_Info>
</n1:Level-2A_User_Product>"""


def written(folder: Path, text: str) -> Path:
    path = folder / "MTD_MSIL2A.xml"
    path.write_text(text, encoding="utf-8")
    return path


def test_band_ids_are_those_of_the_product_specification() -> None:
    assert list(SENTINEL2_BANDS) == (
        [
            "B01",
            "B02",
            "B03",
            "B04",
            "B05",
            "B06",
            "B07",
            "B08",
            "B8A",
            "B09",
            "B10",
            "B11",
            "B12",
        ]
    )


def test_metadata_of_a_product_with_an_offset_for_each_band(tmp_path: Path) -> None:
    metadata = read_product_metadata(written(tmp_path, METADATA))
    assert metadata.product_id == NAME
    assert metadata.begins == datetime(2023, 12, 17, 13, 56, 59, 24_000, UTC)
    assert metadata.begins == metadata.ends
    assert (metadata.platform, metadata.tile) == ("sentinel-2b", "T21JUK")
    assert (metadata.baseline, metadata.relative_orbit) == ("05.10", 67)
    assert metadata.cloud_percent == 12.693287
    assert not metadata.simulated
    assert metadata.scaling("B02") == (0.0001, -0.1001)
    assert metadata.scaling("B8A") == (0.0001, -0.1008)
    assert metadata.scaling("B12") == (0.0001, -0.1012)
    assert metadata.scaling("B03") == (0.0001, 0.0)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Level-2A</PROC", "Level-0</PROC", "Level-0 is not supported"),
        (">10000<", ">many<", "damaged"),
        ('band_id="12"', 'band_id="13"', "damaged"),
        ('band_id="12"', 'band_id="-1"', "damaged .*no band has the number -1"),
        (">-1012<", ">nan<", "damaged .*nan is no offset"),
        (">-1012<", ">inf<", "damaged .*inf is no offset"),
        (">12.693287<", ">250<", "damaged .*250 is no percentage"),
        (">12.693287<", ">nan<", "damaged .*nan is no percentage"),
        (">12.693287<", ">-1<", "damaged .*-1 is no percentage"),
        ("2023-12-17T13:56:59.024Z</PRODUCT_STA", "soon</PRODUCT_STA", "damaged"),
        (
            "2023-12-17T13:56:59.024Z</PRODUCT_STO",
            "2023-12-17T13:56:58.024Z</PRODUCT_STO",
            "damaged .*sensing ends at 2023-12-17 13:56:58.* before it begins",
        ),
        ("_T21JUK_2023", "_2023", "without a tile"),
        ("JPEG2000", "PNG", "image format 'PNG'"),
        ("GRANULE/L2A/IMG_DATA/R60m", "../../R60m", "outside the product"),
        ("<Granule im", "<Granule/><Granule im", "2 granules"),
        ("<SPACECRAFT_NAME>Sentinel-2B</SPACECRAFT_NAME>", "", "SPACECRAFT_NAME"),
    ],
)
def test_damaged_metadata_is_told(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    assert old in METADATA
    with pytest.raises(UnreadableProduct, match=reason):
        read_product_metadata(written(tmp_path, METADATA.replace(old, new)))


def test_an_image_that_is_not_there_is_told(tmp_path: Path) -> None:
    written(tmp_path, METADATA)
    with pytest.raises(UnreadableProduct, match=r"image file is missing: .*_10m\.jp2"):
        read_sentinel2(tmp_path)


def test_of_several_resolutions_the_finest_is_taken(tmp_path: Path) -> None:
    written(tmp_path, METADATA.replace("JPEG2000", "GeoTIFF"))
    for name, metres in (("B02", 60), ("B02", 10), ("B8A", 20)):
        folder = tmp_path / f"GRANULE/L2A/IMG_DATA/R{metres}m"
        folder.mkdir(parents=True)
        with rasterio.open(
            folder / f"T21JUK_20231217T135659_{name}_{metres}m.tif",
            "w",
            driver="GTiff",
            height=120 // metres,
            width=120 // metres,
            count=1,
            dtype="uint16",
            crs="EPSG:32721",
            transform=Affine(metres, 0, 315_040, 0, -metres, 6_961_370),
        ) as target:
            target.write(np.full((1, 120 // metres, 120 // metres), 3001, np.uint16))
    scene = open_scene(tmp_path)
    assert scene.bands["B02"].path.parent.name == "R10m"
    assert list(scene.bands) == ["B02", "B8A"]
    assert (scene.classification, scene.simulated) == (None, False)
    assert scene.id == "S2B_20231217T135659_R067_T21JUK"
    grid = geobox_of(scene.bands["B02"])
    with open_reflectance(tuple(scene.bands.values()), grid) as read:
        values = read(Window(0, 0, 12, 12))
    np.testing.assert_allclose(values[0], (3001 - 1001) / 10_000, atol=1e-7)
    np.testing.assert_allclose(values[1], (3001 - 1008) / 10_000, atol=1e-7)


def test_a_band_that_no_table_knows_is_left_out(tmp_path: Path) -> None:
    metadata = read_product_metadata(
        written(tmp_path, METADATA.replace("B02_60m", "B13_10m"))
    )
    assert len(metadata.images) == 3
    assert sorted(finest_files(metadata, tmp_path)) == ["B02", "B8A"]


def test_a_folder_that_is_no_product_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableProduct, match=r"has no MTD_MSIL2A\.xml and MTD_MSIL1C\.xml"
    ):
        read_sentinel2(tmp_path)


def test_scene_of_the_sample(sample: Sample) -> None:
    scene = open_scene(sample.before)
    assert scene.id == "S2A_20170419T105621_R094_T30TYQ"
    assert scene.product_id == sample.before.name.removesuffix(".SAFE")
    assert scene.begins == datetime(2017, 4, 19, 10, 56, 21, 26_000, UTC)
    assert (scene.platform, scene.sensor) == ("sentinel-2a", "sentinel-2-l2a")
    assert (scene.baseline, scene.relative_orbit, scene.tile) == ("02.04", 94, "T30TYQ")
    assert scene.cloud_percent == 0.0
    assert scene.simulated
    assert list(scene.bands) == [
        "B02",
        "B03",
        "B04",
        "B05",
        "B06",
        "B07",
        "B08",
        "B8A",
        "B11",
        "B12",
    ]
    assert {band.offset for band in scene.bands.values()} == {0.0}
    assert scene.classification is not None
    west, south, east, north = scene.footprint.bounds
    assert -0.20 < west < east < -0.11
    assert 44.85 < south < north < 44.92


def test_hash_is_over_metadata_and_images_in_name_order(sample: Sample) -> None:
    images = sorted(sample.before.glob("GRANULE/**/*.jp2"))
    assert len(images) == 11
    data = b"".join(
        path.read_bytes() for path in [sample.before / "MTD_MSIL2A.xml", *images]
    )
    assert open_scene(sample.before).sha256 == hashlib.sha256(data).hexdigest()


def test_reflectance_of_the_sample(sample: Sample) -> None:
    scene = open_scene(sample.before)
    geobox = geobox_of(scene.bands["B02"])
    window = Window(250, 120, 90, 70)
    bands = [scene.bands["B04"], scene.bands["B11"]]
    with open_reflectance(bands, geobox) as read:
        values = read(window)
    red = rasterio.open(scene.bands["B04"].path).read(1)
    swir = np.kron(rasterio.open(scene.bands["B11"].path).read(1), np.ones((2, 2)))
    expected = np.stack([red, swir])[:, 120:190, 250:340] / 10_000
    np.testing.assert_allclose(values, expected, atol=1e-7)


@pytest.mark.parametrize("lost", ["file", "comment"])
def test_either_mark_of_simulation_is_enough(
    sample: Sample, tmp_path: Path, lost: str
) -> None:
    copy = tmp_path / "copy.SAFE"
    shutil.copytree(sample.before, copy)
    metadata = copy / "MTD_MSIL2A.xml"
    if lost == "file":
        (copy / "SIMULATED").unlink()
    else:
        text = metadata.read_text(encoding="utf-8")
        start, end = text.index("<!--"), text.index("-->") + 3
        metadata.write_text(text[:start] + text[end:], encoding="utf-8")
    assert open_scene(copy).simulated
    (copy / "SIMULATED").unlink(missing_ok=True)
    if lost == "comment":
        assert not open_scene(copy).simulated

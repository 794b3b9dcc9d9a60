"""The STAC item of a SAFE product, in a folder, in a zip, and damaged."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pystac
import pytest

from imagery.errors import UnreadableProduct
from imagery.product_item import product_item, write_product_item
from imagery.stac import read_item, sidecar
from imagery.synthetic import Sample
from imagery.tile_metadata import parse_tile_metadata

sys.path.append(str(Path(__file__).parent))

from product_copies import as_l1c, zipped

TILE = b"""<Tile><TILE_ID>T</TILE_ID><DATASTRIP_ID>D</DATASTRIP_ID>
<HORIZONTAL_CS_CODE>EPSG:32630</HORIZONTAL_CS_CODE>
<Size resolution="10"><NROWS>3</NROWS><NCOLS>4</NCOLS></Size>
<Geoposition resolution="10"><ULX>500000</ULX><ULY>4900000</ULY>
<XDIM>10</XDIM><YDIM>-10</YDIM></Geoposition>
<Mean_Viewing_Incidence_Angle bandId="0"><ZENITH_ANGLE>4</ZENITH_ANGLE>
<AZIMUTH_ANGLE>359</AZIMUTH_ANGLE></Mean_Viewing_Incidence_Angle>
<Mean_Viewing_Incidence_Angle bandId="1"><ZENITH_ANGLE>6</ZENITH_ANGLE>
<AZIMUTH_ANGLE>3</AZIMUTH_ANGLE></Mean_Viewing_Incidence_Angle></Tile>"""


def test_angles_on_both_sides_of_north_have_their_middle_between_them() -> None:
    tile = parse_tile_metadata(TILE, Path("MTD_TL.xml"))
    assert tile.view_deg == pytest.approx((5, 1))
    assert tile.sun_deg is None
    assert tile.grids[10].shape == (3, 4)
    assert tile.grids[10].affine[2] == 500_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<NROWS>3</NROWS>", b"<NROWS>few</NROWS>"),
        (b'<Size resolution="10">', b'<Size resolution="20">'),
        (b"EPSG:32630", b"EPSG:none"),
        (b"<ULX>500000</ULX>", b""),
    ],
)
def test_damaged_tile_metadata_are_refused(old: bytes, new: bytes) -> None:
    assert old in TILE
    with pytest.raises(UnreadableProduct, match=r"damaged in MTD_TL.xml .*; fetch the"):
        parse_tile_metadata(TILE.replace(old, new), Path("MTD_TL.xml"))


def test_the_item_of_a_folder_names_each_image_with_its_digest(sample: Sample) -> None:
    item = product_item(sample.before)
    assert read_item(sidecar(sample.before)) == json.loads(json.dumps(item))
    images = {one.name: one for one in sample.before.rglob("*.jp2")}
    named = {
        Path(asset["href"]).name: asset
        for asset in item["assets"].values()
        if asset["type"] == "image/jp2"
    }
    assert set(named) == set(images)
    for name, asset in named.items():
        digest = hashlib.sha256(images[name].read_bytes()).hexdigest()
        assert asset["file:checksum"] == f"1220{digest}"
        assert sample.folder / asset["href"] == images[name]
    assert item["properties"]["lucerna:simulated"] is True
    assert item["properties"]["sat:orbit_state"] == "descending"
    assert pystac.Item.from_dict(item).bbox == item["bbox"]


def test_a_zip_is_one_asset_with_the_bands_in_it(
    sample: Sample, tmp_path: Path
) -> None:
    path = zipped(sample.before, tmp_path / "product.zip")
    item, folder = product_item(path), product_item(sample.before)
    (asset,) = item["assets"].values()
    assert asset["href"] == "./product.zip"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert asset["file:checksum"] == f"1220{digest}"
    names = [band["name"] for band in asset["bands"]]
    assert names.count("B02") == 1
    assert set(names) >= {"B02", "B8A", "SCL"}
    assert item["properties"] == folder["properties"]
    assert item["geometry"] == folder["geometry"]


def test_level_1c_has_offsets_of_its_own(sample: Sample, tmp_path: Path) -> None:
    made = as_l1c(sample.before, tmp_path)
    (granule,) = made.glob("GRANULE/*")
    shutil.copy(next(sample.before.glob("GRANULE/*/MTD_TL.xml")), granule)
    item = product_item(made)
    (band,) = item["assets"]["B04_10m"]["bands"]
    assert band["raster:offset"] == pytest.approx(-0.1003)
    assert item["properties"]["lucerna:sensor"] == "sentinel-2-l1c"


@pytest.fixture
def metadata_only(sample: Sample, tmp_path: Path) -> Path:
    """A product without its images."""
    made = tmp_path / sample.before.name
    for one in sample.before.rglob("*.xml"):
        place = made / one.relative_to(sample.before)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(one, place)
    return made


def test_images_that_are_not_there_are_named_without_a_digest(
    metadata_only: Path,
) -> None:
    item = product_item(metadata_only)
    assert "file:checksum" not in item["assets"]["B04_10m"]
    assert "file:checksum" in item["assets"]["granule_metadata"]


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("ring", "reason"),
    [
        ("44 1 45", "the footprint is damaged"),
        ("44 one 45 1 45 2", "the footprint is damaged"),
        ("44 1 45 2 44 2 45 1", "the footprint crosses itself"),
    ],
)
def test_a_damaged_footprint_is_refused(
    metadata_only: Path, ring: str, reason: str
) -> None:
    path = metadata_only / "MTD_MSIL2A.xml"
    replace(path, "</EXT_POS_LIST>", "</Y>")
    replace(path, "<EXT_POS_LIST>", f"<EXT_POS_LIST>{ring}</EXT_POS_LIST><Y>")
    with pytest.raises(UnreadableProduct, match=reason + r" in .*; fetch the product"):
        write_product_item(metadata_only)
    assert not sidecar(metadata_only).exists()


def test_without_tile_metadata_there_is_no_item(metadata_only: Path) -> None:
    next(metadata_only.glob("GRANULE/*/MTD_TL.xml")).unlink()
    with pytest.raises(UnreadableProduct, match=r"file is missing: .*MTD_TL.xml; "):
        product_item(metadata_only)

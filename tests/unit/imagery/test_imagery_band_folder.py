"""Folders of band files as scenes, and what is told or refused of them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window

from imagery.band_folder import describe_folder
from imagery.describing import describe
from imagery.errors import GridMismatch, ImageryError, UnreadableProduct
from imagery.masks import open_quality
from imagery.raster import open_reflectance
from imagery.scene import geobox_of, open_scene
from imagery.stac import folder_item
from imagery.told import Told

L2A = "sentinel-2-l2a"
NOON = datetime(2020, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a dot in its name."""
    made = tmp_path / "place 2020.01"
    made.mkdir()
    return made


def write(
    path: Path, value: int, metres: int = 10, crs: str = "EPSG:32631", count: int = 1
) -> Path:
    """A square of 40 m with one value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    side = 40 // metres
    with rasterio.open(
        path, "w", driver="GTiff", count=count, height=side, width=side, dtype="uint16",
        crs=crs, transform=Affine(metres, 0, 600_000, 0, -metres, 5_600_000),
    ) as target:  # fmt: skip
        for band in range(1, count + 1):
            target.write(np.full((side, side), value, "uint16"), band)
    return path


def test_files_of_several_resolutions_are_one_scene(folder: Path) -> None:
    write(folder / "R10m/T31_20200102_B02_10m.tif", 1000)
    write(folder / "R20m/T31_20200102_B02_20m.tif", 1, 20)
    write(folder / "R20m/T31_20200102_B8A_20m.tif", 2000, 20)
    write(folder / "T31_SCL_20m.tif", 9, 20)
    write(folder / "T31_TCI_10m.tif", 7)
    item, lacking = describe_folder(folder, Told(L2A, offset=-0.05), NOON, NOON)
    assert item == folder.with_name("place 2020.01.json") == folder_item(folder)
    assert lacking == (
        "B01", "B03", "B04", "B05", "B06", "B07", "B08", "B09", "B11", "B12",
    )  # fmt: skip
    scene = open_scene(folder)
    assert list(scene.bands) == ["B02", "B8A"]
    grid = geobox_of(scene.bands["B02"])
    assert grid.affine[0] == 10
    with open_reflectance(list(scene.bands.values()), grid) as read:
        values = read(Window(0, 0, 4, 4))
    assert values[0] == pytest.approx(np.full((4, 4), 0.05))
    assert values[1] == pytest.approx(np.full((4, 4), 0.15))
    assert scene.classification is not None
    with open_quality(scene, grid) as read_quality:
        assert set(read_quality(Window(0, 0, 4, 4)).ravel().tolist()) == {1}
    assert open_scene(item) == scene
    told = json.loads(item.read_text("utf-8"))
    hrefs = {name: one["href"] for name, one in told["assets"].items()}
    assert hrefs == {
        "B02": "./place 2020.01/R10m/T31_20200102_B02_10m.tif",
        "B8A": "./place 2020.01/R20m/T31_20200102_B8A_20m.tif",
        "SCL": "./place 2020.01/T31_SCL_20m.tif",
    }
    assert told["assets"]["B8A"]["proj:shape"] == [2, 2]
    assert pystac.Item.from_file(str(item)).assets["B02"].media_type


def test_a_changed_file_is_noticed(folder: Path) -> None:
    for band in ("B02", "B03"):
        write(folder / f"{band}.tif", 1000)
    describe_folder(folder, Told(L2A), NOON, NOON)
    before = open_scene(folder).sha256
    write(folder / "B03.tif", 1001)
    with pytest.raises(UnreadableProduct, match=r"B03.tif has changed since it was"):
        open_scene(folder)
    describe_folder(folder, Told(L2A), NOON, NOON)
    assert open_scene(folder).sha256 != before


def test_names_like_those_of_landsat_are_mapped_and_not_guessed(folder: Path) -> None:
    for number in (2, 4, 5):
        write(folder / f"LC08_L2SP_198025_SR_B{number}.TIF", 1000 * number)
    told = Told(L2A, scale=2.75e-5, offset=-0.2)
    with pytest.raises(ImageryError, match=r"no band of the sensor among .*SR_B2.*; "):
        describe_folder(folder, told, NOON, NOON)
    mapped = Told(L2A, bands=["B02=SR_B2", "B04=SR_B4", "B8A=SR_B5"])
    describe_folder(folder, mapped, NOON, NOON)
    scene = open_scene(folder)
    files = {name: file.path.name for name, file in scene.bands.items()}
    assert files["B8A"] == "LC08_L2SP_198025_SR_B5.TIF"
    assert list(files) == ["B02", "B04", "B8A"]


def test_short_names_alone_are_bands(folder: Path) -> None:
    for name in ("b2", "B8A", "B11"):
        write(folder / f"{name}.tif", 1000)
    describe_folder(folder, Told(L2A), NOON, NOON)
    assert list(open_scene(folder).bands) == ["B02", "B8A", "B11"]


def test_radar_in_a_folder_lacks_nothing(folder: Path) -> None:
    for name in ("VV", "VH"):
        write(folder / f"S1A_20200102_{name}.tif", 100)
    told = Told("sentinel-1-grd", quantity="amplitude")
    _, lacking = describe_folder(folder, told, NOON, NOON)
    assert lacking == ()
    scene = open_scene(folder)
    assert scene.bands["VH"].quantity == "backscatter_amplitude"


def test_another_crs_in_one_file_is_refused(folder: Path) -> None:
    write(folder / "B02.tif", 1000)
    write(folder / "B03.tif", 1000, crs="EPSG:32632")
    reason = (
        r"B03.tif in .* is in EPSG:32632 and B02.tif in EPSG:32631; reproject one of"
    )
    with pytest.raises(GridMismatch, match=reason):
        describe_folder(folder, Told(L2A), NOON, NOON)
    assert not folder_item(folder).exists()


@pytest.mark.parametrize(
    ("files", "bands", "reason"),
    [
        (["a.tif"], None, r"no band of the sensor among the names in .* \(a\); give"),
        ([], None, r"no band of the sensor among the names in .* \(nothing\); give"),
        (["x/B02.tif", "y/B02.tif"], None, "two files in .*: x/B02.tif and y/B02.tif"),
        (["B02.tif"], ["B03"], r"nothing in .* is named B03; it has B02: give --bands"),
        (["B02.tif"], ["B99"], "unknown band B99 for"),
        (["B02.tif"], ["B02", "B02"], "band B02 is given twice"),
    ],
)
def test_names_that_do_not_fit_are_refused(
    folder: Path, files: list[str], bands: list[str] | None, reason: str
) -> None:
    for name in files:
        write(folder / name, 1000)
    with pytest.raises(ImageryError, match=reason):
        describe_folder(folder, Told(L2A, bands=bands), NOON, NOON)
    assert not folder_item(folder).exists()


def test_a_stack_in_a_folder_is_described_alone(folder: Path) -> None:
    write(folder / "B02.tif", 1000, count=3)
    with pytest.raises(ImageryError, match="holds 3 bands; describe it alone"):
        describe_folder(folder, Told(L2A), NOON, NOON)


@pytest.mark.parametrize(
    ("told", "when", "crs", "reason"),
    [
        (Told(L2A), None, None, "states no time; give --datetime"),
        (Told(L2A), "2020-01", "EPSG:32631", "--crs is for a NetCDF that states none"),
        (Told("context"), "2020-01", None, "holds bands and no classes; give a sensor"),
        (Told(L2A, quantity="db"), "2020-01", None, "quantity means nothing for sen"),
    ],
)
def test_options_that_do_not_apply_are_refused(
    folder: Path, told: Told, when: str | None, crs: str | None, reason: str
) -> None:
    write(folder / "B02.tif", 1000)
    with pytest.raises(ImageryError, match=reason):
        describe(folder, told, when=when, crs=crs)


def test_a_product_and_its_item_are_not_described_again(folder: Path) -> None:
    (folder / "MTD_MSIL2A.xml").write_text("<a/>")
    with pytest.raises(ImageryError, match="with metadata of its own; use it as it is"):
        describe(folder, Told(L2A), when="2020-01", crs=None)
    item = folder.with_name("product.json")
    text = {"s2:product_uri": "S2A_X.SAFE", "datetime": "2020-01-02T00:00:00Z"}
    head = {"type": "Feature", "stac_version": "1.1.0", "id": "x", "assets": {}}
    item.write_text(json.dumps(head | {"properties": text}))
    with pytest.raises(UnreadableProduct, match=r"item of S2A_X.SAFE; give"):
        open_scene(item)

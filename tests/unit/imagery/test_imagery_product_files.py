"""Products in a zip, L1C products, and archives that are not safe."""

import dataclasses
import stat
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window

from imagery import product_files as limits
from imagery.bands import SENTINEL2_BANDS
from imagery.errors import UnreadableProduct
from imagery.product_files import ProductFiles, product_files
from imagery.raster import open_reflectance
from imagery.scene import Scene, geobox_of, open_scene
from imagery.synthetic import Sample

sys.path.append(str(Path(__file__).parent))

from product_copies import as_l1c, zipped

MTD = "X.SAFE/MTD_MSIL2A.xml"


def values_of(scene: Scene, band: str) -> np.ndarray:
    with open_reflectance([scene.bands[band]], geobox_of(scene.bands[band])) as read:
        return read(Window(0, 0, 300, 300))[0]


def test_a_zip_is_the_same_scene_as_its_folder(sample: Sample, tmp_path: Path) -> None:
    folder = open_scene(sample.before)
    scene = open_scene(zipped(sample.before, tmp_path / "product.zip"))
    for field in dataclasses.fields(Scene):
        if field.name not in ("bands", "classification"):
            assert getattr(scene, field.name) == getattr(folder, field.name)
    assert list(scene.bands) == list(folder.bands)
    for band in ("B02", "B11"):
        np.testing.assert_array_equal(values_of(scene, band), values_of(folder, band))
    assert [one.name for one in tmp_path.iterdir()] == ["product.zip"]


def test_a_link_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    product, outside = tmp_path / "X.SAFE", tmp_path / "secret"
    (product / "GRANULE").mkdir(parents=True)
    outside.mkdir()
    (product / "a.jp2").touch()
    link = product / "GRANULE" / "B04_10m.jp2"
    link.symlink_to(product / "a.jp2")
    assert product_files(product, ("MTD_MSIL2A.xml",)).has("GRANULE/B04_10m.jp2")
    (tmp_path / "elsewhere").symlink_to(product)
    assert product_files(tmp_path / "elsewhere", ()).has("a.jp2")
    for target in ("/etc/passwd", outside, "../../secret"):
        link.unlink()
        link.symlink_to(target)
        with pytest.raises(
            UnreadableProduct, match=r"the link GRANULE/B04_10m\.jp2, w"
        ):
            product_files(product, ("MTD_MSIL2A.xml",))


@pytest.mark.parametrize("packed", [False, True])
def test_an_l1c_product_has_its_own_offsets(
    sample: Sample, tmp_path: Path, packed: bool
) -> None:
    product = as_l1c(sample.before, tmp_path)
    source = zipped(product, tmp_path / "l1c.zip") if packed else product
    scene = open_scene(source)
    assert (scene.sensor, scene.level) == ("sentinel-2-l1c", "L1C")
    assert scene.product_id == product.name.removesuffix(".SAFE")
    assert scene.classification is None
    assert "B8A" in scene.bands
    for band in ("B02", "B8A"):
        (image,) = product.rglob(f"*_{band}.jp2")
        with rasterio.open(image) as dataset:
            numbers = dataset.read(1)[:300, :300].astype(float)
        offset = -1000 - list(SENTINEL2_BANDS).index(band)
        expected = np.where(numbers == 0, np.nan, (numbers + offset) / 10_000)
        np.testing.assert_allclose(values_of(scene, band), expected, atol=1e-6)


def archive(path: Path, *entries: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in entries:
            target.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([(MTD, b"<a/>"), ("../evil.xml", b"")], "leads out of it"),
        ([(MTD, b"<a/>"), ("X.SAFE/../../evil", b"")], "leads out of it"),
        ([(MTD, b"<a/>"), ("/etc/evil", b"")], "leads out of it"),
        ([(MTD, b"<a/>"), ("C:/evil", b"")], "leads out of it"),
        ([(MTD, b"<a/>"), ("X.SAFE/big", bytes(2**21))], "swells to 2097152"),
        ([(MTD, b"<a/>"), ("Y.SAFE/MTD_MSIL2A.xml", b"<a/>")], "2 products"),
        ([("deep/" + MTD, b"<a/>")], r"lies at deep/X\.SAFE"),
        ([("MTD_MSIL2A.xml", b"<a/>")], "not in one folder"),
        ([("X.SAFE/readme.txt", b"")], "no Sentinel-2 product"),
        ([(MTD, b'<!DOCTYPE a [<!ENTITY x "ha">]><a>&x;</a>')], "no usable XML"),
    ],
)
def test_a_zip_that_is_no_safe_product_is_told(
    tmp_path: Path, entries: list[tuple[str, bytes]], reason: str
) -> None:
    with pytest.raises(UnreadableProduct, match=reason):
        open_scene(archive(tmp_path / "product.zip", *entries))
    assert [one.name for one in tmp_path.iterdir()] == ["product.zip"]


def test_a_link_in_a_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "product.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr(MTD, "<a/>")
        link = zipfile.ZipInfo("X.SAFE/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(link, "/etc/passwd")
    with pytest.raises(UnreadableProduct, match=r"the link 'X\.SAFE/link'"):
        open_scene(path)


def test_counts_and_sizes_are_capped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path / "p.zip", (MTD, b"<a/>" * 9), ("X.SAFE/b", b"1"))
    monkeypatch.setattr(limits, "MOST_ENTRIES", 1)
    with pytest.raises(UnreadableProduct, match="2 entries, more than 1"):
        open_scene(path)
    monkeypatch.setattr(limits, "MOST_ENTRIES", 2)
    monkeypatch.setattr(limits, "MOST_BYTES", 36)
    with pytest.raises(UnreadableProduct, match=r"37 bytes in .* too many"):
        open_scene(path)
    monkeypatch.setattr(limits, "MOST_BYTES", 37)
    monkeypatch.setattr(limits, "MOST_METADATA_BYTES", 35)
    with pytest.raises(UnreadableProduct, match="larger than 64 MiB"):
        open_scene(path)


def test_a_damaged_zip_is_told(sample: Sample, tmp_path: Path) -> None:
    path = zipped(sample.before, tmp_path / "product.zip")
    data = bytearray(path.read_bytes())
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(UnreadableProduct, match="no readable zip"):
        open_scene(path)
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UnreadableProduct, match="is damaged at"):
        open_scene(path)


def stumble(files: ProductFiles) -> None:
    for block in files.blocks("MTD_MSIL2A.xml"):
        raise KeyError(f"mine, at {block!r}")


@pytest.mark.parametrize("packed", [False, True])
def test_an_error_of_the_reader_stays_its_own(tmp_path: Path, packed: bool) -> None:
    (tmp_path / "MTD_MSIL2A.xml").write_bytes(b"<a/>")
    files = ProductFiles(tmp_path, tmp_path)
    if packed:
        path = archive(tmp_path / "p.zip", (MTD, b"<a/>"))
        files = product_files(path, ("MTD_MSIL2A.xml",))
    with pytest.raises(KeyError, match="mine, at b'<a/>'"):
        stumble(files)
    with pytest.raises(UnreadableProduct, match=r"file is missing: .*none\.xml"):
        list(files.blocks("none.xml"))


@pytest.mark.parametrize("name", ["a}b", "a{b", "a}{b"])
def test_a_zip_whose_path_holds_a_lone_brace_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    path = archive(tmp_path / name / "p.zip", (MTD, b"<a/>"))
    with pytest.raises(UnreadableProduct, match=r"p\.zip can be .* a lone brace"):
        open_scene(path)


def test_a_zip_whose_path_holds_a_pair_of_braces_opens(
    sample: Sample, tmp_path: Path
) -> None:
    (tmp_path / "a{b}c").mkdir()
    scene = open_scene(zipped(sample.before, tmp_path / "a{b}c" / "product.zip"))
    assert geobox_of(scene.bands["B02"]).shape == (600, 600)

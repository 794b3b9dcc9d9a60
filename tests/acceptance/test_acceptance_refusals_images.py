"""Images that cannot be compared are refused: exit code 1, one line, nothing left."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from acceptance_walk import Walk, lucerna

Refused = Callable[..., str]


@pytest.fixture
def after(walk: Walk, tmp_path: Path) -> Path:
    """A copy of the later product, to be spoilt."""
    copy = tmp_path / walk.scenes[1].name
    shutil.copytree(walk.scenes[1], copy)
    return copy


def image(product: Path, name: str) -> Path:
    (found,) = product.rglob(f"*_{name}.jp2")
    return found


def test_all_cloud(walk: Walk, after: Path, refused: Refused) -> None:
    path = image(after, "SCL_20m")
    with rasterio.open(path) as raster:
        profile, shape = raster.profile, raster.shape
    path.unlink()
    with rasterio.open(
        path, "w", **profile | {"QUALITY": "100", "REVERSIBLE": "YES"}
    ) as raster:
        raster.write(np.full(shape, 9, np.uint8), 1)
    line = refused("change", walk.scenes[0], after, "-o", "out.tif")
    assert "nothing can be compared" in line


def test_truncated_jp2(walk: Walk, after: Path, refused: Refused) -> None:
    path = image(after, "B04_10m")
    path.write_bytes(path.read_bytes()[:2000])
    line = refused("change", walk.scenes[0], after, "-o", "out.tif")
    assert path.name in line


def test_missing_band(walk: Walk, after: Path, refused: Refused) -> None:
    path = image(after, "B04_10m")
    path.unlink()
    assert path.name in refused("change", walk.scenes[0], after, "-o", "out.tif")


def test_a_folder_that_is_no_product(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"\xff\xd8")
    assert "photos" in refused("info", "photos")


def test_entity_bomb(after: Path, refused: Refused) -> None:
    path = after / "MTD_MSIL2A.xml"
    bomb = '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><b>&b;</b>'
    path.write_text(bomb, encoding="utf-8")
    assert "MTD_MSIL2A.xml" in refused("info", after)


def described(path: Path, pixels: np.ndarray, day: int, west: int = 500_000) -> Path:
    """A GeoTIFF of four bands with its item.

    Args:
        path: Where it is written.
        pixels: (band, y, x) uint16.
        day: Of May 2020.
        west: Easting of its left edge.
    """
    transform = rasterio.Affine(10, 0, west, 0, -10, 5_000_000)
    with rasterio.open(
        path, "w", driver="GTiff", width=pixels.shape[2], height=pixels.shape[1],
        count=4, dtype="uint16", crs="EPSG:32630", transform=transform, tiled=True,
        blockxsize=64, blockysize=64, compress="deflate",
    ) as raster:  # fmt: skip
        raster.write(pixels)
    describe(path, day)
    return path


def describe(path: Path, day: int) -> None:
    described = lucerna(
        "describe", path, "--sensor", "sentinel-2-l2a", "--bands",
        "B02,B03,B04,B08", "--datetime", f"2020-05-0{day}", cwd=path.parent,
    )  # fmt: skip
    assert described.returncode == 0, described.stderr


def noise(day: int) -> np.ndarray:
    return np.random.default_rng(day).integers(500, 3000, (4, 200, 200), np.uint16)


def test_pair_that_does_not_overlap(tmp_path: Path, refused: Refused) -> None:
    for day, west in ((1, 500_000), (2, 600_000)):
        described(tmp_path / f"day{day}.tif", noise(day), day, west)
    line = refused("change", "day1.tif", "day2.tif", "-o", "out.tif")
    assert "cannot be compared" in line


@pytest.mark.parametrize("damage", ["truncated", "garbage in tiles"])
def test_damaged_geotiff(tmp_path: Path, refused: Refused, damage: str) -> None:
    described(tmp_path / "before.tif", noise(1), 1)
    path = described(tmp_path / "after.tif", noise(2), 2)
    whole = path.read_bytes()
    half = len(whole) // 2
    rest = b"" if damage == "truncated" else bytes(60_000) + whole[half + 60_000 :]
    path.write_bytes(whole[:half] + rest)
    change = ["change", "before.tif", "after.tif", "-o", "out.tif"]
    assert "changed since it was described" in refused(*change)
    describe(path, 2)
    assert "after.tif cannot be read" in refused(*change)


def test_geotiff_without_its_head(tmp_path: Path, refused: Refused) -> None:
    path = described(tmp_path / "one.tif", noise(1), 1)
    path.write_bytes(path.read_bytes()[:100])
    assert "one.tif" in refused("change", "one.tif", "one.tif", "-o", "out.tif")
    told = ("--sensor", "sentinel-2-l2a", "--datetime", "2020-05-01")
    assert "not a readable raster: one.tif" in refused("describe", "one.tif", *told)


def test_damaged_land_cover(walk: Walk, tmp_path: Path, refused: Refused) -> None:
    """The base has what it had; the command may warn of a raster without its item."""
    kb, cover = tmp_path / "kb", tmp_path / "land_cover.tif"
    shutil.copytree(walk.kb, kb)
    shutil.copyfile(walk.sample / "land_cover.json", tmp_path / "land_cover.json")
    data = (walk.sample / "land_cover.tif").read_bytes()
    third = len(data) // 3
    cover.write_bytes(data[:third] + bytes(third) + data[2 * third :])
    lift = ["lift", walk.raster("cva"), "--units", walk.sample / "communes.geojson"]
    refused(*lift, "--land-cover", "land_cover.tif", "--kb", "kb")
    (tmp_path / "land_cover.json").unlink()
    done = lucerna(*lift, "--land-cover", "land_cover.tif", "--kb", "kb", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    *_, line = done.stderr.splitlines()
    assert line.startswith("error: the pixels of land_cover.tif cannot be read")


def test_same_pixels_under_another_name(
    walk: Walk, tmp_path: Path, refused: Refused
) -> None:
    """Whatever the name, the time told and the compression of the copy."""
    described(tmp_path / "may.tif", noise(1), 1)
    shutil.copyfile(tmp_path / "may.tif", tmp_path / "copy.tif")
    describe(tmp_path / "copy.tif", 2)
    with rasterio.open(tmp_path / "may.tif") as raster:
        profile = raster.profile | {"compress": "lzw"}
        with rasterio.open(tmp_path / "packed.tif", "w", **profile) as packed:
            packed.write(raster.read())
    describe(tmp_path / "packed.tif", 3)
    for other in ("copy.tif", "packed.tif"):
        line = refused("change", "may.tif", other, "-o", "out.tif")
        assert "hold the same pixels" in line
        assert other.removesuffix(".tif") in line
    before, after = walk.scenes
    shutil.copytree(before, tmp_path / after.name)
    line = refused("change", before, tmp_path / after.name, "-o", "out.tif")
    assert "hold the same pixels" in line


@pytest.mark.parametrize(
    ("entry", "said"),
    [("../outside.txt", "leads out of it"), ("X.SAFE/bomb.jp2", "swells to 67108864")],
)
def test_unsafe_zip(
    walk: Walk, tmp_path: Path, refused: Refused, entry: str, said: str
) -> None:
    """A product as it is distributed, with one more entry in its zip."""
    product = tmp_path / "product.zip"
    with zipfile.ZipFile(product, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in sorted(walk.scenes[0].rglob("*")):
            packed.write(one, one.relative_to(walk.sample))
        packed.writestr(entry, bytes(2**26) if "bomb" in entry else b"out")
    for arguments in (
        ("info", "product.zip"),
        ("change", "product.zip", walk.scenes[1], "-o", "out.tif"),
    ):
        line = refused(*arguments)
        assert "unsafe zip: product.zip" in line
        assert said in line
    assert not (tmp_path.parent / "outside.txt").exists()

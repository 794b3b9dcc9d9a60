"""Images that cannot be compared are refused: exit code 1, one line, nothing left."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from acceptance_walk import Walk, lucerna

Digests = Callable[[Path], dict[str, str]]
Refused = Callable[..., str]


@pytest.fixture
def refused(tmp_path: Path, digests: Digests) -> Refused:
    """Runs a command that must be refused; gives the one line that it says."""

    def run(*arguments: object) -> str:
        before = digests(tmp_path)
        done = lucerna(*arguments, cwd=tmp_path)
        assert done.returncode == 1, done.stderr[-500:]
        (line,) = done.stderr.splitlines()
        assert line.startswith("error: ")
        assert done.stdout == ""
        assert digests(tmp_path) == before, "something is left"
        return line

    return run


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


def test_pair_that_does_not_overlap(tmp_path: Path, refused: Refused) -> None:
    for day, west in ((1, 500_000), (2, 600_000)):
        path = tmp_path / f"day{day}.tif"
        pixels = np.full((4, 20, 20), 1000 + day, np.uint16)
        transform = rasterio.Affine(10, 0, west, 0, -10, 5_000_000)
        with rasterio.open(
            path, "w", driver="GTiff", width=20, height=20, count=4, dtype="uint16",
            crs="EPSG:32630", transform=transform,
        ) as raster:  # fmt: skip
            raster.write(pixels)
        described = lucerna(
            "describe", path, "--sensor", "sentinel-2-l2a", "--bands",
            "B02,B03,B04,B08", "--datetime", f"2020-05-0{day}", cwd=tmp_path,
        )  # fmt: skip
        assert described.returncode == 0, described.stderr
    line = refused("change", "day1.tif", "day2.tif", "-o", "out.tif")
    assert "cannot be compared" in line

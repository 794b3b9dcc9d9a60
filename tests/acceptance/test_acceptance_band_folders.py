"""The bands of a product, loose in a folder, compare as the product does."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from acceptance_walk import Walk, lucerna, told
from expected_stac import core_validator, rasters_of


@pytest.fixture(scope="module")
def folder(walk: Walk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The images of both products, without their metadata, described."""
    folder = tmp_path_factory.mktemp("band-folders")
    for name, safe in zip(("before", "after"), walk.scenes, strict=True):
        when = told(lucerna("info", safe, "--json", cwd=folder))["begins"]
        (images,) = safe.glob("GRANULE/*/IMG_DATA")
        shutil.copytree(images, folder / name)
        options = ("--sensor", "sentinel-2-l2a", "--datetime", when)
        done = lucerna("describe", name, *options, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{name}.json\n"
        assert done.stderr == f"{name} lacks B01, B09 of sentinel-2-l2a\n"
    return folder


def test_each_band_is_an_asset_of_one_valid_item(folder: Path) -> None:
    validator = core_validator()
    for name in ("before", "after"):
        named = rasters_of(folder / f"{name}.json", validator)
        there = {one.resolve() for one in (folder / name).rglob("*.jp2")}
        assert len(there) >= 7
        assert set(named) == there


def test_change_of_the_folders_is_that_of_the_products(
    walk: Walk, folder: Path
) -> None:
    done = lucerna(
        "change", "before", "after.json", "-o", "cva.tif", "--method", "cva", "--json",
        cwd=folder,
    )  # fmt: skip
    assert told(done)["clouds"] == "masked"
    for name in ("cva.tif", "cva-quality.tif"):
        with (
            rasterio.open(folder / name) as ours,
            rasterio.open(walk.folder / name) as theirs,
        ):
            assert np.array_equal(ours.read(), theirs.read())


def test_a_file_behind_an_item_is_not_written_over(folder: Path) -> None:
    victim = folder / "before/R10m/loose.tif"
    band = next((folder / "before").rglob("*_B02_10m.jp2"))
    rasterio.shutil.copy(band, victim, driver="GTiff")
    made = folder / "loose.json"
    text = (folder / "before.json").read_text("utf-8")
    item = json.loads(text)
    digest = hashlib.sha256(victim.read_bytes()).hexdigest()
    item["assets"]["B02"] |= {
        "href": "./before/R10m/loose.tif", "file:checksum": "1220" + digest,
    }  # fmt: skip
    made.write_text(json.dumps(item), "utf-8")
    done = lucerna("change", made, "after", "-o", victim, cwd=folder)
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {victim} is an input; give the output another name\n"
    )
    assert hashlib.sha256(victim.read_bytes()).hexdigest() == digest

"""The Paraná at Corrientes: offsets of real metadata, by command line."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
from acceptance_walk import lucerna, told

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"
PARANA = DATA / "s2-parana-2023-2024"
NEEDED = ("20231217.tif", "20240101.tif", "S2B_20231217_MTD_MSIL2A.xml")
BEFORE = ("20231217.tif", "--datetime", "2023-12-17T13:56:59.024Z")
AFTER = ("20240101.tif", "--datetime", "2024-01-01")

pytestmark = pytest.mark.skipif(
    not PARANA.is_dir(), reason=f"no test data: {PARANA}; see LUCERNA_TEST_DATA"
)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both dates described: one by its metadata, the other by numbers."""
    folder = tmp_path_factory.mktemp("parana")
    for name in NEEDED:
        shutil.copyfile(PARANA / name, folder / name)
    sensor = ("--sensor", "sentinel-2-l2a")
    for options in (
        (*BEFORE, "--metadata", NEEDED[2]),
        (*AFTER, "--scale", "0.0001", "--offset", "-0.1"),
    ):
        done = lucerna("describe", *options, *sensor, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_the_item_says_what_the_metadata_say(job: Path) -> None:
    facts = told(lucerna("info", BEFORE[0], "--json", cwd=job))
    assert facts["platform"] == "sentinel-2b"
    assert facts["tile"] == "T21JUK"
    assert facts["relative orbit"] == 67
    assert facts["baseline"] == "05.10"
    for name in (BEFORE[0], AFTER[0]):
        item = json.loads((job / name).with_suffix(".json").read_text("utf-8"))
        bands = [
            one for one in item["assets"]["data"]["bands"] if one["name"] != "QA60"
        ]
        assert len(bands) == 11
        with rasterio.open(job / name) as dataset:
            numbers = dataset.read(list(range(1, 12))).astype(np.float64)
        for band, plane in zip(bands, numbers, strict=True):
            reflectance = plane * band["raster:scale"] + band["raster:offset"]
            expected = (plane - 1000) / 10_000
            np.testing.assert_allclose(reflectance, expected, rtol=0, atol=1e-12)

"""The Paraná at Corrientes: offsets of real metadata, by command line."""

import json
import os
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from acceptance_walk import lucerna, told
from rasterio.features import rasterize
from scipy import ndimage

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


def reflectance(path: Path) -> np.ndarray:
    """Of the ten bands of 10 m and 20 m, `(band, y, x)`, by plain arithmetic."""
    with rasterio.open(path) as dataset:
        numbers = dataset.read(list(range(2, 12))).astype(np.float64)
    values: np.ndarray = (numbers - 1000) / 10_000
    return values


def test_the_sediment_plume_is_one_of_the_three_largest_regions(job: Path) -> None:
    names = (BEFORE[0], AFTER[0])
    output = ("-o", "water.tif", "--regions", "water.gpkg", "--region-level", "low")
    done = lucerna("change", *names, *output, "--method", "cva", cwd=job)
    assert done.returncode == 0, done.stderr
    assert "offset" not in done.stderr

    # Level "low" begins at score 25 of 100; 100 is 0.15 for a change vector.
    before, after = (reflectance(job / name) for name in names)
    length = np.sqrt(np.mean((after - before) ** 2, axis=0))
    marks, _ = ndimage.label(np.round(100 * length / 0.15) >= 25)
    sizes = np.sort(np.bincount(marks.ravel())[1:])[::-1]

    regions = gpd.read_file(job / "water.gpkg").to_crs(32721)
    largest = regions.sort_values("area_m2", ascending=False).head(3)
    with rasterio.open(job / names[0]) as dataset:
        shape, transform = dataset.shape, dataset.transform
    red = []
    for size, outline in zip(sizes[:3], largest.geometry, strict=True):
        inside = rasterize([outline], shape, transform=transform).astype(bool)
        assert inside.sum() == size
        red.append([round(float(one[2][inside].mean()), 2) for one in (before, after)])
    # The largest is water that clears; the second is the plume, and the third
    # brown water too.
    assert red == [[0.12, 0.08], [0.13, 0.22], [0.13, 0.21]]


def test_a_forgotten_offset_is_told(job: Path) -> None:
    shutil.copyfile(job / AFTER[0], job / "raw.tif")
    sensor = ("--sensor", "sentinel-2-l2a", "--scale", "0.0001", "--offset", "0")
    described = lucerna("describe", "raw.tif", *AFTER[1:], *sensor, cwd=job)
    assert described.returncode == 0, described.stderr
    done = lucerna("change", BEFORE[0], "raw.tif", "-o", "raw_change.tif", cwd=job)
    assert done.returncode == 0, done.stderr
    [line] = [line for line in done.stderr.splitlines() if "offset" in line]
    assert "has the offset -0.1 and raw_20240101" in line
    assert "has 0 in B02, B03, B04" in line
    assert "--offset" in line

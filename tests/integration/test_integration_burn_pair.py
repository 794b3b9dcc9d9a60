"""A pair with the two bands of the burn ratio alone, through the whole walk."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio.transform import from_origin

from etl.pipelines import detect_change
from imagery.stac import describe_raster
from mining.change.record import read_record

BURN = (slice(10, 40), slice(10, 40))


def product(path: Path, nir: np.ndarray, swir: np.ndarray, month: int) -> Path:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=80,
        height=60,
        count=2,
        dtype="uint16",
        crs="EPSG:32630",
        transform=from_origin(700_000, 4_970_000, 20, 20),
        nodata=0,
    ) as out:
        out.write(np.stack([nir, swir]).astype(np.uint16))
    when = datetime(2024, month, 1, tzinfo=UTC)
    describe_raster(
        path, sensor="sentinel-2-l2a", begins=when, ends=when, bands=["B08", "B12"]
    )
    return path


def test_two_bands_give_the_burn_its_offset_and_pictures(tmp_path: Path) -> None:
    nir, swir = np.full((60, 80), 3000), np.full((60, 80), 1000)
    before = product(tmp_path / "before.tif", nir, swir, 6)
    dry, burnt = np.full((60, 80), 2900), np.full((60, 80), 1100)
    dry[BURN], burnt[BURN] = 1200, 2400
    after = product(tmp_path / "after.tif", dry, burnt, 7)

    out = tmp_path / "change.tif"
    record = detect_change(before, after, out, method="rbr")
    drought = 0.05  # 2000 / 4000 - 1800 / 4000
    assert record.parameters["offset"] == drought
    assert read_record(out) == record
    with rasterio.open(out) as raster:
        scores = raster.read(1)
        assert raster.tags()["scene_offset"] == "0.05"
    ratio = (0.5 + 1200 / 3600 - drought) / 1.501
    expected = round(75 + 25 * (ratio - 0.25) / (0.774 - 0.25))
    assert (scores[14:36, 14:36] == expected).all()
    assert (scores[45:] == 0).all()
    for picture in record.quicklooks:
        with Image.open(picture) as image:
            colours = np.array(image)
        assert (colours[..., 0] == colours[..., 2]).all(), "B12 in grey"
        assert colours[..., 3].any()

    held = out.stat().st_mtime_ns
    assert detect_change(before, after, out, method="rbr") == record
    assert out.stat().st_mtime_ns == held, "the same run writes nothing"

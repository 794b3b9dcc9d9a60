"""Quicklook of an index raster: grey by a fixed stretch, transparent without data."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio.transform import from_origin

from imagery.quicklook import picture_bands, write_quicklook
from imagery.scene import geobox_of, open_scene
from imagery.stac import describe_raster


def test_an_index_is_grey_from_minus_one_to_one(tmp_path: Path) -> None:
    values = np.full((40, 40), 0.5, np.float32)
    values[:, :20] = -1.0
    values[:10] = np.nan
    path = tmp_path / "nbr.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=40,
        height=40,
        count=1,
        dtype="float32",
        crs="EPSG:3857",
        transform=from_origin(0, 5_000_000, 20, 20),
        nodata=np.nan,
    ) as out:
        out.write(values, 1)
    when = datetime(2024, 6, 1, tzinfo=UTC)
    describe_raster(
        path, sensor="sentinel-2-index", begins=when, ends=when, bands=["NBR"]
    )
    scene = open_scene(path)
    assert picture_bands(scene) == ("NBR",)
    bounds = write_quicklook(scene, geobox_of(scene.bands["NBR"]), tmp_path / "a.png")
    assert np.allclose(bounds, (0, 5_000_000 - 800, 800, 5_000_000))
    with Image.open(tmp_path / "a.png") as picture:
        painted = np.array(picture)
    assert painted[30, 5].tolist() == [0, 0, 0, 255]
    assert painted[30, 35].tolist() == [191, 191, 191, 255], "0.75 of 255"
    assert painted[2, 30].tolist() == [0, 0, 0, 0]

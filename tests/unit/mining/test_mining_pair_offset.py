"""Offset of a pair: a regular sample of the pixels clear on both dates."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from imagery.scene import Scene, open_scene
from imagery.stac import describe_raster
from mining.change import pair_offset
from mining.change.pair_offset import for_pair
from mining.change.raster import find_method


def index_scene(path: Path, values: np.ndarray, month: int) -> Scene:
    height, width = values.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=width,
        height=height,
        count=1,
        dtype="float32",
        crs="EPSG:32630",
        transform=from_origin(700_000, 4_970_000, 20, 20),
        nodata=np.nan,
    ) as out:
        out.write(values.astype(np.float32), 1)
    when = datetime(2024, month, 1, tzinfo=UTC)
    describe_raster(
        path, sensor="sentinel-2-index", begins=when, ends=when, bands=["NBR"]
    )
    return open_scene(path)


def pair(folder: Path, drop: np.ndarray) -> tuple[Scene, Scene]:
    before = np.zeros(drop.shape)
    return (
        index_scene(folder / "before.tif", before, 6),
        index_scene(folder / "after.tif", before - drop, 7),
    )


def test_every_third_pixel_decides_whatever_the_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = np.random.default_rng(3).normal(0.03, 0.05, (70, 110))
    drop[20:40, 30:60] = np.nan
    scenes = pair(tmp_path, drop)
    monkeypatch.setattr(pair_offset, "SAMPLE", 24 * 37)
    expected = round(float(np.nanmedian(drop[::3, ::3])), 4)
    assert expected != round(float(np.nanmedian(drop)), 4)
    for block in (512, 32, 25):
        monkeypatch.setattr(pair_offset, "_BLOCK_PX", block)
        fitted = for_pair(find_method("rbr"), *scenes, ("NBR",))
        assert fitted.offset == pytest.approx(expected, abs=1e-9)


def test_a_small_pair_is_taken_whole(tmp_path: Path) -> None:
    drop = np.random.default_rng(4).normal(-0.02, 0.05, (31, 40))
    fitted = for_pair(find_method("rbr"), *pair(tmp_path, drop), ("NBR",))
    assert fitted.offset == pytest.approx(round(float(np.median(drop)), 4), abs=1e-9)


def test_a_method_without_an_offset_stays_itself(tmp_path: Path) -> None:
    method = find_method("cva")
    assert for_pair(method, *pair(tmp_path, np.zeros((5, 5))), ("NBR",)) is method


def test_cloudy_pixels_have_no_say(tmp_path: Path) -> None:
    drop = np.full((20, 30), 0.04)
    drop[:, 12:] = 0.09
    before, after = pair(tmp_path, drop)
    classes = np.full(drop.shape, 4)
    classes[:, 12:] = 9
    sky = index_scene(tmp_path / "classes.tif", classes, 7).bands["NBR"]
    cloudy = dataclasses.replace(after, classification=sky)
    clear = for_pair(find_method("rbr"), before, after, ("NBR",))
    assert clear.offset == pytest.approx(0.09)
    fitted = for_pair(find_method("rbr"), before, cloudy, ("NBR",))
    assert fitted.offset == pytest.approx(0.04)

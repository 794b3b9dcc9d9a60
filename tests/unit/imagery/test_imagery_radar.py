"""The simulated radar pair and labelled points: plausible, marked, useful together."""

import json
from datetime import UTC, datetime
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, gaussian_filter

from imagery.simulation.radar import LOOKS
from imagery.synthetic import Sample

Classes = NDArray[np.uint16]


def on_land_cover(path: Path) -> NDArray[np.float64]:
    """(VV, VH) power, nearest pixel of the land cover's grid, read by rasterio alone.

    The radar's origin lies 203.75 m west and 196.25 m north of it: the centre of pixel
    0 is 208.75 m, pixel 20, from the west and 201.25 m, pixel 20, from the north.
    """
    with rasterio.open(path) as raster:
        power: NDArray[np.float64] = raster.read().astype(float)
    return power[:, 20:620, 20:620]


@pytest.fixture(scope="module")
def classes(sample: Sample) -> Classes:
    with rasterio.open(sample.land_cover) as raster:
        read: Classes = raster.read(1)
    return read


def median_db(power: NDArray[np.float64], where: NDArray[np.bool_]) -> list[float]:
    """Of the local mean, so that speckle does not count."""
    calm = gaussian_filter(power, (0, 1.5, 1.5))
    return [float(np.median(10 * np.log10(plane[where]))) for plane in calm]


def core(classes: Classes, code: int) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = binary_erosion(classes == code, iterations=2)
    return inside


def test_two_rasters_on_a_wider_grid_with_a_phase_of_its_own(sample: Sample) -> None:
    for path, day in ((sample.radar_before, 18), (sample.radar_after, 30)):
        with rasterio.open(path) as raster:
            assert raster.crs.to_epsg() == 32630
            assert raster.descriptions == ("VV", "VH")
            assert raster.dtypes == ("float32", "float32")
            assert raster.shape == (640, 640)
            assert tuple(raster.transform)[:6] == (
                10, 0, 721_560 - 203.75, 0, -10, 4_977_480 + 196.25
            )  # fmt: skip
            assert raster.tags()["SIMULATED"].startswith("SIMULATED")
            power = raster.read()
        assert np.isfinite(power).all()
        assert power.min() > 0
        item = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        properties = item["properties"]
        assert properties["lucerna:sensor"] == "sentinel-1-grd"
        assert properties["lucerna:simulated"] is True
        time = datetime.fromisoformat(properties["datetime"])
        assert time == datetime(2017, 4, day, 17, 57, tzinfo=UTC)
        bands = item["assets"]["data"]["bands"]
        assert [band["lucerna:quantity"] for band in bands] == ["backscatter"] * 2


def test_backscatter_is_of_the_order_of_its_land_cover(
    sample: Sample, classes: Classes
) -> None:
    power = on_land_cover(sample.radar_before)
    levels = {
        code: median_db(power, core(classes, code)) for code in (112, 211, 221, 311)
    }
    water = median_db(power, core(classes, 511))
    for vv, vh in levels.values():
        assert 3 < vv - vh < 11
        assert vv > water[0] + 4
        assert vh > water[1] + 2
    vv, vh = ({code: level[band] for code, level in levels.items()} for band in (0, 1))
    assert vv[112] > max(vv[211], vv[221], vv[311]) + 2.5
    assert vh[311] > vh[221] + 2 > vh[211] + 3
    assert -9.5 < vv[311] < -7.5


def test_speckle_has_the_looks_it_tells(sample: Sample, classes: Classes) -> None:
    one = on_land_cover(sample.radar_before)[:, core(classes, 311)]
    other = on_land_cover(sample.radar_after)[:, core(classes, 311)]
    assert one.shape[1] > 2000
    # of two independent gamma variables of one mean: mean of ((a - b) / (a + b))^2 is
    # 1 / (2 looks + 1); the forest itself stays
    contrast = ((one - other) / (one + other)) ** 2
    looks = (1 / contrast.mean(axis=1) - 1) / 2
    np.testing.assert_allclose(looks, LOOKS, rtol=0.12)


def test_the_frost_changes_it_little(
    sample: Sample, sample_without_change: Sample
) -> None:
    with rasterio.open(sample.truth / "frost.tif") as raster:
        hard = binary_erosion(raster.read(1) > 0.5, iterations=2)
    assert hard.sum() > 200
    after = on_land_cover(sample.radar_after)[:, hard].mean(axis=1)
    spared = on_land_cover(sample_without_change.radar_after)[:, hard].mean(axis=1)
    vv, vh = 10 * np.log10(after / spared)
    assert -0.25 < vv < -0.05
    assert -0.75 < vh < -0.25
    before = sample.radar_before.read_bytes()
    assert before == sample_without_change.radar_before.read_bytes()


def test_points_carry_the_class_they_stand_on(sample: Sample, classes: Classes) -> None:
    told = json.loads(sample.points.read_text(encoding="utf-8"))
    assert told["simulated"] is True
    points = geopandas.read_file(sample.points)
    assert points.crs.to_epsg() == 4326 or points.crs.to_string() == "OGC:CRS84"
    assert points.id.is_unique
    counts = points["class"].value_counts()
    assert {112, 211, 221, 231, 311, 511} <= set(counts.index)
    assert counts.between(40, 60).all()
    utm = points.to_crs(32630).geometry
    columns = ((utm.x - 721_560) / 10).astype(int).to_numpy()
    rows = ((4_977_480 - utm.y) / 10).astype(int).to_numpy()
    for down, right in ((0, 0), (-1, 1), (1, -1), (1, 1), (-1, -1)):
        np.testing.assert_array_equal(
            classes[rows + down, columns + right], points["class"]
        )
    fields = points["class"].isin([211, 221, 231])
    assert fields.sum() == 150


def test_each_sensor_tells_what_the_other_does_not(
    sample: Sample, classes: Classes
) -> None:
    points = geopandas.read_file(sample.points)
    utm = points.to_crs(32630).geometry
    columns = ((utm.x - 721_560) / 10).astype(int).to_numpy()
    rows = ((4_977_480 - utm.y) / 10).astype(int).to_numpy()
    calm = gaussian_filter(on_land_cover(sample.radar_before), (0, 1.5, 1.5))
    radar = 10 * np.log10(calm[:, rows, columns])
    bands = []
    for name in ("B03", "B04", "B08"):
        with rasterio.open(next(sample.before.glob(f"**/*_{name}_10m.jp2"))) as raster:
            plane = gaussian_filter(raster.read(1).astype(float), 1.5)
        bands.append(np.log(plane[rows, columns]))
    code = points["class"].to_numpy()

    def alone(features: NDArray[np.float64]) -> float:
        """Share of points whose class has the nearest mean, in units of spread."""
        scaled = features / features.std(axis=1, keepdims=True)
        known = np.unique(code)
        means = np.stack([scaled[:, code == one].mean(axis=1) for one in known])
        away = ((scaled.T[:, None, :] - means[None]) ** 2).sum(axis=2)
        return float((known[away.argmin(axis=1)] == code).mean())

    optical = np.stack(bands)
    both = alone(np.concatenate([optical, radar]))
    assert both > alone(optical) + 0.03
    assert both > alone(radar) + 0.03
    assert both > 0.6

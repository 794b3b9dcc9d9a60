"""Baselines of change and their constants against numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from imagery.errors import UnreadableProduct
from lucerna.evaluation.change import evaluate, full_of
from lucerna.evaluation.change_baselines import (
    joint_scaling,
    moisture_drop,
    otsu,
    smoothed,
)
from lucerna.evaluation.change_data import KnownChange, padded
from mining.change.methods import COMPARED_BANDS


def pair(before: np.ndarray, after: np.ndarray) -> KnownChange:
    changed = np.zeros(before.shape[1:], bool)
    changed[0] = True
    return KnownChange("place", before, after, changed)


@pytest.fixture
def place() -> KnownChange:
    rng = np.random.default_rng(2)
    before, after = rng.random((2, 10, 6, 5), np.float32)
    after[:, 0, 0] = np.nan
    return pair(before, after)


def test_moisture_drop_of_one_pixel() -> None:
    before, after = np.zeros((2, 10, 1, 1), np.float32)
    nir, swir = COMPARED_BANDS.index("B08"), COMPARED_BANDS.index("B11")
    before[nir], before[swir] = 0.3, 0.1
    after[nir], after[swir] = 0.2, 0.2
    assert moisture_drop(pair(before, after))[0, 0] == pytest.approx(0.5)


def test_scaling_makes_both_dates_together_zero_and_one(place: KnownChange) -> None:
    scaling = joint_scaling([place])
    scaled = np.concatenate(
        [
            ((one - scaling.mean) / scaling.deviation).reshape(10, -1)
            for one in (place.before, place.after)
        ],
        axis=1,
    )
    assert np.nanmean(scaled, axis=1) == pytest.approx(np.zeros(10), abs=1e-6)
    assert np.nanstd(scaled, axis=1) == pytest.approx(np.ones(10), abs=1e-6)
    distance = scaling.cosine_distance(place)
    first, second = scaled[:, 7], scaled[:, 30 + 7]
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert distance[1, 2] == pytest.approx(1 - cosine)
    assert np.isnan(distance[0, 0])


def test_otsu_parts_two_heaps() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(0, 1, 900), rng.normal(10, 1, 100), [np.nan]])
    assert 3 < otsu(values) < 8


def test_smoothing_leaves_out_the_unknown() -> None:
    values = np.full((15, 15), 0.4, np.float32)
    values[5:8, 5:8] = np.nan
    assert smoothed(values, 2) == pytest.approx(np.full((15, 15), 0.4))


def test_full_is_the_99th_percentile_of_the_changed(place: KnownChange) -> None:
    magnitude = np.zeros((6, 5))
    magnitude[0] = [0, 1, 2, 3, 4]
    assert full_of(lambda _: magnitude, [place]) == pytest.approx(3.96)


def test_padding_is_unknown(place: KnownChange) -> None:
    wide = padded(place.before, 2)
    assert wide.shape == (10, 10, 9)
    assert np.isnan(wide[:, :2]).all()
    assert (wide[:, 2:-2, 2:-2] == place.before).all()
    assert (padded(place.before, 0) == place.before).all()


def test_a_folder_without_splits_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableProduct, match=r"barkbeetle\.csv is missing"):
        evaluate(tmp_path)

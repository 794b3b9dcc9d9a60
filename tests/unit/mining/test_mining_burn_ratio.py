"""Burn ratios by hand, their offset, and their smoothing against plain loops."""

import numpy as np
import pytest

from mining.change.burn_ratio import (
    HALO,
    OFFSET_LIMIT,
    SIGMA_PX,
    burn_ratio_drop,
    relativised_burn_ratio,
    scene_offset,
)
from mining.change.methods import NODATA, change_methods, score


def rim(values: np.ndarray) -> np.ndarray:
    """Values (y, x) as one band with unknown pixels around."""
    return np.pad(values, HALO, constant_values=np.nan)[None].astype(np.float32)


def smoothed(ratio: np.ndarray) -> np.ndarray:
    """What the method makes of a given ratio before smoothing."""
    before = np.where(np.isnan(ratio), np.nan, 0.0)
    return relativised_burn_ratio(rim(before), rim(before - 1.001 * ratio))


def by_loops(ratio: np.ndarray) -> np.ndarray:
    """Gaussian mean of the known pixels of a square, pixel by pixel."""
    result = np.full(ratio.shape, np.nan)
    for row, column in np.argwhere(~np.isnan(ratio)):
        summed = weights = 0.0
        for other in np.argwhere(~np.isnan(ratio)):
            away = other - (row, column)
            if np.abs(away).max() <= 4 * SIGMA_PX:
                weight = np.exp(-(away @ away) / (2 * SIGMA_PX**2))
                summed += weight * ratio[tuple(other)]
                weights += weight
        result[row, column] = summed / weights
    return result


def test_bands_give_the_ratio_worked_out_by_hand() -> None:
    before = np.full((2, 9, 9), 0.1, np.float32)
    after = np.full((2, 9, 9), 0.2, np.float32)
    before[0], after[0] = 0.4, 0.1
    drop = (0.4 - 0.1) / 0.5 - (0.1 - 0.2) / 0.3
    assert burn_ratio_drop(before, after) == pytest.approx(np.full((9, 9), drop))
    ratio = relativised_burn_ratio(before, after, 0.05)
    assert ratio.shape == (1, 1)
    assert ratio[0, 0] == pytest.approx((drop - 0.05) / (0.6 + 1.001), abs=1e-6)


def test_a_uniform_burn_is_itself_to_the_edge() -> None:
    assert smoothed(np.full((9, 9), 0.3)) == pytest.approx(np.full((9, 9), 0.3))


def test_smoothing_is_the_gaussian_mean_of_the_known_pixels() -> None:
    generator = np.random.default_rng(5)
    ratio = generator.normal(0.1, 0.2, (12, 14))
    ratio[generator.random(ratio.shape) < 0.3] = np.nan
    assert smoothed(ratio) == pytest.approx(by_loops(ratio), abs=1e-6, nan_ok=True)


def test_unknown_pixels_stay_unknown_and_have_no_say() -> None:
    ratio = np.full((9, 9), 0.4)
    ratio[3, 3:6] = np.nan
    result = smoothed(ratio)
    assert (np.isnan(result) == np.isnan(ratio)).all()
    assert result[~np.isnan(ratio)] == pytest.approx(0.4)


def test_a_pixel_with_nothing_to_burn_does_not_outweigh_its_neighbours() -> None:
    before, after = np.full((9, 9), 0.5), np.full((9, 9), -0.1)
    before[4, 4], after[4, 4] = -1.0, 1.0
    ratio = relativised_burn_ratio(rim(before), rim(after))
    burnt = 0.6 / 1.501
    share = np.exp(-0.5 * np.arange(-HALO, HALO + 1) ** 2)
    middle = 1 / share.sum() ** 2
    assert ratio[4, 4] == pytest.approx(burnt - middle * (burnt + 1.0), abs=1e-6)
    assert ratio[4, 6] > 0.3


@pytest.mark.parametrize(("middle", "offset"), [(0.03, 0.03), (-0.4, -0.1), (0.7, 0.1)])
def test_the_offset_is_the_limited_median(middle: float, offset: float) -> None:
    drops = np.array([-2.0, middle, np.nan, 2.0, middle], np.float32)
    assert scene_offset(drops) == offset
    assert abs(offset) <= OFFSET_LIMIT


def test_a_scene_without_a_known_pixel_has_no_offset() -> None:
    assert scene_offset(np.full((3, 3), np.nan, np.float32)) == 0.0


def test_a_scene_that_is_mostly_burnt_shows_its_burn() -> None:
    before = np.full((40, 40), 0.6)
    after = before - 0.02
    after[:24] = before[:24] - 0.45
    method = change_methods()["rbr"]
    assert method.difference is not None
    offset = scene_offset(method.difference(rim(before), rim(after)))
    assert offset == OFFSET_LIMIT
    scores = method.with_offset(offset).score(rim(before), rim(after))
    assert (scores[:24] >= 50).mean() == 1
    assert (scores[26:] == 0).all()


def test_an_offset_is_no_change_at_all() -> None:
    before = np.random.default_rng(7).uniform(0.2, 0.6, (20, 20))
    after = before - 0.08
    method = change_methods()["rbr"].with_offset(0.08)
    assert (method.score(rim(before), rim(after)) == 0).all()


def test_the_offset_stands_in_the_parameters_of_its_pair_alone() -> None:
    method = change_methods()["rbr"]
    told = method.with_offset(0.0312).parameters(("NBR",))
    assert told.pop("offset") == 0.0312
    assert told.pop("offset_rule") == "median dNBR of clear pixels, within 0.10 of 0"
    assert told == method.parameters(("NBR",))
    assert "knots" in told


def test_scores_follow_the_knots() -> None:
    method = change_methods()["rbr"]
    ratios = np.array([-0.3, 0.0, 0.045, 0.09, 0.17, 0.25, 0.774, 1.0, np.nan])
    scores = score(ratios, method.full, method.knots)
    assert scores.tolist() == [0, 0, 25, 50, 62, 75, 100, 100, NODATA]

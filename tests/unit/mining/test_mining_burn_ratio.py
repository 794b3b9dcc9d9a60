"""Drops of the burn ratio by hand, and their cleaning against plain loops."""

import numpy as np
import pytest

from mining.burn_ratio import CLOSING_PX, HALO, OPENING_PX, burn_ratio_drop
from mining.change_methods import change_methods, score


def rim(values: np.ndarray) -> np.ndarray:
    """Values (y, x) as one band with unknown pixels around."""
    return np.pad(values, HALO, constant_values=np.nan)[None].astype(np.float32)


def cleaned(drop: np.ndarray) -> np.ndarray:
    return burn_ratio_drop(rim(drop), rim(np.where(np.isnan(drop), np.nan, 0.0)))


def discs(shape: tuple[int, int], radius: int) -> list[np.ndarray]:
    """Masks of a disc around each pixel."""
    rows, columns = np.indices(shape)
    return [
        (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
        for row, column in np.ndindex(shape)
    ]


def test_bands_give_the_ratio_worked_out_by_hand() -> None:
    before = np.full((2, 13, 13), 0.1, np.float32)
    after = np.full((2, 13, 13), 0.2, np.float32)
    before[0], after[0] = 0.4, 0.1
    drop = burn_ratio_drop(before, after)
    assert drop.shape == (1, 1)
    assert drop[0, 0] == pytest.approx((0.4 - 0.1) / 0.5 - (0.1 - 0.2) / 0.3, abs=1e-6)


def test_a_uniform_drop_is_itself_to_the_edge() -> None:
    assert cleaned(np.full((9, 9), 0.3)) == pytest.approx(np.full((9, 9), 0.3))


def test_single_pixels_go_and_small_gaps_fill() -> None:
    drop = np.zeros((21, 21))
    drop[4, 4] = 0.6
    drop[10:19, 10:19] = 0.5
    drop[14, 14] = -0.2
    result = cleaned(drop)
    assert result[4, 4] == 0, "one bright pixel is no burn"
    assert result[14, 14] == pytest.approx(0.5), "one dark pixel is no island"
    assert result[:9].max() == 0


def test_an_unburned_field_stays_unburned() -> None:
    drop = np.full((25, 25), 0.5)
    drop[9:16, 9:16] = 0.0
    assert cleaned(drop)[12, 12] == 0


def test_cleaning_equals_closing_and_opening_of_the_mask() -> None:
    drop = np.random.default_rng(5).normal(0.2, 0.2, (12, 14))
    for height in (0.1, 0.2, 0.3):
        mask = drop >= height
        for radius, kinds in ((CLOSING_PX, (any, all)), (OPENING_PX, (all, any))):
            around = discs(mask.shape, radius)
            for kind in kinds:
                flat = [kind(mask[one].tolist()) for one in around]
                mask = np.array(flat).reshape(mask.shape)
        found = cleaned(drop) >= np.float32(height)
        assert (found == mask).all()


def test_unknown_pixels_stay_unknown_and_have_no_say() -> None:
    drop = np.full((9, 9), 0.4)
    drop[3, 3:6] = np.nan
    result = cleaned(drop)
    assert (np.isnan(result) == np.isnan(drop)).all()
    assert result[~np.isnan(drop)] == pytest.approx(0.4)


def test_scores_follow_the_severity_bounds() -> None:
    method = change_methods()["nbr-drop"]
    drops = np.array([-0.3, 0.0, 0.05, 0.10, 0.13, 0.27, 0.66, 1.2, np.nan])
    scores = score(drops, method.full, method.knots)
    assert scores.tolist() == [0, 0, 12, 25, 50, 75, 100, 100, 255]

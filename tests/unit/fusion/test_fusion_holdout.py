"""Held-out blocks: nothing on both sides, a share of each class."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fusion.holdout import hold_out
from fusion.samples import Samples
from fusion.training_record import ModelClass


def drawn(count: int, side: int, seed: int) -> Samples:
    rng = np.random.default_rng(seed)
    place = rng.integers(0, side, (count, 2))
    values = rng.integers(1, 4, count)
    return Samples(
        place[:, 0], place[:, 1], values, place.astype(float),
        tuple(ModelClass(one, str(one)) for one in (1, 2, 3)), {},
    )  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), reach=st.integers(1, 15))
def test_no_local_window_is_on_both_sides(seed: int, reach: int) -> None:
    samples = drawn(200, 400, seed)
    found = hold_out(samples, 0.25, reach, seed)
    assert found is not None
    place = np.stack([samples.rows, samples.columns], axis=1)
    apart = abs(place[found.train][:, None] - place[found.test][None]).max(axis=2)
    assert apart.min() >= reach
    blocks = (samples.anchors - samples.anchors.min(axis=0)) // found.block_px
    held = {tuple(one) for one in blocks[found.test]}
    assert not held & {tuple(one) for one in blocks[found.train]}


def test_each_class_is_held_out_in_its_share() -> None:
    samples = drawn(400, 400, 5)
    found = hold_out(samples, 0.25, 9, 0)
    assert found is not None
    for value in (1, 2, 3):
        assert found.test[samples.values == value].mean() == pytest.approx(
            0.25, abs=0.1
        )


def test_the_pixels_of_a_polygon_stay_together() -> None:
    rows, columns = np.indices((400, 4)).reshape(2, -1)
    anchors = np.stack([rows // 40 * 40 + 20, columns * 0 + 2], axis=1).astype(float)
    values = rows // 40 % 2 + 1
    classes = (ModelClass(1, "1"), ModelClass(2, "2"))
    samples = Samples(rows, columns, values, anchors, classes, {})
    found = hold_out(samples, 0.3, 1, 0)
    assert found is not None
    for polygon in range(10):
        assert found.test[rows // 40 == polygon].mean() in (0, 1)


def test_one_block_or_no_share_is_not_divided() -> None:
    assert hold_out(drawn(40, 400, 1), 0, 9, 0) is None
    assert hold_out(drawn(40, 3, 1), 0.25, 9, 0) is None

"""Scores against numbers worked out by hand and by scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, confusion_matrix, f1_score

from fusion.accuracy import assess


def test_a_matrix_by_hand() -> None:
    # crop: 4 true, 3 found; water: 4 true, 2 found, 2 called crop.
    found = assess([7] * 4 + [9] * 4, [7, 7, 7, 9, 9, 9, 7, 7], [7, 9])
    assert found.confusion == ((3, 1), (2, 2))
    assert found.overall == 5 / 8
    assert found.by_class[7].precision == 3 / 5
    assert found.by_class[7].recall == 3 / 4
    assert found.by_class[7].f1 == pytest.approx(2 * 3 / (5 + 4))
    # chance: 4/8 * 5/8 + 4/8 * 3/8 = 1/2
    assert found.kappa == pytest.approx((5 / 8 - 1 / 2) / (1 - 1 / 2))


def test_as_scikit_learn_does() -> None:
    rng = np.random.default_rng(4)
    truth, given = rng.choice([1, 5, 9], 300), rng.choice([1, 5, 9], 300)
    found = assess(truth, given, [1, 5, 9])
    assert np.array_equal(found.confusion, confusion_matrix(truth, given))
    assert found.macro_f1 == pytest.approx(f1_score(truth, given, average="macro"))
    assert found.kappa == pytest.approx(cohen_kappa_score(truth, given))


def test_a_class_without_samples_has_no_score() -> None:
    found = assess([1, 1, 2, 2], [1, 3, 2, 2], [1, 2, 3])
    assert set(found.by_class) == {1, 2}
    assert found.macro_f1 == pytest.approx((2 / 3 + 1) / 2)


def test_a_given_class_that_is_none_is_wrong() -> None:
    found = assess([1, 2], [0, 2], [1, 2])
    assert (found.overall, found.confusion) == (0.5, ((0, 0), (0, 1)))


@pytest.mark.parametrize(("truth", "given"), [([], []), ([1], [1, 1]), ([3], [1])])
def test_what_cannot_be_compared(truth: list[int], given: list[int]) -> None:
    with pytest.raises(ValueError, match="true"):
        assess(truth, given, [1, 2])

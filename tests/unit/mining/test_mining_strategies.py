"""Batches against choices made by hand."""

import numpy as np
import pytest

from mining.labelling.strategies import (
    diverse_batch,
    margin_batch,
    random_batch,
    top_batch,
)

SCORES = np.array([0.9, -0.1, 0.4, -2.0, 0.05, 1.5])
ALL = np.arange(6)


def test_top_takes_the_highest_of_the_candidates() -> None:
    assert top_batch(ALL, SCORES, 2).tolist() == [5, 0]
    assert top_batch(np.array([1, 3, 4]), SCORES, 2).tolist() == [4, 1]


def test_margin_takes_those_nearest_to_zero() -> None:
    assert margin_batch(ALL, SCORES, 3).tolist() == [4, 1, 2]
    assert margin_batch(np.array([0, 3]), SCORES, 3).tolist() == [0, 3]


def test_random_draws_each_at_most_once() -> None:
    drawn = random_batch(ALL, 4, np.random.default_rng(1))
    assert len(set(drawn.tolist())) == 4
    assert set(random_batch(ALL, 9, np.random.default_rng(1)).tolist()) == set(range(6))


def test_diverse_takes_one_of_each_cluster() -> None:
    centres = np.array([[0, 0], [50, 0], [0, 50], [50, 50]])
    around = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
    vectors = (centres[:, None] + around[None]).reshape(-1, 2).astype(float)
    scores = np.full(20, 0.1)
    drawn = diverse_batch(np.arange(20), scores, vectors, 4, np.random.default_rng(0))
    assert sorted(drawn.tolist()) == [0, 5, 10, 15], "the middle one of each"


def test_diverse_looks_only_near_the_boundary() -> None:
    vectors = np.random.default_rng(0).normal(size=(200, 2))
    scores = np.arange(200) / 10.0
    drawn = diverse_batch(np.arange(200), scores, vectors, 2, np.random.default_rng(0))
    assert drawn.max() < 50, "25 times two candidates"


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_diverse_gives_as_many_of_equal_points() -> None:
    drawn = diverse_batch(
        np.arange(30), np.zeros(30), np.ones((30, 2)), 5, np.random.default_rng(0)
    )
    assert len(set(drawn.tolist())) == 5


def test_few_candidates_are_all_given() -> None:
    vectors = np.zeros((6, 2))
    some = diverse_batch(np.array([2, 3]), SCORES, vectors, 4, np.random.default_rng(0))
    assert sorted(some.tolist()) == [2, 3]
    none = diverse_batch(
        np.array([], int), SCORES, vectors, 4, np.random.default_rng(0)
    )
    assert none.tolist() == []

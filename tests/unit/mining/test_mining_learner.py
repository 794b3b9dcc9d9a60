"""The pool's law, and that a category is found with fewer labels than by lot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mining.labelling.labels import CONFIDENT, Action
from mining.labelling.learner import (
    STRATEGIES,
    Strategy,
    label_pool,
    learn,
    next_patches,
    standardised,
)

ACTIONS: list[Action] = ["positive", "negative", "skip"]


@given(
    st.integers(0, 40).flatmap(
        lambda count: st.tuples(
            st.just(count),
            st.dictionaries(st.integers(0, max(count - 1, 0)), st.sampled_from(ACTIONS))
            if count
            else st.just({}),
        )
    )
)
def test_each_patch_stands_in_exactly_one_part(
    given_labels: tuple[int, dict[int, Action]],
) -> None:
    count, answers = given_labels
    pool = label_pool(count, answers)
    parts = [pool.positive, pool.negative, pool.skipped, pool.unlabelled]
    assert sorted(np.concatenate(parts).tolist()) == list(range(count))
    for action, part in zip(ACTIONS, parts, strict=False):
        assert part.tolist() == sorted(k for k, v in answers.items() if v == action)


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(STRATEGIES),
    st.dictionaries(st.integers(0, 59), st.sampled_from(ACTIONS), max_size=59),
    st.integers(1, 70),
)
def test_only_unlabelled_patches_are_shown_and_each_once(
    strategy: Strategy, answers: dict[int, Action], count: int
) -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 3))
    pool = label_pool(60, answers)
    random = np.random.default_rng(1)
    learned = learn(vectors, pool, random)
    batch = next_patches(
        vectors, pool, learned, strategy=strategy, count=count, random=random
    )
    assert len(batch) == min(count, len(pool.unlabelled))
    assert len(set(batch.tolist())) == len(batch)
    assert set(batch.tolist()) <= set(pool.unlabelled.tolist())


def landscape() -> tuple[np.ndarray, np.ndarray]:
    """1000 patches in six clusters; one of 50 is the category."""
    random = np.random.default_rng(3)
    truth = np.zeros(1000, bool)
    truth[:50] = True
    centres = random.normal(0, 1.1, (6, 8))
    cluster = np.where(truth, 0, random.integers(1, 6, 1000))
    vectors = centres[cluster] + random.normal(size=(1000, 8))
    return standardised(vectors.astype(np.float32)), truth


def found_after(strategy: Strategy, rounds: int, seed: int) -> int:
    """Positives labelled, from one positive label and ten labels a round."""
    vectors, truth = landscape()
    random = np.random.default_rng(seed)
    first = int(random.choice(np.flatnonzero(truth)))
    answers: dict[int, Action] = {first: "positive"}
    for _ in range(rounds):
        pool = label_pool(len(truth), answers)
        learned = learn(vectors, pool, random)
        for one in next_patches(
            vectors, pool, learned, strategy=strategy, count=10, random=random
        ):
            answers[int(one)] = "positive" if truth[one] else "negative"
    return len(label_pool(len(truth), answers).positive)


@pytest.mark.parametrize("strategy", ["diverse", "margin"])
def test_an_easy_category_is_found_sooner_than_by_lot(strategy: Strategy) -> None:
    ours = sum(found_after(strategy, 4, seed) for seed in range(3))
    lots = sum(found_after("random", 4, seed) for seed in range(3))
    assert ours > 3 * lots, "positives among 41 labels"


def test_one_positive_is_enough_to_rank() -> None:
    vectors, truth = landscape()
    pool = label_pool(len(truth), {0: "positive"})
    learned = learn(vectors, pool, np.random.default_rng(0))
    assert learned is not None
    best = np.argsort(-learned.decisions)[:25]
    assert truth[best].mean() > 0.25, "5 in 100 by lot"
    assert learned.estimate is None
    assert learned.probabilities.max() < CONFIDENT, "nothing is sure yet"


def test_without_a_positive_nothing_is_learned() -> None:
    vectors, _ = landscape()
    pool = label_pool(len(vectors), {5: "negative", 6: "skip"})
    assert learn(vectors, pool, np.random.default_rng(0)) is None


def test_all_labelled_positive_is_no_error() -> None:
    pool = label_pool(3, {0: "positive", 1: "positive", 2: "positive"})
    learned = learn(np.eye(3), pool, np.random.default_rng(0))
    assert learned is not None
    assert learned.probabilities.max() < CONFIDENT


def test_probabilities_follow_decisions_and_are_mostly_right() -> None:
    vectors, truth = landscape()
    answers: dict[int, Action] = {
        one: "positive" if truth[one] else "negative"
        for one in [*range(0, 50, 3), *range(50, 1000, 25)]
    }
    pool = label_pool(len(truth), answers)
    learned = learn(vectors, pool, np.random.default_rng(0))
    assert learned is not None
    order = np.argsort(learned.decisions)
    assert (np.diff(learned.probabilities[order]) >= 0).all()
    sure = pool.unlabelled[learned.probabilities[pool.unlabelled] >= CONFIDENT]
    assert len(sure) > 15
    assert truth[sure].mean() > 0.9
    assert learned.estimate == pytest.approx(1.0, abs=0.1)


def test_standardised_numbers_have_mean_0_and_spread_1() -> None:
    vectors = np.array([[1, 5, 2], [3, 5, 2], [5, 5, 8]], np.float32)
    expected = np.array([[-1.22474487, 0, -0.70710678], [0, 0, -0.70710678]])
    assert standardised(vectors)[:2] == pytest.approx(expected, abs=1e-6)

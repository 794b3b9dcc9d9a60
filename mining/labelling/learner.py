"""Learns one category from labelled patches and chooses the next to show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mining.labelling.labels import CONFIDENT, Action
from mining.labelling.strategies import (
    Indices,
    diverse_batch,
    margin_batch,
    random_batch,
    top_batch,
)

Strategy = Literal["diverse", "margin", "random"]
STRATEGIES: tuple[Strategy, ...] = ("diverse", "margin", "random")

_TOP_SHARE = 1 / 3
_PENALTY = 10.0
_WEAK_NEGATIVES = 60
_ENOUGH = 5
_FOLDS = 5
_UNSURE = CONFIDENT - 0.05


@dataclass(frozen=True)
class LabelPool:
    """The patches by what was said of them; each stands in exactly one part.

    Attributes:
        positive: Patches that show the category, as indices.
        negative: Patches that do not.
        skipped: Patches that the annotator could not judge.
        unlabelled: All others.
    """

    positive: Indices
    negative: Indices
    skipped: Indices
    unlabelled: Indices


@dataclass(frozen=True)
class Learned:
    """What was learned of a category.

    Attributes:
        decisions: (patch,) decision values, positive for the category.
        probabilities: (patch,) float64, 0 to 1, by Platt's sigmoid on decisions that
            were cross-validated on the labels; with fewer than five labels of either
            kind never confident.
        estimate: Cross-validated F1 of the category on the labels, 0 to 1; None with
            fewer than two labels of either kind. Labels are chosen to be hard, so it
            tends to be below that of the whole catalogue.
    """

    decisions: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    estimate: float | None


def label_pool(count: int, answers: Mapping[int, Action]) -> LabelPool:
    """The pool of so many patches after these answers.

    >>> pool = label_pool(4, {2: "positive", 0: "skip"})
    >>> pool.positive.tolist(), pool.skipped.tolist(), pool.unlabelled.tolist()
    ([2], [0], [1, 3])
    """
    kinds = np.full(count, "unlabelled", dtype="<U10")
    for index, answer in answers.items():
        kinds[index] = answer
    return LabelPool(
        *(
            np.flatnonzero(kinds == kind)
            for kind in ("positive", "negative", "skip", "unlabelled")
        )
    )


def standardised(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Vectors with mean 0 and spread 1 in each number; 0 where all are equal.

    Args:
        vectors: (patch, number) descriptors.

    Returns:
        (patch, number) float64.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    spread = centred.std(axis=0)
    scaled: NDArray[np.float64] = np.zeros_like(centred)
    np.divide(centred, spread, out=scaled, where=spread > 1e-9)
    return scaled


def learn(
    vectors: NDArray[np.float64], pool: LabelPool, random: np.random.Generator
) -> Learned | None:
    """Fit a support vector machine (RBF kernel) to the labels of a pool.

    Without a negative label, unlabelled patches drawn by lot stand in for negatives.

    Args:
        vectors: (patch, number) standardised descriptors of the whole pool.
        pool: The labels.
        random: For the weak negatives.

    Returns:
        Decisions for all patches; None without a positive label.

    References:
        Platt 1999, Advances in Large Margin Classifiers, 61-74 (targets of equation
        10); Elkan and Noto 2008, KDD, 213-220, on unlabelled examples as negatives.
    """
    if len(pool.positive) == 0:
        return None
    negative = pool.negative
    if len(negative) == 0:
        negative = random_batch(pool.unlabelled, _WEAK_NEGATIVES, random)
    if len(negative) == 0:
        everything = np.ones(len(vectors))
        return Learned(everything, everything * _UNSURE, None)
    chosen = np.concatenate([pool.positive, negative])
    truth = np.arange(len(chosen)) < len(pool.positive)
    fitted = classifier(vectors.shape[1]).fit(vectors[chosen], truth)
    scores = fitted.decision_function(vectors)
    fewest = min(len(pool.positive), len(pool.negative))
    if fewest < 2:
        return Learned(scores, _unsure(scores), None)
    held_out = _cross_validated(vectors[chosen], truth, min(_FOLDS, fewest))
    estimate = _f1(truth, held_out > 0)
    if fewest < _ENOUGH:
        return Learned(scores, _unsure(scores), estimate)
    return Learned(scores, _sigmoid(held_out, truth, scores), estimate)


def next_patches(
    vectors: NDArray[np.float64],
    pool: LabelPool,
    learned: Learned | None,
    *,
    strategy: Strategy,
    count: int,
    random: np.random.Generator,
) -> Indices:
    """The unlabelled patches to show next, the likely ones first.

    A third are those that most likely show the category, so that all of them are
    found; the others are uncertain ones, so that it is learned well. With the strategy
    "random", or before a positive label is there, all are drawn by lot.

    Args:
        vectors: (patch, number) standardised descriptors.
        pool: The labels.
        learned: What was learned from them.
        strategy: "diverse", "margin" or "random".
        count: How many to give at most.
        random: For lots and first cluster centres.
    """
    if learned is None or strategy == "random":
        return random_batch(pool.unlabelled, count, random)
    top = top_batch(pool.unlabelled, learned.decisions, round(count * _TOP_SHARE))
    others = np.setdiff1d(pool.unlabelled, top)
    left = count - len(top)
    if strategy == "margin":
        uncertain = margin_batch(others, learned.decisions, left)
    else:
        uncertain = diverse_batch(others, learned.decisions, vectors, left, random)
    return np.concatenate([top, uncertain])


def classifier(numbers: int) -> Any:  # noqa: ANN401  # a class without types
    """The machine of the learner, for standardised vectors of so many numbers."""
    from sklearn.svm import SVC

    return SVC(C=_PENALTY, gamma=1 / numbers, class_weight="balanced")


def _cross_validated(
    vectors: NDArray[np.float64], truth: NDArray[np.bool_], folds: int
) -> NDArray[np.float64]:
    """Decision for each label by a machine that did not see it."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    split = StratifiedKFold(folds, shuffle=True, random_state=0)
    machine = classifier(vectors.shape[1])
    decisions: NDArray[np.float64] = cross_val_predict(
        machine, vectors, truth, cv=split, method="decision_function"
    )
    return decisions


def _f1(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> float:
    both = int((truth & found).sum())
    return 2 * both / (int(truth.sum()) + int(found.sum()))


def _sigmoid(
    decisions: NDArray[np.float64],
    truth: NDArray[np.bool_],
    scores: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Platt's sigmoid, fitted to decisions and their truth, of scores."""
    from sklearn.linear_model import LogisticRegression

    positives, negatives = int(truth.sum()), int((~truth).sum())
    high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
    target = np.where(truth, high, low)
    # A target between 0 and 1 is a positive and a negative of that weight each.
    fitted = LogisticRegression(C=np.inf).fit(
        np.concatenate([decisions, decisions])[:, None],
        np.repeat([True, False], len(decisions)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    probabilities: NDArray[np.float64] = fitted.predict_proba(scores[:, None])[:, 1]
    return probabilities


def _unsure(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Order kept, values in between: too few labels to be confident of any patch."""
    probabilities: NDArray[np.float64] = _UNSURE / (1 + np.exp(-2 * scores))
    return probabilities

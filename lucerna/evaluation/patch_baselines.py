"""The simple baselines that patch mining is compared with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mining.labelling.learner import LabelPool, Learned

LABELS_A_ROUND = 10

_WEAK_NEGATIVES = 60


def simple_statistics(pixels: NDArray[np.float32]) -> NDArray[np.float64]:
    """The 59 numbers of the simple baseline of a (3, y, x) picture, red first.

    Mean, standard deviation and percentiles 5, 25, 50, 75, 95 of the bands, of the
    five normalised indices (green - red), (blue - red), (green - blue), excess green
    and brightness, and of their gradients the mean, one a band.
    """
    red, green, blue = pixels.astype(np.float64)
    total = red + green + blue + 1e-6
    layers = [
        red,
        green,
        blue,
        (green - red) / (green + red + 1e-6),
        (blue - red) / (blue + red + 1e-6),
        (green - blue) / (green + blue + 1e-6),
        (2 * green - red - blue) / total,
        total / 3,
    ]
    numbers: list[float] = []
    for layer in layers:
        numbers += [layer.mean(), layer.std()]
        numbers += list(np.percentile(layer, (5, 25, 50, 75, 95)))
    for band in (red, green, blue):
        down, right = np.gradient(band)
        numbers.append(float(np.hypot(down, right).mean()))
    return np.array(numbers)


def simple_learn(
    vectors: NDArray[np.float64], pool: LabelPool, random: np.random.Generator
) -> Learned:
    """The baseline's machine: RBF kernel, C 10, balanced; no probabilities.

    Args:
        vectors: (patch, number) scaled statistics of the whole pool.
        pool: The labels, at least one positive.
        random: Draws negatives while there are none.
    """
    from sklearn.svm import SVC

    negative = pool.negative
    if len(negative) == 0:
        negative = random.choice(pool.unlabelled, _WEAK_NEGATIVES, replace=False)
    chosen = np.concatenate([pool.positive, negative])
    truth = np.arange(len(chosen)) < len(pool.positive)
    machine = SVC(C=10, gamma="scale", class_weight="balanced")
    decisions = machine.fit(vectors[chosen], truth).decision_function(vectors)
    return Learned(decisions, decisions, None)


def by_lot(
    vectors: NDArray[np.float64],
    pool: LabelPool,
    learned: Learned,
    random: np.random.Generator,
) -> Any:  # noqa: ANN401
    """Patches drawn by lot."""
    return random.choice(pool.unlabelled, LABELS_A_ROUND, replace=False)


def half_likely(
    vectors: NDArray[np.float64],
    pool: LabelPool,
    learned: Learned,
    random: np.random.Generator,
) -> Any:  # noqa: ANN401
    """Five most likely and five least certain."""
    best = pool.unlabelled[np.argsort(-learned.decisions[pool.unlabelled])]
    top, others = best[: LABELS_A_ROUND // 2], best[LABELS_A_ROUND // 2 :]
    uncertain = others[np.argsort(np.abs(learned.decisions[others]))]
    return np.concatenate([top, uncertain[: LABELS_A_ROUND - len(top)]])

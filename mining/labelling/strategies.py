"""Active-learning strategies: which patches to show next, as plain functions."""

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]

_PRESELECTED = 25


def random_batch(
    candidates: Indices, count: int, random: np.random.Generator
) -> Indices:
    """Some of the candidates by lot, each at most once.

    >>> random_batch(np.array([3, 5]), 4, np.random.default_rng(0)).tolist()
    [3, 5]
    """
    if len(candidates) <= count:
        return candidates
    return random.choice(candidates, count, replace=False)


def top_batch(candidates: Indices, scores: NDArray[np.float64], count: int) -> Indices:
    """The candidates that most likely show the category, best first.

    Args:
        candidates: Patches, as indices into `scores`.
        scores: (patch,) decision values, positive for the category.
        count: How many to give at most.

    >>> top_batch(np.array([0, 1, 3]), np.array([0.1, 2.0, 9.0, -1.0]), 2).tolist()
    [1, 0]
    """
    return candidates[np.argsort(-scores[candidates], kind="stable")[:count]]


def margin_batch(
    candidates: Indices, scores: NDArray[np.float64], count: int
) -> Indices:
    """The candidates nearest to the decision boundary, most uncertain first.

    Args:
        candidates: Patches, as indices into `scores`.
        scores: (patch,) decision values, 0 at the boundary.
        count: How many to give at most.

    References:
        Tong and Chang 2001, ACM Multimedia, 107-118: SVM active learning for image
        retrieval ("simple margin").

    >>> margin_batch(np.array([0, 1, 2]), np.array([0.5, -0.1, 2.0]), 2).tolist()
    [1, 0]
    """
    order = np.argsort(np.abs(scores[candidates]), kind="stable")
    return candidates[order[:count]]


def diverse_batch(
    candidates: Indices,
    scores: NDArray[np.float64],
    vectors: NDArray[np.float64],
    count: int,
    random: np.random.Generator,
) -> Indices:
    """Uncertain candidates that differ: nearest to the centres of their k means.

    The 25 times `count` candidates nearest to the boundary are clustered into `count`
    clusters; of each the patch nearest to its centre is taken.

    Args:
        candidates: Patches, as indices into `scores` and `vectors`.
        scores: (patch,) decision values, 0 at the boundary.
        vectors: (patch, number) standardised descriptors.
        count: How many to give at most.
        random: For the first centres.

    References:
        Demir, Persello, Bruzzone 2011, IEEE TGRS 49, 1014-1031: multiclass-level
        uncertainty with clustering-based diversity.
    """
    from sklearn.cluster import KMeans

    uncertain = margin_batch(candidates, scores, _PRESELECTED * count)
    if len(uncertain) <= count or count == 0:
        return uncertain[:count]
    points = vectors[uncertain]
    seed = int(random.integers(2**31))
    distances = KMeans(count, n_init=1, random_state=seed).fit_transform(points)
    chosen: list[int] = []
    for cluster in range(count):
        # Equal points can leave a cluster empty: then the next nearest is taken.
        for nearest in np.argsort(distances[:, cluster], kind="stable"):
            if int(nearest) not in chosen:
                chosen.append(int(nearest))
                break
    return uncertain[chosen]

"""Confusion matrix, per-class scores, overall accuracy and kappa."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Integers = NDArray[np.integer] | Sequence[int]


@dataclass(frozen=True)
class ClassAccuracy:
    """How well one class is found.

    Attributes:
        precision: Share of what is given this class that is it (user's accuracy);
            0 where the class is never given.
        recall: Share of this class that is found (producer's accuracy).
        f1: Harmonic mean of both.
        samples: True samples of the class.
    """

    precision: float
    recall: float
    f1: float
    samples: int


@dataclass(frozen=True)
class Accuracy:
    """Agreement of given classes with the true ones.

    Attributes:
        classes: Class values, in the order of the matrix.
        confusion: Counts by true class (row) and given class (column); a given
            class that is none of `classes` stands in no column.
        samples: All samples.
        overall: Share of samples given their class.
        macro_f1: Mean F1 of the classes that have true samples.
        kappa: Cohen's kappa: agreement beyond that of chance, 1 at most.
        by_class: Scores of each class that has true samples.

    References:
        Cohen 1960, Educational and Psychological Measurement 20, 37-46.
        Congalton 1991, Remote Sensing of Environment 37, 35-46.
    """

    classes: tuple[int, ...]
    confusion: tuple[tuple[int, ...], ...]
    samples: int
    overall: float
    macro_f1: float
    kappa: float
    by_class: dict[int, ClassAccuracy]


def assess(truth: _Integers, predicted: _Integers, classes: Sequence[int]) -> Accuracy:
    """Compare given classes with the true ones.

    Args:
        truth: True class values, each one of `classes`; at least one.
        predicted: Given class values, as many; others than `classes` are wrong.
        classes: Class values in the order of the matrix.

    Raises:
        ValueError: No samples, different lengths, or a truth that is none of
            `classes`.

    >>> found = assess([1, 1, 2, 2], [1, 2, 2, 2], [1, 2])
    >>> found.confusion, found.overall, found.kappa
    (((1, 1), (0, 2)), 0.75, 0.5)
    """
    true, given = np.asarray(truth), np.asarray(predicted)
    if true.size == 0 or true.shape != given.shape:
        raise ValueError(f"{true.size} true and {given.size} given classes")
    place = {value: position for position, value in enumerate(classes)}
    if not set(np.unique(true).tolist()) <= set(place):
        raise ValueError(f"a true class is none of {list(classes)}")
    count = len(classes)
    rows = np.array([place[value] for value in true.tolist()])
    columns = np.array([place.get(value, count) for value in given.tolist()])
    cells = np.bincount(rows * (count + 1) + columns, minlength=count * (count + 1))
    whole = cells.reshape(count, count + 1)
    matrix = whole[:, :count]
    found, actual, called = np.diag(matrix), whole.sum(axis=1), matrix.sum(axis=0)
    by_class = {
        value: _class_accuracy(int(found[i]), int(actual[i]), int(called[i]))
        for i, value in enumerate(classes)
        if actual[i]
    }
    overall = float(found.sum() / true.size)
    return Accuracy(
        classes=tuple(classes),
        confusion=tuple(tuple(int(one) for one in row) for row in matrix),
        samples=int(true.size),
        overall=overall,
        macro_f1=sum(one.f1 for one in by_class.values()) / len(by_class),
        kappa=_kappa(overall, actual / true.size, called / true.size),
        by_class=by_class,
    )


def _class_accuracy(found: int, actual: int, called: int) -> ClassAccuracy:
    return ClassAccuracy(
        precision=found / called if called else 0.0,
        recall=found / actual,
        f1=2 * found / (actual + called),
        samples=actual,
    )


def _kappa(
    overall: float, actual: NDArray[np.float64], called: NDArray[np.float64]
) -> float:
    """Kappa; 1 where truth and result are one same class throughout."""
    chance = float((actual * called).sum())
    return 1.0 if chance >= 1 else (overall - chance) / (1 - chance)

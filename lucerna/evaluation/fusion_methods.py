"""The fusion classifiers that are compared: the simple baseline, and ours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fusion.accuracy import Accuracy, assess
from fusion.classifier import basis_features
from fusion.kinds import fit
from fusion.stack import BOTH, OPTICAL, RADAR

SENSORS = {"S2": OPTICAL, "S1": RADAR, "S1+S2": BOTH}
"""Name of each choice of sensors to its basis code."""

Mask = NDArray[np.bool_]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Table:
    """Numbers of labelled places, one row each; NaN for what is missing.

    Attributes:
        optical: (n, o) numbers of Sentinel-2.
        radar: (n, r) numbers of Sentinel-1.
    """

    optical: NDArray[np.float32]
    radar: NDArray[np.float32]


def baseline(
    raw: Table, labels: Labels, train: Mask, test: Mask, sensors: str
) -> Accuracy:
    """A plain random forest on the raw numbers of the sensors.

    All parameters are scikit-learn's defaults (100 trees); gaps are left to it.

    Args:
        raw: Numbers of n places.
        labels: (n,) class values.
        train: (n,) places to fit on.
        test: (n,) places to assess on.
        sensors: A key of `SENSORS`.
    """
    from sklearn.ensemble import RandomForestClassifier

    numbers = basis_features(SENSORS[sensors], raw.optical, raw.radar)
    forest = RandomForestClassifier(random_state=0, n_jobs=1)
    forest.fit(numbers[train], labels[train])
    return _accuracy(labels, test, forest.predict(numbers[test]), train)


def ours(
    kind: str, features: Table, labels: Labels, train: Mask, test: Mask
) -> dict[str, Accuracy]:
    """One model of ours, fitted once, with each choice of sensors at hand.

    Args:
        kind: "forest" or "network".
        features: Our features of n places.
        labels: (n,) class values.
        train: (n,) places to fit on.
        test: (n,) places to assess on.

    Returns:
        Key of `SENSORS` to the accuracy with those sensors.
    """
    values = np.unique(labels[train]).tolist()
    optical, radar = features.optical, features.radar
    model = fit(kind, optical[train], radar[train], labels[train], values, 0)
    found = {}
    for name, code in SENSORS.items():
        seen, heard = optical[test], radar[test]
        probabilities = model.probabilities(
            seen if code & OPTICAL else np.full_like(seen, np.nan),
            heard if code & RADAR else np.full_like(heard, np.nan),
        )
        best = np.nan_to_num(probabilities, nan=0).argmax(axis=1)
        found[name] = _accuracy(labels, test, np.array(values)[best], train)
    return found


def _accuracy(labels: Labels, test: Mask, given: Labels, train: Mask) -> Accuracy:
    classes = np.unique(labels[train | test]).tolist()
    return assess(labels[test], given, classes)

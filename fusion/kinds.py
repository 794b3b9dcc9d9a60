"""The kinds of classifier by name: how each is fitted, stored and loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion import forest, model
from fusion.classifier import Classifier
from fusion.forest import ForestClassifier
from fusion.model import NetworkClassifier
from fusion.training_record import TrainingRun
from imagery.errors import ImageryError

MODEL_FILES = {"forest": "model.skops", "network": "model.npz"}
"""Kind to the name of its model file."""


def check_kind(kind: str) -> None:
    """Refuse a kind that there is not.

    Raises:
        ImageryError: There is none of that name; the message lists those there are.
    """
    if kind not in MODEL_FILES:
        known = ", ".join(MODEL_FILES)
        raise ImageryError(f"there is no model kind {kind!r}; choose one of {known}")


def fit(
    kind: str,
    optical: NDArray[np.float32],
    radar: NDArray[np.float32],
    values: NDArray[np.int64],
    classes: Sequence[int],
    seed: int,
) -> ForestClassifier | NetworkClassifier:
    """A classifier fitted on samples; see `fit_forest` and `fit_network`.

    Args:
        kind: "forest" or "network".
        optical: (n, o) features; a row with any NaN has no optical.
        radar: (n, r) features; a row with any NaN has no radar.
        values: (n,) class values, each one of `classes`.
        classes: Class values in the order of the probabilities.
        seed: Of every random choice, 0 to 2**32 - 1.
    """
    if kind == "network":
        return model.fit_network(optical, radar, values, classes, seed)
    return forest.fit_forest(optical, radar, values, classes, seed)


def save(classifier: ForestClassifier | NetworkClassifier, folder: Path) -> Path:
    """Write a classifier into a folder; the path of its file."""
    path = folder / MODEL_FILES[classifier.kind]
    if isinstance(classifier, NetworkClassifier):
        model.save_network(classifier, path)
    else:
        forest.save_forest(classifier, path)
    return path


def load(path: Path, run: TrainingRun) -> Classifier:
    """The classifier in a model file, as its record describes it.

    Raises:
        UnreadableProduct: The file is damaged or does not fit the record.
        ImageryError: The record names a kind that there is not.
    """
    check_kind(run.kind)
    classes = [one.value for one in run.classes]
    optical = len(run.feature_set.optical_names)
    radar = len(run.feature_set.radar_names)
    if run.kind == "network":
        return model.load_network(path, optical, radar, classes)
    return forest.load_forest(path, optical, radar, classes, run.seed)


def parameters(kind: str) -> dict[str, Any]:
    """The numbers that classifiers of a kind are fitted with."""
    return {"epochs": model.EPOCHS} if kind == "network" else {"trees": forest.TREES}

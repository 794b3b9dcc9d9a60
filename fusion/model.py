"""Two-branch Keras network of fused pixels, trained with sensor dropout."""

import os
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.classifier import sensor_basis
from fusion.stack import NONE, OPTICAL, RADAR
from imagery.errors import UnreadableProduct

EPOCHS = 40

_BRANCH = (64, 32)
_JOINT = 64
_DROPOUT = 0.2
_BATCH = 128
_LARGEST_BATCH = 1024
_LEARNING_RATE = 3e-3
_SMOOTHING = 0.1
_ROWS = 1 << 14
_LARGEST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class NetworkClassifier:
    """A fitted two-branch network; a `Classifier`.

    Each sensor has a branch of dense layers over the features of a pixel, its local
    means among them, which equals 1 x 1 convolutions over a feature raster. A missing
    sensor is zeros after scaling, and a flag for each sensor says so.

    Attributes:
        classes: Class values in the order of the probabilities.
        centre: Mean of each feature, optical then radar, (o + r,) float32.
        spread: Standard deviation of each, never 0.
        network: The Keras model.
        seen: Sensor bases that the training samples had.
        kind: "network".
    """

    classes: tuple[int, ...]
    centre: NDArray[np.float32]
    spread: NDArray[np.float32]
    network: Any
    seen: tuple[int, ...]
    kind: str = "network"

    def probabilities(
        self, optical: NDArray[np.float32], radar: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Probability of each class.

        Rows go in batches of one size, so that a pixel has the same probabilities
        whatever the others are.

        Args:
            optical: (n, o) features; a row with any NaN has no optical.
            radar: (n, r) features; a row with any NaN has no radar.

        Returns:
            (n, classes) float32 that sum to 1; NaN where both sensors are missing, or
            where no training sample had the same sensors.
        """
        basis = sensor_basis(optical, radar)
        result = np.full((len(basis), len(self.classes)), np.nan, np.float32)
        known = np.flatnonzero(np.isin(basis, self.seen))
        inputs = _inputs(optical[known], radar[known], self.centre, self.spread)
        for first in range(0, known.size, _ROWS):
            rows = known[first : first + _ROWS]
            batch = []
            for one in inputs:
                padded = np.zeros((_ROWS, one.shape[1]), np.float32)
                padded[: rows.size] = one[first : first + _ROWS]
                batch.append(padded)
            result[rows] = np.asarray(self.network(batch))[: rows.size]
        return result


def fit_network(
    optical: NDArray[np.float32],
    radar: NDArray[np.float32],
    values: NDArray[np.int64],
    classes: Sequence[int],
    seed: int,
) -> NetworkClassifier:
    """Fit a network on samples of either sensor or both.

    Sensor dropout: a sample with both sensors stands in every epoch also with each of
    them alone. Classes weigh as in `fit_forest`.

    Args:
        optical: (n, o) features; a row with NaN has no optical.
        radar: (n, r) features; a row with NaN has no radar.
        values: (n,) class values, each one of `classes`.
        classes: Class values in the order of the probabilities.
        seed: Of weights, order and dropout.
    """
    keras = _keras()
    keras.utils.set_random_seed(seed)
    centre, spread = _scaling(optical, radar)
    optical, radar, values = _with_dropped_sensors(optical, radar, values)
    place = {value: position for position, value in enumerate(classes)}
    target = np.array([place[value] for value in values.tolist()])
    weight = np.bincount(target, minlength=len(classes))[target] ** -0.5
    network = build_network(optical.shape[1], radar.shape[1], len(classes))
    network.compile(
        optimizer=keras.optimizers.AdamW(_LEARNING_RATE, weight_decay=1e-3),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=_SMOOTHING),
    )
    network.fit(
        _inputs(optical, radar, centre, spread),
        np.eye(len(classes), dtype=np.float32)[target],
        sample_weight=weight / weight.mean(),
        batch_size=int(np.clip(len(target) // 50, _BATCH, _LARGEST_BATCH)),
        epochs=EPOCHS,
        verbose=0,
    )
    seen = tuple(int(one) for one in np.unique(sensor_basis(optical, radar)))
    return NetworkClassifier(tuple(classes), centre, spread, network, seen)


def build_network(optical: int, radar: int, classes: int) -> Any:  # noqa: ANN401
    """An unfitted network for so many features of each sensor and classes.

    Its inputs are scaled optical features, scaled radar features and (n, 2) flags of
    presence; its output is (n, classes) probabilities.
    """
    keras = _keras()
    inputs = [keras.Input((optical,)), keras.Input((radar,)), keras.Input((2,))]
    branches = []
    for one in inputs[:2]:
        branch = one
        for width in _BRANCH:
            branch = keras.layers.Dense(width, activation="relu")(branch)
        branches.append(keras.layers.Dropout(_DROPOUT)(branch))
    joint = keras.layers.Concatenate()([*branches, inputs[2]])
    joint = keras.layers.Dense(_JOINT, activation="relu")(joint)
    joint = keras.layers.Dropout(_DROPOUT)(joint)
    output = keras.layers.Dense(classes, activation="softmax")(joint)
    return keras.Model(inputs, output)


def save_network(classifier: NetworkClassifier, path: Path) -> None:
    """Write weights and scaling as plain arrays, without pickles."""
    weights = classifier.network.get_weights()
    arrays = {f"weight_{i}": one for i, one in enumerate(weights)}
    arrays |= {"centre": classifier.centre, "spread": classifier.spread}
    np.savez_compressed(path, seen=np.array(classifier.seen, np.uint8), **arrays)


def load_network(
    path: Path, optical: int, radar: int, classes: Sequence[int]
) -> NetworkClassifier:
    """A network that `save_network` wrote, rebuilt from the numbers of its record.

    Args:
        path: The file.
        optical: Number of optical features.
        radar: Number of radar features.
        classes: Class values in the order of the probabilities.

    Raises:
        UnreadableProduct: The file is damaged or holds other arrays.
    """
    network = build_network(optical, radar, len(classes))
    expected = {
        f"weight_{i}": tuple(one.shape) for i, one in enumerate(network.get_weights())
    }
    expected |= {"centre": (optical + radar,), "spread": (optical + radar,)}
    try:
        held = _arrays(path)
        seen = tuple(int(one) for one in held.pop("seen").ravel())
        found = {name: one.shape for name, one in held.items()}
        if found != expected:
            raise ValueError("it holds arrays of other names or shapes")
        if not all(
            one.dtype == np.float32 and np.isfinite(one).all() for one in held.values()
        ):
            raise ValueError("it holds what is no finite float32")
        if not set(seen) <= {1, 2, 3} or not (held["spread"] > 0).all():
            raise ValueError("its scaling or sensors are unusable")
    except (
        ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, MemoryError,
        NotImplementedError, zlib.error,
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split())[:200]
        raise UnreadableProduct(
            f"{path} is no usable network ({reason}); train the model again"
        ) from error
    network.set_weights([held[f"weight_{i}"] for i in range(len(expected) - 2)])
    return NetworkClassifier(
        tuple(classes), held["centre"], held["spread"], network, seen
    )


def _keras() -> Any:  # noqa: ANN401
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # With oneDNN TensorFlow greets on stderr at any log level, and rounds by processor.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    import keras

    return keras


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(path) as archive:
        if sum(one.file_size for one in archive.infolist()) > _LARGEST_BYTES:
            raise ValueError("it unpacks to more than 64 MiB")
    with np.load(path, allow_pickle=False) as held:
        return {name: held[name] for name in held.files}


def _scaling(
    optical: NDArray[np.float32], radar: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each feature where its sensor is present."""
    centres, spreads = [], []
    for features in (optical, radar):
        present = features[np.isfinite(features).all(axis=1)].astype(np.float64)
        if len(present) == 0:
            present = np.zeros((1, features.shape[1]))
        centres.append(present.mean(axis=0))
        spread = present.std(axis=0)
        spreads.append(np.where(spread > 1e-6, spread, 1.0))
    return (
        np.concatenate(centres).astype(np.float32),
        np.concatenate(spreads).astype(np.float32),
    )


def _with_dropped_sensors(
    optical: NDArray[np.float32], radar: NDArray[np.float32], values: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """All samples; those with both sensors once more with each sensor alone."""
    basis = sensor_basis(optical, radar)
    both = basis == (OPTICAL | RADAR)
    some = basis != NONE
    missing_optical = np.full_like(optical[both], np.nan)
    missing_radar = np.full_like(radar[both], np.nan)
    return (
        np.concatenate([optical[some], optical[both], missing_optical]),
        np.concatenate([radar[some], missing_radar, radar[both]]),
        np.concatenate([values[some], values[both], values[both]]),
    )


def _inputs(
    optical: NDArray[np.float32],
    radar: NDArray[np.float32],
    centre: NDArray[np.float32],
    spread: NDArray[np.float32],
) -> list[NDArray[np.float32]]:
    """Scaled features with zeros for a missing sensor, and the flags of presence."""
    basis = sensor_basis(optical, radar)
    flags = np.stack([basis & OPTICAL, (basis & RADAR) // 2], axis=1).astype(np.float32)
    split = optical.shape[1]
    parts = []
    for features, place, present in (
        (optical, slice(None, split), flags[:, 0] > 0),
        (radar, slice(split, None), flags[:, 1] > 0),
    ):
        scaled = np.clip((features - centre[place]) / spread[place], -10, 10)
        parts.append(np.where(present[:, None], scaled, 0).astype(np.float32))
    return [*parts, flags]

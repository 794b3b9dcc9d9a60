"""What every classifier of fused pixels can do."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fusion.stack import OPTICAL, RADAR


class Classifier(Protocol):
    """Class probabilities from the features of either sensor or of both."""

    @property
    def kind(self) -> str:
        """Name of its kind, as in records: "forest" or "network"."""
        ...

    @property
    def classes(self) -> tuple[int, ...]:
        """Class values in the order of the columns of its probabilities."""
        ...

    def probabilities(
        self, optical: NDArray[np.float32], radar: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Probability of each class for each pixel.

        Args:
            optical: (n, o) features; a row with any NaN has no optical.
            radar: (n, r) features; a row with any NaN has no radar. Without columns
                (r or o is 0) the sensor is missing everywhere.

        Returns:
            (n, classes) float32 that sum to 1; NaN where both sensors are missing, or
            where the model has learnt nothing about those that are there.
        """
        ...


def sensor_basis(
    optical: NDArray[np.float32], radar: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Which sensors have all their features, row by row.

    Args:
        optical: (n, o) features.
        radar: (n, r) features.

    Returns:
        (n,) uint8: 0 none, 1 optical, 2 radar, 3 both.

    >>> optical = np.array([[1, 2], [1, np.nan], [1, 2], [np.nan, 2]], np.float32)
    >>> radar = np.array([[1], [1], [np.nan], [np.nan]], np.float32)
    >>> sensor_basis(optical, radar).tolist()
    [3, 2, 1, 0]
    """
    seen, heard = OPTICAL * _present(optical), RADAR * _present(radar)
    return (seen + heard).astype(np.uint8)


def _present(features: NDArray[np.float32]) -> NDArray[np.int64]:
    if features.shape[1] == 0:
        return np.zeros(len(features), np.int64)
    return np.asarray(np.isfinite(features).all(axis=1), np.int64)


def basis_features(
    basis: int, optical: NDArray[np.float32], radar: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The features that a sensor basis looks at, side by side: optical, then radar.

    Args:
        basis: 1 optical, 2 radar, 3 both.
        optical: (n, o) features.
        radar: (n, r) features of the same rows.

    Returns:
        (n, o), (n, r) or (n, o + r) float32.

    >>> one, two = np.ones((1, 2), np.float32), np.full((1, 1), 2, np.float32)
    >>> basis_features(3, one, two).tolist(), basis_features(2, one, two).tolist()
    ([[1.0, 1.0, 2.0]], [[2.0]])
    """
    parts = [optical] * bool(basis & OPTICAL) + [radar] * bool(basis & RADAR)
    return np.concatenate(parts, axis=1)

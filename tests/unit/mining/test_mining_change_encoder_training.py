"""A short training without labels: it learns, and it learns the same again."""

import numpy as np
import pytest

from imagery.errors import ImageryError
from mining.change.encoder import feature_angle, largest_sum
from mining.change.encoder_training import PATCH_PX, train_encoder, untrained_encoder

BANDS = ("B02", "B04", "B08")
SPECTRA = np.array([[0.05, 0.04, 0.45], [0.1, 0.15, 0.25], [0.06, 0.05, 0.02]])


def images() -> list[np.ndarray]:
    """Fields of three spectra: bands go together, as those of real ground do."""
    rng = np.random.default_rng(1)
    fields = rng.integers(3, size=(4, 6, 6)).repeat(8, axis=1).repeat(8, axis=2)
    return [SPECTRA[one].transpose(2, 0, 1).astype(np.float32) for one in fields]


def test_the_loss_falls_and_the_weights_are_whole_steps() -> None:
    calls: list[tuple[int, int]] = []
    trained = train_encoder(
        images(), BANDS, steps=25, progress=lambda *call: calls.append(call)
    )
    assert len(trained.losses) == 25
    assert np.mean(trained.losses[-5:]) < 0.5 * np.mean(trained.losses[:3])
    assert calls[-1] == (25, 25)
    assert trained.encoder.bands == BANDS
    start = untrained_encoder(BANDS)
    for kernel, first in zip(trained.encoder.kernels, start.kernels, strict=True):
        assert (kernel == np.rint(kernel)).all()
        assert largest_sum(kernel) < 2**24
        assert (kernel != first).any(), "training moved the weights"
    again = untrained_encoder(BANDS)
    assert (again.kernels[0] == start.kernels[0]).all(), "a seed gives one network"

    leaf, soil, noisy = np.empty((3, 3, 5, 5), np.float32)
    leaf[:], soil[:] = SPECTRA[0][:, None, None], SPECTRA[1][:, None, None]
    noisy[:] = leaf * 1.5 + 0.001
    near = feature_angle(leaf, noisy, trained.encoder)[0, 0]
    far = feature_angle(leaf, soil, trained.encoder)[0, 0]
    assert near < 0.1 < far


def test_images_smaller_than_a_patch_are_refused() -> None:
    small = np.zeros((3, PATCH_PX - 1, 100), np.float32)
    with pytest.raises(ImageryError, match="no training image has 24 pixels a side"):
        train_encoder([small], BANDS, steps=1)

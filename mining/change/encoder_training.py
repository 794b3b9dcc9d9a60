"""Training of the change encoder, without labels, as a denoising autoencoder."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagery.errors import ImageryError
from mining.change.encoder import KERNEL_PX, LAYERS, Encoder, whole_steps

UNIT = 0.1
"""Reflectance that the network sees as 1, the same for every band and date."""

FEATURES = 32
"""Channels of each layer, and so features of a pixel."""

NOISE = 0.03
"""Standard deviation of the noise put on the input, in reflectance."""

DROPPED = 0.1
"""Share of bands of a patch that are set to zero."""

PATCH_PX = 24
_POOL = 3000
_BATCH = 32
_RATE = 3e-3

_Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class TrainedEncoder:
    """An encoder with what is needed to judge it.

    Attributes:
        encoder: The trained network.
        losses: Loss of each step, mean squared error in units of `UNIT`.
    """

    encoder: Encoder
    losses: tuple[float, ...]


def train_encoder(
    images: Sequence[_Pixels],
    bands: Sequence[str],
    *,
    steps: int = 500,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> TrainedEncoder:
    """Train the encoder to restore pixels from noise and lost bands.

    Patches of the images, turned at random, get Gaussian noise and lose whole bands;
    the network sees them through `LAYERS` convolutions without bias or padding, and a
    linear layer restores the clean pixel in the middle from its features. That layer
    is then thrown away. No label is used.

    Args:
        images: Reflectance `(band, y, x)`, NaN for nodata; at least `PATCH_PX` a side.
        bands: Names of the bands, in order.
        steps: Batches of 32 patches.
        seed: Of weights, patches and noise.
        progress: Called with steps done and all of them.

    Memory: the images, and 3000 patches.

    Raises:
        ImageryError: No image is large enough for a patch.

    References:
        Vincent et al. 2008, Extracting and composing robust features with denoising
        autoencoders, ICML; Mohan et al. 2020, ICLR (bias-free denoising).
    """
    rng = np.random.default_rng(seed)
    pool = _patches(images, rng)
    network, restore = _network(len(bands), seed)
    step = _training_step(network, restore, steps)
    losses = []
    for done in range(1, steps + 1):
        clean = pool[rng.integers(len(pool), size=_BATCH)]
        losses.append(float(step(_spoilt(clean, rng), clean)))
        if progress is not None:
            progress(done, steps)
    return TrainedEncoder(_encoder(network, bands), tuple(losses))


def untrained_encoder(bands: Sequence[str], *, seed: int = 0) -> Encoder:
    """The encoder that training with this seed begins with: random weights."""
    return _encoder(_network(len(bands), seed)[0], bands)


def _network(bands: int, seed: int) -> tuple[Any, Any]:
    """The encoder and the linear layer that restores pixels from its features."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # With oneDNN TensorFlow greets on stderr at any log level, and rounds by processor.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    from keras import Input, Sequential, initializers, layers, random

    seeds = random.SeedGenerator(seed)

    def start() -> Any:  # noqa: ANN401
        return initializers.GlorotUniform(seed=seeds)

    convolutions = [
        layers.Conv2D(
            FEATURES,
            KERNEL_PX,
            activation="relu",
            padding="valid",
            use_bias=False,
            kernel_initializer=start(),
        )
        for _ in range(LAYERS)
    ]
    restore = layers.Conv2D(bands, 1, use_bias=False, kernel_initializer=start())
    network = Sequential([Input((None, None, bands)), *convolutions])
    return network, Sequential([Input((None, None, FEATURES)), restore])


def _training_step(
    network: Any,  # noqa: ANN401
    restore: Any,  # noqa: ANN401
    steps: int,
) -> Callable[[_Pixels, _Pixels], Any]:
    """A function that learns from one batch of patches; gives its loss."""
    import tensorflow as tf
    from keras import optimizers

    rate = optimizers.schedules.CosineDecay(_RATE, steps)
    optimizer = optimizers.Adam(rate)
    weights = network.trainable_variables + restore.trainable_variables
    rim = LAYERS * (KERNEL_PX // 2)

    @tf.function  # type: ignore[untyped-decorator]
    def step(spoilt: Any, clean: Any) -> Any:  # noqa: ANN401
        with tf.GradientTape() as tape:
            restored = restore(network(spoilt))
            missed = restored - clean[:, rim:-rim, rim:-rim]
            loss = tf.reduce_mean(tf.square(missed))
        optimizer.apply_gradients(
            zip(tape.gradient(loss, weights), weights, strict=True)
        )
        return loss

    def learn(spoilt: _Pixels, clean: _Pixels) -> Any:  # noqa: ANN401
        return step(tf.constant(spoilt), tf.constant(clean))

    return learn


def _patches(images: Sequence[_Pixels], rng: np.random.Generator) -> _Pixels:
    """`(patch, y, x, band)` in units of `UNIT`; large images give more of them."""
    usable = [one for one in images if min(one.shape[1:]) >= PATCH_PX]
    if not usable:
        raise ImageryError(
            f"no training image has {PATCH_PX} pixels a side; give larger ones"
        )
    sizes = np.array([one[0].size for one in usable], np.float64)
    chosen = rng.choice(len(usable), size=_POOL, p=sizes / sizes.sum())
    pool = np.empty((_POOL, PATCH_PX, PATCH_PX, len(usable[0])), np.float32)
    for position, number in enumerate(chosen):
        image = usable[number]
        row = int(rng.integers(image.shape[1] - PATCH_PX + 1))
        column = int(rng.integers(image.shape[2] - PATCH_PX + 1))
        patch = image[:, row : row + PATCH_PX, column : column + PATCH_PX]
        turned = np.rot90(patch, int(rng.integers(4)), axes=(1, 2))
        pool[position] = np.nan_to_num(turned).transpose(1, 2, 0) / np.float32(UNIT)
    return pool


def _spoilt(clean: _Pixels, rng: np.random.Generator) -> _Pixels:
    noise = rng.standard_normal(clean.shape, np.float32) * np.float32(NOISE / UNIT)
    kept = rng.random((len(clean), 1, 1, clean.shape[3])) >= DROPPED
    spoilt: _Pixels = (clean + noise) * kept.astype(np.float32)
    return spoilt


def _encoder(network: Any, bands: Sequence[str]) -> Encoder:  # noqa: ANN401
    """The network in whole steps; its scale of reflectance does not matter."""
    kernels = [layer.get_weights()[0].transpose(3, 2, 0, 1) for layer in network.layers]
    return Encoder(tuple(bands), whole_steps(kernels))

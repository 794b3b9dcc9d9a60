"""Spatial blocks of samples that a model does not see before it is assessed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fusion.samples import Samples

_BLOCKS_A_SIDE = 8
_DRAWINGS = 64


@dataclass(frozen=True)
class Holdout:
    """Which samples are learnt from and which are assessed.

    Attributes:
        train: (n,) True for samples to fit on.
        test: (n,) True for samples in held-out blocks.
        block_px: Side of a block.
    """

    train: NDArray[np.bool_]
    test: NDArray[np.bool_]
    block_px: int


def hold_out(
    samples: Samples, share: float, reach_px: int, seed: int
) -> Holdout | None:
    """Divide samples by square blocks, and keep both sides apart.

    About eight by eight blocks cover the samples. Of 64 drawings of blocks the one is
    taken whose held-out share of each class is nearest to `share`. Samples to fit on
    that lie within `reach_px` of a held-out one are on neither side, so that no pixel
    serves both.

    Args:
        samples: The samples.
        share: Share of the samples to hold out, 0 to 0.5.
        reach_px: Pixels that the features of one sample look at, edge to edge.
        seed: Of the drawings.

    Returns:
        The division; None where the share is 0 or every division leaves a side
        without samples or the fitted side without one of the classes.

    References:
        Roberts et al. 2017, Ecography 40, 913-929.
    """
    span = np.ptp(samples.anchors, axis=0).max()
    block_px = max(int(np.ceil((span + 1) / _BLOCKS_A_SIDE)), 2 * reach_px)
    cells = ((samples.anchors - samples.anchors.min(axis=0)) // block_px).astype(int)
    _, block = np.unique(cells, axis=0, return_inverse=True)
    block = block.ravel()
    count = int(block.max()) + 1
    held_blocks = round(share * count)
    if share <= 0 or count < 2 or held_blocks == 0:
        return None
    rng = np.random.default_rng(seed)
    drawings = [
        np.isin(block, rng.permutation(count)[:held_blocks]) for _ in range(_DRAWINGS)
    ]
    test = min(drawings, key=lambda mask: _unevenness(samples.values, mask, share))
    train = ~test & ~_near(samples, test, reach_px)
    if not test.any() or set(samples.values[train]) < set(samples.values):
        return None
    return Holdout(train, test, block_px)


def _unevenness(
    values: NDArray[np.int64], test: NDArray[np.bool_], share: float
) -> float:
    """Largest distance of a class's held-out share from the wanted one."""
    return max(
        abs(float(test[values == one].mean()) - share) for one in np.unique(values)
    )


def _near(
    samples: Samples, test: NDArray[np.bool_], reach_px: int
) -> NDArray[np.bool_]:
    """Samples within some pixels of a held-out one, along rows and columns."""
    from scipy.spatial import cKDTree

    place = np.stack([samples.rows, samples.columns], axis=1)
    distance, _ = cKDTree(place[test]).query(place, p=np.inf)
    near: NDArray[np.bool_] = distance < reach_px
    return near

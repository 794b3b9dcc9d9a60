"""Reflectance of the ground → stored numbers of one acquisition."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagery.bands import SENTINEL2_BANDS
from imagery.simulation.events import Sky
from imagery.simulation.landscape import Cover, Landscape
from imagery.simulation.place import SIZE_PX, Plane
from imagery.simulation.spectra import BANDS

QUANTIFICATION = 10_000

_CLOUD = (0.62, 0.61, 0.61, 0.62, 0.63, 0.64, 0.65, 0.65, 0.49, 0.38)
_SHADE = 0.55


@dataclass(frozen=True)
class Acquisition:
    """Stored numbers of one date.

    Attributes:
        bands: Band name to (y, x) uint16, each at the band's own resolution.
        classification: (y, x) uint8 SCL classes at 20 m.
    """

    bands: dict[str, NDArray[np.uint16]]
    classification: NDArray[np.uint8]


def acquire(
    landscape: Landscape,
    ground: NDArray[np.float64],
    sky: Sky,
    rng: np.random.Generator,
) -> Acquisition:
    """What the instrument stores of the ground under a sky.

    Args:
        landscape: The ground, for the scene classification.
        ground: (band, y, x) reflectance at 10 m in the order of `BANDS`.
        sky: Clouds and shadows.
        rng: Source of the noise: its spread is 4e-4 plus 0.5 % of the signal at 10 m.
    """
    cloud = np.array(_CLOUD)[:, None, None]
    seen = ground * (1 - _SHADE * sky.shadow)
    seen = seen * (1 - sky.opacity) + cloud * (0.8 + 0.2 * sky.opacity) * sky.opacity
    bands = {}
    for name, reflectance in zip(BANDS, seen, strict=True):
        coarse = SENTINEL2_BANDS[name].resolution_m == 20
        signal = _mean_2x2(reflectance) if coarse else reflectance
        spread = (4e-4 + 0.005 * signal) * (0.6 if coarse else 1.0)
        noisy = signal + spread * rng.standard_normal(signal.shape)
        numbers = np.round(noisy * QUANTIFICATION)
        bands[name] = np.clip(numbers, 1, 65_534).astype(np.uint16)
    return Acquisition(bands, _classification(landscape, seen, sky))


def clear_sky() -> Sky:
    """No cloud anywhere."""
    return Sky(np.zeros((SIZE_PX, SIZE_PX)), np.zeros((SIZE_PX, SIZE_PX)))


def _classification(
    landscape: Landscape, seen: NDArray[np.float64], sky: Sky
) -> NDArray[np.uint8]:
    red = _mean_2x2(seen[BANDS.index("B04")])
    infrared = _mean_2x2(seen[BANDS.index("B08")])
    green = (infrared - red) > 0.35 * (infrared + red)
    classes = np.where(green, 4, 5)
    cover = landscape.cover[::2, ::2]
    classes[np.isin(cover, [Cover.VILLAGE, Cover.ROAD])] = 5
    classes[cover == Cover.WATER] = 6
    shadow, opacity = _max_2x2(sky.shadow), _max_2x2(sky.opacity)
    classes[shadow > 0] = 3
    classes[opacity > 0] = 8
    classes[opacity > 0.5] = 9
    return classes.astype(np.uint8)


def _mean_2x2(plane: Plane) -> Plane:
    mean: Plane = plane.reshape(SIZE_PX // 2, 2, SIZE_PX // 2, 2).mean(axis=(1, 3))
    return mean


def _max_2x2(plane: Plane) -> Plane:
    largest: Plane = plane.reshape(SIZE_PX // 2, 2, SIZE_PX // 2, 2).max(axis=(1, 3))
    return largest

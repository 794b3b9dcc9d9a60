"""Ground to backscatter: what a C-band radar sees of the landscape, without speckle."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from imagery.simulation.events import MOWING, PRUNING, Events
from imagery.simulation.landscape import Cover, Landscape
from imagery.simulation.place import Plane, generator, smooth_noise
from imagery.simulation.spectra import Mixture

POLARISATIONS = ("VV", "VH")

_GRASS, _VINES, _MEADOW, _BARE, _CEREALS, _RAPE, _WOOD, _HEDGE, _ROAD, _WATER = range(
    10
)
_GARDEN_DB, _BUILT_DB = (-11.0, -16.5), (-3.0, -11.0)
_LEVELS_DB = {
    _GRASS: (-13.5, -20.0),
    _VINES: (-9.5, -16.0),
    _MEADOW: (-12.5, -18.5),
    _BARE: (-10.5, -20.0),
    _CEREALS: (-15.0, -21.5),
    _RAPE: (-10.5, -15.0),
    _WOOD: (-8.5, -13.5),
    _HEDGE: (-9.5, -14.5),
    _ROAD: (-16.5, -24.0),
    _WATER: (-21.0, -28.5),
}
"""Mean sigma nought of each structure, VV and VH; invented, after the usual order: calm
water and asphalt mirror, upright stems of cereals weaken VV, crowns scatter into VH,
trellises and walls answer twice."""

_ALONG_TRACK_DEG = 102.0
_ROWS_DB, _SLOPE_DB = 2.0, 20.0
_RESOLUTION_PX = 0.8


def mean_backscatter(
    landscape: Landscape, mixture: Mixture, events: Events
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected sigma nought before and after the events, on the grid of the landscape.

    Rows of vines along the track of an ascending orbit answer more strongly, and so do
    slopes that face its radar. Fields of one crop differ. What happens between the
    dates changes little: frost dries leaves, which takes at most 0.7 dB of VH; pruning
    and mowing take at most 1.5 dB; soil is moister after a rain.

    Args:
        landscape: The ground.
        mixture: Share of each material before any event.
        events: What happens between the dates.

    Returns:
        Two arrays (VV and VH, y, x) in linear power at 10 m, blurred to the resolution
        of a ground range product, about 20 m.
    """
    rng = generator(landscape.seed, "backscatter")
    structure = _structure(landscape, mixture)
    before = np.stack(
        [_before(landscape, structure, mixture, rng, band) for band in (0, 1)]
    )
    frost, moist = events.frost, np.isin(structure, [_BARE, _VINES, _GRASS])
    worked = np.select([events.kind == PRUNING, events.kind == MOWING], [0.8, 1.5], 0.0)
    change = np.stack(
        [0.4 * moist - 0.2 * frost - 0.5 * worked, 0.2 * moist - 0.7 * frost - worked]
    )
    seen = [_blurred(10 ** (level / 10)) for level in (before, before + change)]
    return seen[0], seen[1]


def _structure(landscape: Landscape, mixture: Mixture) -> NDArray[np.uint8]:
    """What scatters on each pixel, (y, x); arable land is bare, cereals or rape."""
    cover = landscape.cover
    table = np.zeros(max(Cover) + 1, np.uint8)
    table[Cover.MARGIN], table[Cover.VINEYARD] = _GRASS, _VINES
    table[Cover.MEADOW], table[Cover.ARABLE] = _MEADOW, _BARE
    table[Cover.FOREST], table[Cover.HEDGE] = _WOOD, _HEDGE
    table[Cover.ROAD], table[Cover.WATER] = _ROAD, _WATER
    structure = table[cover]
    arable = cover == Cover.ARABLE
    structure[arable & (mixture["leaf"] + mixture["flower"] > 0.5)] = _CEREALS
    structure[arable & (mixture["flower"] > 0.3)] = _RAPE
    return structure


def _before(
    landscape: Landscape,
    structure: NDArray[np.uint8],
    mixture: Mixture,
    rng: np.random.Generator,
    band: int,
) -> Plane:
    """Expected sigma nought in dB, (y, x), of VV (band 0) or VH (1)."""
    cover, number = landscape.cover, landscape.field_number
    level = np.array([_LEVELS_DB[kind][band] for kind in range(10)])[structure]
    angles = np.radians([0.0, *(field.angle_deg for field in landscape.fields)])
    along = np.cos(angles - np.radians(_ALONG_TRACK_DEG)) ** 4
    rows = np.where(structure == _VINES, along[number] - 0.4, 0.0)
    fields = rng.normal(0, 0.8, len(angles))
    fields[0] = 0.0
    right = np.asarray(np.gradient(landscape.elevation_m, 10.0, axis=1))
    level = level + (1.0 - 0.5 * band) * _ROWS_DB * rows + fields[number]
    level += _SLOPE_DB * right * (structure != _WATER)
    level += (0.4 * smooth_noise(rng, 12)) * (structure != _WATER)
    rough = np.where(structure == _WOOD, 0.7, 0.2)
    village = cover == Cover.VILLAGE
    rough[village] = 2.5
    built = mixture["built"]
    mixed = built * 10 ** (_BUILT_DB[band] / 10)
    mixed = mixed + (1 - built) * 10 ** (_GARDEN_DB[band] / 10)
    level = np.where(village, 10 * np.log10(mixed), level)
    return np.asarray(level + rough * rng.standard_normal(cover.shape))


def _blurred(power: NDArray[np.float64]) -> NDArray[np.float64]:
    blurred: NDArray[np.float64] = gaussian_filter(
        power, (0, _RESOLUTION_PX, _RESOLUTION_PX)
    )
    return blurred

"""What happens between the two dates: frost, pruning, mowing, growth, clouds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from imagery.simulation.landscape import Cover, Landscape
from imagery.simulation.place import (
    RESOLUTION_M,
    SIZE_PX,
    Plane,
    generator,
    smooth_noise,
    smoothstep,
)
from imagery.simulation.spectra import Mixture, move

NOTHING, FROST, PRUNING, MOWING = 0, 1, 2, 3
HAPPENED = {NOTHING: "nothing", FROST: "frost", PRUNING: "pruning", MOWING: "mowing"}

_SHADOW_SHIFT_PX = (-44, -20)


@dataclass(frozen=True)
class Events:
    """The truth behind a pair.

    Attributes:
        frost: (y, x) strength of frost damage, 0 none to 1 all green killed.
        kind: (y, x) uint8 of NOTHING, FROST, PRUNING and MOWING.
        pruned: Numbers of the pruned fields.
        mown: Numbers of the mown fields.
    """

    frost: Plane
    kind: NDArray[np.uint8]
    pruned: tuple[int, ...]
    mown: tuple[int, ...]


@dataclass(frozen=True)
class Sky:
    """Clouds of one date: opacity and shadow, each (y, x) from 0 to 1."""

    opacity: Plane
    shadow: Plane


def no_events() -> Events:
    """Nothing happens."""
    zero = np.zeros((SIZE_PX, SIZE_PX))
    return Events(zero, zero.astype(np.uint8), (), ())


def plan_events(landscape: Landscape, listed: tuple[int, ...]) -> Events:
    """Frost in low vineyards, a few fields pruned or mown out of its reach.

    Args:
        landscape: The ground.
        listed: Numbers of the fields that are parcels; pruning and mowing happen
            there, frost everywhere.
    """
    rng = generator(landscape.seed, "events")
    frost = frost_strength(landscape)
    number = landscape.field_number
    spared = [n for n in listed if frost[number == n].max(initial=0.0) == 0.0]
    vineyards = _large(landscape, spared, Cover.VINEYARD)
    meadows = _large(landscape, spared, Cover.MEADOW)
    if not meadows:
        everywhere = range(1, len(landscape.fields) + 1)
        meadows = _large(landscape, list(everywhere), Cover.MEADOW)
    pruned = tuple(sorted(int(n) for n in rng.permutation(vineyards)[:5]))
    mown = (int(rng.choice(meadows[:4])),)
    kind = np.where(frost > 0, FROST, NOTHING).astype(np.uint8)
    kind[np.isin(number, pruned)] = PRUNING
    kind[np.isin(number, mown)] = MOWING
    return Events(np.where(kind == FROST, frost, 0.0), kind, pruned, mown)


def frost_strength(landscape: Landscape) -> Plane:
    """Frost damage of vineyards, (y, x) from 0 to 1, continuous in the terrain.

    The night is an inversion: it is coldest on the valley floor, warms with height,
    and cold air gathers where the ground lies below its surroundings. Damage rises
    smoothly with cold. Vines of one field stand alike, so each field has a factor.
    """
    rng = generator(landscape.seed, "frost")
    elevation = landscape.elevation_m
    hollow = gaussian_filter(elevation, 45) - elevation
    night_c = -3.5 + 0.11 * (elevation - 10.0) - 0.09 * hollow
    night_c = night_c + 0.8 * smooth_noise(rng, 65)
    damage = smoothstep((-2.0 - night_c) / 2.6)
    hardiness = rng.uniform(0.8, 1.0, len(landscape.fields) + 1)
    damage = damage * hardiness[landscape.field_number]
    return np.where(landscape.cover == Cover.VINEYARD, damage, 0.0)


def apply_events(landscape: Landscape, mixture: Mixture, events: Events) -> Mixture:
    """The ground ten days later: a little growth everywhere, and the events."""
    rng = generator(landscape.seed, "growth")
    pace = np.clip(0.035 + 0.012 * smooth_noise(rng, 80), 0.0, 0.07)
    grown = move(mixture, "pale soil", {"leaf": pace})
    grown = move(grown, "brown soil", {"leaf": pace})
    grown = move(grown, "canopy", {"leaf": pace})
    frosted = move(
        grown, "leaf", {"dry": 0.88 * events.frost, "brown soil": 0.11 * events.frost}
    )
    pruning = 0.42 * (events.kind == PRUNING)
    pruned = move(
        frosted, "leaf", {"dry": 0.35 * pruning, "brown soil": 0.65 * pruning}
    )
    mowing = 0.50 * (events.kind == MOWING)
    return move(pruned, "leaf", {"dry": mowing, "pale soil": 0.2 * mowing})


def clouds(landscape: Landscape, target: int) -> Sky:
    """A few small clouds and their shadows; the first hides one field.

    Args:
        landscape: The ground.
        target: Number of the field under the first cloud.
    """
    rng = generator(landscape.seed, "clouds")
    rows, columns = np.nonzero(landscape.field_number == target)
    middle = (float(rows.mean()), float(columns.mean()))
    reach = float(np.hypot(rows - middle[0], columns - middle[1]).max())
    places = [(*middle, reach * 1.1 + 9.0)]
    places += [
        (*rng.uniform(60, SIZE_PX - 60, 2).tolist(), float(rng.uniform(9, 20)))
        for _ in range(4)
    ]
    y, x = np.mgrid[0:SIZE_PX, 0:SIZE_PX].astype(float)
    puffs = 0.16 * smooth_noise(rng, 9) + 0.09 * smooth_noise(rng, 4)
    opacity = np.zeros((SIZE_PX, SIZE_PX))
    for row, column, radius in places:
        away = np.hypot(y - row, (x - column) / 1.25) / radius
        opacity = np.maximum(opacity, smoothstep((1.15 - away + puffs) / 0.55))
    opacity = np.where(opacity < 0.02, 0.0, opacity)
    shadow = np.roll(opacity, _SHADOW_SHIFT_PX, axis=(0, 1))
    shadow[_SHADOW_SHIFT_PX[0] :] = 0.0
    shadow[:, _SHADOW_SHIFT_PX[1] :] = 0.0
    return Sky(opacity, np.where(opacity > 0, 0.0, shadow))


def _large(landscape: Landscape, numbers: list[int], cover: Cover) -> list[int]:
    """Fields of a cover with at least 60 pixels, the largest first."""
    counts = np.bincount(
        landscape.field_number.ravel(), minlength=len(landscape.fields) + 1
    )
    large = [
        n
        for n in numbers
        if landscape.fields[n - 1].cover == cover
        and counts[n] * RESOLUTION_M**2 >= 6_000
    ]
    return sorted(large, key=lambda n: (-counts[n], n))

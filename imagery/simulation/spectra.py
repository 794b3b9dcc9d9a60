"""Ground to reflectance: mixtures of a few materials, seen through the instrument."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from imagery.simulation.landscape import Cover, Landscape
from imagery.simulation.place import (
    Plane,
    generator,
    pixel_centres,
    smooth_noise,
)

BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")

MATERIALS: dict[str, tuple[float, ...]] = {
    "leaf": (0.024, 0.062, 0.026, 0.096, 0.315, 0.400, 0.430, 0.445, 0.190, 0.085),
    "canopy": (0.018, 0.038, 0.020, 0.064, 0.200, 0.255, 0.275, 0.285, 0.120, 0.050),
    "dry": (0.040, 0.062, 0.106, 0.124, 0.130, 0.138, 0.146, 0.160, 0.330, 0.260),
    "pale soil": (0.110, 0.150, 0.190, 0.215, 0.230, 0.245, 0.260, 0.270, 0.330, 0.290),
    "brown soil": (
        0.060,
        0.084,
        0.115,
        0.138,
        0.150,
        0.162,
        0.175,
        0.185,
        0.255,
        0.225,
    ),
    "built": (0.115, 0.130, 0.155, 0.165, 0.180, 0.190, 0.205, 0.210, 0.240, 0.215),
    "flower": (0.045, 0.165, 0.140, 0.175, 0.330, 0.400, 0.430, 0.440, 0.200, 0.095),
    "water": (0.052, 0.078, 0.064, 0.060, 0.032, 0.031, 0.028, 0.024, 0.011, 0.008),
}
"""Reflectance of each pure material in the bands of `BANDS`; invented, after the usual
shapes of vegetation, soil and water spectra."""

_NAMES = tuple(MATERIALS)
_ENDMEMBERS = np.array([MATERIALS[name] for name in _NAMES])
_POINT_SPREAD_PX = 0.55

Mixture = dict[str, Plane]


def ground_mixture(landscape: Landscape) -> Mixture:
    """Share of each material on each pixel before any event; shares add up to 1."""
    rng = generator(landscape.seed, "mixture")
    cover = landscape.cover
    mixture: Mixture = {name: np.zeros(cover.shape) for name in _NAMES}
    texture = _texture(landscape, rng)
    tilled = rng.normal(0, 0.22, len(landscape.fields) + 1)[landscape.field_number]
    paleness = 0.50 + 0.24 * smooth_noise(rng, 60) + 0.20 * texture + tilled
    paleness = np.clip(paleness, 0.02, 1)
    green = _green_share(landscape, rng, texture)
    canopy_like = np.isin(cover, [Cover.FOREST, Cover.HEDGE])
    grain = rng.standard_normal(cover.shape)
    built = np.isin(cover, [Cover.VILLAGE, Cover.ROAD])
    gardens = _gardens(landscape, rng)
    stands = 0.5 * smooth_noise(rng, 28) + 0.5 * smooth_noise(rng, 10)
    crowns = np.clip(0.74 + 0.08 * grain - 0.20 * stands, 0.2, 1.0)
    for where, shares in (
        (built, {"built": 1 - gardens, "leaf": 0.5 * gardens, "canopy": 0.5 * gardens}),
        (canopy_like, {"canopy": crowns, "leaf": 1 - crowns}),
        (cover == Cover.WATER, {"water": np.ones(cover.shape)}),
    ):
        for name, share in shares.items():
            mixture[name][where] = share[where]
    open_land = ~(built | canopy_like | (cover == Cover.WATER))
    rape = _rape(landscape, rng)
    rest = 1 - green
    for name, share in {
        "leaf": green * (1 - rape),
        "flower": green * rape,
        "dry": 0.14 * rest,
        "pale soil": 0.86 * rest * paleness,
        "brown soil": 0.86 * rest * (1 - paleness),
    }.items():
        mixture[name][open_land] = share[open_land]
    return mixture


def move(mixture: Mixture, source: str, shares: dict[str, Plane]) -> Mixture:
    """The mixture after parts of one material became others.

    Args:
        mixture: Shares of each material.
        source: The material that shrinks.
        shares: For each material that grows, the part of the source it takes, (y, x)
            from 0 to 1.
    """
    moved = {name: plane.copy() for name, plane in mixture.items()}
    for name, share in shares.items():
        amount = mixture[source] * share
        moved[source] -= amount
        moved[name] += amount
    return moved


def reflectance(mixture: Mixture, brightness: Plane) -> NDArray[np.float64]:
    """What the instrument sees of a mixture without noise.

    Args:
        mixture: Shares of each material, each (y, x).
        brightness: (y, x) factor of illumination and roughness, about 1.

    Returns:
        (band, y, x) reflectance at 10 m in the order of `BANDS`, blurred by a point
        spread of about half a pixel.
    """
    shares = np.stack([mixture[name] for name in _NAMES])
    mixed = np.tensordot(_ENDMEMBERS.T, shares, axes=1) * brightness
    blurred: NDArray[np.float64] = gaussian_filter(
        mixed, (0, _POINT_SPREAD_PX, _POINT_SPREAD_PX)
    )
    return blurred


def brightness(landscape: Landscape) -> Plane:
    """Illumination by slope and roughness, about 1; the same at both dates."""
    rng = generator(landscape.seed, "brightness")
    down, right = np.gradient(landscape.elevation_m, 10.0)
    grain = rng.standard_normal(landscape.cover.shape)
    lit: Plane = 1.0 + 0.9 * (0.5 * np.asarray(right) - 0.85 * np.asarray(down))
    rough = np.full(landscape.cover.shape, 0.015)
    rough[landscape.cover == Cover.VILLAGE] = 0.16
    rough[landscape.cover == Cover.FOREST] = 0.14
    rough[landscape.cover == Cover.WATER] = 0.008
    lit = np.where(landscape.cover == Cover.WATER, 1.0, lit)
    factor: Plane = np.clip(lit * (1 + rough * grain), 0.4, 1.8)
    return factor


def _texture(landscape: Landscape, rng: np.random.Generator) -> Plane:
    """Zero-mean pattern within fields: soft patches, and streaks along the rows."""
    angles = np.radians([0.0, *(field.angle_deg for field in landscape.fields)])
    angle = angles[landscape.field_number]
    x, y = pixel_centres()
    across = (-np.sin(angle) * x + np.cos(angle) * y) / 10.0
    profile = rng.standard_normal(4096)
    shift = rng.uniform(0, 4096, len(angles))[landscape.field_number]
    position = (across * 0.7 + shift) % 4095
    left = position.astype(int)
    streaks = profile[left] + (position - left) * (profile[left + 1] - profile[left])
    patches = 0.6 * smooth_noise(rng, 7) + 0.4 * smooth_noise(rng, 16)
    pattern: Plane = 0.55 * streaks + 0.65 * patches
    pattern[landscape.field_number == 0] *= 0.4
    return pattern


def _gardens(landscape: Landscape, rng: np.random.Generator) -> Plane:
    """Share of green between houses: little at the market place, most at the rim."""
    x, y = pixel_centres()
    away = np.min([np.hypot(x - e, y - n) for e, n in landscape.villages], axis=0)
    lanes = np.abs(smooth_noise(rng, 4.5))
    houses = 0.5 * smooth_noise(rng, 1.7) + 0.4 * (0.8 - lanes)
    gardens = np.clip(0.30 + 0.0014 * away - 0.26 * houses, 0.04, 0.95)
    gardens[landscape.cover == Cover.ROAD] = 0.22
    return np.asarray(gardens)


def _green_share(
    landscape: Landscape, rng: np.random.Generator, texture: Plane
) -> Plane:
    """Share of green leaves on open land: by crop, by field and within the field."""
    crops = np.array([Cover.MARGIN, *(field.cover for field in landscape.fields)])
    level = np.choose(np.clip(crops, 0, 3), [0.68, 0.66, 0.88, 0.34])
    spread = np.choose(np.clip(crops, 0, 3), [0.0, 0.09, 0.06, 0.05])
    level = level + spread * rng.standard_normal(len(crops))
    sown = (crops == Cover.ARABLE) & (rng.uniform(size=len(crops)) < 0.55)
    level[sown] = 0.90
    bare = (crops == Cover.ARABLE) & ~sown
    level[bare] = rng.uniform(0.04, 0.22, int(bare.sum()))
    green = level[landscape.field_number] + 0.05 * texture
    green += 0.03 * smooth_noise(rng, 90)
    share: Plane = np.clip(green, 0.02, 0.97)
    return share


def _rape(landscape: Landscape, rng: np.random.Generator) -> Plane:
    """Share of flowers on the green of a few arable fields: rape in bloom."""
    crops = np.array([Cover.MARGIN, *(field.cover for field in landscape.fields)])
    share = np.zeros(len(crops))
    share[(crops == Cover.ARABLE) & (rng.uniform(size=len(crops)) < 0.22)] = 0.8
    flowers: Plane = share[landscape.field_number]
    return flowers

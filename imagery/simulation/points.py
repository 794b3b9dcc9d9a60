"""Labelled points of the land cover, as samples for training."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter
from shapely.geometry import Point, mapping

from imagery.simulation.landscape import Landscape
from imagery.simulation.place import (
    NORTH_M,
    RESOLUTION_M,
    TO_CRS84,
    WEST_M,
    generator,
)
from imagery.simulation.territory import CLC_LABELS, land_cover_codes, write_geojson

_PER_CLASS = 50
_FEWEST = 40
_APART_PX = 4


def write_points(path: Path, landscape: Landscape) -> None:
    """Write points as GeoJSON in CRS84, with `id` and the CLC code as `class`.

    At most 50 a class, at least 40 m apart from each other, each in the middle of 3 x 3
    pixels of its class. A class without room for 40 is left out.
    """
    codes = land_cover_codes(landscape)
    rng = generator(landscape.seed, "points")
    same = minimum_filter(codes, 3) == maximum_filter(codes, 3)
    same[[0, -1]] = same[:, [0, -1]] = False
    features: list[dict[str, Any]] = []
    for code in sorted(CLC_LABELS):
        chosen = _spread(rng, np.argwhere(same & (codes == code)))
        if len(chosen) < _FEWEST:
            continue
        for row, column in chosen:
            dx, dy = rng.uniform(-0.3, 0.3, 2)
            longitude, latitude = TO_CRS84.transform(
                WEST_M + (column + 0.5 + dx) * RESOLUTION_M,
                NORTH_M - (row + 0.5 + dy) * RESOLUTION_M,
            )
            features.append(
                {
                    "type": "Feature",
                    "properties": {
                        "id": f"SIM-P{len(features) + 1:04d}",
                        "class": code,
                    },
                    "geometry": mapping(Point(round(longitude, 7), round(latitude, 7))),
                }
            )
    write_geojson(path, "points", features)


def _spread(
    rng: np.random.Generator, places: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Rows and columns drawn at random, none closer to another than `_APART_PX`."""
    chosen: list[tuple[int, int]] = []
    for row, column in rng.permutation(places).tolist():
        if all(np.hypot(row - r, column - c) >= _APART_PX for r, c in chosen):
            chosen.append((row, column))
        if len(chosen) == _PER_CLASS:
            break
    return chosen

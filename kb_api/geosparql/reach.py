"""How far from a place geometries may lie that are within a distance of it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb_api.geosparql.measures import in_coordinates
from kb_api.geosparql.places import CRS84, Placed
from kb_api.geosparql.units import Unit

MOST_M = 1_000_000.0
LONGEST_DEG = 20_000.0
"""Length of a shape up to which `geodesic.distance_m` has edges of 1 degree at most."""

_METRE = Unit("length", 1.0)
_SLACK_M = 300.0
_LAT_M = 110_500.0
_LON_M = 111_300.0
_POLAR_DEG = 89.0


@dataclass(frozen=True)
class Reach:
    """A distance that must not be passed.

    Attributes:
        amount: In the unit.
        unit: None: metres on the ground, whatever the reference system.
    """

    amount: float
    unit: Unit | None

    def boxes(
        self, place: Placed, crs: str
    ) -> tuple[str, list[NDArray[np.float64]]] | None:
        """Boxes that a geometry within reach meets, and their reference system.

        Args:
            place: From where.
            crs: Reference system of what stands first, which decides how the distance
                is computed.

        Returns:
            None where they are not known: too far, too long a shape, a unit that does
            not fit.

        Raises:
            ValueError: The place cannot be moved to that system.
        """
        plain = None
        if self.unit is not None:
            plain = in_coordinates(self.amount, self.unit, Placed(place.shape, crs))
        if plain is not None:
            bounds = np.array(place.within(crs).bounds)
            return crs, [bounds + np.array([-plain, -plain, plain, plain])]
        metres = self.amount * (self.unit or _METRE).size
        ground = place.on_earth()
        if metres > MOST_M or ground.length > LONGEST_DEG:
            return None
        return CRS84, list(_around(np.array(ground.bounds), metres + _SLACK_M))


def _around(
    bounds: NDArray[np.float64], metres: float
) -> Iterator[NDArray[np.float64]]:
    """Boxes in longitude and latitude around another, for every turn of the globe.

    A degree of latitude is 110 574 m or more; one of longitude 111 319 m times the
    cosine of the latitude or more, here of the latitude nearest to a pole that is
    reached. The slack is for edges of 1 degree, which are straight in longitude and
    latitude and so up to 243 m beside the geodesic that the distance follows.
    """
    west, south, east, north = bounds
    lat = metres / _LAT_M
    south, north = south - lat, north + lat
    widest = max(abs(south), abs(north))
    if widest >= _POLAR_DEG:
        yield np.array([-720.0, south, 720.0, north])
        return
    lon = 1.01 * metres / (_LON_M * math.cos(math.radians(widest)))
    for turn in (-720, -360, 0, 360, 720):
        yield np.array([west - lon + turn, south, east + lon + turn, north])

"""The weather station nearest to each unit, over the ground."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pyproj import Geod

from etl.weather.records import Nearest, Station
from mining.units import Unit
from ontology.errors import KnowledgeError

_WGS84 = Geod(ellps="WGS84")
_FAR_M, _ELSEWHERE_M = 100_000.0, 1_000_000.0

_log = logging.getLogger(__name__)


def nearest_stations(
    units: Sequence[Unit], stations: Sequence[Station]
) -> dict[Unit, Nearest]:
    """Unit to the station nearest to its centroid; the first by name of equals."""
    ordered = sorted(stations, key=lambda one: one.id)
    lon = np.array([one.lon for one in ordered])
    lat = np.array([one.lat for one in ordered])
    found = {}
    for unit in units:
        centre = unit.geometry.centroid
        x, y = np.full_like(lon, centre.x), np.full_like(lat, centre.y)
        distances = _WGS84.inv(x, y, lon, lat)[2]
        i = int(np.argmin(distances))
        found[unit] = Nearest(ordered[i], float(distances[i]))
    return found


def check_distances(path: Path, near: Mapping[Unit, Nearest]) -> None:
    """Refuse stations on another side of the Earth; warn of a station far away.

    Raises:
        KnowledgeError: Every station is farther than 1000 km, and with longitude and
            latitude swapped one is not.
    """
    if not near:
        return
    best = min(near.values(), key=lambda one: one.distance_m)
    far = f"{path}: the nearest station, {best.station.id} at lon {best.station.lon}, "
    far += f"lat {best.station.lat}, is {best.distance_m / 1000:.0f} km away"
    if best.distance_m > _ELSEWHERE_M:
        swapped = [
            Station(one.station.id, "", one.station.lat, one.station.lon, None)
            for one in near.values()
            if abs(one.station.lon) <= 90
        ]
        again = nearest_stations(list(near), swapped) if swapped else {}
        if any(one.distance_m < _ELSEWHERE_M for one in again.values()):
            raise KnowledgeError(f"{far}: lon and lat are swapped; swap the columns")
    if best.distance_m > _FAR_M:
        _log.warning("%s: it may tell little of the units", far)

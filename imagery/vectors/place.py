"""Where the coordinates of a vector file lie: the CRS stated, told, and believed."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from imagery.errors import InvalidUnits

_MARGIN_DEG = 3.0
"""How far from the area of use of its CRS a feature may lie."""

_UTM_MARGIN_DEG = 15.0
"""The same in longitude for UTM: countries write all their land in one zone."""


def parsed_crs(text: str, option: str) -> CRS:
    """The CRS that an option names.

    Raises:
        InvalidUnits: Nobody knows it.
    """
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise InvalidUnits(
            f"{option} {text!r}: no such CRS is known; give one such as EPSG:31370"
        ) from error


def with_crs(
    path: Path,
    frame: gpd.GeoDataFrame,
    told: CRS | None,
    *,
    by_default: bool,
    option: str | None,
) -> gpd.GeoDataFrame:
    """The features with the CRS that the file states, or else the one that is told.

    Args:
        path: The file, for messages.
        frame: Its features.
        told: CRS given by the user; None without one.
        by_default: The CRS is that of the format, and the file states none itself.
        option: Option that tells a CRS; None where there is no such option.

    Raises:
        InvalidUnits: Neither states a CRS, or they contradict each other.
    """
    stated = frame.crs
    if stated is not None and stated.name.lower().startswith("undefined"):
        stated = None
    if told is None and stated is None:
        advice = "write the CRS into the file (a shapefile needs its .prj)"
        if option:
            advice = f"tell it with {option}, such as {option} EPSG:31370"
        raise InvalidUnits(
            f"{path}: states no CRS, so nobody knows where its coordinates lie; "
            f"{advice}"
        )
    if told is None:
        return frame
    if stated is not None and not by_default and not _same(stated, told):
        raise InvalidUnits(
            f"{path}: states the CRS {stated.name}, and {option} says {told.name}; "
            "leave the option out, or correct the file"
        )
    return frame.set_crs(told, allow_override=True)


def to_crs84(
    path: Path, frame: gpd.GeoDataFrame, *, by_default: bool, option: str
) -> gpd.GeoSeries:
    """The geometries in CRS84 without heights, once they are where the CRS is used.

    Raises:
        InvalidUnits: Some lie off the Earth, or far from the area of use of the CRS.
    """
    given = frame.geometry.to_numpy()
    given = given[~(shapely.is_missing(given) | shapely.is_empty(given))]
    shapes = frame.geometry.force_2d().to_crs("OGC:CRS84")
    placed = shapes.to_numpy()
    placed = placed[~(shapely.is_missing(placed) | shapely.is_empty(placed))]
    in_degrees = frame.crs.is_geographic and frame.crs.axis_info[0].unit_name == (
        "degree"
    )
    bounds = shapely.bounds(given if in_degrees else placed)  # not wrapped around
    on_earth = (np.abs(bounds) <= (180, 90, 180, 90)).all(axis=1)
    if not on_earth.all():
        x, y = shapely.get_coordinates(given[~on_earth][0])[0]
        found = f"coordinates leave the Earth in {frame.crs.name}, such as {x:g}, {y:g}"
        what = "states no CRS, and its " if by_default else ""
        raise InvalidUnits(
            f"{path}: {what}{found}; its CRS is wrong or missing: tell the one that "
            f"they are in with {option}, such as {option} EPSG:31370"
        )
    far = _far(bounds, frame.crs)
    if frame.crs.is_projected:  # degrees taken for metres lie at its origin
        far |= (np.abs(shapely.bounds(given)) <= (180, 90, 180, 90)).all(axis=1)
    if far.any():
        area = frame.crs.area_of_use
        raise InvalidUnits(
            f"{path}: {far.sum()} of {len(bounds)} features lie far outside the area "
            f"where {frame.crs.name} is used ({area.name if area else 'not known'}); "
            "state the CRS that the coordinates are in"
        )
    return shapes


def _same(one: CRS, other: CRS) -> bool:
    if one.equals(other, ignore_axis_order=True):
        return True
    if {"OGC:CRS84", "EPSG:4326"} >= {one.to_string(), other.to_string()}:
        return True
    codes = [each.to_epsg(min_confidence=60) for each in (one, other)]
    return codes[0] is not None and codes[0] == codes[1]


def _far(bounds: NDArray[np.float64], crs: CRS) -> NDArray[np.bool_]:
    """Which of the (n, 4) bounds in degrees leave the widened area of use."""
    area = crs.area_of_use
    if area is None:
        return np.zeros(len(bounds), bool)
    west, south, east, north = area.bounds
    span = (east - west) % 360 or 360.0
    far = (bounds[:, 1] < south - _MARGIN_DEG) | (bounds[:, 3] > north + _MARGIN_DEG)
    margin = _UTM_MARGIN_DEG if crs.utm_zone else _MARGIN_DEG
    if span + 2 * margin < 360:
        first = (bounds[:, 0] - west + margin) % 360
        last = first + bounds[:, 2] - bounds[:, 0]
        far |= last > span + 2 * margin
    return np.asarray(far, bool)

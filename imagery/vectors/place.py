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
        InvalidUnits: Nobody knows it, or it says nothing of places on the Earth.
    """
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise InvalidUnits(
            f"{option} {text!r}: no such CRS is known; give one such as EPSG:31370"
        ) from error
    if not _horizontal(crs):
        raise InvalidUnits(
            f"{option} {text!r}: {crs.name} is neither of longitude and latitude nor "
            "of a map; give one such as EPSG:31370"
        )
    return crs


def named_crs(path: Path, name: str, example: str) -> CRS:
    """The CRS that a file names: by authority and code, a URN or an OGC address.

    Args:
        path: The file, for messages.
        name: The name; of an address only the last parts are read.
        example: How one is written in such a file, for messages.

    Raises:
        InvalidUnits: Nobody knows it.
    """
    *_, authority, _, code = ["", "", "", *name.rstrip("/").split("/")]
    try:
        return CRS.from_user_input(f"{authority}:{code}" if "/" in name else name)
    except CRSError as error:
        raise InvalidUnits(
            f"{path}: states the CRS {name[:60]!r}, which nobody knows; write one such "
            f"as {example}"
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
        InvalidUnits: Neither states a CRS, they contradict each other, or the stated
            one says nothing of places on the Earth.
    """
    stated = frame.crs
    if stated is not None and stated.name.lower().startswith("undefined"):
        stated = None
    if told is None and stated is None:
        raise InvalidUnits(
            f"{path}: states no CRS, so nobody knows where its coordinates lie; "
            f"{_telling(option)}"
        )
    if stated is not None and not _horizontal(stated):
        raise InvalidUnits(
            f"{path}: states the CRS {stated.name}, which is neither of longitude and "
            "latitude nor of a map; write the one that its coordinates are in"
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
    path: Path, frame: gpd.GeoDataFrame, *, by_default: bool, option: str | None
) -> gpd.GeoSeries:
    """The geometries in CRS84 without heights, once they are where the CRS is used.

    Args:
        path: The file, for messages.
        frame: Its features.
        by_default: The CRS is that of the format, and the file states none itself.
        option: Option that tells a CRS; None where there is no such option.

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
            f"{path}: {what}{found}; its CRS is wrong or missing: {_telling(option)}"
        )
    far = _far(bounds, frame.crs)
    if frame.crs.is_projected:  # degrees taken for metres lie at its origin
        near = (np.abs(shapely.bounds(given)) <= (180, 90, 180, 90)).all(axis=1)
        if frame.crs.area_of_use or near.all():  # a CRS of one site begins in it
            far |= near
    if far.any():
        area = frame.crs.area_of_use
        raise InvalidUnits(
            f"{path}: {far.sum()} of {len(bounds)} features lie far outside the area "
            f"where {frame.crs.name} is used ({area.name if area else 'not known'}); "
            "state the CRS that the coordinates are in"
        )
    return shapes


def _horizontal(crs: CRS) -> bool:
    """Whether a CRS says where on the Earth: no heights alone, no local axes."""
    return bool(crs.is_geographic or crs.is_projected)


def _telling(option: str | None) -> str:
    """What to do for a file whose CRS is not known."""
    if option is None:
        return "write the CRS into the file (a shapefile needs its .prj)"
    return f"tell it with {option}, such as {option} EPSG:31370"


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

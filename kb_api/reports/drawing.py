"""The map of a report as inline SVG: parcels by grade over a picture."""

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from kb_api.reports.facts import ReportFacts
from kb_api.wkt import parse_wkt

_EARTH_M = 6378137.0
WIDTH = 1000.0
_MARGIN = 0.08
_LEAST_M = 200.0


@dataclass(frozen=True)
class Drawing:
    """What the template draws, in a coordinate frame of its own.

    Attributes:
        width: Of the frame.
        height: Of the frame.
        picture: Left, top, width and height of the picture; None without one.
        paths: SVG path data of each parcel, in their order.
        middles: A point inside each parcel.
        scale_length: Length of the scale bar.
        scale_label: What it stands for.
    """

    width: float
    height: float
    picture: tuple[float, float, float, float] | None
    paths: tuple[str, ...]
    middles: tuple[tuple[float, float], ...]
    scale_length: float
    scale_label: str


def draw_parcels(facts: ReportFacts) -> Drawing:
    """The outlines of all parcels with the place of the pictures, in Web Mercator."""
    shapes = [
        shapely.transform(parse_wkt(str(one["wkt"])), _mercator)
        for one in facts.parcels
    ]
    west, south, east, north = _frame(shapes)
    factor = WIDTH / (east - west)
    height = (north - south) * factor

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(
            ((points[:, 0] - west) * factor, (north - points[:, 1]) * factor)
        )

    placed = [shapely.transform(one, place) for one in shapes]
    bounds = facts.about["bounds"]
    picture = None
    if bounds is not None:
        left, bottom, right, top = (float(one) for one in str(bounds).split())
        (x, y), (x2, y2) = place(np.array([[left, top], [right, bottom]]))
        picture = (round(x, 2), round(y, 2), round(x2 - x, 2), round(y2 - y, 2))
    latitude = math.atan(math.sinh((north + south) / 2 / _EARTH_M))
    length, label = _scale(math.cos(latitude) / factor)
    return Drawing(
        width=WIDTH,
        height=round(height, 2),
        picture=picture,
        paths=tuple(_path(one) for one in placed),
        middles=tuple(_middle(one) for one in placed),
        scale_length=round(length, 2),
        scale_label=label,
    )


def data_uri(png: bytes) -> str:
    """A PNG as an address that a page can carry in itself."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _mercator(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """CRS84 degrees in EPSG:3857 metres."""
    lon, lat = np.radians(points[:, 0]), np.radians(np.clip(points[:, 1], -85, 85))
    return _EARTH_M * np.column_stack((lon, np.arcsinh(np.tan(lat))))


def _frame(shapes: Sequence[BaseGeometry]) -> tuple[float, float, float, float]:
    """The bounds of all shapes with a margin, no flatter than 1 : 2, no taller."""
    west, south, east, north = (
        float(one) for one in shapely.total_bounds(list(shapes))
    )
    width = max(east - west, _LEAST_M) * (1 + 2 * _MARGIN)
    height = max(north - south, _LEAST_M) * (1 + 2 * _MARGIN)
    width, height = max(width, height), max(height, width / 2)
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _path(shape: BaseGeometry) -> str:
    rings = [
        ring
        for polygon in shapely.get_parts(shape)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in list(ring.coords)[:-1]) + "Z"
        for ring in rings
    )


def _middle(shape: BaseGeometry) -> tuple[float, float]:
    point = shape.representative_point()
    return round(point.x, 1), round(point.y, 1)


def _scale(metres: float) -> tuple[float, str]:
    """A bar of a round length, about a fifth of the width, by ground metres a unit."""
    wanted = WIDTH / 5 * metres
    power = 10 ** math.floor(math.log10(wanted))
    length = max(one * power for one in (1, 2, 5) if one * power <= wanted)
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    return length / metres, label

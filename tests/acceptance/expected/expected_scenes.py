"""What each image of a sample shows of units, and the answers that rest on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from expected_facts import Facts
from expected_ground import pixel_ha
from expected_pixels import CLEAR, CLOUDY, MISSING, Acquisition
from expected_units import LEVELS, Unit, membership
from expected_weather import Night
from pyproj import Transformer

Row = dict[str, Any]


@dataclass(frozen=True)
class Look:
    """Pixels of one unit in one image, and the share of the unit that has data."""

    valid: int
    cloudy: int
    total: int
    covered: float

    @property
    def cloud_percent(self) -> float:
        """Cloudy pixels in percent of those with data."""
        return 100 * self.cloudy / (self.valid + self.cloudy)


def look_at(units: Sequence[Unit], image: Acquisition) -> dict[Unit, Look]:
    """The units with a pixel in an image, and what it shows of them."""
    to_grid = Transformer.from_crs("OGC:CRS84", image.grid.crs, always_xy=True)
    hectares = pixel_ha(image.grid)
    found = {}
    for unit in units:
        inside = membership(unit.geometry, to_grid, image.grid)
        if inside.any():
            quality = image.quality[inside]
            seen_ha = hectares[inside][quality != MISSING].sum()
            found[unit] = Look(
                valid=int((quality == CLEAR).sum()),
                cloudy=int((quality == CLOUDY).sum()),
                total=int(inside.sum()),
                covered=min(1.0, float(seen_ha) / unit.area_ha()),
            )
    return found


def not_assessable(
    looks: dict[Unit, Look], level: str, least_pixels: int, most_cloud: float
) -> dict[str, tuple[int, int, int]]:
    """Identifier to clear, cloudy and all pixels, of units seen too little of."""
    return {
        unit.id: (one.valid, one.cloudy, one.total)
        for unit, one in looks.items()
        if unit.level == level
        and (one.valid < least_pixels or 100 * one.cloudy > most_cloud * one.total)
    }


def land_cover_of_change(facts: Facts, method: str, level: str) -> dict[str, Row]:
    """Label of each class to its hectares and shares over all communes."""
    start = LEVELS.index(level)
    changed: dict[int, float] = {}
    area: dict[int, float] = {}
    for unit, seen in facts.seen[method].items():
        if unit.level != "commune":
            continue
        for value, hectares in seen.strata.items():
            changed[value] = changed.get(value, 0.0) + sum(hectares[start:])
            area[value] = area.get(value, 0.0) + sum(hectares)
    all_changed, all_area = sum(changed.values()), sum(area.values())
    return {
        facts.labels[value]: {
            "changed_ha": changed[value],
            "changed_share": changed[value] / all_changed,
            "area_ha": area[value],
            "area_share": area[value] / all_area,
            "lift": changed[value] / all_changed / (area[value] / all_area),
        }
        for value in area
        if area[value] > 0
    }


def changed_without_weather(
    facts: Facts, method: str, least: float, days: int, ground_below: float
) -> dict[str, Row]:
    """Parcels highly changed whose station saw no ground minimum below a bound."""
    last = facts.after.ends.date()
    first = last - timedelta(days=days - 1)
    rows = {}
    for unit, seen in facts.seen[method].items():
        observed = sum(seen.hectares)
        if unit.level != "parcel" or not seen.assessable or observed == 0:
            continue
        if seen.hectares[3] / observed < least:
            continue
        station, _ = facts.nearest(unit)
        nights = nights_of(facts, station.id, first, last)
        coldest = min(one.ground_minimum_c for one in nights)
        if coldest >= ground_below:
            rows[unit.id] = {
                "share": seen.hectares[3] / observed,
                "nights_observed": len(nights),
                "coldest_c": coldest,
                "most_rain_mm": max(one.rain_mm for one in nights),
                "strongest_gust_ms": max(one.gust_ms for one in nights),
            }
    return rows


def nights_of(facts: Facts, station: str, first: date, last: date) -> list[Night]:
    """The nights of a station that end on the days from first to last."""
    return [
        one for one in facts.nights
        if one.station == station and first <= one.day <= last
    ]  # fmt: skip

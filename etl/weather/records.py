"""Stations, and what they measured in a night, a day or a month."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mining.units import Unit


@dataclass(frozen=True)
class Station:
    """A weather station; longitude and latitude in CRS84."""

    id: str
    name: str
    lon: float
    lat: float
    altitude_m: float | None


@dataclass(frozen=True)
class Night:
    """The weather at a station from noon UTC to noon UTC, flat.

    Attributes:
        station: Identifier of the station.
        day: The day on which the night ends.
        air_minimum_c: Lowest air temperature at screen height.
        ground_minimum_c: Lowest temperature near the ground; None when not measured.
        hours_below_zero: Hours with air temperature under 0 degrees Celsius.
        hours_below_minus2: Hours with air temperature under -2 degrees Celsius.
        rain_mm: Sum; None when not measured.
        gust_ms: Strongest gust; None when not measured.
    """

    station: str
    day: datetime.date
    air_minimum_c: float
    ground_minimum_c: float | None
    hours_below_zero: float
    hours_below_minus2: float
    rain_mm: float | None
    gust_ms: float | None


@dataclass(frozen=True)
class Period:
    """The weather at a station in a day or a month; None where it is not measured.

    Attributes:
        kind: Day or month.
        station: Identifier of the station.
        first: The day, or the first day of the month, as the station counts days.
        air_mean_c: Mean air temperature.
        air_minimum_c: Lowest air temperature.
        air_maximum_c: Highest air temperature.
        rain_mm: Sum.
        gust_ms: Strongest gust.
    """

    kind: Literal["day", "month"]
    station: str
    first: datetime.date
    air_mean_c: float | None
    air_minimum_c: float | None
    air_maximum_c: float | None
    rain_mm: float | None
    gust_ms: float | None


@dataclass(frozen=True)
class Nearest:
    """The station nearest to a unit, with the ground distance from its centroid."""

    station: Station
    distance_m: float


@dataclass(frozen=True)
class Weather:
    """What weather files bring into a base.

    Attributes:
        stations: All that get facts.
        nearest: The station of each unit that has one.
        nights: From hourly values.
        periods: From daily and monthly values.
    """

    stations: tuple[Station, ...] = ()
    nearest: Mapping[Unit, Nearest] = field(default_factory=dict)
    nights: tuple[Night, ...] = ()
    periods: tuple[Period, ...] = ()

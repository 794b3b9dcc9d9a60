"""Hourly weather of two stations around the frost night."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from imagery.simulation.place import Plane, generator
from imagery.simulation.territory import Parcel

FROST_MORNING = datetime(2017, 4, 27, 5, tzinfo=UTC)

_BEGINS = datetime(2017, 4, 15, tzinfo=UTC)
_DAYS = 16
_DAWN_H, _NOON_H = 5, 14
_FROST_DAY = (FROST_MORNING - _BEGINS).days
_WET_DAYS = (10, 15)


@dataclass(frozen=True)
class Station:
    """A weather station.

    Attributes:
        id: Identifier, plainly no real one.
        name: Name with the word simulated.
        longitude: CRS84 longitude.
        latitude: CRS84 latitude.
        altitude_m: Height above sea level.
        warmer_at_dawn_c: How much milder than the valley a clear dawn is here.
    """

    id: str
    name: str
    longitude: float
    latitude: float
    altitude_m: float
    warmer_at_dawn_c: float


def stations(parcels: Sequence[Parcel]) -> tuple[Station, Station]:
    """One station beside the lowest parcel, one beside the highest."""
    low = min(parcels, key=lambda parcel: (parcel.altitude_m, parcel.id))
    high = max(parcels, key=lambda parcel: (parcel.altitude_m, parcel.id))
    named = (
        ("SIM-LOW", "La Palu (simulated)", low, 0.0),
        ("SIM-HIGH", "Le Plateau (simulated)", high, 2.6),
    )
    first, second = (
        Station(
            id=code,
            name=name,
            longitude=round(parcel.longitude, 5),
            latitude=round(parcel.latitude, 5),
            altitude_m=parcel.altitude_m,
            warmer_at_dawn_c=warmer,
        )
        for code, name, parcel, warmer in named
    )
    return first, second


def write_weather(folder: Path, seed: int, parcels: Sequence[Parcel]) -> None:
    """Write stations.csv and one hourly table a station.

    Columns: station, time (ISO, UTC), air_temperature_c (2 m), ground_temperature_c
    (10 cm), rain_mm (of the hour), gust_ms. 15 to 30 April 2017. The night of 27 April
    is clear and calm: about -2 C in the air and -4 C at the ground in the valley,
    above zero in the air on the plateau.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pair = stations(parcels)
    rows: list[list[str]] = [
        [
            station.id,
            station.name,
            f"{station.longitude:.5f}",
            f"{station.latitude:.5f}",
            f"{station.altitude_m:.1f}",
        ]
        for station in pair
    ]
    header = ["station", "name", "lon", "lat", "altitude_m"]
    _write_csv(folder / "stations.csv", header, rows)
    for station in pair:
        _write_csv(
            folder / f"{station.id}.csv",
            [
                "station",
                "time",
                "air_temperature_c",
                "ground_temperature_c",
                "rain_mm",
                "gust_ms",
            ],
            _hours(seed, station),
        )


def _hours(seed: int, station: Station) -> list[list[str]]:
    rng = generator(seed, "weather")
    hours: Plane = np.arange(_DAYS * 24, dtype=np.float64)
    clear = rng.uniform(0.2, 0.8, _DAYS + 1)
    dawn_c = 3.2 + 5.0 * rng.uniform(size=_DAYS + 1)
    noon_c = 14.0 + 7.0 * rng.uniform(size=_DAYS + 1)
    clear[_FROST_DAY], dawn_c[_FROST_DAY], noon_c[_FROST_DAY] = 1.0, -2.0, 15.0
    noon_c[_FROST_DAY - 1] = 11.0
    dawn_c = dawn_c + station.warmer_at_dawn_c * clear
    noon_c = noon_c - 0.006 * station.altitude_m
    times = np.sort(
        np.concatenate(
            [
                np.arange(_DAYS + 1) * 24.0 + _DAWN_H,
                np.arange(_DAYS + 1) * 24.0 + _NOON_H,
            ]
        )
    )
    anchors = np.ravel(np.column_stack([dawn_c, noon_c]))
    air = _cosine(hours, times, anchors) + rng.normal(0, 0.12, hours.size)
    sky = clear[(hours // 24).astype(int)]
    below = _cosine(hours, times, np.tile([2.0, -3.0], _DAYS + 1))
    ground = air - below * (0.35 + 0.65 * sky) + rng.normal(0, 0.08, hours.size)
    rain = np.zeros(hours.size)
    wet = np.isin(hours // 24, _WET_DAYS) & (rng.uniform(size=hours.size) < 0.4)
    rain[wet] = rng.gamma(1.2, 0.9, int(wet.sum()))
    gust = 2.5 + 3.5 * np.clip(-below / 3, 0, 1) + rng.gamma(2.0, 0.7, hours.size)
    gust = np.where(np.isin(hours // 24, _WET_DAYS), gust + 6.0, gust)
    calm = (hours >= _FROST_DAY * 24 - 4) & (hours <= _FROST_DAY * 24 + 7)
    gust = np.where(calm, 0.3 * gust, gust)
    return [
        [
            station.id,
            f"{_BEGINS + timedelta(hours=int(hour)):%Y-%m-%dT%H:%M:%SZ}",
            *(f"{value + 0.0:.1f}" for value in values),
        ]
        for hour, *values in zip(
            hours,
            _tenths(air),
            _tenths(ground),
            _tenths(rain),
            _tenths(gust),
            strict=True,
        )
    ]


def _cosine(hours: Plane, times: Plane, anchors: Plane) -> Plane:
    """Values at hours that swing from anchor to anchor without corners."""
    later = np.clip(np.searchsorted(times, hours, side="right"), 1, len(times) - 1)
    share = (hours - times[later - 1]) / (times[later] - times[later - 1])
    ease = 0.5 - 0.5 * np.cos(np.pi * np.clip(share, 0, 1))
    values: Plane = anchors[later - 1] + ease * (anchors[later] - anchors[later - 1])
    return values


def _tenths(values: Plane) -> Plane:
    rounded: Plane = np.round(values, 1) + 0.0
    return rounded


def _write_csv(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

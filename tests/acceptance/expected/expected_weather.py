"""Nights of weather stations from their hourly tables, with the csv module alone.

A night runs from noon UTC to noon UTC and is named by the day on which it ends. An
hourly value stands for the hour that ends at its time, so noon closes a night.
"""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

LEAST_HOURS = 20


@dataclass(frozen=True)
class Station:
    """A station of `stations.csv`."""

    id: str
    name: str
    lon: float
    lat: float
    altitude_m: float


@dataclass(frozen=True)
class Night:
    """A night at a station."""

    station: str
    day: date
    ground_minimum_c: float
    air_minimum_c: float
    hours_below_zero: int
    hours_below_minus2: int
    rain_mm: float
    gust_ms: float

    @property
    def begins(self) -> str:
        """Noon of the day before, UTC."""
        return f"{self.day - timedelta(days=1)}T12:00:00Z"

    @property
    def ends(self) -> str:
        """Noon of the day itself, UTC."""
        return f"{self.day}T12:00:00Z"


def read_stations(folder: Path) -> list[Station]:
    """All stations listed."""
    return [
        Station(
            row["station"],
            row["name"],
            float(row["lon"]),
            float(row["lat"]),
            float(row["altitude_m"]),
        )
        for row in _rows(folder / "stations.csv")
    ]


def read_nights(folder: Path) -> list[Night]:
    """All nights with at least twenty hours, by station and day."""
    hours: dict[tuple[str, date], list[dict[str, str]]] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.name == "stations.csv":
            continue
        for row in _rows(path):
            hours.setdefault((row["station"], _night_of(row["time"])), []).append(row)
    return [
        _night(station, day, rows)
        for (station, day), rows in sorted(hours.items())
        if len(rows) >= LEAST_HOURS
    ]


def _night(station: str, day: date, rows: list[dict[str, str]]) -> Night:
    air = [float(row["air_temperature_c"]) for row in rows]
    return Night(
        station=station,
        day=day,
        ground_minimum_c=min(float(row["ground_temperature_c"]) for row in rows),
        air_minimum_c=min(air),
        hours_below_zero=sum(one < 0 for one in air),
        hours_below_minus2=sum(one < -2 for one in air),
        rain_mm=sum(float(row["rain_mm"]) for row in rows),
        gust_ms=max(float(row["gust_ms"]) for row in rows),
    )


def _night_of(text: str) -> date:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    noon = moment.replace(hour=12, minute=0, second=0, microsecond=0)
    return (moment if moment <= noon else moment + timedelta(days=1)).date()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))

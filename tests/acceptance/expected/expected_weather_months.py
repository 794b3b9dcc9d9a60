"""Monthly weather of Czech stations, with the csv module alone.

Files of the Czech Hydrometeorological Institute: a row a station, a column a month,
decimal comma; stations with decimal point.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from expected_units import Unit

MISSING = ("-99999", "-999", "")


@dataclass(frozen=True)
class MonthStation:
    """A station with its values: month such as 2018-07 to °C, and to mm."""

    id: str
    name: str
    lon: float
    lat: float
    air_mean_c: dict[str, float]
    rain_mm: dict[str, float]


def read_month_stations(folder: Path) -> list[MonthStation]:
    """All stations of the list, also those that measured nothing."""
    air = _values(folder / "MeanAirTemp_CHMU_derived_month_data.csv", "ID_stanice")
    rain = _values(folder / "precip_derived_month_data.csv", "stanice")
    return [
        MonthStation(
            row["id"],
            row["NAME"],
            float(row["X"]),
            float(row["Y"]),
            air.get(row["id"], {}),
            rain.get(row["id"], {}),
        )
        for row in _rows(folder / "stations.csv")
    ]


def nearest_with_air(
    unit: Unit, stations: list[MonthStation], first: str, last: str
) -> tuple[MonthStation, float]:
    """The nearest station that told a mean temperature in those months; its metres."""
    able = [one for one in stations if any(first <= m <= last for m in one.air_mean_c)]
    near = min(able, key=lambda one: (unit.distance_m(one.lon, one.lat), one.id))
    return near, unit.distance_m(near.lon, near.lat)


def _values(path: Path, station: str) -> dict[str, dict[str, float]]:
    """Station to month to value; names that are no month are normals over years."""
    return {
        row[station]: {
            name.replace("_", "-"): float(text.replace(",", "."))
            for name, text in row.items()
            if name[:2] in ("19", "20") and text not in MISSING
        }
        for row in _rows(path)
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))

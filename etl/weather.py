"""Hourly weather of stations into nights, and nights into facts."""

import datetime
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rdflib import XSD, Graph, Literal
from shapely.geometry import Point

from etl.iris import Iris
from etl.literals import add_geometry, decimal
from ontology import LUC, RDF, TSN
from ontology.errors import KnowledgeError

STATION_COLUMNS = ("station", "name", "lon", "lat", "altitude_m")
HOUR_COLUMNS = ("station", "time", "air_temperature_c")
OPTIONAL_COLUMNS = ("ground_temperature_c", "rain_mm", "gust_ms")

LEAST_HOURS = 20
"""A night is written when at least so many of its 24 hours were observed."""

_log = logging.getLogger(__name__)


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


def read_weather(path: Path) -> tuple[list[Station], list[Night]]:
    """Stations and their nights from CSV files.

    Args:
        path: A folder with `stations.csv` (`STATION_COLUMNS`) and files of hourly
            values (`HOUR_COLUMNS` and any of `OPTIONAL_COLUMNS`), or one such file
            with the station columns in it or with `stations.csv` beside it.

    Raises:
        KnowledgeError: A file or column is missing, a time has no zone, a station is
            not listed, or no night is complete.
    """
    folder = path if path.is_dir() else path.parent
    listing = folder / "stations.csv"
    files = sorted(folder.glob("*.csv")) if path.is_dir() else [path]
    hours = [_read_csv(one, HOUR_COLUMNS) for one in files if one != listing]
    if not hours:
        raise KnowledgeError(f"{path}: holds no CSV file of hourly weather; add one")
    table = pd.concat(hours, ignore_index=True)
    if set(STATION_COLUMNS) <= set(table.columns):
        places = table[list(STATION_COLUMNS)].drop_duplicates("station")
    else:
        places = _read_csv(listing, STATION_COLUMNS)
    stations = _stations(listing, places)
    unlisted = sorted(set(table["station"]) - {one.id for one in stations})
    if unlisted:
        raise KnowledgeError(
            f"{path}: station {unlisted[0]!r} is not in {listing}; add its position"
        )
    table["time"] = _times(path, table["time"])
    for column in (HOUR_COLUMNS[2], *OPTIONAL_COLUMNS):
        if column in table.columns:
            table[column] = _numbers(path, table[column])
    table = _once(path, table)
    nights = _nights(table)
    if not nights:
        raise KnowledgeError(
            f"{path}: no night has {LEAST_HOURS} hours of air temperature; "
            "give hourly values"
        )
    return stations, nights


def night_graphs(iris: Iris, nights: Sequence[Night]) -> dict[tuple[str, int], Graph]:
    """The nights, one graph for each station and year."""
    graphs: dict[tuple[str, int], Graph] = defaultdict(Graph)
    for night in nights:
        _add_night(graphs[night.station, night.day.year], iris, night)
    return dict(graphs)


def station_graph(iris: Iris, station: Station) -> Graph:
    """A station with its name, height and place."""
    graph = Graph()
    node = iris.station(station.id)
    graph.add((node, RDF.type, LUC.Station))
    graph.add((node, TSN.hasName, Literal(station.name)))
    if station.altitude_m is not None:
        graph.add((node, LUC.altitudeM, decimal(station.altitude_m)))
    add_geometry(graph, iris, node, Point(station.lon, station.lat))
    return graph


def _add_night(graph: Graph, iris: Iris, night: Night) -> None:
    node = iris.night(night.station, night.day)
    graph.add((node, RDF.type, LUC.StationNight))
    graph.add((node, LUC.station, iris.station(night.station)))
    graph.add((node, LUC.nightOf, Literal(night.day.isoformat(), datatype=XSD.date)))
    numbers = {
        LUC.airMinimumC: night.air_minimum_c,
        LUC.groundMinimumC: night.ground_minimum_c,
        LUC.hoursBelowZero: night.hours_below_zero,
        LUC.hoursBelowMinus2: night.hours_below_minus2,
        LUC.rainMm: night.rain_mm,
        LUC.gustMs: night.gust_ms,
    }
    for term, number in numbers.items():
        if number is not None:
            graph.add((node, term, decimal(number)))


def _read_csv(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype={"station": str})
    except (OSError, ValueError) as error:
        raise KnowledgeError(
            f"{path}: weather that cannot be read ({error}); give CSV with the columns "
            f"{', '.join(columns)}"
        ) from error
    missing = [one for one in columns if one not in table.columns]
    if missing:
        raise KnowledgeError(
            f"{path}: lacks the column {', '.join(missing)}; rename or add it"
        )
    return table


def _numbers(path: Path, column: "pd.Series[float]") -> "pd.Series[float]":
    try:
        return pd.to_numeric(column)
    except (ValueError, TypeError) as error:
        message = f"{path}: {column.name} holds what is no number ({error}); correct it"
        raise KnowledgeError(message) from error


def _once(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Each hour of a station once; files that overlap must agree.

    Raises:
        KnowledgeError: Two rows of one station and time differ.
    """
    columns = [one for one in (*HOUR_COLUMNS, *OPTIONAL_COLUMNS) if one in table]
    rows = table[columns].drop_duplicates()
    twice = rows[rows.duplicated(["station", "time"])]
    if len(twice):
        first = twice.iloc[0]
        raise KnowledgeError(
            f"{path}: station {first['station']} has two different rows for "
            f"{first['time'].isoformat()}; keep one of them"
        )
    return rows


def _stations(path: Path, places: pd.DataFrame) -> list[Station]:
    stations = []
    places = places.copy()
    for column in ("lon", "lat", "altitude_m"):
        places[column] = _numbers(path, places[column])
    for row in places.to_dict("records"):
        lon, lat = float(row["lon"]), float(row["lat"])
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise KnowledgeError(
                f"{path}: station {row['station']} lies at lon {lon}, lat {lat}; "
                "give degrees, CRS84"
            )
        altitude = None if pd.isna(row["altitude_m"]) else float(row["altitude_m"])
        name, station = str(row["name"]), str(row["station"])
        stations.append(Station(station, name, lon, lat, altitude))
    return stations


def _times(path: Path, column: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    text = column.astype(str)
    zoned = text.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$")
    if not zoned.all():
        raise KnowledgeError(
            f"{path}: the time {text[~zoned].iloc[0]!r} has no zone; write UTC as "
            "2017-04-27T05:00:00Z"
        )
    try:
        return pd.to_datetime(text, utc=True, format="ISO8601")
    except ValueError as error:
        raise KnowledgeError(f"{path}: a time is no ISO 8601 time: {error}") from error


def _nights(table: pd.DataFrame) -> list[Night]:
    """Noon to noon UTC; a value at noon belongs to the night before it."""
    shifted = table["time"] + pd.Timedelta(hours=12, microseconds=-1)
    days = shifted.dt.date
    nights: list[Night] = []
    partial = 0
    for (station, day), hours in table.groupby([table["station"], days], sort=True):
        assert isinstance(day, datetime.date)
        observed = hours.dropna(subset=["air_temperature_c"])
        step = _step_hours(hours["time"])
        if len(observed) * step < LEAST_HOURS:
            partial += 1
            continue
        air = observed["air_temperature_c"]
        nights.append(
            Night(
                station=str(station),
                day=day,
                air_minimum_c=float(air.min()),
                ground_minimum_c=_reduce(hours, "ground_temperature_c", "min"),
                hours_below_zero=float((air < 0).sum() * step),
                hours_below_minus2=float((air < -2).sum() * step),
                rain_mm=_reduce(hours, "rain_mm", "sum"),
                gust_ms=_reduce(hours, "gust_ms", "max"),
            )
        )
    if partial:
        _log.info("%d nights were left out: too few hours observed", partial)
    return nights


def _step_hours(times: "pd.Series[pd.Timestamp]") -> float:
    """Hours that one value stands for: the usual step, one hour at most."""
    steps = times.sort_values().diff().dropna().dt.total_seconds() / 3600
    return min(1.0, float(steps.median())) if len(steps) else 1.0


def _reduce(hours: pd.DataFrame, column: str, how: str) -> float | None:
    if column not in hours.columns:
        return None
    values = hours[column].dropna()
    return float(values.agg(how)) if len(values) else None

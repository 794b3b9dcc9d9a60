"""Weather files into the stations, nights, days and months of a lift."""

import datetime
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from etl.weather.file_numbers import Span
from etl.weather.gaps import tell_gaps
from etl.weather.mapping import Mapping, read_mapping
from etl.weather.nearest import check_distances, nearest_stations
from etl.weather.nights import LEAST_HOURS, nights_of
from etl.weather.observations import read_observations
from etl.weather.plausibility import plausible
from etl.weather.records import Period, Station, Weather
from etl.weather.stations import check_positions, read_stations
from etl.weather.variables import VARIABLES
from mining.units import Unit
from ontology.errors import KnowledgeError

OURS = "lucerna-hours"
"""The ready mapping of files that come without one."""

BEFORE = {"day": datetime.timedelta(days=31), "month": datetime.timedelta(days=730)}
"""Days and months are lifted from so long before the earlier image, unless told."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WeatherFiles:
    """Weather files, and what of them is wanted.

    Attributes:
        path: A folder, or one file.
        mapping: Tells what is in them.
        since: First day that is wanted; None: some time before the earlier image.
        until: Last day; None: that of the later image.
    """

    path: Path
    mapping: Mapping
    since: datetime.date | None = None
    until: datetime.date | None = None


def weather_files(
    path: Path,
    mapping: str | None = None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> WeatherFiles:
    """Weather files with the mapping of a file, or a ready one by its name.

    Raises:
        KnowledgeError: There is no such mapping, or it makes no sense; or the first day
            is later than the last.
    """
    if since is not None and until is not None and since > until:
        raise KnowledgeError(
            f"{path}: weather since {since} until {until} is no stretch of time; swap "
            "the days"
        )
    return WeatherFiles(path, read_mapping(mapping or OURS), since, until)


def read_weather(
    weather: WeatherFiles,
    units: Sequence[Unit],
    begins: datetime.datetime,
    ends: datetime.datetime,
) -> Weather:
    """The stations of a lift with their nights, or with their days or months.

    Of hourly weather every station and night is given, unless a stretch of time is
    asked for. Of days and months only those of the stations that are nearest to a unit,
    in a stretch of time around both images.

    Args:
        weather: The files.
        units: Each gets the nearest station that has the first variable of the mapping;
            of hours, a night.
        begins: Time of the earlier image.
        ends: Time of the later image.

    Raises:
        KnowledgeError: A file, time, number or position is missing, is not as it is
            mapped, or cannot be; or too little was measured for any fact.
    """
    path, mapping = weather.path, weather.mapping
    span = _span(weather, begins, ends)
    observed = read_observations(path, mapping, span)
    stations = _listed(path, read_stations(path, mapping), observed)
    if observed["value"].isna().all():
        raise KnowledgeError(
            f"{path}: nothing was measured{_words(span)}; give weather of that time, "
            "or ask for another by --weather-since and --weather-until"
        )
    read = _of_hours if mapping.resolution == "hour" else _of_periods
    held, known = read(weather, observed, stations, units)
    tell_gaps(known, mapping.resolution)
    _tell_end(path, known, begins, ends, mapping.resolution)
    return held


def _of_periods(
    weather: WeatherFiles,
    observed: pd.DataFrame,
    stations: Sequence[Station],
    units: Sequence[Unit],
) -> tuple[Weather, pd.DataFrame]:
    """The days or months of the nearest stations, and the numbers in them."""
    mapping = weather.mapping
    first = observed[observed["variable"] == mapping.element[0].variable]
    able = _measured(first) or _measured(observed)
    near = nearest_stations(units, [one for one in stations if one.id in able])
    check_distances(weather.path, near)
    lifted = {one.station.id for one in near.values()}
    known = plausible(observed[observed["station"].isin(lifted)], mapping, _now())
    held = Weather(
        stations=tuple(one for one in stations if one.id in lifted),
        nearest=near,
        periods=tuple(_periods(known, mapping.resolution)),
    )
    return held, known


def _of_hours(
    weather: WeatherFiles,
    observed: pd.DataFrame,
    stations: Sequence[Station],
    units: Sequence[Unit],
) -> tuple[Weather, pd.DataFrame]:
    """The nights of all stations, and the hours that they are made of."""
    known = plausible(observed, weather.mapping, _now())
    span = Span(weather.since, weather.until)
    nights = [
        one for one in nights_of(_hours(observed, known)) if span.holds(one.day, "day")
    ]
    if not nights:
        raise KnowledgeError(
            f"{weather.path}: no night has {LEAST_HOURS} hours of air temperature"
            f"{_words(span)}; give hourly values"
        )
    able = {one.station for one in nights}
    near = nearest_stations(units, [one for one in stations if one.id in able])
    check_distances(weather.path, near)
    return Weather(tuple(stations), near, nights=tuple(nights)), known


def _span(
    weather: WeatherFiles, begins: datetime.datetime, ends: datetime.datetime
) -> Span:
    """The days that are wanted; all where hours are not asked for by day."""
    if weather.mapping.resolution == "hour":
        return Span()
    before = BEFORE[weather.mapping.resolution]
    return Span(weather.since or (begins - before).date(), weather.until or ends.date())


def _listed(
    path: Path, stations: dict[str, Station], observed: pd.DataFrame
) -> list[Station]:
    """The stations that measured, each at a place that can be.

    Raises:
        KnowledgeError: One is not listed, or stands at an impossible place.
    """
    named = sorted(set(observed["station"]))
    for one in named:
        if one not in stations:
            raise KnowledgeError(
                f"{path}: station {one!r} is not in the file of stations; add its "
                "position"
            )
    found = [stations[one] for one in named]
    check_positions(path, found)
    return found


def _measured(observed: pd.DataFrame) -> set[str]:
    return set(observed[observed["value"].notna()]["station"])


def _hours(observed: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """A row an hour, also those in which nothing was measured."""
    key = ["station", "when"]
    rows = pd.MultiIndex.from_frame(observed[key].drop_duplicates()).sort_values()
    wide = known.pivot(index=key, columns="variable", values="value").reindex(rows)
    if "air_temperature" not in wide:
        wide["air_temperature"] = math.nan
    return wide.reset_index().rename(columns={"when": "time"})


def _periods(known: pd.DataFrame, kind: str) -> list[Period]:
    wide = known.pivot(index=["station", "when"], columns="variable", values="value")
    wide = wide.reindex(columns=list(VARIABLES[kind])).sort_index()
    return [
        Period(
            "day" if kind == "day" else "month",
            str(station),
            when.date(),
            *(None if math.isnan(one) else float(one) for one in numbers),
        )
        for (station, when), numbers in zip(wide.index, wide.to_numpy(), strict=True)
    ]


def _tell_end(
    path: Path,
    known: pd.DataFrame,
    begins: datetime.datetime,
    ends: datetime.datetime,
    resolution: str,
) -> None:
    """Warn of weather that does not reach from one image to the other."""
    first, last = known["when"].min(), known["when"].max()
    reached = last + (
        pd.offsets.MonthEnd(0) if resolution == "month" else pd.Timedelta(0)
    )
    if first.date() > begins.date() or reached.date() < ends.date():
        form = "%Y-%m" if resolution == "month" else "%Y-%m-%d"
        _log.warning(
            "%s: weather is from %s to %s, and the images are of %s and %s",
            path,
            first.strftime(form),
            last.strftime(form),
            begins.date(),
            ends.date(),
        )


def _words(span: Span) -> str:
    since = "" if span.since is None else f" since {span.since}"
    return since + ("" if span.until is None else f" until {span.until}")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)

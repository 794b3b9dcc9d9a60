"""Hourly weather into nights."""

import datetime
import logging

import pandas as pd

from etl.weather.records import Night

LEAST_HOURS = 20
"""A night is written when at least so many of its 24 hours were observed."""

_log = logging.getLogger(__name__)


def nights_of(table: pd.DataFrame) -> list[Night]:
    """Noon to noon UTC; a value at noon belongs to the night before it.

    Args:
        table: Columns station, time (UTC) and hourly variables, a row an hour.
    """
    shifted = table["time"] + pd.Timedelta(hours=12, microseconds=-1)
    days = shifted.dt.date
    nights: list[Night] = []
    partial = 0
    for (station, day), hours in table.groupby([table["station"], days], sort=True):
        assert isinstance(day, datetime.date)
        observed = hours.dropna(subset=["air_temperature"])
        step = _step_hours(hours["time"])
        if len(observed) * step < LEAST_HOURS:
            partial += 1
            continue
        air = observed["air_temperature"]
        nights.append(
            Night(
                station=str(station),
                day=day,
                air_minimum_c=float(air.min()),
                ground_minimum_c=_reduce(hours, "ground_temperature", "min"),
                hours_below_zero=float((air < 0).sum() * step),
                hours_below_minus2=float((air < -2).sum() * step),
                rain_mm=_reduce(hours, "rain", "sum"),
                gust_ms=_reduce(hours, "gust", "max"),
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

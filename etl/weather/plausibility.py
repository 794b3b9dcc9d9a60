"""Weather that cannot be is refused, weather that is only odd is told."""

import datetime
import logging
import re
from typing import Any

import pandas as pd

from etl.weather.mapping import Mapping
from etl.weather.variables import QUANTITY, RAIN, TEMPERATURE, possible
from ontology.errors import KnowledgeError

_LONG = {"hour": 72, "day": 30, "month": 12}
"""A series of so many values is long enough to be judged as one."""

_WETTEST_MM = {"hour": 0.0, "day": 0.5, "month": 1.0}
"""A long series of which most values are above 0 reaches more than this."""

_WET_MM = 5.0
"""A whole series of rain usually reaches this."""

_MOST_WRONG = 0.1
"""So many contradictions are no slips, but wrong columns."""

_NINES = re.compile(r"-?9{2,}(\.9+)?")
"""What files write where nothing was measured."""

_log = logging.getLogger(__name__)


def plausible(
    observations: pd.DataFrame, mapping: Mapping, now: datetime.datetime
) -> pd.DataFrame:
    """The observations that can be; what is only odd is told.

    Args:
        observations: As read, a row a number; those that were not measured are left
            out of what is given back.
        mapping: Tells the units that the files were declared in.
        now: No time is later.

    Raises:
        KnowledgeError: A number is beyond the records of the Earth, a time lies in the
            future, a minimum is above its maximum, or rain is in another unit.
    """
    resolution = mapping.resolution
    latest = observations.sort_values("when").iloc[-1]
    moment = (
        latest["when"].tz_localize("UTC") if resolution != "hour" else latest["when"]
    )
    if moment > now + datetime.timedelta(days=1):
        raise KnowledgeError(
            f"{latest['file']}: station {latest['station']} has a value of "
            f"{_when(latest['when'], resolution)}, which is in the future; correct the "
            "time, or its format in the mapping"
        )
    known = observations[observations["value"].notna()]
    units = {one.variable: one.unit for one in mapping.element}
    for variable, rows in known.groupby("variable"):
        _check_range(str(variable), units[str(variable)], rows, resolution)
        for _, series in rows.groupby("station"):
            _check_series(str(variable), units[str(variable)], series, resolution)
    return known if resolution == "hour" else _ordered(known, resolution)


def likely_units(variable: str, declared: str, values: "pd.Series[float]") -> list[str]:
    """The units in which the numbers of a series would be usual ones.

    Args:
        variable: What they are of.
        declared: The unit that they were turned into ours from.
        values: In our unit.

    >>> likely_units("air_mean", "°C", pd.Series([292.45, 271.0]))
    ['K']
    >>> likely_units("air_mean", "°C", pd.Series([193.0, -21.0]))
    ['0.1 °C']
    """
    quantity = QUANTITY[variable]
    factor, summand = quantity.units[declared]
    stored = (values - summand) / factor
    least, most = quantity.usual
    found = []
    for unit, (other, more) in quantity.units.items():
        again = stored * other + more
        wet = quantity is not RAIN or again.max() >= _WET_MM
        tenths = not unit.startswith("0.1 ") or _whole(stored)
        if unit != declared and wet and tenths and again.between(least, most).all():
            found.append(unit)
    return found


def _check_range(variable: str, unit: str, rows: pd.DataFrame, resolution: str) -> None:
    least, most = possible(variable, resolution)
    wrong = rows[~rows["value"].between(least, most)]
    if wrong.empty:
        return
    first = wrong.iloc[0]
    series = rows[rows["station"] == first["station"]]["value"]
    hint = _hint(variable, unit, series, float(first["value"]))
    raise KnowledgeError(f"{_told(first, resolution)}, which cannot be{hint}")


def _check_series(
    variable: str, unit: str, series: pd.DataFrame, resolution: str
) -> None:
    """What only a whole series shows: a wrong unit, a broken instrument."""
    values, first = series["value"], series.iloc[0]
    if len(values) < _LONG[resolution]:
        return
    name = f"{first['file']}: station {first['station']}: {_words(variable)}"
    quantity = QUANTITY[variable]
    rainy = quantity is RAIN and (values > 0).mean() > 0.5
    if rainy and values.max() < _WETTEST_MM[resolution]:
        most = float(values.max())
        raise KnowledgeError(
            f"{name} is never above {most:.4g} mm in {len(values)} {resolution}s, "
            f"though it mostly rained{_hint(variable, unit, values, most)}"
        )
    if values.nunique() == 1 and not (quantity is RAIN and values.iloc[0] == 0):
        _log.warning(
            "%s is %.4g %s in all %d %ss; the instrument may be broken",
            name, values.iloc[0], quantity.unit, len(values), resolution,
        )  # fmt: skip
    elif quantity is TEMPERATURE and values.median() > 35:
        _log.warning(
            "%s is %.4g °C in the middle; is it not °F?", name, values.median()
        )
    if unit.startswith("0.1 ") and not _whole(values * 10):
        _log.warning("%s has parts of %s; is the unit not %s?", name, unit, unit[4:])


def _ordered(known: pd.DataFrame, resolution: str) -> pd.DataFrame:
    """The observations without temperatures that contradict each other.

    Raises:
        KnowledgeError: Many minima are above their mean or maximum, or means above it.
    """
    temperatures = ["air_minimum", "air_mean", "air_maximum"]
    wide = known.pivot(index=["station", "when"], columns="variable", values="value")
    low, mean, high = (wide.reindex(columns=temperatures)[one] for one in temperatures)
    wrong = wide[(low > high) | (low > mean) | (mean > high)]
    if wrong.empty:
        return known
    station, when = wrong.index[0]
    among = known[known["station"] == station]
    counts = wrong.groupby("station").size()
    stood = (f"{one:.4g}" for one in wrong.reindex(columns=temperatures).iloc[0])
    told = (
        f"{among['file'].iloc[0]}: station {station}: on {counts[station]} of "
        f"{among['when'].nunique()} {resolution}s the air minimum, mean and maximum "
        f"contradict each other, as on {_when(when, resolution)}: {', '.join(stood)} °C"
    )
    if len(counts) > 1:
        told += f", and those of {len(counts) - 1} more stations"
    if len(wrong) > _MOST_WRONG * len(wide):
        raise KnowledgeError(f"{told}; correct them, or the columns in the mapping")
    _log.warning("%s; these temperatures are left out", told)
    out = pd.MultiIndex.from_frame(known[["station", "when"]]).isin(wrong.index)
    return known[~(out & known["variable"].isin(temperatures))]


def _hint(variable: str, unit: str, values: "pd.Series[float]", wrong: float) -> str:
    factor, summand = QUANTITY[variable].units[unit]
    stored = f"{(wrong - summand) / factor:.6g}"
    if _NINES.fullmatch(stored):
        return f'; declare missing = ["{stored}"] in the mapping, or correct it'
    likely = likely_units(variable, unit, values)
    if likely:
        return (
            f"; it looks like {' or '.join(likely)}: declare "
            f'unit = "{likely[0]}" in the mapping'
        )
    return "; correct it, its unit, or declare it missing in the mapping"


def _told(row: "pd.Series[Any]", resolution: str) -> str:
    variable = str(row["variable"])
    return (
        f"{row['file']}: station {row['station']}, {_when(row['when'], resolution)}: "
        f"{_words(variable)} is {row['value']:.6g} {QUANTITY[variable].unit}"
    )


def _when(when: pd.Timestamp, resolution: str) -> str:
    form = {"hour": "%Y-%m-%dT%H:%MZ", "day": "%Y-%m-%d", "month": "%Y-%m"}
    return when.strftime(form[resolution])


def _words(variable: str) -> str:
    return variable.replace("_", " ")


def _whole(values: "pd.Series[float]") -> bool:
    return bool(((values - values.round()).abs() < 1e-6).all())

"""The numbers of one weather file, by a mapping, as rows."""

import calendar
import datetime
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from etl.weather.mapping import Element, Mapping
from etl.weather.tables import check_columns, numbers, read_table
from etl.weather.times import dates, instants
from etl.weather.variables import QUANTITY
from ontology.errors import KnowledgeError

COLUMNS = ["station", "when", "variable", "value", "file"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Span:
    """The days from which weather is taken, both included; None: without end."""

    since: datetime.date | None = None
    until: datetime.date | None = None

    def holds(self, day: datetime.date, resolution: str) -> bool:
        """Whether it meets a day, or the month that begins with it.

        >>> Span(since=datetime.date(2018, 7, 31)).holds(
        ...     datetime.date(2018, 7, 1), "month")
        True
        """
        last = day
        if resolution == "month":
            length = calendar.monthrange(day.year, day.month)[1]
            last = day.replace(day=length)
        return not (
            (self.since is not None and last < self.since)
            or (self.until is not None and day > self.until)
        )


def file_numbers(
    file: Path, mapping: Mapping, elements: Sequence[Element], span: Span
) -> list[pd.DataFrame]:
    """The numbers of each variable that a file has (`COLUMNS`), missing ones as NaN.

    Args:
        file: Delimited text.
        mapping: Tells how it is written.
        elements: The variables that it should hold.
        span: Days and months out of it are left out.

    Raises:
        KnowledgeError: A column, a time or a number is not as it is mapped.
    """
    table = read_table(file, mapping.table)
    times: dict[str | None, pd.Series[pd.Timestamp] | None] = {}
    parts = []
    for element in elements:
        chosen = _chosen(file, table, mapping, element, span)
        if not chosen:
            continue
        column = element.station or mapping.station.column
        stations = None if column is None else _stations_of(file, table, column)
        if column not in times:
            times[column] = _times_of(file, table, mapping, stations)
        when = times[column]
        rows = table
        if when is not None and mapping.resolution != "hour":
            inside = [span.holds(one.date(), mapping.resolution) for one in when]
            rows = table[inside]
        parts.append(_rows(file, rows[list(chosen)], mapping, element))
        _add_place(parts[-1], chosen, stations, mapping.station.id)
        _add_time(parts[-1], chosen, when)
    return [one.loc[one["when"].notna(), COLUMNS] for one in parts]


def _rows(
    file: Path, table: pd.DataFrame, mapping: Mapping, element: Element
) -> pd.DataFrame:
    """A row a number, with the column that it stood in; the index is its line."""
    cells = table.melt(
        var_name="column", value_name=element.variable, ignore_index=False
    )
    factor, summand = QUANTITY[element.variable].units[element.unit]
    stored = numbers(file, cells[element.variable], mapping.table)
    rows = cells[["column"]].copy()
    rows["value"] = stored.to_numpy() * factor + summand
    rows["variable"], rows["file"] = element.variable, str(file)
    return rows


def _add_place(
    rows: pd.DataFrame,
    chosen: dict[str, dict[str, Any]],
    stations: "pd.Series[str] | None",
    fixed: str | None,
) -> None:
    told = {name: one["station"] for name, one in chosen.items() if "station" in one}
    if told:
        rows["station"] = rows["column"].map(told)
    elif stations is not None:
        rows["station"] = stations.loc[rows.index].to_numpy()
    else:
        rows["station"] = fixed


def _add_time(
    rows: pd.DataFrame,
    chosen: dict[str, dict[str, Any]],
    when: "pd.Series[pd.Timestamp] | None",
) -> None:
    if when is None:
        told = {name: one["when"] for name, one in chosen.items()}
        rows["when"] = pd.to_datetime(rows["column"].map(told))
    else:
        rows["when"] = when.loc[rows.index].array


def _chosen(
    file: Path, table: pd.DataFrame, mapping: Mapping, element: Element, span: Span
) -> dict[str, dict[str, Any]]:
    """The columns of numbers, each with the station and time that its name tells."""
    if element.columns is not None:
        named = _wide_columns(file, table, element)
        if "year" not in element.told_by_name:
            return named
        dated = {
            name: told | {"when": pd.Timestamp(_first_day(file, name, told))}
            for name, told in named.items()
        }
        return {
            name: told
            for name, told in dated.items()
            if span.holds(told["when"].date(), mapping.resolution)
        }
    column = str(element.column)
    if element.optional and column not in table.columns:
        return {}
    check_columns(file, table, [column])
    return {column: {}}


def _wide_columns(
    file: Path, table: pd.DataFrame, element: Element
) -> dict[str, dict[str, Any]]:
    """Each column that the expression matches, with what its name tells."""
    assert element.columns is not None
    found = {
        name: match.groupdict()
        for name in table.columns
        if (match := element.columns.fullmatch(name))
    }
    if not found:
        raise KnowledgeError(
            f"{file}: no column of {element.variable} matches "
            f"{element.columns.pattern!r}; it has {', '.join(table.columns[:4])} …: "
            "correct the mapping"
        )
    return found


def _stations_of(file: Path, table: pd.DataFrame, column: str) -> "pd.Series[str]":
    check_columns(file, table, [column])
    named = table[column].str.strip()
    if (named == "").any():
        line = (named == "").idxmax()
        raise KnowledgeError(f"{file}: line {line}: names no station; add it")
    return named


def _times_of(
    file: Path,
    table: pd.DataFrame,
    mapping: Mapping,
    stations: "pd.Series[str] | None",
) -> "pd.Series[pd.Timestamp] | None":
    """The time of each row; None where the names of columns tell it."""
    columns = list(mapping.time.columns)
    if not columns:
        return None
    check_columns(file, table, columns)
    text = table[columns[0]].str.strip()
    for one in columns[1:]:
        text = text + " " + table[one].str.strip()
    if mapping.resolution != "hour":
        found = dates(file, text, mapping.time)
        if mapping.resolution == "month":
            found -= pd.to_timedelta(found.dt.day - 1, unit="D")
        return found
    if stations is None:
        found = instants(file, text, mapping.time)
    else:
        found = text.groupby(stations, group_keys=False).transform(
            lambda one: instants(file, one, mapping.time)
        )
    unclear = text[found.isna()]
    if len(unclear):
        _log.warning(
            "%s: line %s: the clocks of %s showed %s twice; such hours are left out "
            "(%d): give UTC or a fixed offset",
            file,
            unclear.index[0],
            mapping.time.zone,
            unclear.iloc[0],
            len(unclear),
        )
    return found


def _first_day(file: Path, name: str, told: dict[str, Any]) -> datetime.date:
    """The day, or first day of the month, that a column's name tells."""
    numbered = [int(told.get(one) or 1) for one in ("year", "month", "day")]
    try:
        return datetime.date(*numbered)
    except ValueError as error:
        raise KnowledgeError(
            f"{file}: the column {name} names no day ({error}); correct the mapping"
        ) from error

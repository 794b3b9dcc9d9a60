"""The text of times as instants in UTC, days or months."""

import zoneinfo
from pathlib import Path

import pandas as pd

from etl.weather.mapping import Times
from ontology.errors import KnowledgeError

_ZONED = r"(?:Z|[+-]\d\d:?\d\d)$"


def instants(
    path: Path, text: "pd.Series[str]", times: Times
) -> "pd.Series[pd.Timestamp]":
    """Each stamp in UTC; NaT where the clock showed it twice and the file has it once.

    Args:
        path: Of the file, for messages.
        text: The stamps of one station in the order of the file.
        times: Their format, and the zone of those that tell none.

    Raises:
        KnowledgeError: A stamp is no time, has no zone, or does not exist in its zone.
    """
    zoned = text.str.contains(_ZONED)
    if times.zone is None:
        if not zoned.all():
            raise KnowledgeError(
                f"{path}: line {(~zoned).idxmax()}: the time {text[~zoned].iloc[0]!r} "
                "has no zone; write UTC as 2017-04-27T05:00:00Z, or declare the zone "
                "in a mapping"
            )
        return _parsed(path, text, times, utc=True)
    if zoned.any():
        raise KnowledgeError(
            f"{path}: line {zoned.idxmax()}: the time {text[zoned].iloc[0]!r} tells a "
            "zone of its own; leave zone out of the mapping"
        )
    return _in_zone(path, _parsed(path, text, times, utc=False), times.zone)


def dates(
    path: Path, text: "pd.Series[str]", times: Times
) -> "pd.Series[pd.Timestamp]":
    """Each day as midnight without a zone.

    Raises:
        KnowledgeError: A text is no day.
    """
    parsed = _parsed(
        path, text.str.slice(0, 10) if times.format is None else text, times
    )
    return parsed.dt.tz_localize(None).dt.normalize()


def _parsed(
    path: Path, text: "pd.Series[str]", times: Times, *, utc: bool = False
) -> "pd.Series[pd.Timestamp]":
    form = times.format or "ISO8601"
    found = pd.to_datetime(text, utc=utc, format=form, errors="coerce")
    if found.isna().any():
        wrong = text[found.isna()]
        raise KnowledgeError(
            f"{path}: line {wrong.index[0]}: {wrong.iloc[0]!r} is no time of the form "
            f"{form}; correct it, or the format in the mapping"
        )
    return found


def _in_zone(
    path: Path, local: "pd.Series[pd.Timestamp]", zone: str
) -> "pd.Series[pd.Timestamp]":
    """Local times in UTC; of an hour shown twice by the clock, the first is summer."""
    if zone[0] in "+-":
        return local.dt.tz_localize(zone).dt.tz_convert("UTC")
    place = zoneinfo.ZoneInfo(zone)
    known = local.dt.tz_localize(place, ambiguous="NaT", nonexistent="shift_forward")
    moved = known.notna() & (known.dt.tz_localize(None) != local)
    if moved.any():
        raise KnowledgeError(
            f"{path}: line {moved.idxmax()}: {local[moved].iloc[0]} does not exist in "
            f"{zone}, where clocks were put forward; the file may keep one offset all "
            'year: declare it, such as zone = "+01:00"'
        )
    unclear = known.isna()
    if unclear.any():
        again, both = local.duplicated(), local.duplicated(keep=False)
        sided = local[unclear & both].dt.tz_localize(
            place, ambiguous=(~again[unclear & both]).to_numpy()
        )
        known = known.where(~(unclear & both), sided)
    return known.dt.tz_convert("UTC")

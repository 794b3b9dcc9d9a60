"""What is not measured is told, never filled in."""

import logging

import pandas as pd

_LISTED = 1

_log = logging.getLogger(__name__)


def tell_gaps(observations: pd.DataFrame, resolution: str) -> None:
    """Warn, in one line, of hours, days or months that a station lacks.

    A station is held to the stretch of time that the files cover for any station; a
    variable that it never measures is no gap.

    Args:
        observations: A row a number that was measured.
        resolution: Hour, day or month.
    """
    covered = _covered(observations["when"], resolution)
    gaps = []
    for (station, variable), rows in observations.groupby(["station", "variable"]):
        lacking = len(covered.difference(pd.DatetimeIndex(rows["when"])))
        if lacking:
            told = f"{lacking} of {len(covered)} {resolution}s of "
            told += str(variable).replace("_", " ")
            file = rows["file"].iloc[0]
            gaps.append((lacking, f"{file}: station {station} lacks {told}"))
    gaps.sort(key=lambda one: -one[0])
    for _, told in gaps:
        _log.info("%s", told)
    if gaps:
        more = len(gaps) - _LISTED
        _log.warning(
            "%s%s; nothing is filled in",
            gaps[0][1],
            f", and {more} more series have gaps (LUCERNA_LOG_LEVEL=INFO lists them)"
            if more
            else "",
        )


def _covered(when: "pd.Series[pd.Timestamp]", resolution: str) -> pd.DatetimeIndex:
    """Every time from the first to the last in the usual step."""
    first, last = when.min(), when.max()
    if resolution == "month":
        return pd.date_range(first, last, freq="MS")
    if resolution == "day":
        return pd.date_range(first, last, freq="D")
    times = pd.Series(when.unique()).sort_values()
    steps = times.diff().dropna()
    if steps.empty:
        return pd.DatetimeIndex(times)
    return pd.date_range(first, last, freq=pd.Timedelta(steps.median()))

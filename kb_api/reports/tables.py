"""The parcels of a report as CSV that a spreadsheet can open without harm."""

import csv
import io

from kb_api.reports.facts import ReportFacts
from kb_api.terms import Value

COLUMNS = (
    "identifier", "name", "crop", "holding", "sum_insured", "grade", "weather_key",
    "crop_key", "area_ha", "observed_ha", "affected_ha", "share", "none_ha", "low_ha",
    "middle_ha", "high_ha", "mean_score", "valid_pixels", "cloudy_pixels",
    "total_pixels", "station", "station_name", "station_km", "night", "night_variable",
    "night_value", "night_unit", "before", "after", "reason",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render_csv(facts: ReportFacts) -> bytes:
    """One line a parcel (RFC 4180, UTF-8); columns as `COLUMNS`.

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    times = {"before": facts.about["before_time"], "after": facts.about["after_time"]}
    for row in facts.parcels:
        whole = {**row, **times}
        lines.writerow([cell(whole[one]) for one in COLUMNS])
    return out.getvalue().encode()


def cell(value: Value) -> str:
    """A value as it may stand in a CSV cell.

    >>> cell("=1+1"), cell(-4.5), cell(None)
    ("'=1+1", '-4.5', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:.10g}"
    return f"'{value}" if value.lstrip().startswith(_FORMULA) else value

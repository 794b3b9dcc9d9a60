"""A report as one HTML file that stands alone: no script, nothing from elsewhere."""

import dataclasses
import functools
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import jinja2

from kb_api.reports.drawing import data_uri, draw_parcels
from kb_api.reports.facts import (
    ReportFacts,
    Row,
    by_crop,
    by_holding,
    key_words,
    summary,
    totals,
)
from kb_api.reports.manifest import inputs
from kb_api.terms import Value

NUMBERED = 80
"""With so many parcels or fewer, each has its number on the map."""

NO_DAMAGE = "noVisibleDamage"


def render_html(facts: ReportFacts, pictures: Mapping[str, bytes]) -> bytes:
    """The page of a report, printable on A4.

    Args:
        facts: Of the report.
        pictures: PNG of the image `before` and `after`; either may be missing.
    """
    facts = _worst_first(facts)
    drawing = draw_parcels(facts)
    page = (
        _templates()
        .get_template("report.html.j2")
        .render(
            title=_title(facts),
            about=facts.about,
            facts=facts,
            parameters=facts.parameters,
            weather=[_rule(one) for one in facts.parameters["weather"]],
            grades={one.name: one for one in facts.grades},
            bounds=_bounds(facts),
            summary=summary(facts),
            totals=totals(facts),
            crops=by_crop(facts),
            holdings=by_holding(facts),
            stations=_stations(facts),
            inputs=inputs(facts),
            drawing=drawing,
            numbered=len(facts.parcels) <= NUMBERED,
            pictures={name: data_uri(png) for name, png in pictures.items()},
            not_assessed=sum(one["grade"] == "notAssessed" for one in facts.parcels),
            left_out=len(
                {one["row"] for one in facts.problems if one["action"] == "left out"}
            ),
            insured=any(one["sum_insured"] is not None for one in facts.parcels),
        )
    )
    return page.encode()


@functools.cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("kb_api.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "number": _number,
        "percent": _percent,
        "moment": _moment,
        "key": key_words,
        "thousands": _thousands,
    }
    return made


def _worst_first(facts: ReportFacts) -> ReportFacts:
    """The report with the most affected parcels first, those not assessed last."""
    ranks = {one.name: place for place, one in enumerate(facts.grades)}
    order = sorted(
        facts.parcels,
        key=lambda one: (ranks[str(one["grade"])], -float(one["share"] or 0)),
    )
    return dataclasses.replace(facts, parcels=tuple(order))


def _bounds(facts: ReportFacts) -> dict[str, str]:
    """From which affected share each grade is given, in words."""
    told = {}
    above: float | None = None
    least = facts.parameters["grades"]
    for name, share in sorted(least.items(), key=lambda one: -one[1]):
        upper = "" if above is None else f" to under {above:.0%}"
        told[name] = f"{share:.0%}{upper or ' or more'}"
        above = share
    told[NO_DAMAGE] = f"under {above:.0%}"
    return told


def _stations(facts: ReportFacts) -> list[dict[str, Any]]:
    """Each station-night that decided a weather key, with whom it speaks for."""
    found: dict[tuple[Value, ...], dict[str, Any]] = {}
    distances: dict[tuple[Value, ...], list[float]] = defaultdict(list)
    for row in facts.parcels:
        if row["station_name"] is None:
            continue
        which = (
            row["station_name"],
            row["night"],
            row["night_variable"],
            row["night_value"],
        )
        found.setdefault(
            which,
            {
                "name": row["station_name"],
                "night": row["night"],
                "value": _measured(row),
                "key": row["weather_key"],
            },
        )
        distances[which].append(float(row["station_km"] or 0))
    return [
        {**one, "parcels": len(distances[which]), "km": _range(distances[which])}
        for which, one in found.items()
    ]


def _rule(rule: Mapping[str, Any]) -> str:
    """A weather rule in words."""
    return f"{rule['label']} {rule['asked']} within {rule['max_distance_km']:g} km"


def _measured(row: Row) -> str:
    """The deciding value of a parcel with its words and unit."""
    return f"{row['night_label']} {row['night_value']:g} {row['night_unit']}"


def _range(numbers: list[float]) -> str:
    least, most = min(numbers), max(numbers)
    ends = [f"{least:.1f}", f"{most:.1f}"]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _number(value: Value, digits: int = 2) -> str:
    return f"{value:,.{digits}f}" if isinstance(value, int | float) else "-"


def _percent(value: Value) -> str:
    return f"{value:.0%}" if isinstance(value, int | float) else "-"


def _thousands(value: Value) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) else "-"


def _moment(value: Value) -> str:
    return "-" if value is None else str(value)[:16].replace("T", " ") + " UTC"


def _title(facts: ReportFacts) -> str:
    about = facts.about
    begins = str(about["event_begins"])[:10]
    return str(
        about["event_title"] or f"{str(about['peril_label']).capitalize()}, {begins}"
    )

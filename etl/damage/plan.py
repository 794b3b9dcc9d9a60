"""A damage report from its plan, which another process can carry out."""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.damage.facts import event_graph, event_key, report_graph
from etl.graphs import NamedGraphs, agent_graphs
from etl.iris import Iris
from etl.load import NamedGraph
from etl.scheme import level_scheme
from imagery.errors import InvalidUnits
from imagery.scene_record import iso_time
from mining.change.record import ChangeRecord
from mining.damage.assessment import DamageRules, Event, NightRecord
from mining.damage.parcel_damage import assess_parcels, check_bracket
from mining.damage.parcels import check_parcels
from mining.damage.report import DamageReport
from mining.damage.weather_key import nights_of


@dataclass(frozen=True)
class DamagePlan:
    """All that a report is made from; it can be sent to another process.

    Attributes:
        parcels: The file.
        parcels_name: Its name for people.
        parcels_sha256: Of its content.
        event: What happened.
        event_sha256: Of the file of the event; None where none was given.
        rules: How its peril is graded.
        record: Of the change raster.
        nights: What stations measured during the event.
        iri_base: Beginning of every minted IRI.
        code_version: Of the software.
        issued: When the report is made.
    """

    parcels: Path
    parcels_name: str
    parcels_sha256: str
    event: Event
    event_sha256: str | None
    rules: DamageRules
    record: ChangeRecord
    nights: tuple[NightRecord, ...]
    iri_base: str
    code_version: str
    issued: datetime.datetime

    @property
    def id(self) -> str:
        """Twelve hex digits of SHA-256 over all of it but the time of issue."""
        told = {
            "parcels": [self.parcels_name, self.parcels_sha256],
            "event": [
                self.event.id,
                self.event.peril,
                iso_time(self.event.begins),
                iso_time(self.event.ends),
                self.event.title,
                self.event_sha256,
            ],
            "rules": self.rules.iri,
            "rasters": [
                self.record.run,
                self.record.sha256,
                self.record.quality_sha256,
            ],
            "parameters": self.parameters,
            "base": self.iri_base,
            "code": self.code_version,
        }
        return _sha256(told)[:12]

    @property
    def parameters(self) -> dict[str, Any]:
        """Thresholds and choices, as the report states them."""
        rules = self.rules
        return {
            "affected_from": rules.affected_from,
            "grades": dict(rules.grades),
            "least_valid_share": rules.least_valid_share,
            "least_valid_pixels": rules.least_valid_pixels,
            "crop_share": rules.crop_share,
            "max_days_before": rules.max_days_before,
            "max_days_after": rules.max_days_after,
            "weather": [
                {**dataclasses.asdict(one), "asked": one.asked} for one in rules.weather
            ],
            "weather_nights": len(self.nights),
            "weather_sha256": _sha256(
                [
                    {**dataclasses.asdict(one), "night": one.night.isoformat()}
                    for one in self.nights
                ]
            ),
            "level_bounds": list(level_scheme().bounds),
            "clouds_known": self.record.clouds_known,
            "resolution_m": self.record.resolution_m,
        }


def plan_nights(
    event: Event, rules: DamageRules, nights: Sequence[NightRecord]
) -> tuple[NightRecord, ...]:
    """The nights that a report on the event looks at, in fixed order."""
    if not rules.weather:
        return ()
    found = nights_of(event, nights)
    return tuple(sorted(found, key=lambda one: (one.station, one.night)))


def check_plan(plan: DamagePlan) -> None:
    """Return only when the images of the plan bracket its event.

    Raises:
        ImageryError: They do not.
    """
    record = plan.record
    check_bracket(plan.event, plan.rules, record.before.ends, record.after.begins)


def assess_plan(
    plan: DamagePlan, progress: Callable[[int, int], None] | None = None
) -> DamageReport:
    """The report of a plan.

    Args:
        plan: What it is made from.
        progress: Called with parcels done and all of them.

    Raises:
        ImageryError: The file has no parcel, or the images do not bracket the event.
    """
    check_plan(plan)
    record = plan.record
    checked = check_parcels(plan.parcels)
    if not checked.parcels:
        first = checked.problems[0]
        raise InvalidUnits(
            f"{plan.parcels_name}: none of its {checked.rows} rows is a parcel; "
            f"row {first.row} {first.problem}: correct the file"
        )
    assessments = assess_parcels(
        checked.parcels,
        plan.event,
        plan.rules,
        record.change,
        record.quality,
        bounds=level_scheme().bounds,
        before_time=record.before.ends,
        after_time=record.after.begins,
        nights=plan.nights,
        progress=progress,
    )
    return DamageReport(
        id=plan.id,
        event=plan.event,
        rules_iri=plan.rules.iri,
        assessments=assessments,
        problems=checked.problems,
        parcels_name=plan.parcels_name,
        parcels_sha256=plan.parcels_sha256,
        rows=checked.rows,
        event_sha256=plan.event_sha256,
        result=str(Iris(plan.iri_base).result(record.run)),
        run=record.run,
        change_sha256=record.sha256,
        quality_sha256=record.quality_sha256,
        before_time=record.before.ends,
        after_time=record.after.begins,
        before_product=record.before.product_id,
        after_product=record.after.product_id,
        method=str(record.parameters["method"]),
        code_version=plan.code_version,
        issued=plan.issued,
        parameters=plan.parameters,
        simulated=record.before.simulated or record.after.simulated,
    )


def damage_graphs(iris: Iris, report: DamageReport) -> NamedGraphs:
    """A report, its event and the software that made it, each in its graph."""
    key = event_key(report.event)
    return agent_graphs(iris, report.code_version) | {
        iris.event_graph(key): NamedGraph(
            f"event {report.event.id}", event_graph(iris, report.event)
        ),
        iris.report_graph(report.id): NamedGraph(
            f"damage report {report.id}", report_graph(iris, report)
        ),
    }


def _sha256(told: object) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()

"""A damage report as plain values: what was assessed, from what, by which rules."""

import datetime
from dataclasses import dataclass
from typing import Any

from mining.damage.assessment import Assessment, Event
from mining.damage.parcels import ParcelProblem


@dataclass(frozen=True)
class DamageReport:
    """Everything that a report states, before it becomes facts.

    Attributes:
        id: Twelve hex digits over inputs, rules, parameters and code version: the
            same inputs give the same report.
        event: What happened, and when.
        rules_iri: Of the rule set that graded the parcels.
        assessments: One for each parcel, in the order of the file.
        problems: Rows left out, repaired or renamed.
        parcels_name: Name of the file of parcels, without folders.
        parcels_sha256: Of its content.
        rows: Rows of that file: each is a parcel or a problem.
        event_sha256: Of the file of the event; None where none was given.
        result: IRI of the change result that was used.
        run: The run that made it.
        change_sha256: Of the raster of scores.
        quality_sha256: Of the quality raster.
        before_time: Acquisition of the earlier image.
        after_time: Acquisition of the later image.
        before_product: Identifier of the earlier product.
        after_product: Identifier of the later product.
        method: Name of the change method.
        code_version: Of the software that assessed.
        issued: When the report was first made.
        parameters: Thresholds and choices that the report used.
        simulated: Whether an image is simulated.
    """

    id: str
    event: Event
    rules_iri: str
    assessments: tuple[Assessment, ...]
    problems: tuple[ParcelProblem, ...]
    parcels_name: str
    parcels_sha256: str
    rows: int
    event_sha256: str | None
    result: str
    run: str
    change_sha256: str
    quality_sha256: str
    before_time: datetime.datetime
    after_time: datetime.datetime
    before_product: str
    after_product: str
    method: str
    code_version: str
    issued: datetime.datetime
    parameters: dict[str, Any]
    simulated: bool

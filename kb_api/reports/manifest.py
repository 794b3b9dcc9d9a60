"""What a report was made from and what it consists of, with SHA-256 of each file."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from kb_api.reports.facts import ReportFacts
from kb_api.terms import Value


def manifest(facts: ReportFacts, files: Mapping[str, bytes]) -> bytes:
    """The manifest as JSON with sorted keys.

    Args:
        facts: Of the report.
        files: The report's other files, name to content.
    """
    told: dict[str, Any] = {
        "report": facts.about["report"],
        "id": facts.id,
        "issued": facts.about["issued"],
        "software": {"name": "Lucerna", "version": facts.about["code_version"]},
        "simulated": facts.about["simulated"],
        "event": {
            key: facts.about[column]
            for key, column in {
                "iri": "event",
                "peril": "peril",
                "begins": "event_begins",
                "ends": "event_ends",
                "title": "event_title",
            }.items()
        },
        "rules": facts.about["rules"],
        "parameters": facts.parameters,
        "inputs": inputs(facts),
        "parcels": {
            "rows": facts.about["row_count"],
            "assessed": len(facts.parcels),
            "problems": len(facts.problems),
        },
        "files": [
            {"name": name, "sha256": digest(content), "bytes": len(content)}
            for name, content in sorted(files.items())
        ],
    }
    return (
        json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    ).encode()


def inputs(facts: ReportFacts) -> list[dict[str, Value]]:
    """Each input with its name and SHA-256, as the graph states them."""
    about = facts.about
    told: list[dict[str, Value]] = [
        {
            "role": "parcels",
            "name": about["parcels_file"],
            "sha256": about["parcels_sha256"],
        },
        {
            "role": "change raster",
            "name": about["result"],
            "sha256": about["change_sha256"],
        },
        {
            "role": "quality raster",
            "name": about["result"],
            "sha256": about["quality_sha256"],
        },
        {
            "role": "product before",
            "name": about["before_product"],
            "sha256": about["before_sha256"],
        },
        {
            "role": "product after",
            "name": about["after_product"],
            "sha256": about["after_sha256"],
        },
    ]
    if about["event_sha256"] is not None:
        told.append(
            {"role": "event", "name": about["event"], "sha256": about["event_sha256"]}
        )
    nights = facts.parameters["weather_nights"]
    told.append(
        {
            "role": "weather facts",
            "name": f"{nights} station-nights",
            "sha256": facts.parameters["weather_sha256"],
        }
    )
    return told


def digest(content: bytes) -> str:
    """SHA-256 as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()

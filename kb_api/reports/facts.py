"""What the graph says of one damage report, as plain rows."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kb_api.lookups import named_node, rows
from kb_api.store import Store
from kb_api.terms import Value
from ontology.errors import QueryRejected

Row = Mapping[str, Value]

_KEY_WORDS = {
    "met": "met",
    "notMet": "not met",
    "notObserved": "not observed",
    "notApplicable": "not applicable",
}


@dataclass(frozen=True)
class Grade:
    """A damage grade: local name, words, colour, rank (None for not assessed)."""

    name: str
    label: str
    colour: str
    order: int | None


@dataclass(frozen=True)
class ReportFacts:
    """A report as the graph holds it.

    Attributes:
        about: One value each of the report itself, its event and images.
        parameters: Thresholds and choices that it used.
        parcels: One row a parcel, in the order of the file.
        problems: One row a problem of the file.
        grades: All grades, strongest first, not assessed last.
    """

    about: Row
    parameters: Mapping[str, Any]
    parcels: tuple[Row, ...]
    problems: tuple[Row, ...]
    grades: tuple[Grade, ...]

    @property
    def id(self) -> str:
        """The report's short identifier."""
        return str(self.about["report"]).rpartition("/")[2]


def damage_report(store: Store, iri: str) -> ReportFacts:
    """The facts of a report.

    Raises:
        QueryRejected: The graph has no such report.
    """
    node = named_node(iri)
    found = rows(store, "report", report=node)
    if not found:
        raise QueryRejected(
            f"no damage report {iri}; /api/v1/damage/reports lists them"
        )
    about = found[0]
    return ReportFacts(
        about=about,
        parameters=json.loads(str(about["parameters"])),
        parcels=tuple(rows(store, "report_parcels", report=node)),
        problems=tuple(rows(store, "report_problems", report=node)),
        grades=damage_grades(store),
    )


def damage_grades(store: Store) -> tuple[Grade, ...]:
    """The grades of the scheme, strongest first, not assessed last."""
    grades = [
        Grade(
            str(row["name"]),
            str(row["label"]),
            str(row["colour"]),
            None if row["rank"] is None else int(row["rank"]),
        )
        for row in rows(store, "damage_grades")
    ]
    return tuple(
        sorted(grades, key=lambda one: -1 if one.order is None else one.order)
    )[::-1]


def list_reports(store: Store) -> list[dict[str, Value]]:
    """Each report of the graph with its event and counts, newest first."""
    return [
        {**row, "id": str(row["report"]).rpartition("/")[2]}
        for row in rows(store, "reports")
    ]


def summary(facts: ReportFacts) -> list[dict[str, Any]]:
    """For each grade the number of parcels, their hectares, and the affected ones."""
    return [
        {
            "name": grade.name,
            "label": grade.label,
            "colour": grade.colour,
            **_sums([one for one in facts.parcels if one["grade"] == grade.name]),
        }
        for grade in facts.grades
    ]


def by_crop(facts: ReportFacts) -> list[dict[str, Any]]:
    """For each crop the sums and the number of parcels of each grade."""
    return _grouped(facts, "crop")


def by_holding(facts: ReportFacts) -> list[dict[str, Any]]:
    """For each holding the sums and the number of parcels of each grade."""
    return _grouped(facts, "holding")


def totals(facts: ReportFacts) -> dict[str, Any]:
    """Sums over all parcels of the report."""
    return _sums(facts.parcels)


def key_words(key: Value) -> str:
    """A key in words.

    >>> key_words("notMet")
    'not met'
    """
    return _KEY_WORDS.get(str(key), str(key))


def _grouped(facts: ReportFacts, column: str) -> list[dict[str, Any]]:
    names = sorted({str(one[column]) for one in facts.parcels if one[column]})
    groups: list[tuple[str | None, str]] = [(one, one) for one in names]
    if any(not one[column] for one in facts.parcels):
        groups.append((None, "not stated"))
    found = []
    for value, label in groups:
        own = [one for one in facts.parcels if (one[column] or None) == value]
        counts = Counter(str(one["grade"]) for one in own)
        found.append({"label": label, "grades": dict(counts), **_sums(own)})
    return found


def _sums(parcels: "tuple[Row, ...] | list[Row]") -> dict[str, Any]:
    def total(column: str) -> float:
        return round(sum(_number(one[column]) for one in parcels), 4)

    return {
        "parcels": len(parcels),
        "area_ha": total("area_ha"),
        "observed_ha": total("observed_ha"),
        "affected_ha": total("affected_ha"),
        "sum_insured": total("sum_insured"),
    }


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0

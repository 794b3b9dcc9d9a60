"""What the knowledge base holds, in numbers."""

from typing import Any

from fastapi import APIRouter

from kb_api.lookups import rows
from kb_api.store import Store

_KINDS = (
    "scenes",
    "changeResults",
    "classifications",
    "observations",
    "stations",
    "labelledPatches",
    "reports",
)


def router(store: Store) -> APIRouter:
    """`/overview` over a store."""
    routes = APIRouter(tags=["overview"])

    @routes.get("/overview")
    def show_overview() -> dict[str, Any]:
        """Counts by kind, the time spanned, the triples loaded."""
        return overview(store)

    return routes


def overview(store: Store) -> dict[str, Any]:
    """How much there is of what.

    Returns:
        scenes, changeResults, classifications, observations (of units in images),
        stations, labelledPatches, reports; units by the last word of their level's
        IRI; triples of all loads; begins and ends of the images (ISO, UTC; None where
        there are none), weatherBegins and weatherEnds (days or months); simulated,
        when any fact rests on simulated data.
    """
    counts = dict.fromkeys(_KINDS, 0)
    units: dict[str, int] = {}
    for row in rows(store, "overview"):
        kind, count = str(row["kind"]), int(str(row["count"]))
        if kind == "units":
            units[str(row["level"]).rpartition("/")[2]] = count
        elif kind in counts:
            counts[kind] = count
    (span,) = rows(store, "overview_span")
    return {
        **counts,
        "units": units,
        "triples": int(str(span["triples"] or 0)),
        "begins": span["begins"],
        "ends": span["ends"],
        "weatherBegins": span["weather_begins"],
        "weatherEnds": span["weather_ends"],
        "simulated": bool(span["simulated"]),
    }

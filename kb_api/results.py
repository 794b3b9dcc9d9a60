"""Change results and concepts as lists: what maps and forms choose from."""

from typing import Any

from fastapi import APIRouter

from kb_api.lookups import named_node, rows
from kb_api.store import Store
from kb_api.terms import Value

_SCHEMES = "https://w3id.org/lucerna/scheme/"
_SHORT = {"lvl": "change-level", "ul": "unit-level"}


def router(store: Store) -> APIRouter:
    """`/results` and `/concepts` over a store."""
    routes = APIRouter(tags=["results"])

    @routes.get("/results")
    def list_results() -> list[dict[str, Any]]:
        """The change results in order of time, with pictures and unit levels."""
        return change_results(store)

    @routes.get("/concepts")
    def list_concepts(scheme: str | None = None) -> list[dict[str, Any]]:
        """The concepts of a scheme, named `clc`, `lvl`, `ul` or by IRI; or of all."""
        return concepts(store, scheme)

    return routes


def change_results(store: Store) -> list[dict[str, Any]]:
    """Each change result once.

    Returns:
        `bounds3857` is west, south, east, north of its pictures in EPSG:3857 metres,
        None where there are none; `unitLevels` are the IRIs of the levels of
        territory that have facts from it.
    """
    found: dict[Value, dict[str, Any]] = {}
    for row in rows(store, "results"):
        if row["iri"] not in found:
            found[row["iri"]] = {
                "iri": row["iri"],
                "method": row["method"],
                "methodVersion": row["method_version"],
                "beginsAt": row["begins"],
                "endsAt": row["ends"],
                "before": row["before"],
                "after": row["after"],
                "simulated": row["simulated"],
                "quicklookBefore": row["quicklook_before"],
                "quicklookAfter": row["quicklook_after"],
                "bounds3857": _bounds(row["bounds"]),
                "unitLevels": [],
            }
        if row["unit_level"] is not None:
            found[row["iri"]]["unitLevels"].append(row["unit_level"])
    return list(found.values())


def concepts(store: Store, scheme: str | None) -> list[dict[str, Any]]:
    """Each concept of one scheme once, in their order, or of all schemes.

    Args:
        store: Where the facts are.
        scheme: Short name of one of our schemes, or an IRI; None for all.

    Returns:
        `broader` lists the IRIs of all concepts right above.

    Raises:
        QueryRejected: The scheme is no IRI.
    """
    node = None
    if scheme is not None:
        known = scheme if ":" in scheme else _SCHEMES + _SHORT.get(scheme, scheme)
        node = named_node(known)
    found: dict[Value, dict[str, Any]] = {}
    for row in rows(store, "concepts", scheme=node):
        concept = found.setdefault(
            row["iri"],
            {
                "iri": row["iri"],
                "scheme": row["scheme"],
                "schemeLabel": row["scheme_label"],
                "notation": row["notation"],
                "label": row["label"],
                "broader": [],
                "colour": row["colour"],
                "order": row["order"],
            },
        )
        if row["broader"] is not None and row["broader"] not in concept["broader"]:
            concept["broader"].append(row["broader"])
    return list(found.values())


def _bounds(text: Value) -> list[float] | None:
    if text is None:
        return None
    west, south, east, north = (float(part) for part in str(text).split())
    return [west, south, east, north]

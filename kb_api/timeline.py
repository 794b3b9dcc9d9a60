"""What happened at one unit, in order of time: weather, images, change, NDVI."""

import datetime
from typing import Any

import pyoxigraph as ox
from fastapi import APIRouter, HTTPException

from kb_api.lookups import named_node, rows
from kb_api.store import Store
from kb_api.terms import Value


def router(store: Store) -> APIRouter:
    """`/timeline` over a store."""
    routes = APIRouter(tags=["timeline"])

    @routes.get("/timeline")
    def show_timeline(unit: str) -> dict[str, Any]:
        """The weather, images, change and NDVI of a unit, by its IRI."""
        return timeline(store, named_node(unit))

    return routes


def timeline(store: Store, unit: ox.NamedNode) -> dict[str, Any]:
    """Everything dated that is known of a unit; times are ISO, UTC.

    Returns:
        identifier, name and level of the unit; station (name and distanceKm; None
        where it has none); weather: nights, days and months with begins and ends, °C
        and mm; images: time and cloud (share of the pixels seen, 0 to 1, None where
        it is not known); change: share of the observed area at level high, 0 to 1;
        vegetation: NDVI by scene.

    Raises:
        HTTPException: 404 where the base has no such unit.
    """
    about = rows(store, "timeline_unit", unit=unit)
    if not about:
        raise HTTPException(404, f"no unit {unit.value}; /api/v1/places finds units")
    first = about[0]
    return {
        "unit": unit.value,
        "identifier": first["identifier"],
        "name": first["name"],
        "level": str(first["level"]).rpartition("/")[2],
        "station": _station(first),
        "weather": [
            _weather(row) for row in rows(store, "timeline_weather", unit=unit)
        ],
        "images": [_image(row) for row in rows(store, "timeline_images", unit=unit)],
        "change": [_change(row) for row in rows(store, "timeline_change", unit=unit)],
        "vegetation": rows(store, "timeline_vegetation", unit=unit),
    }


def span_of(kind: str, of: str) -> tuple[str, str]:
    """First and last instant of a night, day or month.

    >>> span_of("night", "2017-04-27")
    ('2017-04-26T12:00:00Z', '2017-04-27T12:00:00Z')
    >>> span_of("month", "2019-12")
    ('2019-12-01T00:00:00Z', '2020-01-01T00:00:00Z')
    """
    if kind == "month":
        begins = datetime.datetime.strptime(of[:7], "%Y-%m")
        ends = (begins + datetime.timedelta(days=31)).replace(day=1)
    else:
        ends = datetime.datetime.fromisoformat(of[:10])
        ends += datetime.timedelta(days=0.5 if kind == "night" else 1)
        begins = ends - datetime.timedelta(days=1)
    return f"{begins.isoformat()}Z", f"{ends.isoformat()}Z"


def _station(row: dict[str, Value]) -> dict[str, Value] | None:
    distance_m = row["distance_m"]
    if not isinstance(distance_m, int | float):
        return None
    return {"name": row["station_name"], "distanceKm": round(distance_m / 1000, 2)}


def _weather(row: dict[str, Value]) -> dict[str, Value]:
    kind, of = str(row["kind"]), str(row["of"])
    begins, ends = span_of(kind, of)
    return {
        "kind": kind,
        "begins": begins,
        "ends": ends,
        "groundMinimumC": row["ground_minimum_c"],
        "airMinimumC": row["air_minimum_c"],
        "airMeanC": row["air_mean_c"],
        "airMaximumC": row["air_maximum_c"],
        "rainMm": row["rain_mm"],
        "source": row["source"],
    }


def _image(row: dict[str, Value]) -> dict[str, Value]:
    valid, cloudy = row["valid"], row["cloudy"]
    known = isinstance(valid, int) and isinstance(cloudy, int) and valid + cloudy > 0
    cloud = cloudy / (valid + cloudy) if known else None  # type: ignore[operator]
    return {"scene": row["scene"], "time": row["time"], "cloud": cloud}


def _change(row: dict[str, Value]) -> dict[str, Value]:
    observed_ha, high_ha = float(str(row["observed_ha"])), float(str(row["high_ha"]))
    share = round(high_ha / observed_ha, 4) if observed_ha > 0 else None
    return {
        "result": row["result"],
        "method": row["method"],
        "begins": row["begins"],
        "ends": row["ends"],
        "highShare": share,
    }

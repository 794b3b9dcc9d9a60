"""What the knowledge base has for a damage report: images and nights."""

import datetime
from pathlib import Path

import pyoxigraph as ox
import shapely

from imagery.errors import ImageryError
from imagery.scene_record import aware_time
from kb_api.lookups import named_node, rows
from kb_api.store import Store
from kb_api.terms import Value
from kb_api.wkt import parse_wkt
from mining.change.record import ChangeRecord, read_record
from mining.damage.assessment import DamageRules, Event, NightRecord

_DAY = datetime.timedelta(days=1)
_XSD_DATE = ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")
_FIRST_METHOD = "spectral-angle"


def choose_record(
    store: Store, evidence: Path, event: Event, rules: DamageRules, result: str | None
) -> ChangeRecord:
    """The record of the change raster that a report rests on.

    Args:
        store: Knows the change results.
        evidence: Folder with the rasters that were kept, `{run}.tif` each.
        event: Must begin between the two images, unless `result` is given.
        rules: State how far the images may lie from the event.
        result: IRI of the result to use; None takes the one with the earliest later
            image of those that bracket the event, then with the latest earlier one.

    Raises:
        ImageryError: No result fits, or its raster was not kept.
    """
    if result is not None:
        if not rows(store, "is_result", result=named_node(result)):
            raise ImageryError(f"there is no change result {result}; choose another")
        return _kept(evidence, result)
    known = rows(store, "change_results_kept")
    if not known:
        raise ImageryError(
            "the knowledge base holds no change result; make one with `lucerna change` "
            "and load it with `lucerna lift`"
        )
    fitting = [one for one in known if _brackets(one, event, rules)]
    if not fitting:
        pairs = sorted(
            {f"{_day(one['begins'])} to {_day(one['ends'])}" for one in known}
        )
        raise ImageryError(
            f"no images bracket the event, which begins {event.begins:%Y-%m-%d %H:%M} "
            f"UTC: the base holds {', '.join(pairs[:5])}; at most "
            f"{rules.max_days_before:g} days before and {rules.max_days_after:g} after "
            "are allowed, so add images or correct the event"
        )
    kept = [one for one in fitting if _raster(evidence, str(one["result"])).is_file()]
    chosen = min(kept or fitting, key=lambda one: _rank(one, event))
    return _kept(evidence, str(chosen["result"]))


def nights_between(store: Store, event: Event) -> list[NightRecord]:
    """What all stations of the base measured in the nights around an event."""
    days = [(event.begins - _DAY).date(), (event.ends + _DAY).date()]
    first, last = (ox.Literal(one.isoformat(), datatype=_XSD_DATE) for one in days)
    found = []
    for row in rows(store, "station_nights", first=first, last=last):
        place = shapely.get_coordinates(parse_wkt(str(row["wkt"])))[0]
        found.append(
            NightRecord(
                station=str(row["station"]),
                station_name=str(row["station_name"]),
                lon=float(place[0]),
                lat=float(place[1]),
                night=datetime.date.fromisoformat(str(row["night"])),
                ground_minimum_c=_number(row["ground_minimum_c"]),
                air_minimum_c=_number(row["air_minimum_c"]),
                hours_below_zero=_number(row["hours_below_zero"]),
                rain_mm=_number(row["rain_mm"]),
                gust_ms=_number(row["gust_ms"]),
            )
        )
    return found


def run_of(result: str) -> str:
    """The run in the IRI of its result.

    >>> run_of("https://kb.example/result/7c0e41aa90b1")
    '7c0e41aa90b1'
    """
    return result.rpartition("/")[2]


def _kept(evidence: Path, result: str) -> ChangeRecord:
    raster = _raster(evidence, result)
    if not raster.is_file():
        raise ImageryError(
            f"the raster of {result} was not kept; lift it again with `lucerna lift`"
        )
    return read_record(raster)


def _raster(evidence: Path, result: str) -> Path:
    return evidence / f"{run_of(result)}.tif"


def _brackets(row: dict[str, Value], event: Event, rules: DamageRules) -> bool:
    before, after = _time(row["begins"]), _time(row["ends"])
    return (
        before <= event.begins <= after
        and event.begins - before <= rules.max_days_before * _DAY
        and after - event.begins <= rules.max_days_after * _DAY
    )


def _rank(row: dict[str, Value], event: Event) -> tuple[object, ...]:
    return (
        _time(row["ends"]),
        event.begins - _time(row["begins"]),
        row["method"] != _FIRST_METHOD,
        row["result"],
    )


def _time(value: Value) -> datetime.datetime:
    return aware_time(str(value))


def _day(value: Value) -> str:
    return str(value)[:10]


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) else None

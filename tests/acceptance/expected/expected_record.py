"""Rows that question 5, everything known of one unit, must have."""

from collections.abc import Iterator
from datetime import date, timedelta

from expected_answers import Expected, Row
from expected_units import Seen, Unit

AREAS = ("no change, ha", "low change, ha", "middle change, ha", "high change, ha")


def unit_record(
    expected: Expected, unit: Unit, since: str = "", until: str = ""
) -> list[Row]:
    """One value a row; unit and station have no time of their own.

    Of a unit with two main classes of the same area the first is told: ask for another.
    """
    rows = list(_unit_rows(expected, unit))
    first = date.fromisoformat(since) if since else date.min
    last = date.fromisoformat(until) if until else date.max
    if expected.ends.date() >= first and expected.begins.date() <= last:
        for method, units in expected.facts.seen.items():
            rows += _change_rows(expected, method, units[unit])
    rows += _station_rows(expected, unit)
    station, _ = expected.facts.nearest(unit)
    for night in expected.facts.nights:
        if night.station != station.id or night.day < first:
            continue
        if night.day - timedelta(days=1) > last:
            continue
        when = {"begins": night.begins, "ends": night.ends}
        source = f"{expected.base}night/{station.id}/{night.day}"
        rows += [
            _row("night", station.name, name, value, source, **when)
            for name, value in (
                ("ground minimum, °C", night.ground_minimum_c),
                ("air minimum, °C", night.air_minimum_c),
                ("hours below 0 °C", night.hours_below_zero),
                ("hours below -2 °C", night.hours_below_minus2),
                ("rain, mm", night.rain_mm),
                ("strongest gust, m/s", night.gust_ms),
            )
        ]
    return rows


def _unit_rows(expected: Expected, unit: Unit) -> Iterator[Row]:
    commune = expected.facts.commune(unit)
    told = {
        "identifier": unit.id,
        "name": unit.name,
        "level": unit.level,
        "part of": None if commune is None else commune.name,
        "legal area, ha": unit.properties.get("legal_ha"),
        "measured area, ha": unit.area_ha(),
        "altitude, m": unit.properties.get("altitude_m"),
        "valid from": f"{unit.properties['valid_from']}T00:00:00Z",
    }
    for name, value in told.items():
        if value is not None:
            yield _row("unit", None, name, value, expected.unit_iri(unit))


def _change_rows(expected: Expected, method: str, seen: Seen) -> Iterator[Row]:
    when, source = expected.interval, expected.results[method]
    main = seen.main_classes
    told = {
        "observed area, ha": sum(seen.hectares),
        **dict(zip(AREAS, seen.hectares, strict=True)),
        "mean change, 0 to 1": seen.mean,
        "valid pixels": seen.valid,
        "cloudy pixels": seen.cloudy,
        "total pixels": seen.total,
        "assessable": seen.assessable,
        "main land cover": expected.facts.labels[main[0]] if main else None,
    }
    for name, value in told.items():
        if value is not None:
            yield _row("change", method, name, value, source, **when)
    for number, hectares in seen.strata.items():
        about = f"{expected.facts.labels[number]} ({method})"
        named = {
            "observed area, ha": sum(hectares),
            **dict(zip(AREAS, hectares, strict=True)),
        }
        for name, value in named.items():
            yield _row("change by land cover", about, name, value, source, **when)


def _station_rows(expected: Expected, unit: Unit) -> Iterator[Row]:
    station, distance_m = expected.facts.nearest(unit)
    source = f"{expected.base}station/{station.id}"
    told = {
        "distance, km": distance_m / 1000,
        "altitude of the station, m": station.altitude_m,
    }
    altitude = unit.properties.get("altitude_m")
    if altitude is not None:
        told["height above the station, m"] = altitude - station.altitude_m
    for name, value in told.items():
        yield _row("station", station.name, name, value, source)


def _row(
    record: str,
    about: str | None,
    name: str,
    value: object,
    source: str,
    begins: str | None = None,
    ends: str | None = None,
) -> Row:
    return {
        "record": record,
        "about": about,
        "property": name,
        "value": value,
        "begins": begins,
        "ends": ends,
        "source": source,
    }

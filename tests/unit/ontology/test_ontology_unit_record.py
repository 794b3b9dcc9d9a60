"""The question `unit_record`: every fact of one unit, one value a row."""

from collections.abc import Callable
from typing import TypeAlias

Ask: TypeAlias = Callable[..., list[tuple[str | None, ...]]]
BASE = "https://kb.example/"


def test_unit_record_gives_every_fact_of_the_parcel(ask: Ask) -> None:
    unit, change = (None, None), ("2017-04-19T10:56:21Z", "2017-04-29T10:56:51Z")
    night = ("2017-04-26T12:00:00Z", "2017-04-27T12:00:00Z")
    rows = ask(
        "unit_record",
        unit=f"{BASE}unit/parcel/A1", since="2017-04-27", until="2017-04-26",
    )  # fmt: skip
    this, spectral = "unit/parcel/A1", "result/spectral"
    near, frost = "station/S1", "night/S1/2017-04-27"
    assert rows == [
        ("unit", None, "identifier", "A1", *unit, this),
        ("unit", None, "name", "Les Combes", *unit, this),
        ("unit", None, "level", "parcel", *unit, this),
        ("unit", None, "part of", "Exampleville", *unit, this),
        ("unit", None, "legal area, ha", "2.02", *unit, this),
        ("unit", None, "measured area, ha", "2", *unit, this),
        ("unit", None, "altitude, m", "38", *unit, this),
        ("unit", None, "valid from", "2017-01-01T00:00:00Z", *unit, this),
        *(
            ("change", "spectral-angle", name, value, *change, spectral)
            for name, value in (
                ("observed area, ha", "1.9"),
                ("no change, ha", "0.5"),
                ("low change, ha", "0.2"),
                ("middle change, ha", "0.15"),
                ("high change, ha", "1.05"),
                ("mean change, 0 to 1", "0.61"),
                ("valid pixels", "190"),
                ("cloudy pixels", "10"),
                ("total pixels", "200"),
                ("assessable", "true"),
                ("main land cover", "Vineyards"),
            )
        ),
        *(
            ("change by land cover", land, name, value, *change, spectral)
            for land, values in (
                ("Pastures (spectral-angle)", ("0.3", "0.2", "0.1", "0", "0")),
                ("Vineyards (spectral-angle)", ("1.6", "0.3", "0.1", "0.15", "1.05")),
            )
            for name, value in zip(
                (
                    "observed area, ha", "no change, ha", "low change, ha",
                    "middle change, ha", "high change, ha",
                ),
                values,
                strict=True,
            )
        ),
        ("station", "Airport", "distance, km", "7.412", *unit, near),
        ("station", "Airport", "height above the station, m", "-9", *unit, near),
        ("station", "Airport", "altitude of the station, m", "47", *unit, near),
        ("night", "Airport", "ground minimum, °C", "-4.1", *night, frost),
        ("night", "Airport", "air minimum, °C", "-2.3", *night, frost),
        ("night", "Airport", "hours below 0 °C", "6.5", *night, frost),
        ("night", "Airport", "hours below -2 °C", "3", *night, frost),
        ("night", "Airport", "rain, mm", "0", *night, frost),
        ("night", "Airport", "strongest gust, m/s", "3.4", *night, frost),
    ]  # fmt: skip


def test_unit_record_of_what_is_small_unknown_or_not_asked(ask: Ask) -> None:
    small = ask("unit_record", "property value", unit=f"{BASE}unit/parcel/A3"
    )  # fmt: skip
    assert ("assessable", "false") in small
    # every night of the station: 5 nights of 3 values, 3 of ground, 4 of rain, 3 gusts
    nights = ask("unit_record", "record", unit=f"{BASE}unit/parcel/A3")
    assert nights.count(("night",)) == 25
    assert ask("unit_record", unit=f"{BASE}unit/parcel/A9") == []
    assert ask("unit_record") == []


def test_unit_record_tells_land_cover_by_model(ask: Ask) -> None:
    times = ("2017-06-01T10:56:21Z", "2017-06-02T17:57:00Z", "result/cls")
    rows = ask(
        "unit_record",
        unit=f"{BASE}unit/parcel/A1", since="2017-06-02", until="2017-06-30",
    )  # fmt: skip
    names = (
        "area, ha", "share, 0 to 1", "confidence, 0 to 1", "by optics alone, ha",
        "by radar alone, ha", "by both sensors, ha",
    )  # fmt: skip
    assert [row for row in rows if row[4] is not None] == [
        *(
            ("land cover", "Pastures (forest@3)", name, value, *times)
            for name, value in zip(
                names, ("0.5", "0.25", "0.5", "0.5", "0", "0"), strict=True
            )
        ),
        *(
            ("land cover", "Vineyards (forest@3)", name, value, *times)
            for name, value in zip(
                names, ("1.5", "0.75", "0.9", "0.1", "0", "1.4"), strict=True
            )
        ),
    ]


def test_unit_record_tells_days_and_months_of_the_nearest_station(ask: Ask) -> None:
    leap, month = "day/S1/2016-02-29", "month/S1/2016-02"
    day_times = ("2016-02-29T00:00:00Z", "2016-02-29T23:59:59Z", leap)
    month_times = ("2016-02-01T00:00:00Z", "2016-02-29T23:59:59Z", month)
    columns = "record about property value begins ends source"
    record = {"unit": f"{BASE}unit/parcel/A1", "until": "2016-03-31"}
    rows = ask("unit_record", columns, since="2016-02-29", **record)
    assert [row for row in rows if row[0] in ("day", "month")] == [
        ("day", "Airport", "air mean, °C", "2.5", *day_times),
        ("day", "Airport", "air maximum, °C", "6.1", *day_times),
        ("month", "Airport", "air mean, °C", "1.5", *month_times),
        ("month", "Airport", "rain, mm", "71.2", *month_times),
    ]
    rows = ask("unit_record", columns, since="2016-03-01", **record)
    assert not [row for row in rows if row[0] in ("day", "month")]
    rows = ask("unit_record", columns, unit=record["unit"], since="2016-04-30")
    (april,) = [row for row in rows if row[0] == "month"]
    assert april[4:6] == ("2016-04-01T00:00:00Z", "2016-04-30T23:59:59Z")


def test_hectares_of_a_unit_are_exact_to_the_square_metre(ask: Ask) -> None:
    # 54 321 divided as a decimal of the store would be 5.432099999999999764.
    columns = "property value"
    rows = ask("unit_record", columns, unit=f"{BASE}unit/parcel/A3")
    assert ("measured area, ha", "5.4321") in rows

"""Every question on the sample, with rows and without, against the expected rows."""

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest
import shapely
from acceptance_walk import IRI_BASE, METHODS, Walk
from expected_answers import Expected, Row
from expected_compare import assert_descending, assert_rows, between
from expected_facts import Facts
from expected_record import unit_record
from expected_units import Unit

QUESTIONS = Path(__file__).parents[2] / "ontology" / "queries"
LAND_KEY = ("unit", "kind_label", "result")
NIGHT_KEY = ("unit", "method", "night")
RECORD_KEY = ("record", "about", "property", "source", "begins")
NOWHERE = "POLYGON((5 45, 6 45, 6 46, 5 46, 5 45))"


@pytest.fixture(scope="module")
def expected(walk: Walk, facts: Facts) -> Expected:
    results = {
        method: f"{IRI_BASE}result/{walk.changed[method]['run']}" for method in METHODS
    }
    return Expected(facts, IRI_BASE, results)


@pytest.fixture(scope="module")
def ended(walk: Walk) -> dict[str, str]:
    """Method to the end of its run, as the item tells, cut to milliseconds."""
    found = {}
    for method in METHODS:
        item = walk.raster(method).with_suffix(".json").read_text("utf-8")
        ended = datetime.fromisoformat(json.loads(item)["properties"]["lucerna:ended"])
        text = ended.astimezone(UTC).isoformat(timespec="milliseconds")
        found[method] = text.removesuffix("+00:00").rstrip("0").rstrip(".") + "Z"
    return found


def test_changed_units_by_default(walk: Walk, expected: Expected) -> None:
    shares = [row["share"] for row in expected.changed_units(least=0.0)]
    least = between(shares, min(0.3, 0.9 * max(shares)))
    rows = checked(walk, "changed_units", f"least={least}")
    assert_rows(rows, expected.changed_units(least=least), LAND_KEY)
    assert_descending(rows, "share")


def test_a_unit_that_changed_whole_is_found(walk: Walk, expected: Expected) -> None:
    rows = checked(walk, "changed_units", "level=low", "least=1", "kind=")
    ours = expected.changed_units(kind="", level="low", least=1.0)
    assert ours, "the sample has no unit that changed whole"
    assert_rows(rows, ours, LAND_KEY)


def test_a_parent_class_finds_its_children(walk: Walk, expected: Expected) -> None:
    every = expected.changed_units(kind="2", level="low", least=0.0)
    least = between((row["share"] for row in every), 0.1)
    ours = expected.changed_units(kind="2", level="low", least=least)
    values = ["kind=Agricultural areas", "level=low", f"least={least}"]
    rows = checked(walk, "changed_units", *values)
    assert "Vineyards" in {row["kind_label"] for row in rows}
    assert_rows(rows, ours, LAND_KEY)
    only = checked(walk, "changed_units", "kind=Vineyards", *values[1:])
    assert_rows(only, [r for r in ours if r["kind_label"] == "Vineyards"], LAND_KEY)


def test_changed_units_in_a_shape_and_between_days(
    walk: Walk, expected: Expected
) -> None:
    commune = max(expected.rank_units(), key=lambda row: row["hectares"])
    named = {unit.id: unit for unit in expected.facts.units}
    shape = shapely.box(*named[commune["identifier"]].geometry.buffer(-0.004).bounds)
    asked = {"level": "middle", "since": "2017-04-19", "until": "2017-04-29"}
    everywhere = expected.changed_units(kind="", least=0.0, **asked)
    least = between((row["share"] for row in everywhere), 0.2)
    told = [f"{name}={value}" for name, value in asked.items()]
    told += [f"least={least}", "kind=", f"shape={shape.wkt}"]
    ours = expected.changed_units(shape=shape.wkt, kind="", least=least, **asked)
    rows = checked(walk, "changed_units", *told)
    assert_rows(rows, ours, LAND_KEY)
    assert 0 < len(rows) < sum(row["share"] >= least for row in everywhere)


def test_changed_units_of_a_place_by_quality(walk: Walk, expected: Expected) -> None:
    asked: dict[str, str] = {"kind": "", "level": "low"}
    every = expected.changed_units(**asked, least=0.0, include_unassessable=True)
    clear = between((row["clear"] for row in every), 0.6)
    least = between((row["share"] for row in every), 0.1)
    commune = max(
        (one.id for one in expected.facts.units if one.level == "commune"),
        key=lambda one: len(expected.changed_units(**asked, least=least, place=one)),
    )
    for unassessable in (False, True):
        ours = expected.changed_units(
            **asked,
            least=least,
            place=commune,
            least_clear=clear,
            include_unassessable=unassessable,
        )
        told = [f"least={least}", f"place={commune}", f"least_clear={clear}"]
        told.append(f"include_unassessable={'yes' if unassessable else 'no'}")
        rows = checked(walk, "changed_units", "kind=", "level=low", *told)
        assert ours, "the sample has no such unit"
        assert_rows(rows, ours, LAND_KEY)


@pytest.mark.parametrize(
    "value", ["since=2017-04-20", "until=2017-04-28", f"shape={NOWHERE}", "kind=clc:4"]
)
def test_changed_units_without_rows(walk: Walk, expected: Expected, value: str) -> None:
    name, _, text = value.partition("=")
    text = text.removeprefix("clc:")
    assert expected.changed_units(**{name: text}, least=0.01, level="low") == []
    assert walk.ask("changed_units", value, "least=0.01", "level=low") == []


@pytest.mark.parametrize("kind", ["22", "2", ""])
def test_rank_units(walk: Walk, expected: Expected, kind: str) -> None:
    values = [f"kind={kind and 'clc:'}{kind}", "after=2017-04-28"]
    rows = checked(walk, "rank_units", *values)
    assert_rows(rows, expected.rank_units(kind=kind), ("unit", "result"))
    assert_descending(rows, "hectares")


def test_rank_units_without_rows(walk: Walk, expected: Expected) -> None:
    assert expected.rank_units(after="2017-04-29") == []
    assert walk.ask("rank_units", "after=2017-04-29") == []


def test_record_of_a_changed_parcel(walk: Walk, expected: Expected) -> None:
    changed = expected.changed_units(level="low", least=0.1)
    changed.sort(key=lambda row: (row["level_ha"], row["unit"]), reverse=True)
    units = [by_id(expected, row["identifier"]) for row in changed]
    unit = next(one for one in units if has_one_main_class(expected, one))
    rows = checked(walk, "unit_record", f"unit={unit.id}")
    assert_rows(rows, unit_record(expected, unit), RECORD_KEY)
    sections = ["unit", "change", "change by land cover", "station", "night"]
    places = [sections.index(row["record"]) for row in rows]
    assert sorted(set(places)) == [0, 1, 2, 3, 4]
    assert places == sorted(places)


def test_record_of_a_clouded_parcel_between_days(
    walk: Walk, expected: Expected
) -> None:
    seen = expected.facts.seen["cva"]
    clouded = [one for one in seen if seen[one].cloudy and not seen[one].assessable]
    clouded = [one for one in clouded if has_one_main_class(expected, one)]
    unit = max(clouded, key=lambda one: (seen[one].total, one.id))
    between_days = {"since": "2017-04-26", "until": "2017-04-28"}
    told = [f"{name}={value}" for name, value in between_days.items()]
    rows = checked(walk, "unit_record", f"unit={expected.unit_iri(unit)}", *told)
    assert_rows(rows, unit_record(expected, unit, **between_days), RECORD_KEY)
    assert sum(row["property"] == "air minimum, °C" for row in rows) == 4
    late = {"since": "2017-04-30"}
    rows = walk.ask("unit_record", f"unit={unit.id}", "since=2017-04-30")
    assert_rows(rows, unit_record(expected, unit, **late), RECORD_KEY)
    assert not any(row["record"].startswith("change") for row in rows)


def test_record_without_rows(walk: Walk) -> None:
    assert walk.ask("unit_record", f"unit={IRI_BASE}unit/parcel/none@2017") == []


def test_image_pairs(walk: Walk, expected: Expected, ended: dict[str, str]) -> None:
    agent = f"lucerna-{version('lucerna-eo')}"
    rows = checked(walk, "image_pairs")
    assert_rows(rows, expected.image_pairs(agent, ended), ("result",))
    assert [row["method"] for row in rows] == sorted(METHODS)
    asked = {"method": "cva", "since": "2017-04-19", "until": "2017-04-29"}
    rows = walk.ask("image_pairs", *(f"{k}={v}" for k, v in asked.items()))
    assert_rows(rows, expected.image_pairs(agent, ended, **asked), ("result",))
    assert len(rows) == 1


@pytest.mark.parametrize("value", ["method=none", "until=2017-04-28"])
def test_image_pairs_without_rows(
    walk: Walk, expected: Expected, ended: dict[str, str], value: str
) -> None:
    name, _, text = value.partition("=")
    assert expected.image_pairs("any", ended, **{name: text}) == []
    assert walk.ask("image_pairs", value) == []


def test_weather_before_change(walk: Walk, expected: Expected) -> None:
    every = expected.weather_before_change(least=0.0, level="middle", days=1)
    least = between((row["share"] for row in every), 0.4)
    asked = {"least": least, "level": "middle", "days": 5}
    rows = checked(
        walk, "weather_before_change", *(f"{k}={v}" for k, v in asked.items())
    )
    assert_rows(rows, expected.weather_before_change(**asked), NIGHT_KEY)
    nights = [row["night"] for row in rows if row["unit"] == rows[0]["unit"]]
    assert nights[:5] == [f"2017-04-{day}" for day in range(25, 30)]
    frost = [row for row in rows if row["night"] == "2017-04-27"]
    assert min(row["air_minimum_c"] for row in frost) < 0


def test_weather_before_change_without_rows(walk: Walk, expected: Expected) -> None:
    assert expected.weather_before_change(unit_level="district") == []
    assert walk.ask("weather_before_change", "unit_level=district") == []


def checked(walk: Walk, question: str, *values: str) -> list[Row]:
    """Rows of an answer: some, and with the columns of the head comment in order."""
    rows = walk.ask(question, *values)
    assert rows, "no rows"
    head = (QUESTIONS / f"{question}.rq").read_text("utf-8").splitlines()
    columns = [line.split()[2] for line in head if line.startswith("# column: ")]
    assert list(rows[0]) == columns
    return rows


def by_id(expected: Expected, identifier: str) -> Unit:
    """The unit of that identifier."""
    return next(one for one in expected.facts.units if one.id == identifier)


def has_one_main_class(expected: Expected, unit: Unit) -> bool:
    """Whether no two classes have the same largest area in a unit."""
    return all(
        len(seen[unit].main_classes) == 1 for seen in expected.facts.seen.values()
    )

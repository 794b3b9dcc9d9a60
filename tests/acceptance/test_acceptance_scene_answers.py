"""The questions about what images show, on the sample, with rows and without."""

import pytest
from acceptance_walk import METHODS, Walk
from expected_compare import between
from expected_facts import Facts
from expected_scenes import (
    Look,
    changed_without_weather,
    land_cover_of_change,
    look_at,
    nights_of,
    not_assessable,
)
from expected_units import Unit

Looks = tuple[dict[Unit, Look], dict[Unit, Look]]
NO_RAIN_OR_GUST = ("rain_above=10000", "gust_above=200")


@pytest.fixture(scope="module")
def looks(facts: Facts) -> Looks:
    """What the earlier and the later image show of each unit."""
    return look_at(facts.units, facts.before), look_at(facts.units, facts.after)


def test_scenes_of_a_cloudy_unit(walk: Walk, facts: Facts, looks: Looks) -> None:
    before, after = looks
    unit = max(after, key=lambda one: (after[one].cloudy, one.id))
    assert after[unit].cloudy > 0, "the sample has no cloud over a unit"
    rows = walk.ask("scenes_of_unit", f"unit={unit.id}", "cloud_below=100")
    expected = {
        image.product_id: look
        for image, look in ((facts.before, before[unit]), (facts.after, after[unit]))
        if look.cloud_percent < 100
    }
    assert {row["product"] for row in rows} == set(expected)
    for row in rows:
        look = expected[row["product"]]
        told = row["valid_pixels"], row["cloudy_pixels"], row["total_pixels"]
        assert told == (look.valid, look.cloudy, look.total)
        assert row["cloud_percent"] == pytest.approx(look.cloud_percent, abs=0.0051)
        assert row["covered"] == pytest.approx(look.covered, abs=6e-5)
        assert row["tile_cloud_percent"] is not None
    percents = [row["cloud_percent"] for row in rows]
    assert percents == sorted(percents)


def test_scenes_of_a_unit_without_rows(walk: Walk, facts: Facts) -> None:
    unit = facts.units[0].id
    assert walk.ask("scenes_of_unit", f"unit={unit}", "since=2018-01-01") == []


def test_the_best_pair_of_a_clear_unit(walk: Walk, facts: Facts, looks: Looks) -> None:
    before, after = looks
    unit = max(after, key=lambda one: (after[one].valid, one.id))
    clouds = before[unit].cloud_percent, after[unit].cloud_percent
    asked = (f"unit={unit.id}", "cloud_below=100")
    (row,) = walk.ask("best_pair", *asked, "day=2017-04-27")
    assert row["before_product"] == facts.before.product_id
    assert row["after_product"] == facts.after.product_id
    assert (row["days_between"], row["same_orbit"]) == (10, True)
    assert row["points"] == pytest.approx(sum(clouds) + 10, abs=0.0051)
    # the later image is of the 29th, and no image is later
    assert walk.ask("best_pair", *asked, "day=2017-04-29") == []


def test_not_assessable_units(walk: Walk, looks: Looks) -> None:
    rows = walk.ask("not_assessable")
    expected = not_assessable(looks[1], "parcel", 10, 50)
    assert expected, "every parcel of the sample can be assessed"
    assert {
        row["identifier"]: (
            row["valid_pixels"], row["cloudy_pixels"], row["total_pixels"],
        )
        for row in rows
    } == expected  # fmt: skip
    assert len(rows) == len(expected)
    for row in rows:
        assert ("fewer than 10" in row["reason"]) == (row["valid_pixels"] < 10)
        cloudy = 2 * row["cloudy_pixels"] > row["total_pixels"]
        assert ("under cloud" in row["reason"]) == cloudy


def test_not_assessable_without_rows(walk: Walk, looks: Looks) -> None:
    assert not_assessable(looks[1], "parcel", 0, 100) == {}
    assert walk.ask("not_assessable", "least_pixels=0", "most_cloud=100") == []


@pytest.mark.parametrize("method", METHODS)
def test_land_cover_of_change(walk: Walk, facts: Facts, method: str) -> None:
    rows = [row for row in walk.ask("land_cover_of_change") if row["method"] == method]
    expected = land_cover_of_change(facts, method, "middle")
    assert {row["kind_label"] for row in rows} == set(expected)
    for row in rows:
        wanted = expected[row["kind_label"]]
        for column in ("changed_ha", "area_ha"):
            assert row[column] == pytest.approx(wanted[column], abs=0.002)
        for column in ("changed_share", "area_share"):
            assert row[column] == pytest.approx(wanted[column], abs=1.1e-4)
        assert row["lift"] == pytest.approx(wanted["lift"], abs=2e-3)
    hectares = [row["changed_ha"] for row in rows]
    assert hectares == sorted(hectares, reverse=True)


def test_land_cover_of_change_without_rows(walk: Walk) -> None:
    assert walk.ask("land_cover_of_change", "unit_level=district") == []


def test_changed_without_weather(walk: Walk, facts: Facts) -> None:
    """The bound lies between the coldest night of all stations and the mildest."""
    last = facts.after.ends.date()
    minima = [
        min(one.ground_minimum_c for one in nights_of(facts, station.id, last.replace(
            day=last.day - 9), last))
        for station in facts.stations
    ]  # fmt: skip
    assert min(minima) < max(minima), "the stations saw the same"
    bound = between(minima, (min(minima) + max(minima)) / 2)
    shares = [
        seen.hectares[3] / sum(seen.hectares)
        for seen in facts.seen[METHODS[0]].values()
        if sum(seen.hectares)
    ]
    least = between(shares, 0.1)
    rows = walk.ask(
        "changed_without_weather", f"ground_below={bound}", f"least={least}",
        *NO_RAIN_OR_GUST,
    )  # fmt: skip
    found = {row["identifier"]: row for row in rows if row["method"] == METHODS[0]}
    expected = changed_without_weather(facts, METHODS[0], least, 10, bound)
    everyone = changed_without_weather(facts, METHODS[0], least, 10, -100)
    assert len(expected) < len(everyone), "no parcel is left out for the frost"
    assert set(found) == set(expected)
    for identifier, wanted in expected.items():
        for column, value in wanted.items():
            assert found[identifier][column] == pytest.approx(value, abs=6e-4)
    all_rows = walk.ask(
        "changed_without_weather", "ground_below=-100", f"least={least}",
        *NO_RAIN_OR_GUST,
    )  # fmt: skip
    ours = {row["identifier"] for row in all_rows if row["method"] == METHODS[0]}
    assert ours == set(everyone)


def test_changed_without_weather_without_rows(walk: Walk) -> None:
    """Every station saw the frost of the sample."""
    assert walk.ask("changed_without_weather", "ground_below=100") == []


def test_questions_that_make_no_sense_are_one_line(walk: Walk) -> None:
    for asked, told in (
        (("damage",), "there is no question 'damage'; choose one of: "),
        (("changed_units", "leest=0.3"), "has no parameter 'leest'; it has: "),
        (("changed_units", "least=much"), "least='much': give a number"),
        (("changed_units", "least=5"), "give a number above 0 up to 1"),
        (("scenes_of_unit", "unit=nowhere"), "nowhere"),
        (
            ("image_pairs", "since=2017-05-01", "until=2017-04-01"),
            "since=2017-05-01 is later than until=2017-04-01; give the earlier day",
        ),
    ):
        done = walk.run("ask", *asked)
        assert (done.returncode, done.stdout) == (1, ""), asked
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1

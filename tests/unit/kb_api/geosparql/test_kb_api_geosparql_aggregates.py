"""One geometry of a group of rows."""

import math

import pyoxigraph as ox
import pytest
import shapely
from geosparql_expressions import PREFIXES

from kb_api.embedded_store import EmbeddedStore
from kb_api.geosparql import aggregates

SQUARES = ["POLYGON((0 0,2 0,2 2,0 2,0 0))", "POLYGON((2 0,4 0,4 2,2 2,2 0))"]
UTM = "<http://www.opengis.net/def/crs/EPSG/0/32633> "


def gathered(name: str, wkt: list[str]) -> tuple[str | None, list[str]]:
    rows = " ".join(f'"{one}"^^geo:wktLiteral' for one in wkt)
    text = f"{PREFIXES} SELECT (geof:{name}(?w) AS ?v) {{ VALUES ?w {{ {rows} }} }}"
    outcome = EmbeddedStore().run(text)
    assert isinstance(outcome.results, ox.QuerySolutions)
    (row,) = outcome.results
    told = list(outcome.faults.told)
    return (None if row["v"] is None else row["v"].value), told


@pytest.mark.parametrize(
    ("name", "wkt", "expected"),
    [
        ("aggUnion", SQUARES, "POLYGON((0 0,2 0,4 0,4 2,2 2,0 2,0 0))"),
        ("aggUnion", ["POINT(1 1)", "POINT(1 1)"], "POINT(1 1)"),
        ("aggBoundingBox", ["POINT(1 5)", "LINESTRING(0 0,2 2)"],
         "POLYGON((0 0,2 0,2 5,0 5,0 0))"),
        ("aggConvexHull", ["POINT(0 0)", "POINT(4 0)", "POINT(2 1)", "POINT(0 4)"],
         "POLYGON((0 0,4 0,0 4,0 0))"),
        ("aggConcaveHull", ["POINT(0 0)", "POINT(4 0)", "POINT(0 4)"],
         "POLYGON((0 0,4 0,0 4,0 0))"),
        ("aggCentroid", SQUARES, "POINT(2 1)"),
        ("aggCentroid", ["POINT(0 0)", "POINT(0 0)", "POINT(3 3)"], "POINT(1 1)"),
        ("aggCentroid", ["POINT(9 9)", "LINESTRING(0 0,2 0)", "LINESTRING(0 2,6 2)"],
         "POINT(2.5 1.5)"),
        ("aggCentroid", [*SQUARES, "LINESTRING(9 9,99 9)"], "POINT(2 1)"),
        ("aggCentroid", [""], "POINT EMPTY"),
    ],
)  # fmt: skip
def test_of_a_group(name: str, wkt: list[str], expected: str) -> None:
    value, told = gathered(name, wkt)
    assert told == []
    assert value is not None
    made, wanted = shapely.from_wkt(value), shapely.from_wkt(expected)
    assert made.normalize().equals_exact(wanted.normalize(), 1e-12)


def test_a_circle_around_a_group() -> None:
    value, _ = gathered("aggBoundingCircle", ["POINT(0 0)", "POINT(6 8)", "POINT(3 4)"])
    assert value is not None
    assert shapely.from_wkt(value).bounds == pytest.approx((-2, -1, 8, 9), abs=1e-9)


def test_the_first_gives_the_system() -> None:
    value, told = gathered("aggBoundingBox", [UTM + "POINT(500000 9)", "POINT(15 0)"])
    assert told == []
    assert value is not None
    assert value.startswith(UTM)
    line = shapely.from_wkt(value.removeprefix(UTM))
    assert line.bounds == pytest.approx((500000, 0, 500000, 9), abs=1e-3)


@pytest.mark.parametrize("name", list(aggregates.AGGREGATES))
def test_a_bad_row_leaves_the_group_unbound_and_is_told(name: str) -> None:
    value, told = gathered(name, ["POINT(1 1)", "POINT(1", "POINT(2 2)"])
    assert value is None
    assert len(told) == 1
    assert told[0].startswith(f"{name}: POINT(1 is no WKT")


@pytest.mark.parametrize("name", list(aggregates.AGGREGATES))
def test_no_rows_give_nothing(name: str) -> None:
    assert gathered(name, []) == (None, [])


@pytest.mark.parametrize("name", list(aggregates.AGGREGATES))
def test_batches_make_no_difference(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [f"POINT({n % 7} {n * n % 11})" for n in range(60)]
    whole, _ = gathered(name, points)
    monkeypatch.setattr(aggregates, "_BATCH", 7)
    batched, told = gathered(name, points)
    assert told == []
    assert whole is not None
    assert batched is not None
    one, other = shapely.from_wkt(whole), shapely.from_wkt(batched)
    assert shapely.hausdorff_distance(one, other) < 1e-9


def test_a_concave_hull_of_points_that_are_nearly_the_same() -> None:
    """Corners of twelve-sided fields that meet, but for the last digit."""
    turns = [number * math.pi / 6 for number in range(12)]
    fields = [
        "MULTIPOINT("
        + ",".join(
            f"{x / 10 + math.cos(turn) / 20} {y / 10 + math.sin(turn) / 20}"
            for turn in turns
        )
        + ")"
        for x in range(40)
        for y in range(40)
    ]
    value, told = gathered("aggConcaveHull", fields)
    assert told == []
    assert value is not None
    assert shapely.from_wkt(value).area == pytest.approx(16, rel=0.05)


def test_a_concave_hull_of_too_many_points_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aggregates, "_MOST_POINTS", 2)
    value, told = gathered("aggConcaveHull", ["POINT(0 0)", "POINT(1 0)", "POINT(0 1)"])
    assert value is None
    assert told == ["aggConcaveHull: the group has more than 2 points; group finer"]

"""The GeoSPARQL compliance benchmark on the embedded store, and its scorer."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

import geosparql_benchmark as benchmark
import geosparql_scoring as scoring

needs_data = pytest.mark.skipif(
    not benchmark.BENCHMARK.is_dir(),
    reason=f"no test data: {benchmark.BENCHMARK}; see LUCERNA_TEST_DATA",
)

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
DEFECTS = Path(__file__).with_name("geosparql_known_defects.json")
Graded = list[tuple[scoring.Task, bool, bool]]


@pytest.fixture(scope="module", params=["as published", "renamed"])
def graded(request: pytest.FixtureRequest) -> Graded:
    return benchmark.grades(renamed=request.param == "renamed")


def page_scores() -> dict[int, tuple[str, int, int, int]]:
    """Requirement to regime, queries, strict and semantic, from the page."""
    rows = re.findall(
        r"^\| (\d+) \| (\S+) \| (\d+) \| (\d+) \| (\d+) \|$",
        PAGE.read_text("utf-8"),
        re.M,
    )
    return {
        int(one[0]): (one[1], int(one[2]), int(one[3]), int(one[4])) for one in rows
    }


@needs_data
def test_every_requirement_scores_as_the_page_says(graded: Graded) -> None:
    """A score that rises is written down with `make conformance`; none may drop."""
    assert len(graded) == 206
    found = {
        one.requirement: (
            benchmark.regime_of(one.requirement),
            one.queries,
            one.strict,
            one.semantic,
        )
        for one in scoring.scores(graded)
    }
    assert found == page_scores()
    assert sum(one[2] for one in found.values()) >= 174
    assert sum(one[3] for one in found.values()) >= 192


@needs_data
def test_what_is_wrong_is_a_known_defect_of_the_benchmark(graded: Graded) -> None:
    defects = json.loads(DEFECTS.read_text("utf-8"))
    wrong = {task.name for task, _, semantic in graded if not semantic}
    assert set(defects) == wrong


def answer(value: str, kind: str = "literal", datatype: str = "") -> list[scoring.Row]:
    return [{"v": (kind, value, datatype)}]


WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
GML = "http://www.opengis.net/ont/geosparql#gmlLiteral"
BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
RING = "0 0 4 0 4 4 0 4 0 0"
SQUARE = (
    '<gml:Polygon xmlns:gml="http://www.opengis.net/ont/gml"><gml:exterior>'
    f"<gml:LinearRing><gml:posList>{RING}</gml:posList></gml:LinearRing></gml:exterior>"
    "</gml:Polygon>"
)


@pytest.mark.parametrize(
    ("given", "wanted", "strict", "semantic"),
    [
        (answer("POINT (1 2)", datatype=WKT), answer("Point(1 2)", datatype=WKT),
         True, True),
        (answer("POINT (1 2)", datatype=WKT), answer("POINT (1 3)", datatype=WKT),
         False, False),
        (answer("LINESTRING(0 0,1 1)", datatype=WKT),
         answer("LINESTRING(1 1,0 0)", datatype=WKT), False, True),
        (answer("POLYGON((0 4,0 0,4 0,4 4,0 4))", datatype=WKT),
         answer(SQUARE, datatype=GML), False, True),
        (answer("POLYGON((0 5,0 0,4 0,4 4,0 5))", datatype=WKT),
         answer(SQUARE, datatype=GML), False, False),
        (answer(SQUARE, datatype=GML),
         answer(SQUARE.replace("><", ">\n<"), datatype=GML), True, True),
        (answer("true", datatype=BOOLEAN), answer("1", datatype=BOOLEAN), False, True),
        (answer("0", datatype=BOOLEAN), answer("true", datatype=BOOLEAN), False, False),
        (answer("a", "uri"), answer("a"), False, False),
        (answer("a") + answer("b"), answer("b") + answer("a"), False, False),
        (answer("a"), answer("a") + answer("a"), False, False),
        ([], answer("a"), False, False),
    ],
)  # fmt: skip
def test_the_scorer_tells_right_from_wrong(
    given: list[scoring.Row], wanted: list[scoring.Row], strict: bool, semantic: bool
) -> None:
    task = scoring.Task("one", 1, "", [answer("none"), wanted])
    assert scoring.is_right(given, task, semantic=False) is strict
    assert scoring.is_right(given, task, semantic=True) is semantic


@needs_data
def test_renaming_leaves_no_name_of_the_data_set() -> None:
    data, tasks = scoring.tasks(benchmark.BENCHMARK, renamed=True)
    texts = [data.decode(), *(one.query for one in tasks)]
    texts += [str(one.accepted) for one in tasks]
    assert not [one for one in texts if "ApplicationSchema" in one]
    assert not [one for one in texts if "AExactGeom" in one]

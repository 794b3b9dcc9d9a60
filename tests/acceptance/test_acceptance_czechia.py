"""The main job on real input: a bark-beetle outbreak in Czechia, by command line."""

import dataclasses
import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import rasterio
from acceptance_walk import IRI_BASE, METHODS, lucerna, told
from expected_answers import Row
from expected_compare import assert_descending, assert_rows, between
from expected_czechia import FILE_BANDS, Place, read_place
from expected_pixels import NODATA
from expected_units import LEVELS, Seen, Unit

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"
PAIRS = DATA / "s2-barkbeetle-czechia-2019-2020"
DISTRICTS = DATA / "admin-units" / "czechia" / "okresy.geojson"
PLACE = "208748"
NOTE = (
    "label_forest_2022: meaning of the classes not documented; "
    "made in 2022, later than the event"
)
MONTHS = {"2019-09": "2019-09-01/2019-09-30", "2020-09": "2020-09-01/2020-09-30"}
BEGINS, ENDS = "2019-09-01T00:00:00Z", "2020-09-30T23:59:59Z"

pytestmark = pytest.mark.skipif(
    not PAIRS.is_dir(), reason=f"no test data: {PAIRS}; see LUCERNA_TEST_DATA"
)

STRATA = """
PREFIX luc: <https://w3id.org/lucerna/ont#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX sosa: <http://www.w3.org/ns/sosa/>
PREFIX tsn: <http://purl.org/net/tsn#>
SELECT ?identifier ?method ?class ?observed_ha ?none ?low ?middle ?high {
  ?o a luc:ChangeStratum ; sosa:hasFeatureOfInterest/tsn:hasIdentifier ?identifier ;
    luc:inSlice ?slice ; luc:observedHa ?observed_ha ; luc:noneHa ?none ;
    luc:lowHa ?low ; luc:middleHa ?middle ; luc:highHa ?high .
  ?slice luc:landCover/skos:notation ?class ; luc:fromResult/luc:method ?method }"""

CONTEXT = """
PREFIX luc: <https://w3id.org/lucerna/ont#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?context ?begins ?ends ?note ?scheme_note {
  ?slice luc:contextDataset ?context ; luc:landCover/skos:inScheme ?scheme .
  ?context luc:beginsAt ?begins ; luc:endsAt ?ends ; rdfs:comment ?note .
  ?scheme rdfs:comment ?scheme_note }"""


@dataclasses.dataclass(frozen=True)
class Job:
    """Where the job's files are, and what was told."""

    folder: Path
    changed: dict[str, dict[str, Any]]
    lifted: dict[str, dict[str, Any]]

    def ask(self, *arguments: str) -> Any:  # noqa: ANN401
        """JSON of a command on the knowledge base."""
        return told(lucerna(*arguments, "--kb", "kb", cwd=self.folder))


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """Copy, describe, compare, lift: the commands of docs/real-data.md."""
    folder = tmp_path_factory.mktemp("czechia")
    for month, interval in MONTHS.items():
        shutil.copyfile(PAIRS / month / f"S2_{PLACE}.tif", folder / f"{month}.tif")
        describe(
            folder,
            *(f"{month}.tif", "--sensor", "sentinel-2-l2a", "--datetime", interval),
            *("--bands", ",".join(FILE_BANDS), "--scale", "0.0001", "--nodata", "0"),
        )
    shutil.copyfile(PAIRS / "forest" / f"forest_{PLACE}.tif", folder / "forest.tif")
    year = "2022-01-01/2022-12-31"
    describe(
        folder,
        *("forest.tif", "--sensor", "context", "--datetime", year),
        *("--nodata", "255", "--note", NOTE),
    )
    job = Job(folder, {}, {})
    pair = [f"{month}.tif" for month in MONTHS]
    for method in METHODS:
        out = ["-o", f"{method}.tif", "--regions", f"{method}.geojson"]
        arguments = [*pair, *out, "--method", method, "--json"]
        job.changed[method] = told(lucerna("change", *arguments, cwd=folder))
        arguments = ["--units", DISTRICTS, "--unit-level", "district"]
        arguments += ["--land-cover", "forest.tif", "--kb", "kb", "--json"]
        done = lucerna("lift", f"{method}.tif", *arguments, cwd=folder)
        job.lifted[method] = told(done)
    return job


@pytest.fixture(scope="module")
def place(job: Job) -> Place:
    """The place, worked out without the product."""
    months = [job.folder / f"{month}.tif" for month in MONTHS]
    return read_place(*months, job.folder / "forest.tif", DISTRICTS)


@pytest.fixture(scope="module")
def seen(job: Job, place: Place) -> dict[str, dict[Unit, Seen]]:
    """Method to what is seen in each district; ties of rounding as the product's."""
    found = {}
    for method, one in place.comparisons.items():
        scores, theirs = one.scores.copy(), read(job.folder / f"{method}.tif")
        scores[one.doubtful()] = theirs[one.doubtful()]
        found[method] = place.seen(dataclasses.replace(one, scores=scores))
    return found


@pytest.mark.parametrize("method", METHODS)
def test_scores_equal_the_independent_ones(job: Job, place: Place, method: str) -> None:
    ours, theirs = place.comparisons[method], read(job.folder / f"{method}.tif")
    wrong = theirs != ours.scores
    assert not (wrong & ~ours.doubtful()).any()
    assert wrong.sum() < 0.001 * wrong.size
    assert (ours.scores != NODATA).sum() > 50_000


def test_months_are_intervals_and_regions_are_found(job: Job) -> None:
    pairs = job.ask("ask", "image_pairs", "--json")
    assert [row["method"] for row in pairs] == sorted(METHODS)
    for row in pairs:
        assert row["simulated"] is False
        assert row["before_time"] == "2019-09-30T23:59:59Z"
        assert row["after_time"] == ENDS
    for method in METHODS:
        text = (job.folder / f"{method}.geojson").read_text("utf-8")
        assert len(json.loads(text)["features"]) == job.changed[method]["regions"] > 0


def test_hectares_of_district_and_class_are_those_of_the_ground(
    job: Job, place: Place, seen: dict[str, dict[Unit, Seen]]
) -> None:
    expected = [
        {
            "identifier": unit.id,
            "method": method,
            "class": str(value),
            "observed_ha": sum(hectares),
            **dict(zip(LEVELS, hectares, strict=True)),
        }
        for method, units in seen.items()
        for unit, one in units.items()
        for value, hectares in one.strata.items()
    ]
    assert {row["class"] for row in expected} == {"0", "1", "2", "3"}
    answer = job.ask("sparql", STRATA, "--format", "json")["results"]["bindings"]
    held = [{name: cell["value"] for name, cell in row.items()} for row in answer]
    numbers = ("observed_ha", *LEVELS)
    found = [row | {name: float(row[name]) for name in numbers} for row in held]
    key = ("identifier", "method", "class")
    assert_rows(found, expected, key)
    ours = {tuple(row[name] for name in key): row for row in expected}
    for row in found:
        one = ours[tuple(row[name] for name in key)]
        for name in LEVELS:
            assert row[name] == pytest.approx(one[name], abs=0.0002, rel=1e-6), row
    ground = sum(row["observed_ha"] for row in found) / len(METHODS)
    valid = (place.comparisons["cva"].scores != NODATA).sum()
    assert 2.2 < 0.01 * valid / ground < 2.6, "10 m x 10 m a pixel is far too much"


def test_ranked_districts(job: Job, seen: dict[str, dict[Unit, Seen]]) -> None:
    expected = [
        named(job, unit, method)
        | {
            "hectares": sum(one.strata[2][1:]),
            "observed_ha": sum(one.strata[2]),
            "share": sum(one.strata[2][1:]) / sum(one.strata[2]),
            "assessable": one.assessable,
        }
        for method, units in seen.items()
        for unit, one in units.items()
        if sum(one.strata.get(2, ())[1:]) > 0
    ]
    assert expected
    asked = ["kind=class 2", "unit_level=district", "level=low", "after=2020-09-29"]
    rows = job.ask("ask", "rank_units", *asked, "--json")
    assert_rows(rows, expected, ("unit", "result"))
    assert_descending(rows, "hectares")
    late = job.ask("ask", "rank_units", *asked[:3], "after=2020-09-30", "--json")
    assert late == []


def test_changed_districts(job: Job, seen: dict[str, dict[Unit, Seen]]) -> None:
    every = [
        named(job, unit, method)
        | {
            "kind_label": f"class {value}",
            "level_ha": sum(hectares[1:]),
            "observed_ha": sum(hectares),
            "share": sum(hectares[1:]) / sum(hectares),
            "valid_pixels": one.valid,
        }
        for method, units in seen.items()
        for unit, one in units.items()
        for value, hectares in one.strata.items()
        if value == 1 and one.assessable
    ]
    least = between((row["share"] for row in every), 0.02)
    asked = ["kind=class 1", "unit_level=district", "level=low", f"least={least}"]
    rows = job.ask("ask", "changed_units", *asked, "--json")
    assert rows
    expected = [row for row in every if row["share"] >= least]
    assert_rows(rows, expected, ("unit", "kind_label", "result"))


def test_note_on_classes_and_date_is_in_the_graph(job: Job) -> None:
    answer = job.ask("sparql", CONTEXT, "--format", "json")["results"]["bindings"]
    (row,) = [{name: cell["value"] for name, cell in one.items()} for one in answer]
    assert row["note"] == row["scheme_note"] == NOTE
    assert (row["begins"], row["ends"]) == (
        "2022-01-01T00:00:00Z", "2022-12-31T23:59:59Z",
    )  # fmt: skip
    assert datetime.fromisoformat(row["begins"]) > datetime.fromisoformat(ENDS)


def describe(folder: Path, *arguments: str) -> None:
    """Run `lucerna describe`; the item must hold the whole interval."""
    done = lucerna("describe", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    item = json.loads((folder / arguments[0]).with_suffix(".json").read_text("utf-8"))
    assert item["stac_version"] == "1.1.0"
    begins, _, ends = arguments[4].partition("/")
    assert item["properties"]["start_datetime"] == f"{begins}T00:00:00Z"
    assert item["properties"]["end_datetime"] == f"{ends}T23:59:59Z"


def named(job: Job, unit: Unit, method: str) -> Row:
    """The columns of a row that name unit and result."""
    return {
        "unit": f"{IRI_BASE}unit/district/{unit.id}@undated",
        "identifier": unit.id,
        "name": unit.name,
        "begins": BEGINS,
        "ends": ENDS,
        "method": method,
        "result": f"{IRI_BASE}result/{job.changed[method]['run']}",
    }


def read(path: Path) -> Any:  # noqa: ANN401
    """The first band of a raster."""
    with rasterio.open(path) as raster:
        return raster.read(1)

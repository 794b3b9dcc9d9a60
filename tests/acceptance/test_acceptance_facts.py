"""The facts in the knowledge base: units, clouds, graphs, places, times, reruns."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from acceptance_walk import Walk, lucerna
from expected_compare import assert_rows
from expected_facts import Facts
from expected_pixels import CLOUDY, FULL, NODATA
from expected_units import LEVELS

PREFIXES = """
PREFIX luc: <https://w3id.org/lucerna/ont#>
PREFIX lvl: <https://w3id.org/lucerna/scheme/change-level/>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX sosa: <http://www.w3.org/ns/sosa/>
PREFIX tsn: <http://purl.org/net/tsn#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""

OBSERVATIONS = (
    PREFIXES
    + """
SELECT ?identifier ?method ?valid ?cloudy ?total ?observed_ha ?none ?low ?middle ?high
  (EXISTS { ?o luc:inBand/luc:bandLevel lvl:notAssessable } AS ?flagged)
WHERE {
  ?o a luc:ChangeObservation ; sosa:hasFeatureOfInterest/tsn:hasIdentifier ?identifier ;
    luc:inSlice/luc:fromResult/luc:method ?method ; luc:validPixels ?valid ;
    luc:cloudyPixels ?cloudy ; luc:totalPixels ?total ; luc:observedHa ?observed_ha ;
    luc:noneHa ?none ; luc:lowHa ?low ; luc:middleHa ?middle ; luc:highHa ?high .
}"""
)

DUMP = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def observations(walk: Walk) -> list[dict[str, Any]]:
    """What the knowledge base says of each unit in each result, as numbers."""
    rows = walk.sparql(OBSERVATIONS)
    texts = ("identifier", "method", "flagged")
    return [
        {
            "flagged": row["flagged"] == "true",
            **{one: row[one] for one in ("identifier", "method")},
            **{one: float(row[one]) for one in row if one not in texts},
        }
        for row in rows
    ]


def test_every_unit_has_the_expected_pixels_and_hectares(
    observations: list[dict[str, Any]], facts: Facts
) -> None:
    expected = [
        {
            "identifier": unit.id,
            "method": method,
            "valid": seen.valid,
            "cloudy": seen.cloudy,
            "total": seen.total,
            "observed_ha": sum(seen.hectares),
            "flagged": not seen.assessable,
        }
        for method, units in facts.seen.items()
        for unit, seen in units.items()
    ]
    assert len(expected) > 2 * 200
    assert_rows(observations, expected, ("identifier", "method"))
    levels = {
        (unit.id, method): seen.hectares
        for method, units in facts.seen.items()
        for unit, seen in units.items()
    }
    for row in observations:
        told = [row[level] for level in LEVELS]
        ours = levels[row["identifier"], row["method"]]
        assert told == pytest.approx(ours, abs=0.0002, rel=1e-6), row


def test_small_units_are_flagged(observations: list[dict[str, Any]]) -> None:
    small = [row for row in observations if row["valid"] < 10]
    assert any(row["cloudy"] == 0 for row in small), "none is small without a cloud"
    assert all(row["flagged"] for row in small)
    large = [row for row in observations if row["valid"] > 100 and not row["cloudy"]]
    assert large
    assert not any(row["flagged"] for row in large)


def test_clouds_are_never_no_change(
    walk: Walk, observations: list[dict[str, Any]], facts: Facts
) -> None:
    truth = json.loads((walk.sample / "truth" / "truth.json").read_text("utf-8"))
    hidden = {
        name for name, one in truth["parcels"].items() if one["hidden_share"] > 0.8
    }
    assert hidden, "no parcel was planted under a cloud"
    rows = [row for row in observations if row["identifier"] in hidden]
    assert len(rows) == 2 * len(hidden)
    for row in rows:
        assert row["flagged"], row
        assert row["cloudy"] > row["total"] / 2, row
        seen_ha = sum(row[level] for level in LEVELS)
        assert seen_ha == pytest.approx(0.01 * row["valid"], rel=0.001), row
    for comparison in facts.comparisons.values():
        cloudy = comparison.quality == CLOUDY
        assert cloudy.sum() > 500
        assert (comparison.scores[cloudy] == NODATA).all()


def test_no_triple_stands_in_two_graphs(walk: Walk) -> None:
    twice = walk.sparql(
        "SELECT ?s ?p ?o (COUNT(?g) AS ?n) { GRAPH ?g { ?s ?p ?o } } "
        "GROUP BY ?s ?p ?o HAVING (COUNT(?g) > 1) LIMIT 5"
    )
    assert twice == []
    (counts,) = walk.sparql(
        "SELECT ?all ?distinct { "
        "{ SELECT (COUNT(*) AS ?all) { ?s ?p ?o } } "
        "{ SELECT (COUNT(*) AS ?distinct) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } } } }"
    )
    assert counts["all"] == counts["distinct"]
    assert int(counts["all"]) > 10_000


def test_geometry_is_crs84_and_that_of_the_files(walk: Walk, facts: Facts) -> None:
    rows = walk.sparql(PREFIXES + "SELECT ?wkt { ?any geo:asWKT ?wkt }")
    shapes = [shapely.from_wkt(row["wkt"]) for row in rows]
    regions = sum(walk.changed[method]["regions"] for method in FULL)
    assert len(shapes) > len(facts.units) + regions
    west, south, east, north = shapely.total_bounds(shapes)
    assert (west, south) > (-0.21, 44.85)
    assert (east, north) < (-0.11, 44.93)
    rows = walk.sparql(
        PREFIXES + "SELECT ?id ?wkt { ?unit tsn:hasIdentifier ?id ; "
        "geo:hasDefaultGeometry/geo:asWKT ?wkt }"
    )
    held = {row["id"]: shapely.from_wkt(row["wkt"]) for row in rows}
    assert held.keys() == {unit.id for unit in facts.units}
    for unit in facts.units:
        apart = shapely.hausdorff_distance(held[unit.id], unit.geometry)
        assert apart < 1.01e-7, f"{unit.id} is {apart} degrees off"


def test_times_end_in_z(walk: Walk) -> None:
    rows = walk.sparql(
        PREFIXES + "SELECT DISTINCT ?time { ?s ?p ?time FILTER("
        "DATATYPE(?time) IN (xsd:dateTime, xsd:dateTimeStamp)) }"
    )
    assert len(rows) > 8
    assert [row["time"] for row in rows if not row["time"].endswith("Z")] == []


def test_sparql_prints_csv_and_json(walk: Walk, facts: Facts) -> None:
    query = PREFIXES + (
        "SELECT ?kind (COUNT(*) AS ?n) { VALUES ?kind { luc:Parcel luc:Commune } "
        "?unit a ?kind } GROUP BY ?kind ORDER BY ?kind"
    )
    counted = {
        kind: str(sum(unit.level == kind.lower() for unit in facts.units))
        for kind in ("Commune", "Parcel")
    }
    as_json = {row["kind"].rpartition("#")[2]: row["n"] for row in walk.sparql(query)}
    assert as_json == counted
    done = walk.run("sparql", query, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["kind"].rpartition("#")[2]: row["n"] for row in rows} == counted


def test_running_again_changes_nothing(
    walk: Walk, digests: Callable[[Path], dict[str, str]], tmp_path: Path
) -> None:
    def state() -> tuple[list[str], dict[str, str]]:
        done = walk.run("sparql", DUMP, "--format", "csv")
        assert done.returncode == 0, done.stderr
        files = digests(walk.folder)
        kept = {k: v for k, v in files.items() if not k.startswith("kb/store/")}
        return sorted(done.stdout.splitlines()), kept

    lines, files = state()
    assert len(lines) > 10_000
    assert len([name for name in files if name.endswith(".tif")]) >= 7
    for method in FULL:
        assert walk.change(method) == walk.changed[method]
    assert walk.lift("spectral-angle")["graphs changed"] == 0
    assert state() == (lines, files)
    fresh = tmp_path / "fresh.tif"
    done = lucerna("change", *walk.scenes, "-o", fresh, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert fresh.read_bytes() == walk.raster("spectral-angle").read_bytes()


def test_main_land_cover_is_the_largest_class(walk: Walk, facts: Facts) -> None:
    rows = walk.sparql(
        PREFIXES + "SELECT ?id ?method ?class { ?o luc:mainLandCover ?class ; "
        "sosa:hasFeatureOfInterest/tsn:hasIdentifier ?id ; "
        "luc:inSlice/luc:fromResult/luc:method ?method }"
    )
    held = {(r["id"], r["method"]): r["class"].rpartition("/")[2] for r in rows}
    expected = {
        (unit.id, method): [str(one) for one in seen.main_classes]
        for method, units in facts.seen.items()
        for unit, seen in units.items()
        if seen.strata
    }
    assert held.keys() == expected.keys()
    different = [one for one in held if held[one] not in expected[one]]
    assert sum(len(classes) == 1 for classes in expected.values()) > 300
    assert len(set(held.values())) >= 3
    assert different == []

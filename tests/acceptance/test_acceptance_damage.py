"""A damage report of the sample against grades worked out without the product."""

import csv
import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
from acceptance_walk import Walk, lucerna, told
from expected_facts import Facts
from expected_units import Seen, Unit

EVENT = """
@prefix luc: <https://w3id.org/lucerna/ont#> .
@prefix peril: <https://w3id.org/lucerna/scheme/peril/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://insurer.example/frost> a luc:Event ; luc:peril peril:frost ;
  rdfs:label "Frost night" ;
  luc:beginsAt "2017-04-26T18:00:00Z"^^xsd:dateTime ;
  luc:endsAt "2017-04-27T08:00:00Z"^^xsd:dateTime .
"""
GRADES = ((0.8, "destroyed"), (0.3, "damaged"), (0.1, "possiblyDamaged"))
NIGHT = date(2017, 4, 27)
METHOD = "spectral-angle"


@dataclass(frozen=True)
class Reported:
    """A report and what `lucerna report --json` told of it."""

    folder: Path
    kb: Path

    def rows(self) -> dict[str, dict[str, str]]:
        """Row of each parcel."""
        text = (self.folder / "parcels.csv").read_text("utf-8-sig")
        found = list(csv.DictReader(text.splitlines()))
        assert len({one["identifier"] for one in found}) == len(found)
        return {one["identifier"]: one for one in found}


@pytest.fixture(scope="module")
def reported(walk: Walk, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """The report of all parcels, made in a copy of the knowledge base."""
    folder = tmp_path_factory.mktemp("damage")
    shutil.copytree(walk.kb, folder / "kb")
    (folder / "frost.ttl").write_text(EVENT, encoding="utf-8")
    arguments = ["--parcels", walk.sample / "parcels.geojson", "--event", "frost.ttl"]
    arguments += ["-o", "report", "--kb", "kb", "--json"]
    made = told(lucerna("report", *arguments, cwd=folder))
    assert made["folder"] == "report"
    return Reported(folder / "report", folder / "kb")


def parcels(facts: Facts) -> list[Unit]:
    """All parcels of the sample."""
    found = [one for one in facts.units if one.level == "parcel"]
    assert len(found) > 200
    return found


def test_every_parcel_is_there_once(reported: Reported, facts: Facts) -> None:
    rows = reported.rows()
    assert set(rows) == {one.id for one in parcels(facts)}
    told_shapes = json.loads((reported.folder / "parcels.geojson").read_text("utf-8"))
    assert len(told_shapes["features"]) == len(rows)


def test_grades_and_hectares_are_the_expected_ones(
    reported: Reported, facts: Facts
) -> None:
    rows, graded = reported.rows(), 0
    for unit, seen in facts.seen[METHOD].items():
        if unit.level != "parcel":
            continue
        row, graded = rows[unit.id], graded + 1
        affected = sum(seen.hectares[2:])
        assert float(row["affected_ha"]) == pytest.approx(affected, abs=2e-4), unit.id
        observed = sum(seen.hectares)
        assert float(row["observed_ha"]) == pytest.approx(observed, abs=3e-4), unit.id
        assert int(row["valid_pixels"]) == seen.valid
        if row["grade"] == "notAssessed":
            assert not clearly_assessable(unit, seen)
        else:
            assert row["grade"] == grade(float(row["share"]))
            assert float(row["share"]) == pytest.approx(affected / observed, abs=1e-3)
            assert seen.assessable
    assert graded > 200
    assert {one["grade"] for one in rows.values()} >= {"damaged", "noVisibleDamage"}


def test_parcels_off_the_image_are_not_assessed(
    reported: Reported, facts: Facts
) -> None:
    rows = reported.rows()
    for unit in parcels(facts):
        if unit not in facts.seen[METHOD]:
            assert rows[unit.id]["grade"] == "notAssessed"


def grade(share: float) -> str:
    """The grade of an affected share."""
    return next((word for least, word in GRADES if share >= least), "noVisibleDamage")


def clearly_assessable(unit: Unit, seen: Seen) -> bool:
    """More than half of the outline seen clear on both dates, by a pixel or two."""
    return seen.valid > max(12, 0.55 * max(seen.total, unit.area_ha() * 100))


def test_the_weather_key_is_that_of_the_nearest_station(
    reported: Reported, facts: Facts
) -> None:
    nights = {one.station: one for one in facts.nights if one.day == NIGHT}
    rows, keys = reported.rows(), set()
    for unit in parcels(facts):
        row = rows[unit.id]
        station, metres = facts.nearest(unit)
        night = nights[station.id]
        met = night.ground_minimum_c < -2 or night.air_minimum_c < 0
        assert row["station_name"] == station.name
        assert float(row["station_km"]) == pytest.approx(metres / 1000, abs=0.05)
        assert row["weather_key"] == ("met" if met else "notMet"), unit.id
        keys.add(row["weather_key"])
    assert "met" in keys


def test_frosted_parcels_are_graded_and_others_are_not(
    reported: Reported, walk: Walk
) -> None:
    truth = json.loads((walk.sample / "truth" / "truth.json").read_text("utf-8"))
    hit = {"damaged", "destroyed"}
    graded = {
        name: row["grade"] in hit
        for name, row in reported.rows().items()
        if row["grade"] != "notAssessed"
    }
    told_by_truth = truth["parcels"]
    hard = [one for one in graded if told_by_truth[one]["frost_mean"] > 0.75]
    calm = [one for one in graded if told_by_truth[one]["happened"] == "nothing"]
    assert len(calm) > 50
    assert not any(graded[one] for one in calm)
    assert sum(graded[one] for one in hard) >= 0.6 * len(hard)


def test_the_same_report_again_is_the_same(reported: Reported, walk: Walk) -> None:
    arguments = ["--parcels", walk.sample / "parcels.geojson", "--kb", reported.kb]
    arguments += ["--event", reported.folder.parent / "frost.ttl", "-o", "again"]
    told(lucerna("report", *arguments, "--json", cwd=reported.folder.parent))
    again = reported.folder.parent / "again"
    names = {one.name for one in reported.folder.iterdir()}
    assert names == {one.name for one in again.iterdir()}
    for name in names:
        first, second = reported.folder / name, again / name
        assert first.read_bytes() == second.read_bytes(), name


def test_the_portfolio_question_finds_what_the_table_says(reported: Reported) -> None:
    asked = ("ask", "assessed_parcels", "grade=damaged", "--kb", reported.kb, "--json")
    found = told(lucerna(*asked, cwd=reported.folder))
    rows = {
        name: row for name, row in reported.rows().items() if row["grade"] == "damaged"
    }
    assert {one["identifier"] for one in found} == set(rows)
    for one in found:
        assert one["affected_ha"] == pytest.approx(
            float(rows[one["identifier"]]["affected_ha"])
        )


def test_all_under_cloud_is_not_assessed(walk: Walk, tmp_path: Path) -> None:
    raster = walk.raster(METHOD)
    for one in raster.parent.glob(f"{raster.stem}*"):
        if one.suffix in (".tif", ".png"):
            shutil.copyfile(one, tmp_path / one.name)
    cover(tmp_path / raster.name, 255)
    cover(tmp_path / f"{raster.stem}-quality.tif", 1)
    item = json.loads(raster.with_suffix(".json").read_text("utf-8"))
    for asset in item["assets"].values():
        asset.pop("file:checksum", None)
    (tmp_path / f"{raster.stem}.json").write_text(json.dumps(item), "utf-8")
    arguments = ["--parcels", walk.sample / "parcels.geojson", "--peril", "frost"]
    arguments += ["--from", "2017-04-26T18:00:00Z", "--to", "2017-04-27T08:00:00Z"]
    arguments += ["--change", raster.name, "--kb", "kb", "-o", "report", "--json"]
    made = told(lucerna("report", *arguments, cwd=tmp_path))
    told_grades = {key: made[key] for key in made if key.endswith(" parcels")}
    assert {key for key, count in told_grades.items() if count} == {
        "not assessed parcels"
    }


def cover(path: Path, value: int) -> None:
    """Write one value everywhere."""
    with rasterio.open(path) as raster:
        profile, shape = raster.profile, raster.shape
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(np.full(shape, value, np.uint8), 1)

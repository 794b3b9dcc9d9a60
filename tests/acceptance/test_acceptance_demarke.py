"""De Marke: NDVI of 3 008 declared parcels in two Mays, by command line."""

import os
import shutil
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from acceptance_overlaps import assert_overlaps
from acceptance_walk import lucerna, told
from expected_compare import between
from expected_demarke import Greenness, greenness, through_crs84

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"
DEMARKE = DATA / "nl-demarke-agri-2017-2018"
PARCELS = DEMARKE / "crop_parcels_2017.gpkg"
DATES = {"20170526": "2017-05-26", "20180506": "2018-05-06"}
UNITS = ("--units", PARCELS, "--unit-level", "parcel", "--unit-id", "OBJECTID")
SEEN = """PREFIX luc: <https://w3id.org/lucerna/ont#>
PREFIX sosa: <http://www.w3.org/ns/sosa/> PREFIX tsn: <http://purl.org/net/tsn#>
SELECT ?id ?begins ?total ?valid ?mean ?p90 {
?c a luc:CoverageObservation ; luc:ofScene ?s ; luc:totalPixels ?total ;
luc:validPixels ?valid ; sosa:hasFeatureOfInterest ?u .
?s luc:beginsAt ?begins . ?u tsn:hasIdentifier ?id .
OPTIONAL { ?i a luc:IndexObservation ; luc:ofScene ?s ; luc:mean ?mean ; luc:p90 ?p90 ;
sosa:hasFeatureOfInterest ?u } }"""

Expected = dict[str, dict[str, Greenness]]

pytestmark = pytest.mark.skipif(
    not DEMARKE.is_dir(), reason=f"no test data: {DEMARKE}; see LUCERNA_TEST_DATA"
)


@pytest.fixture(scope="module")
def lifted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder with the base, and what each lift told with its warnings."""
    folder = tmp_path_factory.mktemp("demarke")
    facts = {}
    for name, day in DATES.items():
        raster = folder / f"NDVI-{name}.tif"
        shutil.copyfile(DEMARKE / "ndvi" / raster.name, raster)
        options = ("--datetime", day, "--bands", "NDVI", "--scale", 1 / 250)
        done = lucerna(
            "describe", raster, "--sensor", "sentinel-2-index", *options,
            "--nodata", 0, cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        done = lucerna("lift", raster, *UNITS, "--kb", "kb", "--json", cwd=folder)
        assert done.returncode == 0, done.stderr
        facts[day] = told(done) | {"stderr": done.stderr}
    return folder, facts


@pytest.fixture(scope="module")
def expected() -> Expected:
    """Day to identifier to NDVI, of the parcels with a pixel."""
    table = geopandas.read_file(PARCELS)
    assert len(table) == 3008
    shapes = through_crs84(shapely.make_valid(table.geometry.to_numpy()), "EPSG:28992")
    found = {}
    for name, day in DATES.items():
        path = DEMARKE / "ndvi" / f"NDVI-{name}.tif"
        seen = zip(map(str, table["OBJECTID"]), greenness(path, shapes), strict=True)
        found[day] = {key: one for key, one in seen if one is not None}
    return found


def test_every_parcel_on_the_image_is_lifted(
    lifted: tuple[Path, dict[str, Any]], expected: Expected
) -> None:
    broken = int((~geopandas.read_file(PARCELS).is_valid).sum())
    assert broken == 7
    for day, facts in lifted[1].items():
        assert facts["units of crop-parcels-2017"] == len(expected[day]) == 3000
        assert facts["with NDVI"] == sum(one.seen > 0 for one in expected[day].values())
        assert facts["clouds"].startswith("unknown")
        assert f"{broken} broken outlines" in facts["stderr"]


def test_pixels_and_ndvi_of_every_parcel(
    lifted: tuple[Path, dict[str, Any]], expected: Expected
) -> None:
    done = lucerna("sparql", SEEN, "--kb", "kb", "--format", "json", cwd=lifted[0])
    rows = told(done)["results"]["bindings"]
    assert len(rows) == sum(map(len, expected.values()))
    for row in rows:
        cells = {name: cell["value"] for name, cell in row.items()}
        one = expected[cells["begins"][:10]][cells["id"]]
        assert (int(cells["total"]), int(cells["valid"])) == (one.total, one.seen)
        if one.seen:
            numbers = float(cells["mean"]), float(cells["p90"])
            assert numbers == pytest.approx((one.mean, one.p90), abs=6e-5)


def test_low_ndvi_in_may_compared_with_the_year_before(
    lifted: tuple[Path, dict[str, Any]], expected: Expected
) -> None:
    this, last = expected["2018-05-06"], expected["2017-05-26"]
    both = {key for key in this if this[key].seen and last[key].seen}
    share = {key: this[key].low / this[key].seen for key in both}
    before = {key: last[key].low / last[key].seen for key in both}
    least = between([*share.values(), *before.values()], 0.5)
    months = (
        "since=2018-05-01", "until=2018-05-31",
        "reference_since=2017-05-01", "reference_until=2017-05-31",
    )  # fmt: skip
    asked = ("ask", "low_vegetation", *months, f"least={least}", "--json")
    rows = told(lucerna(*asked, "--kb", "kb", cwd=lifted[0]))
    wanted = {key for key in both if share[key] >= least > before[key]}
    assert len(wanted) > 20
    assert {row["identifier"] for row in rows} == wanted
    assert len(rows) == len(wanted)
    for row in rows:
        key = row["identifier"]
        assert row["share"] == pytest.approx(share[key], abs=3e-4)
        assert row["reference_share"] == pytest.approx(before[key], abs=3e-4)
        assert row["ndvi"] == pytest.approx(this[key].mean, abs=1.1e-4)
        assert row["reference_ndvi"] == pytest.approx(last[key].mean, abs=1.1e-4)
    nothing = told(
        lucerna(
            "ask", "low_vegetation", "since=2018-06-01", "until=2018-06-30",
            *months[2:], "--json", "--kb", "kb", cwd=lifted[0],
        )
    )  # fmt: skip
    assert nothing == []


def test_what_meets_is_what_the_shapes_give(
    lifted: tuple[Path, dict[str, Any]],
) -> None:
    """Declared parcels and those of the farm, loaded last, under both images."""
    folder = lifted[0]
    shutil.copytree(folder / "kb", folder / "with farm")
    farm = ("--unit-level", "parcel", "--unit-id", "MarkeID", "--kb", "with farm")
    told(
        lucerna(
            "load", DEMARKE / "farm_parcels_demarke.geojson", *farm, "--json",
            cwd=folder,
        )
    )  # fmt: skip

    def ask(query: str) -> list[dict[str, str]]:
        options = ("--kb", "with farm", "--format", "json")
        rows = told(lucerna("sparql", query, *options, cwd=folder))
        return [
            {name: cell["value"] for name, cell in row.items()}
            for row in rows["results"]["bindings"]
        ]

    meet, within, shared = assert_overlaps(ask)
    farms = {one for pair in meet for one in pair if "/parcel/" in one}
    assert len(farms) == 3008 + 27
    assert len(meet) > 2 * 3000 + 2 * 27
    assert len(within) > 2 * 2700
    assert len(shared) > 60

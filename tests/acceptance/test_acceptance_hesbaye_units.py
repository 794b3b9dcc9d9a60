"""Municipalities without a CRS, the crop map as land cover, files out: by command."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from acceptance_walk import Done, lucerna, told
from rasterio.features import geometry_mask
from rasterio.transform import from_origin
from shapely.geometry import box
from test_acceptance_hesbaye import CONTEXT, CUBE, ground_ha

MUNICIPALITIES = CONTEXT / "belgium-municipalities-lambert72.geojson"
GRID = from_origin(664000, 5612120, 10, 10)
STRATA = """PREFIX luc: <https://w3id.org/lucerna/ont#>
PREFIX sosa: <http://www.w3.org/ns/sosa/>
PREFIX tsn: <http://purl.org/net/tsn#>
SELECT ?id ?land ?ha WHERE {
  ?stratum a luc:ChangeStratum ; luc:inSlice ?slice ; luc:observedHa ?ha ;
    sosa:hasFeatureOfInterest ?unit .
  ?unit tsn:hasIdentifier ?id . ?slice luc:landCover ?land .
}"""

pytestmark = pytest.mark.skipif(
    not CUBE.is_file(), reason=f"no test data: {CUBE}; see LUCERNA_TEST_DATA"
)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """From two months of the cube to facts of municipalities and crop map."""
    folder = tmp_path_factory.mktemp("hesbaye-units")
    shutil.copy(CUBE, folder / "cube.nc")
    pair = []
    for month in ("2021-04", "2021-07"):
        named = ("cube.nc", "--sensor", "sentinel-2-l2a", "--nodata", "65535")
        when = ("--datetime", month, "--scale", "0.0001")
        told = told_by(lucerna("describe", *named, *when, cwd=folder))
        pair.append(told.strip())
    told_by(lucerna("change", *pair, "-o", "change.tif", "--regions", "regions.parquet", cwd=folder))  # fmt: skip  # noqa: E501
    shutil.copy(next(CONTEXT.glob("cropland-croptype*.tif")), folder / "crops.tif")
    return folder


@pytest.fixture(scope="module")
def lifted(job: Path) -> Path:
    """The knowledge base, once the CRS was told."""
    done = lift(job, "--units-crs", "EPSG:31370", "--land-cover", "crops.tif")
    (job / "lift.json").write_text(told_by(done))
    return job


def told_by(done: Done) -> str:
    """Standard output of a command that did well."""
    assert done.returncode == 0, f"{done.args}: {done.stderr}"
    return done.stdout


def lift(job: Path, *options: str) -> Done:
    arguments = ("--unit-id", "NIS5", "--unit-level", "municipality", "--kb", "kb")
    return lucerna(
        *("lift", "change.tif", "--units", MUNICIPALITIES, *arguments, *options),
        "--json",
        cwd=job,
    )


def municipalities() -> gpd.GeoDataFrame:
    """All of them, in the CRS that the file leaves out."""
    frame = gpd.read_file(MUNICIPALITIES).set_crs(31370, allow_override=True)
    return frame.assign(NIS5=frame["NIS5"].astype(str))


def test_a_crs_is_asked_for_and_nothing_is_loaded(job: Path) -> None:
    done = lift(job)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert str(MUNICIPALITIES) in line
    assert "states no CRS" in line
    assert line.endswith("such as --units-crs EPSG:31370")
    wrong = lift(job, "--units-crs", "EPSG:2056")
    assert wrong.returncode == 1
    assert "far outside the area where CH1903+ / LV95 is used" in wrong.stderr
    assert not (job / "kb" / "store").exists()


def test_units_off_the_raster_are_counted(lifted: Path) -> None:
    facts = json.loads((lifted / "lift.json").read_text())
    place = gpd.GeoSeries([box(664000, 5611120, 665000, 5612120)], crs=32631)
    met = municipalities().intersects(place.to_crs(31370).iloc[0])
    assert facts["units of belgium-municipalities-lambert72"] == met.sum() == 2
    assert facts["units off the raster"] == len(met) - 2


def test_hectares_of_crops_are_those_of_the_ground(lifted: Path) -> None:
    with rasterio.open(lifted / "crops.tif") as dataset:
        assert dataset.transform @ (0, 0) == (664000.0, 5612140.0)
        classes = dataset.read(1)[2:]  # begins two rows north, ends one before
    ground = ground_ha()[:99]
    expected = {}
    frame = municipalities().to_crs(32631)
    for code, shape in zip(frame["NIS5"], frame.geometry, strict=True):
        inside = geometry_mask([shape], (99, 100), GRID, invert=True)
        for value in np.unique(classes[inside]):
            expected[(code, int(value))] = ground[inside & (classes == value)].sum()
    assert len(expected) == 4
    rows = told(lucerna("sparql", STRATA, "--kb", "kb", "--json", cwd=lifted))
    found = {
        (row["id"]["value"], int(row["land"]["value"].rpartition("/")[2])): float(
            row["ha"]["value"]
        )
        for row in rows["results"]["bindings"]
    }
    assert set(found) == set(expected)
    for key, hectares in expected.items():
        assert found[key] == pytest.approx(hectares, abs=2e-4), key


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet", "csv"])
def test_an_answer_is_a_file_of_the_outlines_that_were_given(
    lifted: Path, suffix: str
) -> None:
    asked = ("changed_units", "kind=", "least=0.001", "unit_level=ul:municipality")
    out = lifted / f"answer.{suffix}"
    command = ("ask", *asked, "level=lvl:low", "--kb", "kb", "--json")
    rows = told(lucerna(*command, cwd=lifted))
    assert {row["identifier"] for row in rows} == {"61063", "64023"}
    facts = told(lucerna(*command, "--out", out, cwd=lifted))
    assert (facts["rows"], facts["rows with a shape"]) == (2, 2)
    if suffix == "csv":
        frame = gpd.read_file(out, engine="pyogrio")
        frame = frame.set_geometry(gpd.GeoSeries.from_wkt(frame["wkt"]))
    else:
        read = gpd.read_parquet if suffix == "parquet" else gpd.read_file
        frame = read(out)
        assert frame.crs.equals("OGC:CRS84", ignore_axis_order=True)
    given = municipalities().set_index("NIS5").to_crs("OGC:CRS84").geometry
    for row in rows:
        (at,) = np.flatnonzero(frame["identifier"].astype(str) == row["identifier"])
        assert float(frame["level_ha"].iloc[at]) == pytest.approx(row["level_ha"])
        outline = frame.geometry.iloc[at]
        assert outline.hausdorff_distance(given[row["identifier"]]) < 1e-6  # 0.1 m


def test_regions_come_as_parquet(job: Path) -> None:
    frame = gpd.read_parquet(job / "regions.parquet")
    assert list(frame.columns) == [
        *("area_m2", "perimeter_m", "mean_score", "max_score", "geometry")
    ]
    west, south, east, north = frame.to_crs(32631).total_bounds
    assert 664000 - 1 <= west < east <= 665000 + 1
    assert 5611120 - 1 <= south < north <= 5612120 + 1
    assert (frame["area_m2"] / frame.to_crs(31370).area).between(0.99, 1.01).all()


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("a.shp", "no format has this suffix"),
        ("none/a.csv", "the folder does not exist"),
        ("kb/a.csv", "is an input or lies in one"),
        ("/proc/a.csv", "/proc/"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_a_line(
    lifted: Path, out: str, said: str
) -> None:
    done = lucerna("ask", "changed_units", "--kb", "kb", "--out", out, cwd=lifted)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert said in line


def test_rows_without_a_place_can_only_be_csv(lifted: Path) -> None:
    asked = ("ask", "image_pairs", "--kb", "kb", "--out")
    done = lucerna(*asked, "pairs.gpkg", cwd=lifted)
    assert done.returncode == 1
    assert "no row of the answer has a place, so pairs.gpkg" in done.stderr
    assert not (lifted / "pairs.gpkg").exists()
    assert told(lucerna(*asked, "pairs.csv", "--json", cwd=lifted))["rows"] == 1
    assert len((lifted / "pairs.csv").read_text().splitlines()) == 2

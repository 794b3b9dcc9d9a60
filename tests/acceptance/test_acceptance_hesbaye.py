"""Two sensors, crop map and municipalities of one real place, by command line."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr
from acceptance_walk import lucerna, told
from expected_stac import check_extensions, check_place, core_validator
from numpy.typing import NDArray
from pyproj import Geod
from rasterio.features import geometry_mask
from rasterio.transform import from_origin
from shapely.geometry import box

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"
CUBE = DATA / "worldcereal-s1s2" / "cube_belgium_2020_2021.nc"
CONTEXT = DATA / "belgium-hesbaye-s1s2-context"
OPTICAL = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B11", "B12")
MONTH = 8  # of the cube: July 2021, counted from November 2020
S2, S1 = (f"cube_20210701_sentinel-{one}.json" for one in ("2-l2a", "1-grd"))
MIDDLE = 50
CLASSES = {1: "temporary crops", 2: "other land"}

pytestmark = pytest.mark.skipif(
    not CUBE.is_file(), reason=f"no test data: {CUBE}; see LUCERNA_TEST_DATA"
)


@pytest.fixture(scope="module")
def crops() -> NDArray[np.int64]:
    """The crop map on the cube's grid: 1 temporary crops, 2 other, 0 not sure."""
    with rasterio.open(next(CONTEXT.glob("cropland-croptype*.tif"))) as dataset:
        assert dataset.transform @ (0, 0) == (664000.0, 5612140.0)
        sure = dataset.read([2, 3]).astype(int)
    # The map begins two rows north of the cube and ends one before it.
    sure = np.pad(sure[:, 2:], ((0, 0), (0, 1), (0, 0)))
    return np.select([sure[0] >= 70, sure[1] >= 70], [1, 2], 0)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, crops: NDArray[np.int64]) -> Path:
    """From the cube to facts: describe, train, classify, lift."""
    folder = tmp_path_factory.mktemp("hesbaye")
    shutil.copy(CUBE, folder / "cube.nc")
    step = ("describe", "cube.nc", "--datetime", "2021-07", "--nodata", "65535")
    run(folder, *step, "--sensor", "sentinel-2-l2a")
    amplitude = ("--quantity", "amplitude", "--scale", 10 ** (-83 / 20))
    run(folder, *step, "--sensor", "sentinel-1-grd", *amplitude)
    write_samples(folder / "samples.gpkg", crops)
    write_municipalities(folder / "municipalities.gpkg")
    scenes = ("--optical", S2, "--radar", S1)
    sensors = (*scenes, "--kb", "kb", "--json")
    run(folder, "train", "samples.gpkg", "--name", "crops", *sensors)
    run(folder, "classify", "--model", "crops", "-o", "classes.tif", *sensors)
    units = ("--units", "municipalities.gpkg", "--unit-level", "municipality")
    run(folder, "lift", "classes.tif", *units, "--kb", "kb", "--json")
    return folder


def run(folder: Path, *arguments: object) -> str:
    """Standard output of a command that does well."""
    done = lucerna(*arguments, cwd=folder)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def write_samples(path: Path, crops: NDArray[np.int64]) -> None:
    """300 sure pixels of the western half, as points with a class in words."""
    west = np.flatnonzero((crops > 0) & (np.arange(100) < MIDDLE))
    chosen = np.random.default_rng(0).choice(west, 300, replace=False)
    x, y = 664005 + 10 * (chosen % 100), 5612115 - 10 * (chosen // 100)
    words = [CLASSES[one] for one in crops.ravel()[chosen]]
    points = gpd.points_from_xy(x, y)
    gpd.GeoDataFrame({"class": words}, geometry=points, crs=32631).to_file(path)


def write_municipalities(path: Path) -> None:
    """The municipalities that meet the cube, with the CRS that the file leaves out."""
    frame = gpd.read_file(CONTEXT / "belgium-municipalities-lambert72.geojson")
    frame = frame.set_crs(31370, allow_override=True)
    place = gpd.GeoSeries([box(664000, 5611120, 665000, 5612120)], crs=32631)
    met = frame[frame.intersects(place.to_crs(31370).iloc[0])]
    assert "64023" in set(met["NIS5"].astype(str))
    met.rename(columns={"NIS5": "code"}).to_file(path)


def read(path: Path) -> NDArray[Any]:
    """The first band."""
    with rasterio.open(path) as dataset:
        band: NDArray[Any] = dataset.read(1)
    return band


def names(job: Path) -> dict[int, str]:
    """Class number to its word, as the model's record tells."""
    record = job / "kb" / "models" / "crops" / "1" / "record.json"
    told_classes = json.loads(record.read_text("utf-8"))["classes"]
    return {one["value"]: one["name"] for one in told_classes}


def test_the_items_tell_of_the_month_and_of_their_bands(job: Path) -> None:
    optical, radar = (told(lucerna("info", one, "--json", cwd=job)) for one in (S2, S1))
    assert optical["bands"].split() == list(OPTICAL)
    assert radar["bands"].split() == ["VV", "VH"]
    assert optical["product"] != radar["product"]
    assert optical["sha256"] != radar["sha256"]
    for one in (optical, radar):
        assert one["begins"] == "2021-07-01T00:00:00Z"
        assert one["ends"] == "2021-07-31T23:59:59Z"
    validator = core_validator()
    for name in (S2, S1):
        item = json.loads((job / name).read_text("utf-8"))
        assert list(validator.iter_errors(item)) == []
        check_extensions(item, job / name)
        check_place(item, job / name)
        assert item["properties"]["proj:code"] == "EPSG:32631"
        (asset,) = item["assets"].values()
        assert asset["proj:transform"] == [10, 0, 664000, 0, -10, 5612120]
        assert asset["proj:shape"] == [100, 100]
        assert {band["lucerna:index"] for band in asset["bands"]} == {MONTH + 1}
        assert {band["nodata"] for band in asset["bands"]} == {65535}
    assert not list(job.glob("s*.tif")), "no pixel was copied"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("describe", "cube.nc", "--datetime", "2021-07"),
            "S2-L2A-B02 in cube.nc states no number for no data; give --nodata, such "
            "as 65535",
        ),
        (
            ("describe", "cube.nc", "--datetime", "2021-06/2021-07", "--nodata", "9"),
            "2 times of cube.nc lie from 2021-06-01 to 2021-07-31; it has 12, from "
            "2020-11-01 to 2021-10-01: give --datetime around one, or none",
        ),
        (
            ("describe", "cube.nc", "--crs", "EPSG:31370", "--nodata", "9"),
            "cube.nc states its CRS itself and it is not EPSG:31370; leave --crs out",
        ),
        (
            ("info", "cube.nc"),
            "cube.nc may hold many times; give the item of one, as `lucerna describe` "
            "writes it: cube_….json",
        ),
    ],
)
def test_what_a_cube_does_not_say_is_asked_for(
    job: Path, arguments: tuple[str, ...], line: str
) -> None:
    before = sorted(job.iterdir())
    sensor = ("--sensor", "sentinel-2-l2a") if arguments[0] == "describe" else ()
    done = lucerna(*arguments, *sensor, cwd=job)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {line}\n"
    assert sorted(job.iterdir()) == before


def test_the_eastern_half_is_classified_as_the_crop_map_says(
    job: Path, crops: NDArray[np.int64]
) -> None:
    numbers = {word: value for value, word in names(job).items()}
    truth = np.select(
        [crops == value for value in CLASSES],
        [numbers[word] for word in CLASSES.values()],
        0,
    )
    east = (truth > 0) & (np.arange(100) >= MIDDLE)
    right = float((read(job / "classes.tif")[east] == truth[east]).mean())
    most = max(float((truth[east] == value).mean()) for value in numbers.values())
    print(f"right on the eastern half: {right:.3f}; largest class {most:.3f}")  # noqa: T201
    assert right > most + 0.1


def test_every_pixel_tells_what_it_rests_on(job: Path) -> None:
    with xr.open_dataset(CUBE, engine="h5netcdf", mask_and_scale=False) as cube:
        bands = [cube[f"S2-L2A-{one}"].values[MONTH] for one in OPTICAL]
    seen = (np.stack(bands).view(np.uint16) != 65535).all(axis=0)
    assert seen.any()
    basis = read(job / "classes-basis.tif")
    assert set(np.unique(basis[seen])) == {3}
    confidence = read(job / "classes-confidence.tif")
    assert ((confidence >= 50) & (confidence <= 100)).all()


def test_hectares_of_municipality_and_class_are_those_of_the_ground(job: Path) -> None:
    found = {}
    for word in CLASSES.values():
        values = (f"kind={word}", "unit_level=ul:municipality", "least=0")
        asked = ("ask", "land_cover_of_units", *values, "--kb", "kb", "--json")
        for row in told(lucerna(*asked, cwd=job)):
            found[(row["identifier"], word)] = row["hectares"]
            assert row["share"] == pytest.approx(
                row["hectares"] / row["observed_ha"], abs=1e-4
            )
            assert 0.5 <= row["confidence"] <= 1
            assert row["model"] == "crops@1"
    expected = hectares(job)
    assert len(expected) >= 2
    assert set(found) == set(expected)
    for key, area in expected.items():
        assert found[key] == pytest.approx(area, abs=2e-4), key


def ground_ha() -> NDArray[np.float64]:
    """Hectares of each pixel on the ellipsoid."""
    x, y = np.meshgrid(664000 + 10 * np.arange(100), 5612120 - 10 * np.arange(100))
    pixels = gpd.GeoSeries(
        [box(a, b - 10, a + 10, b) for a, b in zip(x.flat, y.flat, strict=True)],
        crs=32631,
    ).to_crs(4326)
    geod = Geod(ellps="WGS84")
    areas = [abs(geod.geometry_area_perimeter(one)[0]) for one in pixels]
    return np.array(areas).reshape(100, 100) / 10_000


def hectares(job: Path) -> dict[tuple[str, str], float]:
    """Municipality and class to ground hectares, by pixel centres."""
    classes, words = read(job / "classes.tif"), names(job)
    frame = gpd.read_file(job / "municipalities.gpkg").to_crs(32631)
    ground = ground_ha()
    found = {}
    transform = from_origin(664000, 5612120, 10, 10)
    for code, shape in zip(frame["code"].astype(str), frame.geometry, strict=True):
        inside = geometry_mask([shape], (100, 100), transform, invert=True)
        for value, word in words.items():
            area = float(ground[inside & (classes == value)].sum())
            if area > 0:
                found[(code, word)] = area
    return found

"""Damage reports on real input: two wildfires given as pairs of NBR, 1 ha cells."""

import csv
import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from acceptance_walk import lucerna, told
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry import box

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"
FIRES = DATA / "ca-wildfire-s2"
EVENTS = {"APACHE": date(2024, 6, 24), "FRENCH": date(2024, 7, 4)}
ROWS, COLUMNS = 5, 6
BURNT = ("damaged", "destroyed")
DAMAGED = 0.30

pytestmark = pytest.mark.skipif(
    not FIRES.is_dir(), reason=f"no test data: {FIRES}; see LUCERNA_TEST_DATA"
)


@dataclasses.dataclass(frozen=True)
class Fire:
    """A reported fire and what its files say of the cells.

    Attributes:
        folder: Where the commands ran; `report/` is the report.
        made: What `lucerna report --json` told.
        truth: Cell to share inside the fire perimeter.
        simple: Cell to share of pixels with dNBR above 0.10, the better of the fixed
            bounds in use (Key and Benson 2006) over all fourteen fires.
    """

    folder: Path
    made: dict[str, Any]
    truth: dict[str, float]
    simple: dict[str, float]

    def rows(self) -> list[dict[str, str]]:
        """The table of the report."""
        text = (self.folder / "report" / "parcels.csv").read_text("utf-8-sig")
        return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module", params=sorted(EVENTS))
def fire(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Fire:  # noqa: ANN401
    """Two NBR rasters, described, compared, reported."""
    name, alarm = request.param, EVENTS[request.param]
    folder = tmp_path_factory.mktemp(name)
    stem = f"{name}_{alarm:%Y%m%d}"
    with (
        rasterio.open(FIRES / f"{stem}_dnbr.tif") as drop,
        rasterio.open(FIRES / f"{stem}_post.tif") as post,
        rasterio.open(FIRES / f"{stem}_mask.tif") as mask,
    ):
        profile, dnbr, burnt = drop.profile, drop.read(1), mask.read(1)
        near, short = post.read([4, 5]).astype(float)
    after = (near - short) / (near + short)
    profile.update(count=1, dtype="float32", nodata=float("nan"))
    days = {
        "before": (after + dnbr, alarm - timedelta(60), alarm - timedelta(1)),
        "after": (after, alarm + timedelta(30), alarm + timedelta(50)),
    }
    for which, (values, first, last) in days.items():
        with rasterio.open(folder / f"{which}.tif", "w", **profile) as target:
            target.write(values.astype("float32"), 1)
        options = ["--sensor", "sentinel-2-index", "--bands", "NBR", "--nodata", "nan"]
        when = ["--datetime", f"{first}/{last}"]
        done = lucerna("describe", f"{which}.tif", *options, *when, cwd=folder)
        assert done.returncode == 0, done.stderr
    truth, simple = write_cells(folder / "cells.gpkg", profile, burnt, dnbr)
    pair = ["before.tif", "after.tif", "-o", "change.tif", "--method", "rbr"]
    told(lucerna("change", *pair, "--json", cwd=folder))
    arguments = ["--parcels", "cells.gpkg", "--change", "change.tif", "--kb", "kb"]
    arguments += ["--peril", "wildfire", "--from", alarm, "--to", alarm + timedelta(9)]
    made = told(lucerna("report", *arguments, "-o", "report", "--json", cwd=folder))
    return Fire(folder, made, truth, simple)


def write_cells(
    path: Path,
    profile: Mapping[str, Any],
    burnt: NDArray[Any],
    dnbr: NDArray[Any],
) -> tuple[dict[str, float], dict[str, float]]:
    """Cells of about one hectare; share inside the perimeter and above the bound."""
    shapes, truth, simple = {}, {}, {}
    for row in range(0, burnt.shape[0] - ROWS + 1, ROWS):
        for column in range(0, burnt.shape[1] - COLUMNS + 1, COLUMNS):
            west, north = profile["transform"] @ (column, row)
            east, south = profile["transform"] @ (column + COLUMNS, row + ROWS)
            cell = f"C{row:03d}-{column:03d}"
            window = np.s_[row : row + ROWS, column : column + COLUMNS]
            shapes[cell] = box(west, south, east, north)
            truth[cell] = float(burnt[window].mean())
            simple[cell] = float((dnbr[window] > 0.10).mean())
    frame = gpd.GeoDataFrame(
        {"id": list(shapes)}, geometry=list(shapes.values()), crs="EPSG:4326"
    )
    frame.to_file(path)
    return truth, simple


def f1(truth: dict[str, float], said: set[str]) -> float:
    """F1 of cells said to be burnt: "damaged" begins at 30 % of a cell."""
    burnt = {cell for cell, share in truth.items() if share >= DAMAGED}
    hit = len(burnt & said)
    return 2 * hit / (len(burnt) + len(said))


def test_every_cell_is_in_the_report_once(fire: Fire) -> None:
    listed = [row["identifier"] for row in fire.rows()]
    assert sorted(listed) == sorted(fire.truth)
    features = json.loads((fire.folder / "report" / "parcels.geojson").read_text())
    assert len(features["features"]) == len(listed)


def test_grades_find_the_burnt_cells(fire: Fire) -> None:
    said = {row["identifier"] for row in fire.rows() if row["grade"] in BURNT}
    simple = {cell for cell, share in fire.simple.items() if share >= DAMAGED}
    ours, baseline = f1(fire.truth, said), f1(fire.truth, simple)
    print(f"F1 of burnt cells: ours {ours:.3f}, dNBR > 0.10 {baseline:.3f}")  # noqa: T201
    assert ours >= baseline
    assert ours > 0.75


def test_hectares_are_those_of_the_ground(fire: Fire) -> None:
    frame = gpd.read_file(fire.folder / "cells.gpkg").set_index("id").geometry
    geod = Geod(ellps="WGS84")
    for row in fire.rows()[::97]:
        area = abs(geod.geometry_area_perimeter(frame[row["identifier"]])[0]) / 10_000
        assert float(row["area_ha"]) == pytest.approx(area, rel=1e-3)
        assert float(row["observed_ha"]) == pytest.approx(area, rel=1e-2)
        assert 0 <= float(row["affected_ha"]) <= float(row["observed_ha"])


def test_the_keys_are_apart_and_weather_does_not_apply(fire: Fire) -> None:
    assert {row["weather_key"] for row in fire.rows()} == {"notApplicable"}
    assert {row["crop_key"] for row in fire.rows()} >= {"met", "notMet"}


def test_the_manifest_holds_the_hash_of_every_file(fire: Fire) -> None:
    report = fire.folder / "report"
    manifest = (report / "manifest.json").read_text("utf-8")
    for path in (
        fire.folder / "cells.gpkg",
        fire.folder / "change.tif",
        fire.folder / "change-quality.tif",
        report / "report.html",
        report / "parcels.csv",
        report / "parcels.geojson",
    ):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in manifest, path.name

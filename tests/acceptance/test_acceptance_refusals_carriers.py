"""Models, patches and reports that cannot be: one line, nothing left."""

import hashlib
import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from acceptance_refused import refused
from acceptance_walk import Walk, lucerna, told

FROST = ("--peril", "frost", "--from", "2017-04-26T18:00:00Z")


@pytest.fixture(scope="module")
def trained(walk: Walk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base with one model of both sensors."""
    folder = tmp_path_factory.mktemp("trained")
    arguments = [walk.sample / "points.geojson", "--name", "land", "--scheme", "clc"]
    arguments += [*products(walk), "--kb", "kb", "--json"]
    assert told(lucerna("train", *arguments, cwd=folder))["model"] == "land@1"
    return folder


def products(walk: Walk) -> list[object]:
    """Options that name both products of the earlier date."""
    before, _ = walk.scenes
    return ["--optical", before, "--radar", walk.sample / "radar_before.tif"]


def test_a_scene_without_the_bands_of_the_model(trained: Path, tmp_path: Path) -> None:
    transform = rasterio.transform.from_origin(700_000, 5_000_000, 10, 10)
    with rasterio.open(
        tmp_path / "rgb.tif", "w", driver="GTiff", height=40, width=40, count=3,
        dtype="uint16", crs="EPSG:32630", transform=transform,
    ) as raster:  # fmt: skip
        raster.write(np.full((3, 40, 40), 900, np.uint16))
    told_as = ["--sensor", "sentinel-2-l2a", "--datetime", "2017-04-19"]
    done = lucerna(
        "describe", "rgb.tif", *told_as, "--bands", "B02,B03,B04", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    line = refused(
        tmp_path,
        *("classify", "--model", "land", "--kb", trained / "kb"),
        *("--optical", "rgb.tif", "-o", "out.tif"),
    )
    assert "B08" in line
    assert "rgb" in line


def test_an_unknown_model_names_those_there_are(trained: Path, walk: Walk) -> None:
    line = refused(
        trained,
        *("classify", "--model", "sea", "--kb", "kb", *products(walk), "-o", "out.tif"),
    )
    assert "sea" in line
    assert "land" in line


@pytest.mark.parametrize("damage", ["truncated", "swapped", "record"])
def test_a_damaged_or_hostile_model(
    trained: Path, walk: Walk, tmp_path: Path, damage: str
) -> None:
    shutil.copytree(trained / "kb", tmp_path / "kb")
    folder = tmp_path / "kb" / "models" / "land" / "1"
    (model,) = folder.glob("model.*")
    record = json.loads((folder / "record.json").read_text("utf-8"))
    if damage == "record":
        record["classes"] = "none"
    else:
        content = model.read_bytes()
        model.write_bytes(
            content[: len(content) // 2] if damage == "truncated" else b""
        )
        if damage == "swapped":
            record["sha256"] = hashlib.sha256(b"").hexdigest()
    (folder / "record.json").write_text(json.dumps(record), "utf-8")
    line = refused(
        tmp_path,
        *("classify", "--model", "land", "--kb", "kb", *products(walk)),
        *("-o", "out.tif"),
    )
    assert "model" in line


def test_labels_of_one_class_only(walk: Walk, tmp_path: Path) -> None:
    points = gpd.read_file(walk.sample / "points.geojson")
    points[points["class"] == 221].to_file(tmp_path / "vines.gpkg")
    line = refused(
        tmp_path, "train", "vines.gpkg", "--name", "one", *products(walk), "--kb", "kb"
    )
    assert "class" in line


def test_points_off_the_image_and_a_missing_column(walk: Walk, tmp_path: Path) -> None:
    points = gpd.read_file(walk.sample / "points.geojson")
    points.set_geometry(points.translate(10, 0)).to_file(tmp_path / "far.gpkg")
    train = ["--name", "far", *products(walk), "--kb", "kb"]
    assert "far.gpkg" in refused(tmp_path, "train", "far.gpkg", *train)
    points.to_file(tmp_path / "near.gpkg")
    line = refused(tmp_path, "train", "near.gpkg", "--class-column", "crop", *train)
    assert "crop" in line
    assert "class" in line


def test_parcels_without_a_crs(walk: Walk, tmp_path: Path) -> None:
    parcels = gpd.read_file(walk.sample / "parcels.geojson")[["id", "geometry"]]
    parcels.to_file(tmp_path / "parcels.shp")
    (tmp_path / "parcels.prj").unlink()
    arguments = ["--parcels", "parcels.shp", *FROST, "--to", "2017-04-27T08:00:00Z"]
    line = refused(
        tmp_path, "report", *arguments, "-o", "out", "--kb", tmp_path.parent / "none",
        *("--change", walk.raster("spectral-angle")),
    )  # fmt: skip
    assert "CRS" in line
    assert "parcels.shp" in line


def test_an_event_before_the_images(walk: Walk, tmp_path: Path) -> None:
    shutil.copytree(walk.kb, tmp_path / "kb")
    when = ("--from", "2016-04-26T18:00:00Z", "--to", "2016-04-27T08:00:00Z")
    parcels = walk.sample / "parcels.geojson"
    done = lucerna(
        *("report", "--parcels", parcels, "--peril", "frost", *when),
        *("-o", "out", "--kb", "kb"),
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert "2016" in line
    assert not (tmp_path / "out").exists()


def test_broken_and_repeated_parcels_are_listed_and_none_is_lost(
    walk: Walk, tmp_path: Path
) -> None:
    text = (walk.sample / "parcels.geojson").read_text("utf-8")
    collection = json.loads(text)
    features = collection["features"][:12]
    for number, one in enumerate(features):
        one["properties"] = {"id": f"P{number}"}
    features[3]["properties"]["id"] = "P2"
    features[5]["geometry"] = None
    features[7]["geometry"] = {"type": "Point", "coordinates": [-0.15, 44.88]}
    collection["features"] = features
    (tmp_path / "some.geojson").write_text(json.dumps(collection), "utf-8")
    arguments = ["--parcels", "some.geojson", *FROST, "--to", "2017-04-27T08:00:00Z"]
    arguments += ["--change", walk.raster("spectral-angle"), "--kb", "kb"]
    made = lucerna("report", *arguments, "-o", "out", "--json", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    table = (tmp_path / "out" / "parcels.csv").read_text("utf-8")
    assert len(table.splitlines()) == 1 + 9
    for row in (4, 6, 8):
        assert f"<td>{row}</td>" in page or f">{row}<" in page, row
    assert "left out" in page


def test_patches_of_no_data_are_passed_over(tmp_path: Path) -> None:
    transform = rasterio.transform.from_origin(700_000, 5_000_000, 10, 10)
    pixels = np.zeros((4, 128, 128), np.uint16)
    pixels[:, :, :64] = np.random.default_rng(0).integers(500, 3000, (4, 128, 64))
    with rasterio.open(
        tmp_path / "half.tif", "w", driver="GTiff", height=128, width=128, count=4,
        dtype="uint16", crs="EPSG:32630", transform=transform,
    ) as raster:  # fmt: skip
        raster.write(pixels)
    told_as = ["--sensor", "sentinel-2-l2a", "--datetime", "2017-04-19"]
    bands = ["--bands", "B02,B03,B04,B08", "--nodata", "0"]
    done = lucerna("describe", "half.tif", *told_as, *bands, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    added = told(lucerna("patches", "half.tif", "--kb", "kb", "--json", cwd=tmp_path))
    assert (added["patches"], added["passed over"]) == (2, 2)


def test_a_mistyped_base_or_scene_makes_nothing(walk: Walk, tmp_path: Path) -> None:
    parcels = ["--parcels", walk.sample / "parcels.geojson", *FROST]
    line = refused(
        tmp_path,
        *("report", *parcels, "--to", "2017-04-27T08:00:00Z"),
        *("-o", "out", "--kb", "typo"),
    )
    assert "typo" in line
    assert "nothere" in refused(tmp_path, "patches", "nothere.tif", "--kb", "typo")

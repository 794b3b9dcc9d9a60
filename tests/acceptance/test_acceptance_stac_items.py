"""Every raster that Lucerna writes is named by a valid STAC item beside it."""

import shutil
from pathlib import Path

import pytest
from acceptance_walk import Walk, lucerna
from expected_stac import core_validator, items_below, rasters_of

SUFFIXES = {".tif", ".tiff", ".jp2"}


@pytest.fixture(scope="module")
def folder(walk: Walk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class raster of the sample, and a raster described by a user."""
    folder = tmp_path_factory.mktemp("stac-items")
    scenes = ("--optical", walk.scenes[0], "--radar", walk.sample / "radar_before.tif")
    sensors = [*scenes, "--kb", "kb"]
    named = ("--name", "cover")
    plain = folder / "plain.tif"
    shutil.copyfile(walk.sample / "radar_after.tif", plain)
    told = ("--sensor", "sentinel-1-rtc", "--datetime", "2017-04-30")
    for command in (
        ("train", walk.sample / "points.geojson", *named, *sensors),
        ("classify", "--model", "cover", "-o", "classes.tif", *sensors),
        ("describe", plain, *told, "--quantity", "linear"),
    ):
        done = lucerna(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_every_raster_has_its_item(walk: Walk, folder: Path) -> None:
    validator = core_validator()
    seen: dict[str, int] = {}
    for place in (walk.folder, folder):
        items = list(items_below(place))
        named = [one for item in items for one in rasters_of(item, validator)]
        assert len(set(named)) == len(named)
        there = {
            one.resolve() for one in place.rglob("*") if one.suffix.lower() in SUFFIXES
        }
        assert there == set(named)
        for one in there:
            kind = one.relative_to(place.resolve()).parts[0]
            seen[kind] = seen.get(kind, 0) + 1
    bands = len(list(walk.scenes[0].rglob("*.jp2")))
    assert bands >= 7
    assert seen == {
        "sample": 2 * bands + 5,  # SAFE twice; land cover, radar twice, truth twice
        "spectral-angle.tif": 1,
        "spectral-angle-quality.tif": 1,
        "cva.tif": 1,
        "cva-quality.tif": 1,
        "kb": 4,  # the evidence that `lift` keeps of each
        "classes.tif": 1,
        "classes-confidence.tif": 1,
        "classes-basis.tif": 1,
        "plain.tif": 1,
    }

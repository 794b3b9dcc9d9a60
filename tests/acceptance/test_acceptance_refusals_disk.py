"""A disk that is full: one line, nothing half-written, the base as it was."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from acceptance_refused import assert_refused
from acceptance_walk import Walk, lucerna, told

Refused = Callable[..., str]
ROOM = "free space"
COUNTED = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


@pytest.mark.parametrize("blocks", [1, 900])
def test_change(walk: Walk, refused: Refused, blocks: int) -> None:
    """No room for the scores; for the pictures."""
    out = ["-o", "out.tif", "--regions", "regions.geojson"]
    assert ROOM in refused("change", *walk.scenes, *out, most_blocks=blocks)


@pytest.mark.parametrize("blocks", [1, 2000])
def test_sample(refused: Refused, blocks: int) -> None:
    """No room for an image; for a radar raster."""
    line = refused("sample", "made", most_blocks=blocks)
    assert ROOM in line
    assert "made" in line


def test_item_of_a_raster(walk: Walk, refused: Refused, tmp_path: Path) -> None:
    shutil.copyfile(walk.raster("cva"), tmp_path / "plain.tif")
    told_as = ["--sensor", "sentinel-2-index", "--datetime", "2020-05-01"]
    line = refused("describe", "plain.tif", *told_as, "--bands", "NBR", most_blocks=1)
    assert ROOM in line
    assert "plain.json" in line


def test_lift_leaves_the_facts_there_are(walk: Walk, tmp_path: Path) -> None:
    shutil.copytree(walk.kb, tmp_path / "kb")
    count = ["sparql", COUNTED, "--kb", "kb", "--format", "json"]
    held = told(lucerna(*count, cwd=tmp_path))
    shutil.copyfile(walk.sample / "parcels.geojson", tmp_path / "plots.geojson")
    units = ["--units", "plots.geojson", "--unit-level", "plot"]
    lift = ["lift", walk.raster("cva"), *units, "--kb", "kb"]
    for blocks in (60, 1200):
        line = assert_refused(lucerna(*lift, cwd=tmp_path, most_blocks=blocks))
        assert "kb/store" in line
        assert "disk" in line
    assert told(lucerna(*count, cwd=tmp_path)) == held
    assert list(tmp_path.rglob(".*")) == []

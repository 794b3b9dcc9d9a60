"""What cannot be done is refused: exit code 1, one line on stderr, nothing left."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from acceptance_walk import COMMAND, Walk, lucerna, plain_environment
from shapely.geometry import mapping, shape

Refused = Callable[..., str]


def test_same_image_twice(walk: Walk, refused: Refused) -> None:
    before, _ = walk.scenes
    assert "same pixels" in refused("change", before, before, "-o", "out.tif")


def test_before_and_after_swapped(walk: Walk, refused: Refused) -> None:
    before, after = walk.scenes
    line = refused("change", after, before, "-o", "out.tif", "--regions", "r.geojson")
    assert "earlier" in line


def test_unknown_method_and_missing_folder(walk: Walk, refused: Refused) -> None:
    line = refused("change", *walk.scenes, "-o", "out.tif", "--method", "guess")
    assert "cva" in line, "the line names the methods there are"
    assert "nowhere" in refused("change", *walk.scenes, "-o", "nowhere/out.tif")


def test_raster_without_its_item(walk: Walk, refused: Refused, tmp_path: Path) -> None:
    plain = tmp_path / "plain.tif"
    shutil.copyfile(walk.raster("cva"), plain)
    assert "lucerna describe" in refused("info", plain)
    assert "lucerna describe" in refused("change", plain, plain, "-o", "out.tif")
    units = ["--units", walk.sample / "communes.geojson"]
    refused("lift", plain, *units, "--kb", "new")


def test_raster_that_was_touched_after_the_change(
    walk: Walk, refused: Refused, tmp_path: Path
) -> None:
    for one in walk.folder.glob("cva*"):
        shutil.copyfile(one, tmp_path / one.name)
    with rasterio.open(tmp_path / "cva.tif") as raster:
        profile, scores = raster.profile, raster.read()
    with rasterio.open(tmp_path / "cva.tif", "w", **profile) as raster:
        raster.write(np.flipud(scores))
    units = ["--units", walk.sample / "communes.geojson"]
    assert "changed" in refused("lift", "cva.tif", *units, "--kb", "new")


def test_units_off_the_raster(walk: Walk, refused: Refused, tmp_path: Path) -> None:
    text = (walk.sample / "communes.geojson").read_text("utf-8")
    collection = json.loads(text)
    for one in collection["features"]:
        moved = shapely.transform(
            shape(one["geometry"]), lambda xy: xy + np.array([10.0, 0.0])
        )
        one["geometry"] = mapping(moved)
    (tmp_path / "far.geojson").write_text(json.dumps(collection), "utf-8")
    line = refused("lift", walk.raster("cva"), "--units", "far.geojson", "--kb", "new")
    assert "far" in line


@pytest.mark.parametrize(
    ("option", "value"),
    [("--land-cover", "none.tif"), ("--weather", "none"), ("--units", "none.geojson")],
)
def test_missing_context(walk: Walk, refused: Refused, option: str, value: str) -> None:
    units = ["--units", walk.sample / "communes.geojson"]
    line = refused("lift", walk.raster("cva"), *units, option, value, "--kb", "new")
    assert value in line


def test_description_that_makes_no_sense(
    walk: Walk, refused: Refused, tmp_path: Path
) -> None:
    shutil.copyfile(walk.raster("cva"), tmp_path / "plain.tif")
    right = {"--sensor": "sentinel-2-l2a", "--datetime": "2019-09-01", "--bands": "B02"}
    wrong = {"--sensor": "camera", "--datetime": "2019-09-31", "--bands": "B02,B03"}
    for option, value in wrong.items():
        told = [part for pair in (right | {option: value}).items() for part in pair]
        line = refused("describe", "plain.tif", *told)
        assert value.split(",")[-1] in line or value in line, line


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("no_such_question",), "changed_units"),
        (("changed_units", "colour=red"), "colour"),
        (("changed_units", "least=much"), "least"),
        (("changed_units", "since=yesterday"), "since"),
        (("changed_units", "shape=POLYGON((1 2"), "shape"),
        (("changed_units", "kind=Vinyards"), "Vineyards"),
        (("weather_before_change", "days=two"), "days"),
        (("unit_record", "unit=nobody"), "unit"),
        (("rank_units", "kind"), "kind"),
    ],
)
def test_question_that_cannot_be_asked(
    walk: Walk, refused: Refused, arguments: tuple[str, ...], named: str
) -> None:
    assert named in refused("ask", *arguments, "--kb", walk.kb)


@pytest.mark.parametrize(
    "query", ["SELECT ?s { ?s ?p }", "DELETE WHERE { ?s ?p ?o }", "LOAD <http://a/b>"]
)
def test_query_that_does_not_parse_or_writes(
    walk: Walk, refused: Refused, query: str
) -> None:
    refused("sparql", query, "--kb", walk.kb)


@pytest.mark.parametrize(
    "verb", [("ask", "image_pairs"), ("sparql", "ASK {}"), ("serve", "--port", "0")]
)
def test_no_knowledge_base(refused: Refused, verb: tuple[str, ...]) -> None:
    assert "nowhere" in refused(*verb, "--kb", "nowhere")


def test_store_held_and_port_in_use(
    walk: Walk, refused: Refused, service: tuple[Path, int]
) -> None:
    kb, port = service
    lift = ["lift", walk.raster("cva"), "--units", walk.sample / "communes.geojson"]
    for arguments in (["ask", "image_pairs"], ["sparql", "ASK {}"], lift):
        line = refused(*arguments, "--kb", kb)
        assert re.search(r"is held by process \d+ \(lucerna\)", line)
    assert str(port) in refused("serve", "--kb", walk.kb, "--port", port)


def test_missing_argument_is_wrong_usage(tmp_path: Path) -> None:
    done = lucerna("change", "one.SAFE", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""


@pytest.fixture
def service(
    walk: Walk, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, int]]:
    """A service that holds a copy of the knowledge base: its folder and its port."""
    kb = tmp_path_factory.mktemp("served") / "kb"
    shutil.copytree(walk.kb, kb)
    process = subprocess.Popen(
        [str(COMMAND), "serve", "--kb", str(kb), "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=plain_environment(),
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        port = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert port, line
        yield kb, int(port[1])
    finally:
        process.terminate()
        process.wait(30)
        if process.stderr is not None:
            process.stderr.close()

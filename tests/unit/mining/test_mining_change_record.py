"""The run of a change raster is a digest that stays what it was."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import shapely

from imagery.scene import BandFile, Scene
from mining.change.record import run_identifier


def scene(name: str, day: int, quantity: str = "reflectance") -> Scene:
    moment = datetime(2017, 4, day, tzinfo=UTC)
    return Scene(
        id=name,
        product_id=name,
        sensor="sentinel-2-l2a",
        platform="sentinel-2a",
        level="L2A",
        begins=moment,
        ends=moment,
        footprint=shapely.box(0, 0, 1, 1),
        bands={"B02": BandFile(Path("a.tif"), 1, 0.5, -0.1, 0, quantity)},
        classification=None,
        tile=None,
        relative_orbit=None,
        cloud_percent=None,
        baseline=None,
        simulated=False,
        sha256=name * 64,
        note=None,
    )


def told(name: str, day: int) -> str:
    moment = f'"2017-04-{day:02}T00:00:00Z"'
    return (
        '{"bands":{"B02":[1,0.5,-0.1,"0"]},"classification":false,'
        f'"product":"{name}","sha256":"{name * 64}","times":[{moment},{moment}]}}'
    )


def test_the_run_is_the_digest_of_code_parameters_and_scenes() -> None:
    text = (
        '{"code":"1.0","parameters":{"method":"cva"},'
        f'"scenes":[{told("a", 1)},{told("b", 2)}]}}'
    )
    expected = hashlib.sha256(text.encode()).hexdigest()[:12]
    before, after = scene("a", 1), scene("b", 2)
    assert run_identifier({"method": "cva"}, before, after, "1.0") == expected
    assert run_identifier({"method": "cva"}, after, before, "1.0") != expected
    assert run_identifier({"method": "cva"}, before, after, "1.1") != expected

"""Streamed classes: any window, any sensors, clouds, and the record beside them."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from fusion.classification_record import (
    ClassificationRecord,
    read_record,
    run_identifier,
)
from fusion.classifier import Classifier
from fusion.classify import classify
from fusion.stack import FusedStack
from fusion.training_record import TrainingRun
from imagery.context import read_context
from imagery.errors import ImageryError, MissingBand, UnreadableProduct
from imagery.scene import BandFile, Scene
from imagery.stac import sidecar

if TYPE_CHECKING:
    from conftest import Place

Model = tuple[TrainingRun, Classifier]
INNER = (abs(np.indices((64, 64)) % 8 - 3.5) < 3).all(axis=0)
"""Pixels whose local window lies in one field."""


def rasters(record: ClassificationRecord) -> list[np.ndarray]:
    found = []
    for path in (record.raster, record.confidence, record.basis):
        with rasterio.open(path) as raster:
            found.append(raster.read(1))
    return found


def classified(
    stack: FusedStack, loaded: Model, out: Path, block: int = 512
) -> ClassificationRecord:
    return classify(stack, *loaded, out, block=block)


def test_both_sensors_find_the_truth(
    place: "Place", loaded: Model, tmp_path: Path
) -> None:
    record = classified(place.stack(), loaded, tmp_path / "out.tif")
    values, confidence, basis = rasters(record)
    assert (values.dtype, confidence.dtype) == (np.uint16, np.uint8)
    assert (basis == 3).all()
    assert (values == place.truth)[INNER].mean() > 0.97
    assert 50 < confidence.mean() <= 100
    with rasterio.open(record.raster) as raster:
        assert raster.nodata == 0
        assert tuple(raster.transform)[:6] == (10, 0, 500_000, 0, -10, 5_000_000)
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


@pytest.mark.parametrize("block", [7, 16, 33])
def test_bytes_are_the_same_for_any_block_size(
    place: "Place", loaded: Model, tmp_path: Path, block: int
) -> None:
    one = classified(place.stack(), loaded, tmp_path / "one.tif", block)
    other = classified(place.stack(), loaded, tmp_path / "other.tif")
    assert (one.sha256, one.confidence_sha256, one.basis_sha256) == (
        other.sha256, other.confidence_sha256, other.basis_sha256,
    )  # fmt: skip


@pytest.mark.parametrize(("sensor", "code"), [("optical", 1), ("radar", 2)])
def test_one_sensor_alone(
    place: "Place", loaded: Model, tmp_path: Path, sensor: str, code: int
) -> None:
    record = classified(place.stack(sensor), loaded, tmp_path / "out.tif")
    values, _, basis = rasters(record)
    assert (basis == code).all()
    alike = {"optical": {1, 3}, "radar": {1, 2}}[sensor]
    known = np.isin(place.truth, list(alike))
    assert (values == place.truth)[INNER & ~known].mean() > 0.97
    assert np.isin(values[INNER & known], list(alike)).mean() > 0.97
    assert (record.optical is None, record.radar is None) == (code == 2, code == 1)


def test_clouds_leave_radar_and_nothing_leaves_no_class(
    place: "Place",
    loaded: Model,
    tmp_path: Path,
    with_clouds: Callable[[Scene, np.ndarray], Scene],
) -> None:
    scl = np.full((64, 64), 4, np.uint8)
    scl[:20], scl[20:30] = 9, 0
    cloudy = with_clouds(place.optical, scl)
    stack = replace(place.stack(), optical=cloudy)
    values, _, basis = rasters(classified(stack, loaded, tmp_path / "both.tif"))
    assert (basis[:30] == 2).all()
    assert (basis[30:] == 3).all()
    radar_only = rasters(
        classified(place.stack("radar"), loaded, tmp_path / "radar.tif")
    )
    np.testing.assert_array_equal(values[:30], radar_only[0][:30])
    alone = replace(place.stack("optical"), optical=cloudy)
    record = classified(alone, loaded, tmp_path / "optical.tif")
    values, confidence, basis = rasters(record)
    assert record.parameters["clouds_known"]
    for raster, empty in ((values, 0), (confidence, 255), (basis, 0)):
        assert (raster[:30] == empty).all()
        assert (raster[30:] != empty).all()


def test_the_record_is_read_again(
    place: "Place", loaded: Model, tmp_path: Path
) -> None:
    record = classified(place.stack(), loaded, tmp_path / "out.tif")
    assert read_record(record.raster) == record
    assert record.sha256 == hashlib.sha256(record.raster.read_bytes()).hexdigest()
    assert (record.model, record.model_version) == ("fields", 1)
    assert record.resolution_m == pytest.approx(10, rel=0.001)
    again = classified(place.stack(), loaded, tmp_path / "out.tif")
    assert again == record
    elsewhere = classified(place.stack("radar"), loaded, tmp_path / "radar.tif")
    assert elsewhere.run != record.run


def test_the_raster_is_a_context_raster_as_it_is(
    place: "Place", loaded: Model, tmp_path: Path
) -> None:
    record = classified(place.stack(), loaded, tmp_path / "out.tif")
    context = read_context(record.raster)
    assert context.classes == {1: "crop", 2: "bare", 3: "forest", 4: "water"}
    assert context.nodata == 0
    assert context.scheme is None
    assert (context.begins, context.ends) == (place.optical.begins, place.radar.ends)


def test_the_run_is_the_digest_of_code_parameters_model_and_scenes(
    place: "Place", fields: TrainingRun
) -> None:
    scene = replace(
        place.radar,
        bands={"VV": BandFile(Path("a.tif"), 1, 0.5, 0.25, None, "backscatter")},
    )
    moment = '"2020-05-03T06:00:00Z"'
    text = (
        '{"code":"1.0",'
        f'"model":["fields",1,"{fields.sha256}"],'
        '"parameters":{"context_px":3},'
        '"scenes":[{"bands":{"VV":[1,0.5,0.25,"None","backscatter"]},'
        f'"classification":false,"product":"{scene.product_id}",'
        f'"sha256":"{scene.sha256}","times":[{moment},{moment}]}}]}}'
    )
    expected = hashlib.sha256(text.encode()).hexdigest()[:12]
    assert run_identifier({"context_px": 3}, fields, (scene,), "1.0") == expected


def test_a_changed_raster_is_noticed(
    place: "Place", loaded: Model, tmp_path: Path
) -> None:
    record = classified(place.stack("radar"), loaded, tmp_path / "out.tif")
    record.basis.write_bytes(record.basis.read_bytes() + b" ")
    with pytest.raises(UnreadableProduct, match="has changed"):
        read_record(record.raster)
    record.basis.unlink()
    with pytest.raises(UnreadableProduct, match=r"out-basis\.tif is missing"):
        read_record(record.raster)


def test_scenes_that_do_not_fit_the_model(
    place: "Place", loaded: Model, tmp_path: Path
) -> None:
    bands: dict[str, BandFile] = dict(place.optical.bands)
    del bands["B11"]
    poorer = replace(place.stack(), optical=replace(place.optical, bands=bands))
    with pytest.raises(MissingBand, match=r"fields needs .* lacks B11"):
        classified(poorer, loaded, tmp_path / "out.tif")
    assert list(tmp_path.iterdir()) == []


def test_outputs_that_cannot_be(place: "Place", loaded: Model, tmp_path: Path) -> None:
    for wrong in (tmp_path / "out.png", tmp_path / "none" / "out.tif"):
        with pytest.raises(ImageryError, match="in a folder that exists"):
            classified(place.stack(), loaded, wrong)


def test_an_interrupted_run_leaves_nothing(
    place: "Place", loaded: Model, tmp_path: Path
) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classify(
            place.stack(), *loaded, tmp_path / "out.tif",
            block=20, progress=interrupt,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
    assert not sidecar(tmp_path / "out.tif").exists()

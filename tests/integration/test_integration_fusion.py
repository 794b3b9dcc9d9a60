"""Both kinds of model on the sample: trained, kept, applied in windows, compared."""

from pathlib import Path

import numpy as np
import pytest
import rasterio

from fusion.classification_record import ClassificationRecord, read_record
from fusion.classify import classify
from fusion.registry import list_models, load_model, model_card
from fusion.stack import FusedStack, fuse
from fusion.training import train
from imagery.context import read_context
from imagery.masks import CLEAR, quality_mask
from imagery.scene import geobox_of, open_scene
from imagery.synthetic import Sample


@pytest.fixture(scope="module")
def before(sample: Sample) -> FusedStack:
    return fuse(open_scene(sample.before), open_scene(sample.radar_before))


@pytest.fixture(scope="module")
def models(
    sample: Sample, before: FusedStack, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A forest as version 1 and a network as version 2 of one model."""
    folder = tmp_path_factory.mktemp("models")
    for kind in ("forest", "network"):
        train(
            before, sample.points, name="land-cover", folder=folder, kind=kind,
            scheme="clc",
        )  # fmt: skip
    return folder


def values_of(path: Path) -> np.ndarray:
    with rasterio.open(path) as raster:
        band: np.ndarray = raster.read(1)
    return band


def test_both_are_assessed_and_say_what_they_are(models: Path) -> None:
    forest, network = list_models(models)
    for run in (forest, network):
        assert set(run.accuracy) == {"optical", "radar", "both"}
        assert run.accuracy["both"]["overall"] > 0.7
        assert run.accuracy["both"]["overall"] >= run.accuracy["optical"]["overall"]
        assert run.accuracy["both"]["samples"] > 40
        assert run.simulated
        assert all(one.code == str(one.value) for one in run.classes)
    assert (forest.model_file, network.model_file) == ("model.skops", "model.npz")
    assert "Trained on simulated scenes" in model_card(models, "land-cover@2")


@pytest.mark.parametrize("version", [1, 2])
def test_classes_of_the_sample_are_those_of_its_land_cover(
    sample: Sample, before: FusedStack, models: Path, tmp_path: Path, version: int
) -> None:
    run, classifier = load_model(models, f"land-cover@{version}")
    one = classify(before, run, classifier, tmp_path / "one.tif", block=512)
    other = classify(before, run, classifier, tmp_path / "other.tif", block=170)
    assert _digests(one) == _digests(other)
    truth, given = values_of(sample.land_cover), values_of(one.raster)
    assert (given == truth).mean() > 0.65
    water = truth == 511
    assert (given == 511)[water].mean() > 0.8
    sure = values_of(one.confidence) >= 80
    assert (given == truth)[sure].mean() > (given == truth)[~sure].mean() + 0.15
    context = read_context(one.raster)
    assert context.scheme == "clc"
    assert context.simulated
    assert set(np.unique(given).tolist()) <= set(context.classes)
    assert read_record(one.raster) == one


def _digests(record: ClassificationRecord) -> tuple[str, str, str]:
    return record.sha256, record.confidence_sha256, record.basis_sha256


def test_under_the_cloud_radar_decides(
    sample: Sample, models: Path, tmp_path: Path
) -> None:
    optical = open_scene(sample.after)
    after = fuse(optical, open_scene(sample.radar_after))
    record = classify(after, *load_model(models, "land-cover@1"), tmp_path / "out.tif")
    assert optical.classification is not None
    assert geobox_of(optical.classification).shape == (300, 300)
    coarse = quality_mask(values_of(optical.classification.path))
    clear = np.repeat(np.repeat(coarse, 2, axis=0), 2, axis=1) == CLEAR
    basis = values_of(record.basis)
    assert 0 < (~clear).sum() < clear.sum()
    assert (basis[clear] == 3).all()
    assert (basis[~clear] == 2).all()
    assert (values_of(record.raster)[~clear] > 0).all()

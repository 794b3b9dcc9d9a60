"""Training leaves a whole version or one clear line; versions never overwrite."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fusion.registry import find_model, list_models, load_model, model_card
from fusion.training import train
from fusion.training_record import TrainingRun
from imagery.errors import ImageryError
from imagery.scene import Scene, files_sha256

if TYPE_CHECKING:
    from conftest import Place


def test_the_record_tells_what_was_done(
    place: "Place", models: Path, fields: TrainingRun
) -> None:
    assert (fields.name, fields.version, fields.kind) == ("fields", 1, "forest")
    assert [(one.value, one.name) for one in fields.classes] == [
        (1, "crop"), (2, "bare"), (3, "forest"), (4, "water"),
    ]  # fmt: skip
    assert fields.sample_counts == {
        "used": {"crop": 64, "bare": 64, "forest": 64, "water": 64},
        "left_out": {},
    }
    assert fields.samples_sha256 == files_sha256([place.points])
    assert fields.sha256 == files_sha256([models / "fields/1/model.skops"])
    assert [one.product_id for one in fields.scenes] == [
        place.optical.product_id, place.radar.product_id,
    ]  # fmt: skip
    assert sorted(one.name for one in (models / "fields/1").iterdir()) == [
        "card.md", "model.skops", "record.json",
    ]  # fmt: skip


def test_both_sensors_tell_what_one_cannot(fields: TrainingRun) -> None:
    """Two classes of four are alike to each sensor alone, none to both."""
    scores = {basis: one["overall"] for basis, one in fields.accuracy.items()}
    assert set(scores) == {"optical", "radar", "both"}
    assert scores["both"] > 0.97
    assert scores["optical"] == pytest.approx(0.75, abs=0.15)
    assert scores["radar"] == pytest.approx(0.75, abs=0.15)


def test_the_card_is_the_record_in_words(models: Path, fields: TrainingRun) -> None:
    card = model_card(models, "fields")
    assert card == (models / "fields/1/card.md").read_text(encoding="utf-8")
    both = fields.accuracy["both"]
    assert f"| both sensors | {both['samples']} | {both['overall']:.3f} |" in card
    assert fields.sha256 in card
    assert "are not field truth" in card
    assert "simulated" not in card
    told = replace(fields, scenes=(replace(fields.scenes[0], simulated=True),))
    from fusion.card import model_card_text

    assert "**Trained on simulated scenes" in model_card_text(told)


def test_versions_count_up_and_are_found(place: "Place", tmp_path: Path) -> None:
    folder = tmp_path / "models"
    with ThreadPoolExecutor(3) as threads:
        runs = list(
            threads.map(
                lambda seed: train(
                    place.stack("radar"), place.points, name="a", folder=folder,
                    seed=seed, held_out=0,
                ),
                range(3),
            )
        )  # fmt: skip
    assert sorted(one.version for one in runs) == [1, 2, 3]
    assert [one.version for one in list_models(folder)] == [1, 2, 3]
    for run in runs:
        assert find_model(folder, f"a@{run.version}").seed == run.seed
        assert load_model(folder, f"a@{run.version}")[0] == run
    assert find_model(folder, "a").version == 3
    assert not [one for one in folder.iterdir() if one.name != "a"]
    assert "Not assessed" in model_card(folder, "a@2")


def test_the_same_seed_gives_the_same_model(place: "Place", tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        run = train(
            place.stack("radar"), place.points, name="same", folder=tmp_path, seed=4
        )
        found.append((run.accuracy, load_model(tmp_path, f"same@{run.version}")[1]))
    assert found[0][0] == found[1][0]
    radar = np.random.default_rng(0).uniform(-20, 0, (50, 8)).astype(np.float32)
    none = np.empty((50, 0), np.float32)
    np.testing.assert_array_equal(*(one.probabilities(none, radar) for _, one in found))


def test_models_that_are_not_there(models: Path, tmp_path: Path) -> None:
    assert list_models(tmp_path / "none") == []
    for wrong in ("other", "fields@2", "fields@x", "fields@"):
        with pytest.raises(ImageryError, match=r"there is no model .*fields@1"):
            find_model(models, wrong)
    for wrong in ("../models/fields", "", "Fields", "a/b"):
        with pytest.raises(ImageryError, match="is no model name"):
            find_model(models, wrong)


def refused(place: "Place", samples: Path, folder: Path, **more: object) -> str:
    arguments = {"name": "a", "folder": folder} | more
    with pytest.raises(ImageryError) as told:
        train(place.stack(), samples, **arguments)  # type: ignore[arg-type]
    assert "\n" not in str(told.value)
    assert not list(folder.glob("**/record.json"))
    return str(told.value)


def test_samples_that_teach_nothing(place: "Place", tmp_path: Path) -> None:
    collection = json.loads(place.points.read_text())
    points = collection["features"]

    def some(*kept: object) -> Path:
        path = tmp_path / "some.geojson"
        path.write_text(json.dumps(collection | {"features": kept}))
        return path

    by_class = {
        value: [one for one in points if one["properties"]["class"] == value]
        for value in (1, 2)
    }
    told = refused(place, some(*by_class[1]), tmp_path)
    assert re.search("all samples are of class 1; two classes or more", told)
    told = refused(place, some(*by_class[1], *by_class[2][:4]), tmp_path)
    assert "class 2 has 4 samples with data and 5 are needed" in told


def test_arguments_that_are_none(place: "Place", tmp_path: Path) -> None:
    assert "no model kind 'oracle'" in refused(
        place, place.points, tmp_path, kind="oracle"
    )
    assert "no model name" in refused(place, place.points, tmp_path, name="A B")
    assert "cannot be held out" in refused(place, place.points, tmp_path, held_out=0.9)


def test_samples_under_cloud_are_counted_or_refused(
    place: "Place",
    tmp_path: Path,
    with_clouds: Callable[[Scene, np.ndarray], Scene],
) -> None:
    scl = np.full((64, 64), 4, np.uint8)
    scl[:8] = 9
    stack = replace(place.stack("optical"), optical=with_clouds(place.optical, scl))
    run = train(stack, place.points, name="a", folder=tmp_path / "some")
    # 2 x 2 points in each of the 8 fields of the first 8 rows.
    assert run.sample_counts["left_out"] == {"without data in any scene": 32}
    assert sum(run.sample_counts["used"].values()) == 256 - 32
    scl[:] = 9
    stack = replace(stack, optical=with_clouds(place.optical, scl))
    with pytest.raises(ImageryError, match="all samples lie where the scenes have no"):
        train(stack, place.points, name="a", folder=tmp_path / "none")
    assert not (tmp_path / "none").exists()

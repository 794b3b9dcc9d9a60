"""One forest a sensor basis; a hostile or damaged file is one clear line."""

import json
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io

from fusion.forest import ForestClassifier, fit_forest, load_forest, save_forest
from imagery.errors import UnreadableProduct

CLASSES = (3, 7)


@pytest.fixture(scope="module")
def forest() -> ForestClassifier:
    """Class 7 is high in the optical feature and low in the radar feature."""
    rng = np.random.default_rng(0)
    values = np.repeat(CLASSES, 30)
    optical = rng.normal(values[:, None] == 7, 0.1, (60, 2)).astype(np.float32)
    radar = rng.normal(values[:, None] == 3, 0.1, (60, 1)).astype(np.float32)
    return fit_forest(optical, radar, values, CLASSES, 0)


@pytest.fixture(scope="module")
def stored(forest: ForestClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forest") / "model.skops"
    save_forest(forest, path)
    return path


def rows(*values: tuple[float, ...]) -> np.ndarray:
    return np.array(values, np.float32)


NAN = float("nan")
OPTICAL = rows((1, 1), (1, 1), (NAN, 0), (NAN, NAN))
RADAR = rows((0,), (NAN,), (1,), (NAN,))


def test_each_pixel_is_decided_by_the_sensors_it_has(forest: ForestClassifier) -> None:
    found = forest.probabilities(OPTICAL, RADAR)
    assert found.shape == (4, 2)
    assert np.array(CLASSES)[found[:3].argmax(axis=1)].tolist() == [7, 7, 3]
    assert found[:3].sum(axis=1) == pytest.approx(1)
    assert np.isnan(found[3]).all()


def test_a_model_of_one_sensor_has_one_forest() -> None:
    values = np.repeat(CLASSES, 5)
    optical = values[:, None].astype(np.float32)
    found = fit_forest(optical, np.empty((10, 0), np.float32), values, CLASSES, 0)
    assert set(found.forests) == {1}
    told = found.probabilities(rows((7,)), np.empty((1, 0), np.float32))
    assert told.argmax() == 1


def test_rare_classes_weigh_more_than_by_count() -> None:
    """Of 90 of 3 and 10 of 7 in one place, 7 gets sqrt(10) / (sqrt(90) + sqrt(10))."""
    values = np.repeat(CLASSES, (90, 10))
    optical = np.zeros((100, 1), np.float32)
    found = fit_forest(optical, np.empty((100, 0), np.float32), values, CLASSES, 0)
    share = found.probabilities(rows((0,)), np.empty((1, 0), np.float32))[0, 1]
    assert share == pytest.approx(10**0.5 / (90**0.5 + 10**0.5), abs=0.03)


def test_stored_and_loaded_is_the_same(forest: ForestClassifier, stored: Path) -> None:
    loaded = load_forest(stored, 2, 1, CLASSES, 0)
    np.testing.assert_array_equal(
        loaded.probabilities(OPTICAL, RADAR), forest.probabilities(OPTICAL, RADAR)
    )


def test_slices_in_threads_give_what_scikit_learn_gives(
    forest: ForestClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also afterwards: in threads, its own method empties the warning filters."""
    monkeypatch.setattr("fusion.forest._SLICE", 7)
    optical = np.random.default_rng(1).uniform(0, 1, (200, 2)).astype(np.float32)
    filters = list(warnings.filters)
    with warnings.catch_warnings(record=True) as told:
        found = forest.probabilities(optical, np.full((200, 1), NAN, np.float32))
    assert (told, warnings.filters) == ([], filters)
    expected = forest.forests[1].predict_proba(optical).astype(np.float32)
    np.testing.assert_array_equal(found, expected)


def refused(path: Path, *shape: int) -> str:
    with pytest.raises(UnreadableProduct, match="no usable forest") as told:
        load_forest(path, *(shape or (2, 1)), CLASSES, 0)
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_file(stored: Path, tmp_path: Path, share: float) -> None:
    data = stored.read_bytes()
    (tmp_path / "m.skops").write_bytes(data[: int(len(data) * share)])
    refused(tmp_path / "m.skops")


class _Harmful:
    """Makes a file when it is unpickled."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.made,)


def test_a_pickle_is_not_executed(tmp_path: Path) -> None:
    path, made = tmp_path / "m.skops", tmp_path / "harm"
    path.write_bytes(pickle.dumps(_Harmful(made)))
    assert "File is not a zip file" in refused(path)
    assert not made.exists()
    pickle.loads(path.read_bytes())
    assert made.exists()


def test_foreign_types_are_named(tmp_path: Path, forest: ForestClassifier) -> None:
    path = tmp_path / "m.skops"
    skops.io.dump({"both": forest.forests[3], "optical": np.sum}, path)
    assert "foreign types" in refused(path)


def test_no_forest_and_other_things(tmp_path: Path, forest: ForestClassifier) -> None:
    path = tmp_path / "m.skops"
    for held in ({}, {"both": forest.forests[3], "more": forest.forests[3]}):
        skops.io.dump(held, path)
        refused(path)
    skops.io.dump({"both": ["no estimator"]}, path)
    assert "another make" in refused(path)


def test_a_file_that_does_not_fit_the_record(stored: Path) -> None:
    assert "other features" in refused(stored, 3, 1)
    with pytest.raises(UnreadableProduct, match="other classes"):
        load_forest(stored, 2, 1, (3, 8), 0)


def changed(source: Path, target: Path, change: Callable[[Any], None]) -> Path:
    """A stored forest with something changed before it is stored again."""
    held = skops.io.load(source, trusted=["sklearn.tree._tree.Tree"])
    change(held)
    skops.io.dump(held, target)
    return target


def _other_parameter(held: Any) -> None:  # noqa: ANN401
    held["both"].n_jobs = 10_000


def _hidden_method(held: Any) -> None:  # noqa: ANN401
    held["both"].predict_proba = "not callable"


def _tree_with_feature(number: int) -> Callable[[Any], None]:
    def change(held: Any) -> None:  # noqa: ANN401
        tree = held["optical"].estimators_[5].tree_
        state = tree.__getstate__()
        state["nodes"] = state["nodes"].copy()
        state["nodes"]["feature"][0] = number
        tree.__setstate__(state)

    return change


def _tree_with_child(number: int) -> Callable[[Any], None]:
    def change(held: Any) -> None:  # noqa: ANN401
        tree = held["radar"].estimators_[5].tree_
        state = tree.__getstate__()
        state["nodes"] = state["nodes"].copy()
        state["nodes"]["left_child"][0] = number
        tree.__setstate__(state)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_other_parameter, "other parameters"),
        (_hidden_method, "another make"),
        (_tree_with_feature(2), "nodes of a tree"),
        (_tree_with_child(0), "nodes of a tree"),
        (_tree_with_child(10**6), "nodes of a tree"),
    ],
)
def test_estimators_that_are_not_ours(
    stored: Path, tmp_path: Path, change: Callable[[Any], None], message: str
) -> None:
    """A loop or an index outside would hang or crash scikit-learn."""
    assert message in refused(changed(stored, tmp_path / "m.skops", change))


def test_a_schema_that_is_no_schema(stored: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    for schema in (b"[]", b"{", json.dumps({"__class__": "dict"}).encode()):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("schema.json", schema)
        refused(path)

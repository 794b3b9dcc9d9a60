"""Fusion on real input: one patch in Chile, trained and scored on its blocks."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from acceptance_walk import lucerna, told
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"
PLACE = DATA / "terramesh-s1s2" / "433D_629L_3_1"
BANDS = "B01,B02,B03,B04,B05,B06,B07,B08,B8A,B09,B11,B12"
BLOCK = 28
REACH = 8
SAMPLES = 4000
FOLDS = (0, 1)
SENSORS = ("both", "optical", "radar")

pytestmark = pytest.mark.skipif(
    not PLACE.parent.is_dir(), reason=f"no test data: {PLACE.parent}"
)


@dataclass(frozen=True)
class Fold:
    """What one fold gave: truth and both predictions of its test pixels."""

    truth: NDArray[np.int64]
    ours: dict[str, NDArray[np.int64]]
    baseline: NDArray[np.int64]
    basis: dict[str, set[int]]


def read(name: str) -> Any:  # noqa: ANN401
    """All bands of a file of the place."""
    with rasterio.open(PLACE.with_name(f"{PLACE.name}_{name}.tif")) as dataset:
        return dataset.read()


def fold_of_pixels() -> NDArray[np.int64]:
    """The fold of each pixel, by the rule of the splits."""
    row, column = np.mgrid[0:224, 0:224] // BLOCK
    fold = np.random.default_rng(0).permutation(64)[row * 8 + column] % 4
    return np.asarray(fold, np.int64)


def near(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Pixels within `reach` rows and columns of a pixel of the mask."""
    padded = np.pad(mask, reach)
    found = np.zeros_like(mask)
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            found |= padded[down : down + 224, right : right + 224]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both sensors, described by command."""
    folder = tmp_path_factory.mktemp("chile")
    when = ("--datetime", "2020-01-01/2020-12-31", "--note", "date not known")
    for name, options in (
        (
            "S2L2A",
            ("--sensor", "sentinel-2-l2a", "--bands", BANDS, "--scale", "0.0001"),
        ),
        (
            "S1RTC",
            ("--sensor", "sentinel-1-rtc", "--bands", "VV,VH", "--quantity", "db"),
        ),
    ):
        shutil.copyfile(
            PLACE.with_name(f"{PLACE.name}_{name}.tif"), folder / f"{name}.tif"
        )
        done = lucerna("describe", f"{name}.tif", *options, *when, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def folds(folder: Path) -> list[Fold]:
    """Two of the four folds, by our commands and by a plain forest beside them."""
    truth, optical, radar = read("LULC")[0].astype(int), read("S2L2A"), read("S1RTC")
    both = np.concatenate([optical, radar]).reshape(14, -1).T
    folds = fold_of_pixels()
    found = []
    for number in FOLDS:
        test = (folds == number) & (truth > 0)
        training = np.flatnonzero(((truth > 0) & ~near(folds == number, REACH)).ravel())
        chosen = np.random.default_rng(number).choice(training, SAMPLES, replace=False)
        write_points(folder / f"points-{number}.gpkg", chosen, truth)
        plain = RandomForestClassifier(300, random_state=0, n_jobs=2)
        plain.fit(both[chosen], truth.ravel()[chosen])
        train(folder, number)
        ours, basis = {}, {}
        for sensors in SENSORS if number == FOLDS[0] else SENSORS[:1]:
            classes, used = classify(folder, number, sensors)
            ours[sensors], basis[sensors] = classes[test], set(np.unique(used[test]))
        baseline = plain.predict(both[test.ravel()])
        found.append(Fold(truth[test], ours, baseline, basis))
    return found


def write_points(path: Path, chosen: NDArray[np.int64], truth: Any) -> None:  # noqa: ANN401
    """Pixel centres with their class."""
    with rasterio.open(PLACE.with_name(f"{PLACE.name}_LULC.tif")) as dataset:
        x, y = dataset.transform @ (chosen % 224 + 0.5, chosen // 224 + 0.5)
        crs = dataset.crs
    points = gpd.points_from_xy(x, y)
    frame = gpd.GeoDataFrame({"class": truth.ravel()[chosen]}, geometry=points, crs=crs)
    frame.to_file(path)


def train(folder: Path, number: int) -> None:
    """A version of the model for the fold."""
    arguments = [f"points-{number}.gpkg", "--name", f"fold-{number}", "--kb", "kb"]
    arguments += ["--optical", "S2L2A.tif", "--radar", "S1RTC.tif", "--json"]
    made = told(lucerna("train", *arguments, cwd=folder))
    assert made["model"] == f"fold-{number}@1"


def classify(folder: Path, number: int, sensors: str) -> tuple[Any, Any]:
    """Class and basis rasters of the whole place."""
    out = f"{sensors}-{number}.tif"
    given = ["--optical", "S2L2A.tif"] if sensors != "radar" else []
    given += ["--radar", "S1RTC.tif"] if sensors != "optical" else []
    arguments = ["--model", f"fold-{number}", "--kb", "kb", "-o", out, "--json"]
    told(lucerna("classify", *given, *arguments, cwd=folder))
    with (
        rasterio.open(folder / out) as classes,
        rasterio.open(folder / out.replace(".tif", "-basis.tif")) as basis,
    ):
        return classes.read(1).astype(int), basis.read(1)


def score(folds: list[Fold], which: str) -> tuple[float, float]:
    """Overall accuracy and macro F1 over all test pixels."""
    truth = np.concatenate([one.truth for one in folds])
    told_by = [
        one.baseline if which == "baseline" else one.ours[which] for one in folds
    ]
    predicted = np.concatenate(told_by)
    return (
        float(accuracy_score(truth, predicted)),
        float(f1_score(truth, predicted, average="macro", labels=[1, 2, 4, 5, 9])),
    )


def test_our_default_is_at_least_the_plain_forest(folds: list[Fold]) -> None:
    ours, baseline = score(folds, "both"), score(folds, "baseline")
    print(f"ours {ours}, plain forest {baseline}")  # noqa: T201
    assert ours[0] >= baseline[0]
    assert ours[1] >= baseline[1]


def test_one_model_serves_either_sensor_alone(folds: list[Fold]) -> None:
    first = folds[0]
    assert first.basis == {"both": {3}, "optical": {1}, "radar": {2}}
    both, optical, radar = (score([first], one)[0] for one in SENSORS)
    most = max(np.bincount(first.truth)) / first.truth.size
    print(f"both {both:.3f}, optical {optical:.3f}, radar {radar:.3f}, {most:.3f}")  # noqa: T201
    assert optical > most + 0.1
    assert both > radar
    assert both > optical - 0.02  # here the radar adds nothing to what is near by


def test_the_model_keeps_its_versions_and_its_card(folder: Path, folds: Any) -> None:  # noqa: ANN401
    train_again = [f"points-{FOLDS[0]}.gpkg", "--name", f"fold-{FOLDS[0]}"]
    train_again += ["--optical", "S2L2A.tif", "--kb", "kb", "--json"]
    made = told(lucerna("train", *train_again, cwd=folder))
    assert made["model"] == f"fold-{FOLDS[0]}@2"
    listed = told(lucerna("models", "list", "--kb", "kb", "--json", cwd=folder))
    assert [(one["model"], one["version"]) for one in listed] == [
        ("fold-0", 1),
        ("fold-0", 2),
        ("fold-1", 1),
    ]
    shown = lucerna("models", "show", "fold-0@1", "--kb", "kb", cwd=folder)
    record = folder / "kb" / "models" / "fold-0" / "1" / "record.json"
    assert json.loads(record.read_text("utf-8"))["sha256"] in shown.stdout
    assert "S1RTC" in shown.stdout

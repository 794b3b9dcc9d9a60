"""Accuracy of descriptors, learner and strategies on EuroSAT RGB patches."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagery.errors import UnreadableProduct
from lucerna.console import Progress
from lucerna.evaluation.patch_baselines import (
    LABELS_A_ROUND,
    by_lot,
    half_likely,
    simple_learn,
    simple_statistics,
)
from lucerna.evaluation.scores import Role, Score
from mining.catalogue.descriptors import describe
from mining.labelling.labels import Action
from mining.labelling.learner import (
    LabelPool,
    Learned,
    Strategy,
    classifier,
    label_pool,
    learn,
    next_patches,
)

Choose = Callable[[NDArray[np.float64], LabelPool, Learned, np.random.Generator], Any]

BANDS = ("B04", "B03", "B02")
ROUNDS = (3, 5, 10)
BEST = 1.25
"""How many of the best are looked at, for each one that is relevant."""

_SEEDS = 5
_QUICK_SEEDS = 1
_QUICK_CLASSES = ("Forest", "Highway", "River")
_QUICK_EVERY = 4


@dataclass(frozen=True)
class _Patches:
    """The patches of pool and test part, described.

    Attributes:
        ours: (patch, number) descriptors, scaled by the pool.
        simple: (patch, 59) statistics of the baseline, scaled by the pool.
        classes: (patch,) names.
        in_pool: (patch,) whether it is of the pool.
    """

    ours: NDArray[np.float64]
    simple: NDArray[np.float64]
    classes: NDArray[np.str_]
    in_pool: NDArray[np.bool_]


@dataclass(frozen=True)
class _Method:
    """A way to find a class: what describes patches, what learns, what chooses."""

    name: str
    role: Role
    vectors: Callable[[_Patches], NDArray[np.float64]]
    learn: Callable[..., Learned | None]
    choose: Choose


def evaluate(
    data: Path, *, quick: bool = False, progress: Progress | None = None
) -> list[Score]:
    """Our defaults beside simple baselines on EuroSAT RGB, pool and test as split.

    Two tables: accuracy of ten classes with all labels of the pool, and retrieval of
    one class by relevance feedback: from one positive label, ten labels a round, the
    share of the class found among the best of the test part (100, where there are 80
    of the class), mean over classes and seeds. Descriptors are scaled by the pool; the
    test part only scores.

    Args:
        data: The folder that holds `eurosat-rgb` and `splits`.
        quick: A quarter of the patches, three classes, one seed.
        progress: Called with steps done and steps in all.

    Raises:
        UnreadableProduct: The data are not there.

    References:
        Helber et al. 2019, IEEE JSTARS 12, 2217-2226: EuroSAT.
    """
    images, classes, in_pool = _read(data, _QUICK_EVERY if quick else 1)
    seeds = _QUICK_SEEDS if quick else _SEEDS
    wanted = _QUICK_CLASSES if quick else tuple(sorted(set(classes.tolist())))
    steps = len(images) + 1 + len(METHODS) * len(wanted)
    count = _counter(progress, steps)
    ours, simple = [], []
    for image in images:
        pixels = (np.moveaxis(image, -1, 0) / 255).astype(np.float32)
        ours.append(describe(pixels, BANDS))
        simple.append(simple_statistics(pixels))
        count()
    patches = _Patches(
        _scaled(ours, in_pool), _scaled(simple, in_pool), classes, in_pool
    )
    scores = _accuracy(patches)
    count()
    for method in METHODS:
        scores.append(_retrieval(method, patches, wanted, seeds, count))
    return scores


def _ours(strategy: Strategy) -> Choose:
    def choose(
        vectors: NDArray[np.float64],
        pool: LabelPool,
        learned: Learned,
        random: np.random.Generator,
    ) -> Any:  # noqa: ANN401
        return next_patches(
            vectors,
            pool,
            learned,
            strategy=strategy,
            count=LABELS_A_ROUND,
            random=random,
        )

    return choose


def _our_vectors(patches: _Patches) -> NDArray[np.float64]:
    return patches.ours


def _simple_vectors(patches: _Patches) -> NDArray[np.float64]:
    return patches.simple


METHODS = (
    _Method("diverse", "ours, default", _our_vectors, learn, _ours("diverse")),
    _Method("margin", "ours", _our_vectors, learn, _ours("margin")),
    _Method("random labelling", "baseline", _our_vectors, learn, _ours("random")),
    _Method(
        "59 statistics, half likely and half uncertain",
        "baseline",
        _simple_vectors,
        simple_learn,
        half_likely,
    ),
    _Method(
        "59 statistics, random labelling",
        "baseline",
        _simple_vectors,
        simple_learn,
        by_lot,
    ),
)


def _accuracy(patches: _Patches) -> list[Score]:
    """Overall accuracy and macro F1 of the test part with all labels of the pool."""
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.svm import SVC

    truth = patches.classes[~patches.in_pool]
    data = f"EuroSAT RGB, {patches.in_pool.sum()} labels, {len(truth)} test patches"
    rows: tuple[tuple[str, Role, NDArray[np.float64], Any], ...] = (
        ("descriptors, SVM", "ours, default", patches.ours,
         classifier(patches.ours.shape[1])),
        ("59 statistics, SVM", "baseline", patches.simple, SVC(C=10, gamma="scale")),
    )  # fmt: skip
    scores = []
    for name, role, vectors, machine in rows:
        machine.fit(vectors[patches.in_pool], patches.classes[patches.in_pool])
        given = machine.predict(vectors[~patches.in_pool])
        values = {
            "accuracy": float(accuracy_score(truth, given)),
            "macro F1": float(f1_score(truth, given, average="macro")),
        }
        scores.append(Score(data, name, role, values))
    published = "network, Helber et al. 2017, arXiv:1709.00029, other split of 27,000"
    return [*scores, Score(data, published, "published", {"accuracy": 0.9857})]


def _retrieval(
    method: _Method,
    patches: _Patches,
    wanted: Sequence[str],
    seeds: int,
    count: Callable[[], None],
) -> Score:
    """Recall among the best, mean over classes and seeds, and worst class."""
    recalls = np.zeros((len(wanted), seeds, len(ROUNDS)))
    for row, name in enumerate(wanted):
        for seed in range(seeds):
            recalls[row, seed] = _session(method, patches, name, seed)
        count()
    means = recalls.mean(axis=(0, 1))
    best = _looked_at(patches.classes[~patches.in_pool] == wanted[0])
    values = {
        f"recall@{best} after {rounds} rounds": float(mean)
        for rounds, mean in zip(ROUNDS, means, strict=True)
    }
    values["worst class"] = float(recalls.mean(axis=1)[:, -1].min())
    data = f"EuroSAT RGB, one class, one positive, {LABELS_A_ROUND} labels a round"
    return Score(data, method.name, method.role, values)


def _session(method: _Method, patches: _Patches, name: str, seed: int) -> list[float]:
    """Recalls after the rounds that are told, with answers from the true classes."""
    random = np.random.default_rng(seed)
    vectors = method.vectors(patches)
    relevant = patches.classes == name
    # Patches of the test part count as skipped: neither shown nor learned from.
    answers: dict[int, Action] = {
        int(one): "skip" for one in np.flatnonzero(~patches.in_pool)
    }
    first = random.choice(np.flatnonzero(relevant & patches.in_pool))
    answers[int(first)] = "positive"
    found: list[float] = []
    for done in range(max(ROUNDS) + 1):
        pool = label_pool(len(vectors), answers)
        learned = method.learn(vectors, pool, random)
        assert learned is not None, "there is a positive label"
        if done in ROUNDS:
            found.append(_recall(learned.decisions, relevant, ~patches.in_pool))
        for one in method.choose(vectors, pool, learned, random):
            answers[int(one)] = "positive" if relevant[one] else "negative"
    return found


def _recall(
    decisions: NDArray[np.float64],
    relevant: NDArray[np.bool_],
    in_test: NDArray[np.bool_],
) -> float:
    there = relevant[in_test]
    best = np.argsort(-decisions[in_test], kind="stable")[: _looked_at(there)]
    return float(there[best].sum() / there.sum())


def _looked_at(there: NDArray[np.bool_]) -> int:
    return round(BEST * int(there.sum()))


def _scaled(
    rows: Sequence[NDArray[Any]], in_pool: NDArray[np.bool_]
) -> NDArray[np.float64]:
    vectors = np.array(rows, np.float64)
    spread = vectors[in_pool].std(axis=0)
    centred: NDArray[np.float64] = vectors - vectors[in_pool].mean(axis=0)
    return centred / np.where(spread > 1e-9, spread, 1)


def _read(
    data: Path, every: int
) -> tuple[list[NDArray[np.uint8]], NDArray[np.str_], NDArray[np.bool_]]:
    """Pictures (y, x, 3), their classes, and whether they are of the pool."""
    from PIL import Image

    table, folder = data / "splits" / "eurosat-rgb.csv", data / "eurosat-rgb"
    if not table.is_file() or not folder.is_dir():
        raise UnreadableProduct(
            f"{table} or {folder} is missing; give the folder that holds both"
        )
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))[::every]
    images = []
    for name in sorted({row["class"] for row in rows}):
        with zipfile.ZipFile(folder / f"{name}.zip") as archive:
            members = {Path(one).name: one for one in archive.namelist()}
            for row in rows:
                if row["class"] == name:
                    content = archive.read(members[Path(row["file"]).name])
                    with Image.open(io.BytesIO(content)) as picture:
                        images.append((row, np.asarray(picture.convert("RGB"))))
    return (
        [pixels for _, pixels in images],
        np.array([row["class"] for row, _ in images]),
        np.array([row["part"] == "pool" for row, _ in images]),
    )


def _counter(progress: Progress | None, steps: int) -> Callable[[], None]:
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, steps)

    return count

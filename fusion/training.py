"""Labelled samples and a stack into a fitted, assessed and recorded model."""

import logging
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.accuracy import assess
from fusion.card import CARD, model_card_text
from fusion.classifier import sensor_basis
from fusion.features import FeatureSet, check_features, default_features
from fusion.holdout import Holdout, hold_out
from fusion.kinds import check_kind, fit, parameters, save
from fusion.reading import Features, open_features
from fusion.samples import Samples, read_samples
from fusion.stack import BASIS_NAMES, BOTH, NONE, OPTICAL, RADAR, FusedStack
from fusion.training_record import TrainingRun, checked_name, write_record
from imagery.errors import ImageryError
from imagery.grid import windows
from imagery.scene import files_sha256
from imagery.scene_record import scene_record
from imagery.vectors.features import vector_sha256

LEAST_SAMPLES = 5
"""Samples with data that a class must have."""

_BLOCK = 512
_MOST_HELD_OUT = 0.5
_log = logging.getLogger(__name__)


def train(
    stack: FusedStack,
    samples: Path,
    *,
    name: str,
    folder: Path,
    kind: str = "forest",
    class_column: str = "class",
    scheme: str | None = None,
    class_names: Mapping[int, str] | None = None,
    feature_set: FeatureSet | None = None,
    seed: int = 0,
    held_out: float = 0.25,
    samples_crs: str | None = None,
    samples_layer: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TrainingRun:
    """Fit a model on labelled samples and keep it as a new version.

    First a model is fitted without the samples of some spatial blocks and assessed on
    them, then the one that is kept is fitted on all samples. The folder of the
    version appears whole or not at all, and no version is ever overwritten.

    Args:
        stack: One or two scenes on one grid.
        samples: Vector file of points or polygons; see `read_samples`.
        name: Of the model: lower-case letters, digits, - and _.
        folder: Where models are kept; the version goes to `folder/name/version`.
        kind: "forest" or "network".
        class_column: Column of the classes.
        scheme: Scheme that class values are codes of, "clc"; None without one.
        class_names: Names of class values; see `read_samples`.
        feature_set: What to look at; by default all that the scenes allow.
        seed: Of every random choice.
        held_out: Share of the samples to assess on, 0 (not assessed) to 0.5.
        samples_crs: CRS of samples that state none.
        samples_layer: Layer of a GeoPackage with several.
        progress: Called with steps done and steps in all.

    Memory: one window of features, and the features of all samples.

    Raises:
        ImageryError: The samples, the scenes or an argument cannot be used.
    """
    check_kind(kind)
    _check_arguments(name, held_out)
    features = feature_set or default_features(stack.optical, stack.radar)
    check_features(features, stack.optical, stack.radar, name)
    read = read_samples(
        samples,
        stack.geobox,
        class_column=class_column,
        scheme=scheme,
        class_names=class_names,
        seed=seed,
        crs=samples_crs,
        layer=samples_layer,
    )
    steps = _Steps(progress, _windows_with(read, stack) + 2)
    (optical, radar), used = _with_data(read, _features(stack, features, read, steps))
    _check_samples(samples, used, sensor_basis(optical, radar), stack)
    values = [one.value for one in used.classes]
    division = hold_out(used, held_out, features.context_px, seed)
    accuracy: dict[str, dict[str, Any]] = {}
    if division is not None:
        kept = division.train
        trial = fit(kind, optical[kept], radar[kept], used.values[kept], values, seed)
        accuracy = _assessed(trial, division, optical, radar, used)
    steps.done()
    classifier = fit(kind, optical, radar, used.values, values, seed)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".training-") as temporary:
        part = Path(temporary) / "version"
        part.mkdir()
        model_file = save(classifier, part)
        run = TrainingRun(
            name=name,
            version=1,
            kind=kind,
            created=datetime.now(UTC),
            code_version=version("lucerna-eo"),
            seed=seed,
            feature_set=features,
            classes=used.classes,
            scheme=scheme,
            samples_name=samples.name,
            samples_sha256=vector_sha256(samples),
            sample_counts=_counts(used),
            scenes=tuple(scene_record(one) for one in stack.scenes),
            accuracy=accuracy,
            parameters=_parameters(kind, class_column, held_out, division),
            sha256=files_sha256([model_file]),
            model_file=model_file.name,
        )
        kept_run = _keep(part, folder / name, run)
    steps.done()
    return kept_run


class _Steps:
    """Counts steps and tells them."""

    def __init__(self, progress: Callable[[int, int], None] | None, total: int) -> None:
        self._progress, self._total, self._count = progress, total, 0

    def done(self) -> None:
        """One step more is done."""
        self._count += 1
        if self._progress is not None:
            self._progress(self._count, self._total)


def _check_arguments(name: str, held_out: float) -> None:
    try:
        checked_name(name)
    except ValueError as error:
        raise ImageryError(str(error)) from error
    if not 0 <= held_out <= _MOST_HELD_OUT:
        raise ImageryError(
            f"{held_out:g} of the samples cannot be held out; give 0 to "
            f"{_MOST_HELD_OUT:g}"
        )


def _windows_with(samples: Samples, stack: FusedStack) -> int:
    return sum(
        bool(_inside(samples, window).any()) for window in windows(stack.geobox, _BLOCK)
    )


def _inside(samples: Samples, window: Any) -> NDArray[np.bool_]:  # noqa: ANN401
    row, column = samples.rows - window.row_off, samples.columns - window.col_off
    inside: NDArray[np.bool_] = (row >= 0) & (row < window.height)
    inside &= (column >= 0) & (column < window.width)
    return inside


def _features(
    stack: FusedStack, feature_set: FeatureSet, samples: Samples, steps: _Steps
) -> Features:
    """Features of the samples, read in the windows that hold some."""
    count = len(samples.values)
    optical = np.full((count, len(feature_set.optical_names)), np.nan, np.float32)
    radar = np.full((count, len(feature_set.radar_names)), np.nan, np.float32)
    with open_features(stack, feature_set) as sources:
        for window in windows(stack.geobox, _BLOCK):
            own = np.flatnonzero(_inside(samples, window))
            if own.size == 0:
                continue
            seen, heard = sources.read(window)
            place = (samples.rows[own] - window.row_off) * window.width
            place += samples.columns[own] - window.col_off
            optical[own], radar[own] = seen[place], heard[place]
            steps.done()
    return optical, radar


def _with_data(samples: Samples, features: Features) -> tuple[Features, Samples]:
    """Features and samples without the pixels where no sensor is valid."""
    known = sensor_basis(*features) != NONE
    counts = dict(samples.left_out)
    if not known.all():
        counts["without data in any scene"] = int((~known).sum())
    kept = samples.chosen(known)
    used = Samples(
        kept.rows, kept.columns, kept.values, kept.anchors, kept.classes, counts
    )
    return (features[0][known], features[1][known]), used


def _check_samples(
    path: Path, samples: Samples, basis: NDArray[np.uint8], stack: FusedStack
) -> None:
    """Refuse samples that no model can be learnt from.

    Raises:
        ImageryError: No sample with data, one class, too few of a class, or a scene
            that sees fewer than two classes.
    """
    if len(samples.values) == 0:
        raise ImageryError(
            f"{path}: all samples lie where the scenes have no data or cloud; "
            "give other samples or other scenes"
        )
    for one in samples.classes:
        count = int((samples.values == one.value).sum())
        if count < LEAST_SAMPLES:
            raise ImageryError(
                f"{path}: class {one.name} has {count} samples with data and "
                f"{LEAST_SAMPLES} are needed; label more or leave the class out"
            )
    if len(samples.classes) < 2:
        raise ImageryError(
            f"{path}: all samples are of class {samples.classes[0].name}; "
            "two classes or more are needed"
        )
    needed = OPTICAL * (stack.optical is not None) + RADAR * (stack.radar is not None)
    for code in (OPTICAL, RADAR, BOTH):
        own = (basis & code) == code
        if needed & code == code and len(np.unique(samples.values[own])) < 2:
            raise ImageryError(
                f"{path}: fewer than two classes have samples where there are data of "
                f"{BASIS_NAMES[code]}; leave a scene out or label more"
            )


def _assessed(
    trial: Any,  # noqa: ANN401
    division: Holdout,
    optical: NDArray[np.float32],
    radar: NDArray[np.float32],
    samples: Samples,
) -> dict[str, dict[str, Any]]:
    """Scores on the held-out samples for each sensor basis they have."""
    found: dict[str, dict[str, Any]] = {}
    basis = sensor_basis(optical, radar)
    names = {one.value: one.name for one in samples.classes}
    for code, word in BASIS_NAMES.items():
        own = division.test & ((basis & code) == code)
        if not own.any():
            continue
        seen = optical[own] if code & OPTICAL else np.full_like(optical[own], np.nan)
        heard = radar[own] if code & RADAR else np.full_like(radar[own], np.nan)
        best = trial.probabilities(seen, heard).argmax(axis=1)
        given = np.array(trial.classes)[best]
        scores = assess(samples.values[own], given, trial.classes)
        found[word] = {
            "samples": scores.samples,
            "overall": round(scores.overall, 4),
            "macro_f1": round(scores.macro_f1, 4),
            "kappa": round(scores.kappa, 4),
            "f1": {names[v]: round(one.f1, 4) for v, one in scores.by_class.items()},
        }
    return found


def _counts(samples: Samples) -> dict[str, dict[str, int]]:
    return {
        "used": {
            one.name: int((samples.values == one.value).sum())
            for one in samples.classes
        },
        "left_out": dict(samples.left_out),
    }


def _parameters(
    kind: str, class_column: str, held_out: float, division: Holdout | None
) -> dict[str, Any]:
    told: dict[str, Any] = parameters(kind) | {
        "class_column": class_column,
        "held_out": held_out,
    }
    if division is not None:
        told |= {
            "block_px": division.block_px,
            "fitted_for_assessment": int(division.train.sum()),
        }
    return told


def _keep(part: Path, home: Path, run: TrainingRun) -> TrainingRun:
    """Move a written version to the next free number of its model.

    A folder cannot take the name of one that is not empty: of two trainings that end
    at once, the second takes the number after.
    """
    home.mkdir(parents=True, exist_ok=True)
    while True:
        numbers = [int(one.name) for one in home.iterdir() if one.name.isdecimal()]
        kept = TrainingRun(**vars(run) | {"version": max(numbers, default=0) + 1})
        write_record(part, kept)
        (part / CARD).write_text(model_card_text(kept), encoding="utf-8")
        target = home / str(kept.version)
        try:
            part.rename(target)
        except OSError:
            if not target.exists():
                raise
            continue
        _log.info("%s@%d: %s", kept.name, kept.version, kept.sha256)
        return kept

"""The record of a trained model, read with each of its values checked."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fusion.features import FeatureSet
from fusion.stack import BASIS_NAMES
from fusion.training_record import (
    RECORD,
    TrainingRun,
    checked_name,
    class_from_json,
)
from imagery.errors import UnreadableProduct
from imagery.scene_record import aware_time, scene_from_json

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LARGEST_COUNT = 10**9
_LARGEST_SEED = 2**32 - 1
_LARGEST_SHARE = 0.5


def read_record(folder: Path) -> TrainingRun:
    """The record in the folder of a version.

    Raises:
        UnreadableProduct: It is missing, no JSON, or says what cannot be.
    """
    path = folder / RECORD
    try:
        return _run(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise UnreadableProduct(
            f"no model: {folder} has no {RECORD}; train one with `lucerna train`"
        ) from error
    except (
        KeyError, TypeError, ValueError, AttributeError, RecursionError, OSError,
    ) as error:  # fmt: skip
        raise UnreadableProduct(
            f"the record of a model is damaged: {path} ({_line(error)}); "
            "train it again with `lucerna train`"
        ) from error


def _run(told: dict[str, Any]) -> TrainingRun:
    for field, sound in _SOUND.items():
        if not sound(told[field]):
            raise ValueError(f"unusable {field}: {str(told[field])[:80]}")
    run = TrainingRun(
        **told
        | {
            "name": checked_name(told["name"]),
            "created": aware_time(told["created"]),
            "feature_set": _feature_set(told["feature_set"]),
            "classes": tuple(class_from_json(one) for one in told["classes"]),
            "scenes": tuple(scene_from_json(one) for one in told["scenes"]),
        }
    )
    values = {one.value for one in run.classes}
    if len(values) < 2 or len(values) < len(run.classes):
        raise ValueError("unusable classes: fewer than two, or one twice")
    return run


def _feature_set(told: dict[str, Any]) -> FeatureSet:
    bands, waves = told["optical_bands"], told["polarisations"]
    if not (_words(bands) and _words(waves) and _whole(told["context_px"], 1, 99)):
        raise ValueError("unusable feature_set")
    return FeatureSet(tuple(bands), tuple(waves), told["context_px"])


def _text(value: object) -> bool:
    return isinstance(value, str)


def _words(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _digest(value: object) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def _file_name(value: object) -> bool:
    return isinstance(value, str) and Path(value).name == value != ""


def _whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _count(value: object) -> bool:
    return _whole(value, 0, _LARGEST_COUNT)


def _number(value: object, least: float, most: float) -> bool:
    """Whether this is a number in a range; NaN is in none."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and least <= value <= most
    )


def _share(value: object) -> bool:
    return _number(value, 0, 1)


def _each(value: object, sound: Callable[[Any], bool]) -> bool:
    """Whether all that an object holds is sound."""
    return isinstance(value, dict) and all(map(sound, value.values()))


def _sample_counts(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"used", "left_out"}
        and all(_each(one, _count) for one in value.values())
    )


def _accuracy(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= set(BASIS_NAMES.values())
        and all(map(_scores, value.values()))
    )


def _scores(value: object) -> bool:
    """Whether these are the scores on one sensor basis."""
    return isinstance(value, dict) and (
        _count(value.get("samples"))
        and _share(value.get("overall"))
        and _share(value.get("macro_f1"))
        and _number(value.get("kappa"), -1, 1)
        and _each(value.get("f1"), _share)
    )


def _parameters(value: object) -> bool:
    """Whether these are a column, the share held out, and counts."""
    if not isinstance(value, dict):
        return False
    counts = {k: v for k, v in value.items() if k not in ("class_column", "held_out")}
    return (
        _text(value.get("class_column", ""))
        and _number(value.get("held_out", 0), 0, _LARGEST_SHARE)
        and _each(counts, _count)
    )


_SOUND: dict[str, Callable[[Any], bool]] = {
    "name": _text,
    "version": lambda value: _whole(value, 1, _LARGEST_COUNT),
    "kind": _text,
    "created": _text,
    "code_version": _text,
    "seed": lambda value: _whole(value, 0, _LARGEST_SEED),
    "scheme": lambda value: value is None or _text(value),
    "samples_name": _text,
    "samples_sha256": _digest,
    "sample_counts": _sample_counts,
    "accuracy": _accuracy,
    "parameters": _parameters,
    "sha256": _digest,
    "model_file": _file_name,
}
"""Field to whether a value of it can be; the others are checked as they are made."""


def _line(error: Exception) -> str:
    return " ".join(repr(error).split())[:200]

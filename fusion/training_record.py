"""What a trained model says of itself: written beside it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fusion.features import FeatureSet
from imagery.scene_record import SceneRecord, iso_time, scene_json

RECORD = "record.json"
_LARGEST_VALUE = 65534
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class ModelClass:
    """One class that a model tells apart.

    Attributes:
        value: Its number in class rasters, 1 to 65534.
        name: What people call it.
        code: Its code in the model's scheme, "221"; None without a scheme.
    """

    value: int
    name: str
    code: str | None = None


@dataclass(frozen=True)
class TrainingRun:
    """How a model came to be.

    Attributes:
        name: Name of the model, the same for all its versions.
        version: Counts from 1; a version is never overwritten.
        kind: "forest" or "network".
        created: When the training ended, aware UTC.
        code_version: Of the software that trained it.
        seed: Of every random choice.
        feature_set: Bands, polarisations and context that it looks at.
        classes: In the order of the columns of its probabilities.
        scheme: Scheme that the class values are codes of, "clc"; None without one.
        samples_name: File name of the training samples.
        samples_sha256: Hex digest of that file.
        sample_counts: Pixels used for each class name, and pixels or features left
            out for each reason, under "used" and "left_out".
        scenes: The scenes that the features were taken from.
        accuracy: Scores on held-out blocks for each sensor basis ("optical", "radar",
            "both"); empty where no block could be held out.
        parameters: Numbers that the model was fitted with.
        sha256: Hex digest of the model file.
        model_file: Its name in the folder of the version.
    """

    name: str
    version: int
    kind: str
    created: datetime
    code_version: str
    seed: int
    feature_set: FeatureSet
    classes: tuple[ModelClass, ...]
    scheme: str | None
    samples_name: str
    samples_sha256: str
    sample_counts: Mapping[str, Mapping[str, int]]
    scenes: tuple[SceneRecord, ...]
    accuracy: Mapping[str, Mapping[str, Any]]
    parameters: Mapping[str, Any]
    sha256: str
    model_file: str

    @property
    def simulated(self) -> bool:
        """Whether any of its scenes was made by a generator."""
        return any(scene.simulated for scene in self.scenes)


def checked_name(name: str) -> str:
    """A model name that is safe as a folder.

    Raises:
        ValueError: It is none.

    >>> checked_name("crops-2017")
    'crops-2017'
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} is no model name; use up to 64 lower-case letters, digits, "
            "- and _"
        )
    return name


def class_from_json(told: dict[str, Any]) -> ModelClass:
    """The class that a record tells of, `vars` of a `ModelClass`.

    Raises:
        TypeError: A field is missing or unknown.
        ValueError: A field has another type, or the value is none of a class.
    """
    one = ModelClass(**told)
    whole = type(one.value) is int and 1 <= one.value <= _LARGEST_VALUE
    if not (whole and isinstance(one.name, str) and isinstance(one.code, str | None)):
        raise ValueError(f"unusable class {str(told)[:80]}")
    return one


def write_record(folder: Path, run: TrainingRun) -> None:
    """Write a record as `record.json` into the folder of a version."""
    told = {name: getattr(run, name) for name in TrainingRun.__dataclass_fields__}
    told |= {
        "created": iso_time(run.created),
        "feature_set": vars(run.feature_set),
        "classes": [vars(one) for one in run.classes],
        "scenes": [scene_json(one) for one in run.scenes],
    }
    text = json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")

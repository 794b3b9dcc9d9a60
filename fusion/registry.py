"""The models of a folder, by name and version."""

import logging
from pathlib import Path

from fusion.card import model_card_text
from fusion.classifier import Classifier
from fusion.kinds import load
from fusion.record_reading import read_record
from fusion.training_record import TrainingRun, checked_name
from imagery.errors import ImageryError, UnreadableProduct
from imagery.scene import files_sha256

_log = logging.getLogger(__name__)


def list_models(folder: Path) -> list[TrainingRun]:
    """The records of all versions in a folder, by name, then by version.

    A damaged record is left out with a warning; a folder that does not exist has no
    models.
    """
    if not folder.is_dir():
        return []
    found = []
    for home in sorted(folder.iterdir()):
        if not home.is_dir() or home.name.startswith("."):
            continue
        for number in sorted(_versions(home)):
            try:
                found.append(_record(folder, home.name, number))
            except UnreadableProduct as error:
                _log.warning("%s", error)
    return found


def find_model(folder: Path, reference: str) -> TrainingRun:
    """The record of a model.

    Args:
        folder: Where models are kept.
        reference: "name" for its newest version, or "name@3".

    Raises:
        ImageryError: There is no such model; the message lists those there are.
        UnreadableProduct: Its record is damaged.
    """
    name, at, number = reference.partition("@")
    try:
        versions = _versions(folder / checked_name(name))
    except ValueError as error:
        raise ImageryError(str(error)) from error
    wanted = max(versions, default=0)
    if at:
        wanted = int(number) if number.isdecimal() and len(number) < 10 else 0
    if wanted not in versions:
        held = ", ".join(f"{one.name}@{one.version}" for one in list_models(folder))
        raise ImageryError(
            f"there is no model {reference} in {folder}; choose one of "
            f"{held or 'none: train one with `lucerna train`'}"
        )
    return _record(folder, name, wanted)


def load_model(folder: Path, reference: str) -> tuple[TrainingRun, Classifier]:
    """A model ready to classify, and its record.

    Args:
        folder: Where models are kept.
        reference: "name" for its newest version, or "name@3".

    Raises:
        ImageryError: There is no such model.
        UnreadableProduct: Its record or its file is damaged, was changed after the
            training, or holds what a model of its kind cannot hold.
    """
    run = find_model(folder, reference)
    path = folder / run.name / str(run.version) / run.model_file
    if not path.is_file():
        raise UnreadableProduct(f"no model file: {path}; train the model again")
    if files_sha256([path]) != run.sha256:
        raise UnreadableProduct(
            f"{path} is not the file that its record describes: the SHA-256 differs; "
            "restore both or train the model again"
        )
    return run, load(path, run)


def model_card(folder: Path, reference: str) -> str:
    """The card of a model as Markdown, made of its record.

    Raises:
        ImageryError: There is no such model, or its record is damaged.
    """
    return model_card_text(find_model(folder, reference))


def _versions(home: Path) -> list[int]:
    if not home.is_dir():
        return []
    return [
        int(one.name)
        for one in home.iterdir()
        if one.is_dir() and one.name.isdecimal() and str(int(one.name)) == one.name
    ]


def _record(folder: Path, name: str, number: int) -> TrainingRun:
    """The record of a version, as the folder that it stands in.

    Raises:
        UnreadableProduct: It is damaged or belongs to another model or version.
    """
    home = folder / name / str(number)
    run = read_record(home)
    if (run.name, run.version) != (name, number):
        raise UnreadableProduct(
            f"the record in {home} is of {run.name}@{run.version}; "
            "put the folder back where it was"
        )
    return run

"""A stack and a model into class, confidence and sensor-basis rasters."""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.classification_record import (
    NO_CLASS,
    NO_CONFIDENCE,
    ClassificationRecord,
    raster_paths,
    read_record,
    run_identifier,
    write_record,
)
from fusion.classifier import Classifier, sensor_basis
from fusion.features import check_features
from fusion.reading import open_features
from fusion.stack import NONE, FusedStack
from fusion.training_record import TrainingRun
from imagery.errors import ImageryError
from imagery.files import uninterrupted
from imagery.grid import ground_resolution_m
from imagery.result_record import held_record
from imagery.scene import files_sha256
from imagery.scene_record import scene_record
from imagery.stac import sidecar
from imagery.stream import Output, map_windows

_log = logging.getLogger(__name__)

Labels = tuple[NDArray[np.uint16], NDArray[np.uint8], NDArray[np.uint8]]


def classify(
    stack: FusedStack,
    run: TrainingRun,
    classifier: Classifier,
    out: Path,
    *,
    block: int = 512,
    progress: Callable[[int, int], None] | None = None,
) -> ClassificationRecord:
    """Write class, confidence and basis of a stack as COGs, and their record.

    Each pixel is decided by the sensors that are valid there: a cloudy one by radar
    alone, one with nothing valid has no class. Where `out` already holds the same
    run, nothing is written. The result does not depend on the window size.

    Args:
        stack: One or two scenes on one grid.
        run: The record of the model.
        classifier: The model.
        out: The class raster, `.tif`; the others get its stem.
        block: Side of a window in pixels.
        progress: Called with windows done and windows in all.

    Memory: the features of one window.

    Raises:
        ImageryError: A scene lacks bands of the model, the model knows nothing of a
            scene's sensor, or `out` cannot be written.
    """
    check_features(run.feature_set, stack.optical, stack.radar, run.name)
    if out.suffix.lower() not in (".tif", ".tiff") or not out.parent.is_dir():
        raise ImageryError(
            f"{out}: the class raster is a .tif in a folder that exists; "
            "give another name or make the folder"
        )
    parameters = {
        "optical_bands": list(run.feature_set.optical_bands if stack.optical else ()),
        "polarisations": list(run.feature_set.polarisations if stack.radar else ()),
        "context_px": run.feature_set.context_px,
        "clouds_known": (
            stack.optical is not None and stack.optical.classification is not None
        ),
    }
    code_version = version("lucerna-eo")
    identifier = run_identifier(parameters, run, stack.scenes, code_version)
    if (held := held_record(out, identifier, read_record)) is not None:
        _log.info("%s already holds run %s", out, identifier)
        return held
    started = datetime.now(UTC)
    wholes = raster_paths(out)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".lucerna-") as folder:
        parts = raster_paths(Path(folder) / out.name)
        _write(stack, run, classifier, parts, block, progress)
        digests = [files_sha256([one]) for one in parts]
        record = ClassificationRecord(
            run=identifier,
            parameters=parameters,
            model=run.name,
            model_version=run.version,
            model_kind=run.kind,
            model_sha256=run.sha256,
            scheme=run.scheme,
            classes=run.classes,
            optical=None if stack.optical is None else scene_record(stack.optical),
            radar=None if stack.radar is None else scene_record(stack.radar),
            started=started,
            ended=datetime.now(UTC),
            code_version=code_version,
            raster=parts[0],
            confidence=parts[1],
            basis=parts[2],
            sha256=digests[0],
            confidence_sha256=digests[1],
            basis_sha256=digests[2],
            resolution_m=ground_resolution_m(stack.geobox),
        )
        item = write_record(record)
        with uninterrupted():
            for part, whole in zip(
                (*parts, item), (*wholes, sidecar(out)), strict=True
            ):
                part.replace(whole)
    return replace(record, raster=wholes[0], confidence=wholes[1], basis=wholes[2])


def labels_of(
    classifier: Classifier,
    optical: NDArray[np.float32],
    radar: NDArray[np.float32],
) -> Labels:
    """Class, confidence and basis of pixels, each (n,).

    Args:
        classifier: The model.
        optical: (n, o) features, NaN where not valid.
        radar: (n, r) features, NaN where not valid.

    Returns:
        Class values uint16 with 0 for none; probability of that class in percent,
        uint8 with 255 for none; basis uint8, 0 where there is no class.
    """
    basis = sensor_basis(optical, radar)
    values = np.full(len(basis), NO_CLASS, np.uint16)
    confidence = np.full(len(basis), NO_CONFIDENCE, np.uint8)
    known = np.flatnonzero(basis != NONE)
    if known.size == 0:
        return values, confidence, basis
    probabilities = classifier.probabilities(optical[known], radar[known])
    told = np.isfinite(probabilities).all(axis=1)
    basis[known[~told]] = NONE
    known, probabilities = known[told], probabilities[told]
    best = probabilities.argmax(axis=1)
    values[known] = np.array(classifier.classes, np.uint16)[best]
    share = np.take_along_axis(probabilities, best[:, None], axis=1)[:, 0]
    confidence[known] = np.rint(100 * share.clip(0, 1)).astype(np.uint8)
    return values, confidence, basis


def _write(
    stack: FusedStack,
    run: TrainingRun,
    classifier: Classifier,
    paths: tuple[Path, Path, Path],
    block: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    with open_features(stack, run.feature_set) as opened:

        def label(*arrays: NDArray[Any]) -> list[NDArray[Any]]:
            halo = run.feature_set.halo
            height, width = (side - 2 * halo for side in arrays[0].shape[-2:])
            found = labels_of(classifier, *opened.features(*arrays))
            return [one.reshape(height, width) for one in found]

        map_windows(
            label,
            opened.sources,
            [
                Output(paths[0], "uint16", NO_CLASS),
                Output(paths[1], "uint8", NO_CONFIDENCE),
                Output(paths[2], "uint8", None),
            ],
            stack.geobox,
            block=block,
            halo=run.feature_set.halo,
            progress=progress,
        )

"""What a class raster says of itself: written beside it, read before a lift."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fusion.stack import BOTH, NONE, OPTICAL, RADAR
from fusion.training_record import ModelClass, TrainingRun, class_from_json
from imagery.errors import UnreadableProduct
from imagery.result_record import (
    checked_raster,
    checked_run,
    raster_asset,
    read_as,
    result_item,
    run_digest,
)
from imagery.scene import Scene
from imagery.scene_record import (
    SceneRecord,
    aware_time,
    iso_time,
    scene_from_json,
    scene_json,
)
from imagery.stac import read_item, sidecar, write_item

KIND = "classification"
NO_CLASS = 0
NO_CONFIDENCE = 255

_BASIS = {NONE: "none", OPTICAL: "Sentinel-2", RADAR: "Sentinel-1", BOTH: "both"}
_KEPT = {"beside": "class raster", "command": "lucerna classify"}


@dataclass(frozen=True)
class ClassificationRecord:
    """How a class raster came to be.

    Attributes:
        run: Short hash of model, parameters, inputs and code version: the same inputs
            give the same run.
        parameters: Features that were looked at, and whether clouds were known.
        model: Name of the model.
        model_version: Its version.
        model_kind: "forest" or "network".
        model_sha256: Of the model file.
        scheme: Scheme that class values are codes of; None without one.
        classes: Classes that the model tells apart.
        optical: The Sentinel-2 scene; None without one.
        radar: The Sentinel-1 scene; None without one.
        started: When the computation began.
        ended: When it was complete.
        code_version: Of the software that made it.
        raster: Class values, uint16, 0 for none.
        confidence: Probability of the class in percent, uint8, 255 for none.
        basis: Sensors used, uint8: 0 none, 1 Sentinel-2, 2 Sentinel-1, 3 both.
        sha256: Of the class raster.
        confidence_sha256: Of the confidence raster.
        basis_sha256: Of the basis raster.
        resolution_m: Side of a square with the ground area of the middle pixel.
    """

    run: str
    parameters: dict[str, Any]
    model: str
    model_version: int
    model_kind: str
    model_sha256: str
    scheme: str | None
    classes: tuple[ModelClass, ...]
    optical: SceneRecord | None
    radar: SceneRecord | None
    started: datetime.datetime
    ended: datetime.datetime
    code_version: str
    raster: Path
    confidence: Path
    basis: Path
    sha256: str
    confidence_sha256: str
    basis_sha256: str
    resolution_m: float

    @property
    def scenes(self) -> tuple[SceneRecord, ...]:
        """The scenes that there are, Sentinel-2 first."""
        return tuple(one for one in (self.optical, self.radar) if one is not None)


def raster_paths(out: Path) -> tuple[Path, Path, Path]:
    """Class, confidence and basis raster, named after the class raster."""
    return (
        out,
        out.with_name(f"{out.stem}-confidence.tif"),
        out.with_name(f"{out.stem}-basis.tif"),
    )


def run_identifier(
    parameters: dict[str, Any],
    model: TrainingRun,
    scenes: tuple[Scene, ...],
    code_version: str,
) -> str:
    """Twelve hex digits of SHA-256 over code version, parameters, model and inputs.

    An input is its pixels and how they are read: the same file described otherwise
    is another input.

    Args:
        parameters: Features that are looked at, and whether clouds are known.
        model: The record of the model.
        scenes: One or two scenes, Sentinel-2 first.
        code_version: Of the software.
    """
    return run_digest(
        {
            "code": code_version,
            "parameters": parameters,
            "model": [model.name, model.version, model.sha256],
            "scenes": [read_as(one, quantity=True) for one in scenes],
        }
    )


def write_record(record: ClassificationRecord) -> Path:
    """Write the STAC item beside the class raster; the path of the item.

    The item also describes the raster as a context raster: `read_context` reads it
    as it is.
    """
    meaning = {one.value: one.name for one in record.classes}
    item = result_item(
        record.raster,
        identifier=record.raster.stem,
        begins=min(one.begins for one in record.scenes),
        ends=max(one.ends for one in record.scenes),
        properties={
            "created": iso_time(record.ended),
            "lucerna:kind": KIND,
            "lucerna:sensor": "context",
            "lucerna:run": record.run,
            "lucerna:parameters": record.parameters,
            "lucerna:model": {
                "name": record.model,
                "version": record.model_version,
                "kind": record.model_kind,
                "sha256": record.model_sha256,
                "classes": [vars(one) for one in record.classes],
            },
            **({} if record.scheme is None else {"lucerna:scheme": record.scheme}),
            "lucerna:optical": _scene_or_none(record.optical),
            "lucerna:radar": _scene_or_none(record.radar),
            "lucerna:started": iso_time(record.started),
            "lucerna:ended": iso_time(record.ended),
            "lucerna:code_version": record.code_version,
            "lucerna:resolution_m": record.resolution_m,
            "lucerna:simulated": any(one.simulated for one in record.scenes),
            "description": (
                f"given by model {record.model}, version {record.model_version}"
            ),
        },
        assets={
            "data": raster_asset(record.raster, record.sha256, classes=meaning),
            "confidence": raster_asset(record.confidence, record.confidence_sha256),
            "basis": raster_asset(record.basis, record.basis_sha256, classes=_BASIS),
        },
    )
    return write_item(sidecar(record.raster), item)


def read_record(raster: Path) -> ClassificationRecord:
    """The record of a class raster.

    Raises:
        UnreadableProduct: When the raster has no item beside it, the item is of
            another kind or incomplete, or a raster has changed since.
    """
    item = read_item(sidecar(raster))
    told = item["properties"]
    if told.get("lucerna:kind") != KIND:
        raise UnreadableProduct(
            f"{raster}: the item beside it describes no classification; "
            "make one with `lucerna classify`"
        )
    try:
        model, assets = told["lucerna:model"], item["assets"]
        paths = {
            name: raster.parent / Path(str(asset["href"])).name
            for name, asset in assets.items()
        }
        return ClassificationRecord(
            run=checked_run(told["lucerna:run"]),
            parameters=dict(told["lucerna:parameters"]),
            model=str(model["name"]),
            model_version=int(model["version"]),
            model_kind=str(model["kind"]),
            model_sha256=str(model["sha256"]),
            scheme=told.get("lucerna:scheme"),
            classes=tuple(class_from_json(one) for one in model["classes"]),
            optical=_scene(told["lucerna:optical"]),
            radar=_scene(told["lucerna:radar"]),
            started=aware_time(told["lucerna:started"]),
            ended=aware_time(told["lucerna:ended"]),
            code_version=str(told["lucerna:code_version"]),
            raster=raster,
            confidence=paths["confidence"],
            basis=paths["basis"],
            sha256=checked_raster(raster, assets["data"], **_KEPT),
            confidence_sha256=checked_raster(
                paths["confidence"], assets["confidence"], **_KEPT
            ),
            basis_sha256=checked_raster(paths["basis"], assets["basis"], **_KEPT),
            resolution_m=float(told["lucerna:resolution_m"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableProduct(
            f"{sidecar(raster)}: the record of the class raster is incomplete "
            f"({error!r}); make the raster again with `lucerna classify`"
        ) from error


def _scene_or_none(record: SceneRecord | None) -> dict[str, Any] | None:
    return None if record is None else scene_json(record)


def _scene(told: dict[str, Any] | None) -> SceneRecord | None:
    return None if told is None else scene_from_json(told)

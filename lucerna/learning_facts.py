"""Results of training, classifying and cutting patches as plain facts to print."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from imagery.scene_record import iso_time

if TYPE_CHECKING:
    from fusion.classification_record import ClassificationRecord
    from fusion.training_record import TrainingRun
    from mining.catalogue.filling import Added

MODEL_COLUMNS = ("model", "version", "kind", "classes", "samples", "created")


def training_facts(run: "TrainingRun") -> dict[str, Any]:
    """What `lucerna train` tells of the model it made."""
    return {
        "model": f"{run.name}@{run.version}",
        "kind": run.kind,
        "classes": ", ".join(one.name for one in run.classes),
        "samples": _used(run),
        **{
            f"accuracy, {basis}": round(float(scores["overall"]), 4)
            for basis, scores in run.accuracy.items()
        },
        "sha256": run.sha256,
    }


def classification_facts(record: "ClassificationRecord") -> dict[str, Any]:
    """What `lucerna classify` tells of its raster."""
    return {
        "raster": str(record.raster),
        "confidence": str(record.confidence),
        "sensor basis": str(record.basis),
        "run": record.run,
        "model": f"{record.model}@{record.model_version}",
        "optical": record.optical.product_id if record.optical else None,
        "radar": record.radar.product_id if record.radar else None,
        "classes": ", ".join(one.name for one in record.classes),
    }


def model_rows(
    runs: Sequence["TrainingRun"],
) -> tuple[Sequence[str], list[dict[str, Any]]]:
    """One row for each version of each model."""
    rows = [
        {
            "model": run.name,
            "version": run.version,
            "kind": run.kind,
            "classes": len(run.classes),
            "samples": _used(run),
            "created": iso_time(run.created),
        }
        for run in runs
    ]
    return MODEL_COLUMNS, rows


def patch_facts(added: "Added") -> dict[str, Any]:
    """What `lucerna patches` tells of the scenes it cut."""
    return {
        "scenes": added.scenes,
        "patches": added.patches,
        "passed over": added.passed_over,
        "scenes held already": added.already,
    }


def _used(run: "TrainingRun") -> int:
    return sum(run.sample_counts["used"].values())

"""The walk from two sensors to a class raster: a model trained, a model applied."""

from collections.abc import Callable
from pathlib import Path

from etl.land_cover.class_scheme import class_labels
from etl.outputs import check_outputs
from fusion.classification_record import KIND, ClassificationRecord, raster_paths
from fusion.stack import FusedStack, fuse
from fusion.training_record import TrainingRun
from imagery.errors import ImageryError
from imagery.scene import open_scene, pixel_files


def open_stack(optical: Path | None, radar: Path | None) -> FusedStack:
    """A Sentinel-2 and a Sentinel-1 product on one grid; either may be missing.

    Raises:
        ImageryError: Neither is given, or they cannot be joined.
    """
    if optical is None and radar is None:
        raise ImageryError(
            "no product is given; name one with --optical, --radar or both"
        )
    return fuse(
        None if optical is None else open_scene(optical),
        None if radar is None else open_scene(radar),
    )


def train_model(
    samples: Path,
    optical: Path | None,
    radar: Path | None,
    *,
    name: str,
    folder: Path,
    kind: str,
    class_column: str,
    scheme: str | None,
    seed: int,
    samples_crs: str | None = None,
    samples_layer: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TrainingRun:
    """Train a model on labelled points or polygons and keep it as a new version.

    Args:
        samples: Vector file with a column of classes.
        optical: Sentinel-2 product, or None.
        radar: Sentinel-1 product, or None.
        name: Of the model; each training adds a version.
        folder: Where models are kept.
        kind: "forest" or "network".
        class_column: Column of the classes.
        scheme: Scheme that the classes are codes of, "clc"; None without one.
        seed: Of everything random in the training.
        samples_crs: CRS of samples that state none.
        samples_layer: Layer of a GeoPackage with several.
        progress: Called with steps done and steps in all.

    Raises:
        ImageryError: The products or samples cannot be used, or the scheme is unknown.
    """
    from fusion.training import train

    return train(
        open_stack(optical, radar),
        samples,
        name=name,
        folder=folder,
        kind=kind,
        class_column=class_column,
        scheme=scheme,
        class_names=None if scheme is None else class_labels(scheme),
        seed=seed,
        samples_crs=samples_crs,
        samples_layer=samples_layer,
        progress=progress,
    )


def classify_scene(
    optical: Path | None,
    radar: Path | None,
    out: Path,
    *,
    model: str,
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
) -> ClassificationRecord:
    """Write class, confidence and sensor-basis rasters of a scene, and their record.

    Args:
        optical: Sentinel-2 product, or None.
        radar: Sentinel-1 product, or None.
        out: The class raster, `.tif`; the others get its stem.
        model: Name of a model, or `name@version`.
        folder: Where models are kept.
        progress: Called with windows done and windows in all.

    Raises:
        ImageryError: A product or the model cannot be used, or the model needs
            bands that the product lacks.
    """
    from fusion.classify import classify
    from fusion.registry import load_model

    stack = open_stack(optical, radar)
    inputs = [one for one in (optical, radar) if one is not None]
    inputs += pixel_files(*(one for one in (stack.optical, stack.radar) if one))
    check_outputs(out, raster_paths(out)[1:], (), inputs, KIND)
    run, classifier = load_model(folder, model)
    return classify(stack, run, classifier, out, progress=progress)

"""The verbs of models and patches: train, classify, models, patches."""

import enum
import sys
from pathlib import Path
from typing import Annotated

import typer

from lucerna.console import print_facts, print_json, print_rows, progress_bar
from lucerna.options import AsJson, Kb, folder_of, server_of

learning = typer.Typer()
models = typer.Typer(help="List trained models, or show the card of one.")
learning.add_typer(models, name="models")

Optical = Annotated[Path | None, typer.Option(help="Sentinel-2 product.")]
Radar = Annotated[Path | None, typer.Option(help="Sentinel-1 product.")]


class ModelKind(enum.StrEnum):
    """What kind of model is trained."""

    forest = "forest"
    network = "network"


@learning.command()
def train(
    context: typer.Context,
    samples: Annotated[Path, typer.Argument(help="Labelled points or polygons.")],
    name: Annotated[str, typer.Option(help="Of the model, such as crops.")],
    optical: Optical = None,
    radar: Radar = None,
    kind: Annotated[ModelKind, typer.Option(help="What to train.")] = ModelKind.forest,
    class_column: Annotated[str, typer.Option(help="Column of classes.")] = "class",
    scheme: Annotated[str | None, typer.Option(help="Of the classes: clc.")] = None,
    seed: Annotated[
        int, typer.Option(help="Of everything random.", min=0, max=2**32 - 1)
    ] = 0,
    samples_crs: Annotated[
        str | None, typer.Option(help="Where they state none: EPSG:31370.")
    ] = None,
    samples_layer: Annotated[str | None, typer.Option(help="Of a GeoPackage.")] = None,
    kb: Kb = None,
    as_json: AsJson = False,
) -> None:
    """Train a land-cover model on labelled places of a scene."""
    from etl.land_cover.classifying import train_model
    from lucerna.learning_facts import training_facts

    with progress_bar("training") as progress:
        run = train_model(
            samples,
            optical,
            radar,
            name=name,
            folder=folder_of(context, kb) / "models",
            kind=kind.value,
            class_column=class_column,
            scheme=scheme,
            seed=seed,
            samples_crs=samples_crs,
            samples_layer=samples_layer,
            progress=progress,
        )
    print_facts(training_facts(run), as_json)


@learning.command()
def classify(
    context: typer.Context,
    model: Annotated[str, typer.Option(help="Name, or name@version.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Class raster, .tif")],
    optical: Optical = None,
    radar: Radar = None,
    kb: Kb = None,
    as_json: AsJson = False,
) -> None:
    """Classify a scene: rasters of class, confidence and sensor basis."""
    from etl.land_cover.classifying import classify_scene
    from lucerna.learning_facts import classification_facts

    with progress_bar("classifying") as progress:
        record = classify_scene(
            optical,
            radar,
            out,
            model=model,
            folder=folder_of(context, kb) / "models",
            progress=progress,
        )
    print_facts(classification_facts(record), as_json)


@models.command("list")
def list_all(context: typer.Context, kb: Kb = None, as_json: AsJson = False) -> None:
    """List the trained models, each version."""
    from fusion.registry import list_models
    from lucerna.learning_facts import model_rows

    columns, rows = model_rows(list_models(folder_of(context, kb) / "models"))
    if as_json:
        print_json(rows)
    else:
        print_rows(columns, rows)


@models.command("show")
def show(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="Name, or name@version.")],
    kb: Kb = None,
) -> None:
    """Print the card of a model."""
    from fusion.registry import model_card

    sys.stdout.write(model_card(folder_of(context, kb) / "models", model))


@learning.command()
def patches(
    context: typer.Context,
    scenes: Annotated[list[Path], typer.Argument(help="Products to cut.")],
    size: Annotated[int, typer.Option(help="Side of a patch, pixels.", min=8)] = 64,
    kb: Kb = None,
    as_json: AsJson = False,
) -> None:
    """Cut scenes into patches, describe them, put them in the catalogue."""
    from imagery.scene import require_products
    from lucerna.database import open_catalogue
    from lucerna.learning_facts import patch_facts
    from lucerna.wiring import catalogue_address, make_knowledge_base
    from mining.catalogue.filling import add_scenes

    require_products(scenes)
    with (
        open_catalogue(
            catalogue_address(folder_of(context, kb), context.obj.database)
        ) as catalogue,
        progress_bar("cutting") as progress,
    ):
        added = add_scenes(catalogue, scenes, size=size, progress=progress)
    make_knowledge_base(folder_of(context, kb), server_of(context))
    print_facts(patch_facts(added), as_json)

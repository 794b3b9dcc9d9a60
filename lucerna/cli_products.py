"""The verbs of products and rasters: tell what one is, describe one."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lucerna.console import print_facts, print_json
from lucerna.options import AsJson

products = typer.Typer()


@products.command()
def info(
    product: Annotated[
        Path, typer.Argument(help="SAFE folder or zip, or described raster.")
    ],
    stac: Annotated[
        bool, typer.Option("--stac", help="The STAC item instead, as JSON.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what a product is."""
    from imagery.scene import open_scene
    from lucerna.facts import item_of, scene_facts

    if stac:
        print_json(item_of(product))
    else:
        print_facts(scene_facts(open_scene(product)), as_json)


@products.command()
def describe(
    rasters: Annotated[list[Path], typer.Argument(help="Without metadata.")],
    sensor: Annotated[str, typer.Option(help="sentinel-2-l2a, sentinel-1-grd, …")],
    datetime: Annotated[str, typer.Option(help="UTC time, or two with a slash.")],
    bands: Annotated[str | None, typer.Option(help="Names, with commas.")] = None,
    scale: Annotated[float | None, typer.Option(help="Factor to values.")] = None,
    offset: Annotated[float | None, typer.Option(help="Added to values.")] = None,
    nodata: Annotated[float | None, typer.Option(help="Number of no data.")] = None,
    metadata: Annotated[Path | None, typer.Option(help="MTD_MSIL2A.xml")] = None,
    quantity: Annotated[
        str | None, typer.Option(help="Of radar: db, linear, amplitude.")
    ] = None,
    scheme: Annotated[str | None, typer.Option(help="Of a context: clc.")] = None,
    note: Annotated[str | None, typer.Option(help="Origin or quality.")] = None,
) -> None:
    """Write the STAC item that tells what a plain raster is; one for each raster."""
    from imagery.stac import describe_raster, parse_datetime

    begins, ends = parse_datetime(datetime)
    for raster in rasters:
        item = describe_raster(
            raster,
            sensor=sensor,
            begins=begins,
            ends=ends,
            bands=None if bands is None else [one.strip() for one in bands.split(",")],
            scale=scale,
            offset=offset,
            nodata=nodata,
            metadata=metadata,
            quantity=quantity,
            note=note,
            classes_scheme=scheme,
        )
        sys.stdout.write(f"{item}\n")

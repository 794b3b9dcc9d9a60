"""The verbs of products and rasters: tell what one is, describe one."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lucerna.console import print_facts, print_json, say
from lucerna.options import AsJson

products = typer.Typer()


@products.command()
def info(
    product: Annotated[
        Path, typer.Argument(help="SAFE folder or zip, or what is described.")
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
    rasters: Annotated[
        list[Path], typer.Argument(help="Rasters, folders of band files, NetCDF.")
    ],
    sensor: Annotated[str, typer.Option(help="sentinel-2-l2a, sentinel-1-grd, …")],
    datetime: Annotated[
        str | None, typer.Option(help="UTC time, or two with a slash; of NetCDF one.")
    ] = None,
    bands: Annotated[
        str | None, typer.Option(help="Names, with commas; or BAND=NAME.")
    ] = None,
    scale: Annotated[float | None, typer.Option(help="Factor to values.")] = None,
    offset: Annotated[float | None, typer.Option(help="Added to values.")] = None,
    nodata: Annotated[float | None, typer.Option(help="Number of no data.")] = None,
    metadata: Annotated[Path | None, typer.Option(help="MTD_MSIL2A.xml")] = None,
    quantity: Annotated[
        str | None, typer.Option(help="Of radar: db, linear, amplitude.")
    ] = None,
    scheme: Annotated[str | None, typer.Option(help="Of a context: clc.")] = None,
    crs: Annotated[str | None, typer.Option(help="Of a NetCDF without one.")] = None,
    note: Annotated[str | None, typer.Option(help="Origin or quality.")] = None,
) -> None:
    """Write the STAC item that tells what a raster, folder or NetCDF is."""
    from imagery.describing import describe as written
    from imagery.told import Told

    named = None if bands is None else [one.strip() for one in bands.split(",")]
    told = Told(sensor, named, scale, offset, nodata, metadata, quantity, scheme, note)
    for raster in rasters:
        items, lacking = written(raster, told, when=datetime, crs=crs)
        for item in items:
            sys.stdout.write(f"{item}\n")
        if lacking:
            say(f"{raster} lacks {', '.join(lacking)} of {sensor}")

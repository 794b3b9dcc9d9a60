"""The verbs that fill and keep a knowledge base: load, back up, restore, count."""

from pathlib import Path
from typing import Annotated

import typer

from lucerna.console import (
    print_facts,
    print_facts_of_each,
    print_json,
    progress_bar,
)
from lucerna.options import (
    AsJson,
    Kb,
    UnitId,
    UnitLevel,
    UnitName,
    UnitsCrs,
    UnitsLayer,
    folder_of,
    server_of,
)

care = typer.Typer()


@care.command()
def load(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="RDF (.ttl .nt .nq .jsonld .rdf, also .gz), or vector files of units."
        ),
    ],
    graph: Annotated[
        str | None, typer.Option(help="IRI of the graph of the one file of RDF.")
    ] = None,
    check: Annotated[
        bool, typer.Option(help="Refuse facts that break a shape or rule.")
    ] = True,
    kb: Kb = None,
    unit_level: UnitLevel = None,
    unit_id: UnitId = None,
    unit_name: UnitName = None,
    units_crs: UnitsCrs = None,
    units_layer: UnitsLayer = None,
    as_json: AsJson = False,
) -> None:
    """Load files of RDF or of units, a named graph each, over those of that name."""
    from lucerna.loading import load_files, parted
    from lucerna.vector_files import read_territories
    from lucerna.wiring import open_sink

    columns = {"id_column": unit_id, "name_column": unit_name}
    place = {"crs": units_crs, "layer": units_layer}
    rdf, units = parted(files)
    territories = read_territories(units, level=unit_level, **columns, **place)
    with progress_bar("loading") as progress:
        facts = load_files(
            rdf,
            territories,
            open_sink(folder_of(context, kb), server_of(context)),
            iri_base=context.obj.iri_base,
            graph=graph,
            check=check,
            progress=progress,
        )
    print_facts_of_each(facts, as_json)


@care.command()
def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Is made; or empty.")],
    kb: Kb = None,
    as_json: AsJson = False,
) -> None:
    """Copy the knowledge base to a folder, while no other process holds it."""
    from lucerna.backup import back_up, check_server

    check_server(server_of(context))
    with progress_bar("backing up") as progress:
        copied = back_up(folder_of(context, kb), folder, progress)
    print_facts(copied.facts(context.obj.database is not None), as_json)


@care.command()
def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Made by `backup`.")],
    kb: Kb = None,
    as_json: AsJson = False,
) -> None:
    """Make a knowledge base from a backup that is as it was made."""
    from lucerna.backup import check_server
    from lucerna.backup import restore as restored

    check_server(server_of(context))
    with progress_bar("restoring") as progress:
        copied = restored(folder, folder_of(context, kb), progress)
    print_facts(copied.facts(context.obj.database is not None), as_json)


@care.command()
def reindex(context: typer.Context, kb: Kb = None, as_json: AsJson = False) -> None:
    """Make the spatial index anew, and the facts of which things meet."""
    from lucerna.stats import make_index

    print_facts(make_index(folder_of(context, kb), server_of(context)), as_json)


@care.command()
def stats(context: typer.Context, kb: Kb = None, as_json: AsJson = False) -> None:
    """Tell what the knowledge base holds and how much room it takes."""
    from lucerna.stats import base_stats, told_stats

    counted = base_stats(folder_of(context, kb), server_of(context))
    if as_json:
        print_json(counted)
    else:
        print_facts(told_stats(counted), as_json)

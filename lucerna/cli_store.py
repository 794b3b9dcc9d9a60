"""The verbs of the store: load files into it."""

from pathlib import Path
from typing import Annotated

import typer

from lucerna.console import print_facts_of_each, progress_bar
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

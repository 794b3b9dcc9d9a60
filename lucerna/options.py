"""Options that several verbs share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kb_api.sparql_server import SparqlServer

Kb = Annotated[
    Path | None,
    typer.Option("--kb", help="Folder of the knowledge base. [LUCERNA_KB]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
UnitLevel = Annotated[str | None, typer.Option(help="Such as district.")]
UnitId = Annotated[str | None, typer.Option(help="Column of identifiers.")]
UnitName = Annotated[str | None, typer.Option(help="Column of names.")]
UnitsCrs = Annotated[
    str | None, typer.Option(help="Where they state none: EPSG:31370.")
]
UnitsLayer = Annotated[str | None, typer.Option(help="Of a GeoPackage.")]

DAY = ["%Y-%m-%d"]
"""The form of an option that is a day."""


def folder_of(context: typer.Context, kb: Path | None) -> Path:
    """The knowledge base named on the command line, else the one of the settings."""
    folder: Path = context.obj.kb if kb is None else kb
    return folder


def server_of(context: typer.Context) -> "SparqlServer | None":
    """The SPARQL server that keeps the facts by the settings; None: the folder does."""
    query, update = context.obj.sparql, context.obj.sparql_update
    if query is None:
        return None
    from kb_api.sparql_server import SparqlServer

    return SparqlServer(query, update or query)

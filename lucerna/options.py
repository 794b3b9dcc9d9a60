"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

Kb = Annotated[
    Path | None,
    typer.Option("--kb", help="Folder of the knowledge base. [LUCERNA_KB]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


DAY = ["%Y-%m-%d"]
"""The form of an option that is a day."""


def folder_of(context: typer.Context, kb: Path | None) -> Path:
    """The knowledge base named on the command line, else the one of the settings."""
    folder: Path = context.obj.kb if kb is None else kb
    return folder

"""The verbs of judgement: report on damage, evaluate accuracy."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from lucerna.console import print_facts, print_json, progress_bar
from lucerna.options import AsJson, Kb, folder_of, server_of

reports = typer.Typer()


class Subject(enum.StrEnum):
    """What is evaluated."""

    change = "change"
    fusion = "fusion"
    mining = "mining"


@reports.command()
def report(
    context: typer.Context,
    parcels: Annotated[Path, typer.Option(help="Vector file of the parcels.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write into.")],
    event: Annotated[Path | None, typer.Option(help="Event in Turtle.")] = None,
    peril: Annotated[str | None, typer.Option(help="Such as frost.")] = None,
    begins: Annotated[str | None, typer.Option("--from", help="UTC time.")] = None,
    ends: Annotated[str | None, typer.Option("--to", help="UTC time.")] = None,
    change: Annotated[Path | None, typer.Option(help="By `lucerna change`.")] = None,
    kb: Kb = None,
    as_json: AsJson = False,
) -> None:
    """Report the damage of an event in parcels: HTML, CSV, GeoJSON, manifest."""
    from lucerna.damage.reporting import report_damage

    with progress_bar("assessing") as progress:
        facts = report_damage(
            folder_of(context, kb),
            parcels,
            out,
            event=event,
            peril=peril,
            begins=begins,
            ends=ends,
            change=change,
            iri_base=context.obj.iri_base,
            server=server_of(context),
            progress=progress,
        )
    print_facts(facts, as_json)


@reports.command()
def evaluate(
    subject: Annotated[Subject, typer.Argument(help="change, fusion or mining")],
    data: Annotated[Path, typer.Option(help="Folder of the reference data.")],
    quick: Annotated[bool, typer.Option(help="Only a part, in half a minute.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print our accuracy beside simple baselines, measured in this run."""
    from lucerna.evaluation.run import evaluate_subject, print_tables

    with progress_bar(f"evaluating {subject.value}") as progress:
        scores = evaluate_subject(subject.value, data, quick=quick, progress=progress)
    if as_json:
        print_json([dict(vars(one)) for one in scores])
    else:
        print_tables(scores)

"""The command: each verb parses, calls one pipeline, prints."""

import dataclasses
import enum
import sys
from datetime import datetime as Day
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lucerna.cli_learning import learning
from lucerna.cli_products import products
from lucerna.cli_reports import reports
from lucerna.cli_store import care
from lucerna.console import (
    INTERRUPTED,
    configure_logging,
    exit_codes,
    print_facts,
    print_facts_of_each,
    print_json,
    print_rows,
    progress_bar,
    say,
)
from lucerna.options import (
    DAY,
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

if TYPE_CHECKING:
    from kb_api.sparql_server import SparqlServer
    from lucerna.settings import Settings

app = typer.Typer(
    name="lucerna",
    help="A semantic knowledge base for Earth observation: change, facts, answers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(products)
app.add_typer(learning)
app.add_typer(reports)
app.add_typer(care)

_OUT = "File to write: .geojson, .gpkg, .parquet or .csv"

Seed = Annotated[
    int,
    typer.Option(help="Another seed gives another landscape.", min=0, max=2**32 - 1),
]


class ResultFormat(enum.StrEnum):
    """How `sparql` prints results; a graph has the last four forms."""

    table = "table"
    json = "json"
    xml = "xml"
    csv = "csv"
    tsv = "tsv"
    geojson = "geojson"
    turtle = "turtle"
    ntriples = "ntriples"
    jsonld = "jsonld"
    rdfxml = "rdfxml"


def main() -> None:
    """Run the command; errors become one line and an exit code."""
    with exit_codes():
        code = app(standalone_mode=False)
        if code == INTERRUPTED:  # the parser has caught Ctrl-C and says nothing
            raise KeyboardInterrupt
        raise SystemExit(code if isinstance(code, int) else 0)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"lucerna {version('lucerna-eo')}\n")
        raise typer.Exit


@app.callback()
def _start(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_tell_version,
            is_eager=True,
            help="Tell the version and stop.",
        ),
    ] = False,
) -> None:
    from lucerna.settings import load_settings

    context.obj = load_settings()
    configure_logging(context.obj.log_level)


@app.command()
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where everything is written.")],
    serve: Annotated[bool, typer.Option(help="Start the service at the end.")] = True,
    seed: Seed = 2017,
) -> None:
    """Run the whole walk on the simulated sample, ask some questions, serve."""
    from lucerna.demo import run_demo
    from lucerna.serving import check_port
    from lucerna.wiring import catalogue_address

    if serve:
        check_port(context.obj.host, context.obj.port)
    run_demo(
        folder,
        seed=seed,
        iri_base=context.obj.iri_base,
        catalogue=catalogue_address(folder / "kb", context.obj.database),
    )
    if serve:
        _serve(folder / "kb", context.obj, None)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Where the sample is written.")],
    seed: Seed = 2017,
    change: Annotated[bool, typer.Option(help="Plant frost, pruning, mowing.")] = True,
) -> None:
    """Write the simulated sample: both sensors, units, points, weather, truth."""
    from imagery.synthetic import write_sample

    written = write_sample(folder, seed=seed, no_change=not change)
    for path in dataclasses.asdict(written).values():
        if isinstance(path, Path):
            sys.stdout.write(f"{path}\n")


@app.command()
def serve(
    context: typer.Context,
    kb: Kb = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on.", min=0, max=65535)
    ] = None,
) -> None:
    """Serve the pages, the REST API and the SPARQL endpoint."""
    given = {"host": host, "port": port}
    told = {name: value for name, value in given.items() if value is not None}
    settings = context.obj.model_copy(update=told)
    _serve(folder_of(context, kb), settings, server_of(context))


@app.command()
def change(
    before: Annotated[Path, typer.Argument(help="The earlier product.")],
    after: Annotated[Path, typer.Argument(help="The later product.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Raster of scores, .tif")],
    method: Annotated[
        str, typer.Option(help="spectral-angle, cva, encoder or rbr")
    ] = "spectral-angle",
    regions: Annotated[Path | None, typer.Option(help=_OUT)] = None,
    region_level: Annotated[
        Literal["low", "middle", "high"],
        typer.Option(help="Weakest change that makes a region here."),
    ] = "middle",
    as_json: AsJson = False,
) -> None:
    """Compare two scenes: a raster of scores 0 to 100, and regions of change."""
    from etl.pipelines import detect_change, regions_of
    from imagery.vectors.writing import check_vector_output
    from lucerna.facts import change_facts
    from lucerna.vector_files import write_regions

    if regions is not None:
        check_vector_output(regions, (before, after))
    with progress_bar("comparing") as progress:
        record = detect_change(
            before,
            after,
            out,
            method=method,
            beside=[] if regions is None else [regions],
            progress=progress,
        )
    found = regions_of(out, region_level)
    if regions is not None:
        write_regions(regions, found)
    print_facts(change_facts(record, found), as_json)


@app.command()
def lift(
    context: typer.Context,
    rasters: Annotated[
        list[Path], typer.Argument(help="By `change` or `classify`; or products.")
    ],
    units: Annotated[list[Path], typer.Option(help="Vector file; may be repeated.")],
    land_cover: Annotated[
        list[Path] | None, typer.Option(help="Class raster; for all, or one for each.")
    ] = None,
    weather: Annotated[Path | None, typer.Option(help="Folder or CSV file.")] = None,
    weather_mapping: Annotated[
        str | None, typer.Option(help="TOML file, or name of a ready one.")
    ] = None,
    weather_since: Annotated[Day | None, typer.Option(formats=DAY)] = None,
    weather_until: Annotated[Day | None, typer.Option(formats=DAY)] = None,
    kb: Kb = None,
    unit_level: UnitLevel = None,
    unit_id: UnitId = None,
    unit_name: UnitName = None,
    units_crs: UnitsCrs = None,
    units_layer: UnitsLayer = None,
    as_json: AsJson = False,
) -> None:
    """Lift change or class rasters, or products, into facts per unit; load them."""
    from lucerna.lifting import lift_rasters, wanted_weather
    from lucerna.vector_files import read_territories
    from lucerna.wiring import open_sink

    columns = {"id_column": unit_id, "name_column": unit_name}
    place = {"crs": units_crs, "layer": units_layer}
    told = wanted_weather(weather, weather_mapping, weather_since, weather_until)
    territories = read_territories(units, level=unit_level, **columns, **place)
    with progress_bar("lifting") as progress:
        facts = lift_rasters(
            rasters,
            territories,
            open_sink(folder_of(context, kb), server_of(context)),
            iri_base=context.obj.iri_base,
            land_covers=land_cover or [],
            weather=told,
            progress=progress,
        )
    print_facts_of_each(facts, as_json)


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="Its name.")] = None,
    values: Annotated[list[str] | None, typer.Argument(help="name=value …")] = None,
    kb: Kb = None,
    explain: Annotated[bool, typer.Option(help="Tell what it asks.")] = False,
    out: Annotated[Path | None, typer.Option("-o", "--out", help=_OUT)] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a named question; without a name, list the questions.

    Text leaves out the IRIs and shapes that --json has.
    """
    from lucerna.answer_files import question_of, write_answer
    from lucerna.asking import ask_question, explain_question, list_questions

    folder, server, given = folder_of(context, kb), server_of(context), values or []
    if out is not None:
        asked = question_of(out, question, explain)
        print_facts(write_answer(folder, asked, given, out, server), as_json)
        return
    hints: list[str] = []
    if question is None:
        columns, rows = list_questions()
    elif explain:
        columns, rows = explain_question(question)
    else:
        (columns, rows), hints = ask_question(folder, question, given, server)
    if as_json:
        print_json(rows)
    else:
        print_rows(columns, rows)
        say(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}")
    for hint in hints:
        say(hint)


@app.command()
def sparql(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="SPARQL, @FILE, or - for stdin.")],
    kb: Kb = None,
    form: Annotated[ResultFormat, typer.Option("--format")] = ResultFormat.table,
    regime: Annotated[
        str, typer.Option(help="What it sees: simple, rdfs or rdfs+rewrite.")
    ] = "simple",
    as_json: AsJson = False,
) -> None:
    """Run a SPARQL 1.1 query on the knowledge base, read only."""
    from kb_api.outcome import regime_named
    from lucerna.asking import read_query, run_query

    asked = ResultFormat.json if as_json else form
    folder, server = folder_of(context, kb), server_of(context)
    seen = regime_named(regime)
    columns, rows, text, faults = run_query(
        folder, read_query(query), asked, seen, server
    )
    if text is None:
        print_rows(columns, rows)
    else:
        sys.stdout.write(text)
    for fault in faults:
        say(fault)


def _serve(folder: Path, settings: "Settings", server: "SparqlServer | None") -> None:
    from kb_api.endpoint.written import Limits
    from lucerna.serving import serve_knowledge_base
    from lucerna.wiring import catalogue_address

    token = settings.write_token
    serve_knowledge_base(
        folder,
        host=settings.host,
        port=settings.port,
        hosts=settings.allowed_hosts.split(),
        catalogue=catalogue_address(folder, settings.database),
        iri_base=settings.iri_base,
        limits=Limits(settings.query_timeout_s, settings.query_rows),
        write_token=None if token is None else token.get_secret_value(),
        server=server,
    )

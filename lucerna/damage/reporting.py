"""A damage report from files and options, outside the service."""

from pathlib import Path
from typing import Any

from imagery.stac import parse_datetime
from kb_api.sparql_server import SparqlServer
from lucerna.console import Progress
from mining.damage.assessment import Event
from ontology.errors import QueryRejected


def report_damage(
    folder: Path,
    parcels: Path,
    out: Path,
    *,
    event: Path | None,
    peril: str | None,
    begins: str | None,
    ends: str | None,
    change: Path | None,
    iri_base: str,
    server: SparqlServer | None,
    progress: Progress | None,
) -> dict[str, Any]:
    """Assess parcels, keep the report in the knowledge base, write it into a folder.

    Args:
        folder: The knowledge base.
        parcels: Vector file.
        out: Folder of the files; made if missing.
        event: Turtle file of the event; or None, then the next three are given.
        peril: Word of the peril scheme, such as "frost".
        begins: UTC time at which the event began.
        ends: UTC time at which it ended.
        change: Change raster to use; None chooses one of the knowledge base.
        iri_base: Beginning of every minted IRI.
        server: Keeps the facts instead of the folder.
        progress: Called with parcels done and parcels in all.

    Raises:
        ImageryError: Parcels or raster cannot be used.
        KnowledgeError: The event is not told, or no images bracket it.
    """
    from imagery.scene import files_sha256
    from lucerna.asking import open_existing
    from lucerna.damage.service import make_report
    from lucerna.wiring import open_knowledge_base

    told = _event(event, peril, begins, ends)
    opened = open_existing if change is None else open_knowledge_base
    with opened(folder, server) as base:
        made = make_report(
            base,
            parcels,
            told,
            out,
            iri_base=iri_base,
            change=change,
            event_sha256=None if event is None else files_sha256([event]),
            progress=progress,
        )
    return {
        "report": made.iri,
        "folder": str(made.folder),
        **{f"{word} parcels": count for word, count in made.grades.items()},
        "files": ", ".join(made.files),
    }


def _event(
    file: Path | None, peril: str | None, begins: str | None, ends: str | None
) -> Event:
    given = (peril, begins, ends)
    if file is not None and any(one is not None for one in given):
        raise QueryRejected(
            f"{file}: the event is told twice; give --event, or --peril, --from, --to"
        )
    if file is not None:
        from etl.damage.events import read_event

        return read_event(file)
    if peril is None or begins is None or ends is None:
        raise QueryRejected(
            "no event is told; give --event FILE.ttl, or --peril, --from and --to"
        )
    first, last = parse_datetime(f"{begins}/{ends}")
    return Event(f"{peril}-{first:%Y-%m-%d}", peril, first, last)

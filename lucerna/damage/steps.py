"""The steps of a damage report: plan, assess, freeze."""

import contextlib
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from imagery.errors import ImageryError
from imagery.quicklook import read_picture
from kb_api.lookups import named_node, rows
from kb_api.reports.files import report_files

if TYPE_CHECKING:
    from etl.damage.plan import DamagePlan
    from lucerna.wiring import KnowledgeBase
    from mining.damage.assessment import Event

GraphBytes: TypeAlias = dict[str, tuple[str, bytes]]


def plan_report(
    base: "KnowledgeBase",
    parcels: Path,
    parcels_name: str,
    event: "Event",
    event_sha256: str | None,
    result: str | None,
    iri_base: str,
) -> "DamagePlan":
    """What a report will be made from.

    Raises:
        ImageryError: No file of parcels, or images that do not bracket the event.
        KnowledgeError: There are no rules for the peril.
    """
    from etl.damage.plan import DamagePlan, check_plan, plan_nights
    from etl.damage.rules import damage_rules
    from imagery.vectors.features import vector_sha256
    from lucerna.damage.choice import choose_record, nights_between

    if not parcels.is_file():
        raise ImageryError(f"{parcels}: there is no such file; check the path")
    rules = damage_rules(event.peril)
    plan = DamagePlan(
        parcels=parcels,
        parcels_name=parcels_name,
        parcels_sha256=vector_sha256(parcels),
        event=event,
        event_sha256=event_sha256,
        rules=rules,
        record=choose_record(base.store, base.evidence, event, rules, result),
        nights=plan_nights(event, rules, nights_between(base.store, event)),
        iri_base=iri_base,
        code_version=version("lucerna-eo"),
        issued=datetime.now(UTC).replace(microsecond=0),
    )
    check_plan(plan)
    return plan


def assessed_graphs(
    plan: "DamagePlan", progress: Callable[[int, int], None] | None = None
) -> GraphBytes:
    """The graphs of a report, validated: graph IRI to label and N-Triples.

    Raises:
        ImageryError: The file has no parcel.
        InvalidGraph: The facts break a shape or rule.
    """
    from etl.damage.plan import assess_plan, damage_graphs
    from etl.iris import Iris
    from etl.validate import validate

    graphs = damage_graphs(Iris(plan.iri_base), assess_plan(plan, progress))
    validate(one.facts for one in graphs.values())
    return {
        str(iri): (one.label, one.facts.serialize(format="nt", encoding="utf-8"))
        for iri, one in graphs.items()
    }


def known_result(base: "KnowledgeBase", change: Path, iri_base: str) -> str:
    """IRI of the result of a change raster, which is loaded where it is not known."""
    from etl.iris import Iris
    from etl.pipelines import lift
    from mining.change.record import read_record

    record = read_record(change)
    result = str(Iris(iri_base).result(record.run))
    kept = (base.evidence / f"{record.run}.tif").is_file()
    if not kept or not rows(base.store, "is_result", result=named_node(result)):
        lift(change, (), lambda: contextlib.nullcontext(base), iri_base=iri_base)
    return result


def is_known(base: "KnowledgeBase", iri_base: str, report: str) -> bool:
    """Whether the graph holds a report."""
    node = named_node(report_iri(iri_base, report))
    return bool(rows(base.store, "report", report=node))


def report_iri(iri_base: str, report: str) -> str:
    """The IRI of a report."""
    from etl.iris import Iris

    return str(Iris(iri_base).report(report))


def freeze(base: "KnowledgeBase", iri_base: str, report: str) -> Path:
    """The folder with the files of a report, written once and kept since."""
    folder = base.folder / "reports" / report
    if folder.is_dir():
        return folder
    iri = report_iri(iri_base, report)
    files = report_files(base.store, iri, _pictures(base, iri))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as made:
        whole = Path(made) / report
        whole.mkdir()
        for name, content in files.items():
            (whole / name).write_bytes(content)
        with contextlib.suppress(FileExistsError):
            whole.rename(folder)
    return folder


def _pictures(base: "KnowledgeBase", iri: str) -> dict[str, bytes]:
    """The pictures of both images that the base keeps."""
    about = rows(base.store, "report", report=named_node(iri))[0]
    named = {which: about[f"quicklook_{which}"] for which in ("before", "after")}
    return {
        which: read_picture(base.pictures / str(name))
        for which, name in named.items()
        if name is not None and (base.pictures / str(name)).is_file()
    }

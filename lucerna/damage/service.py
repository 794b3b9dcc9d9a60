"""Damage reports: made at once, or by a service in worker processes."""

import logging
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagery.errors import ImageryError
from imagery.files import replaced
from kb_api.lookups import rows
from kb_api.reports.facts import damage_report
from kb_api.reports.files import MEDIA_TYPES
from lucerna.damage.steps import (
    GraphBytes,
    assessed_graphs,
    freeze,
    is_known,
    known_result,
    plan_report,
    report_iri,
)
from lucerna.damage.upload_files import (
    keep_upload,
    read_upload,
    sweep_uploads,
    touch_upload,
)
from lucerna.damage.uploads import checked_upload, event_of, shown
from lucerna.workers import Workers
from ontology.errors import KnowledgeError, QueryRejected

if TYPE_CHECKING:
    from etl.damage.plan import DamagePlan
    from lucerna.wiring import KnowledgeBase
    from mining.damage.assessment import Event

_SUFFIXES = (".geojson", ".json", ".gpkg", ".zip")
_STEP = 25

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReportMade:
    """A report that stands in the knowledge base.

    Attributes:
        id: Its short identifier.
        iri: Its IRI.
        folder: Where its files were written.
        files: Their names.
        grades: Number of parcels by grade, in words.
    """

    id: str
    iri: str
    folder: Path
    files: tuple[str, ...]
    grades: dict[str, int]


def make_report(
    base: "KnowledgeBase",
    parcels: Path,
    event: "Event",
    out: Path,
    *,
    iri_base: str,
    change: Path | None = None,
    event_sha256: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ReportMade:
    """Assess parcels, put the report into the knowledge base, copy its files.

    The same inputs give the same report, which is not made twice.

    Args:
        base: An open knowledge base.
        parcels: File of parcels.
        event: What happened.
        out: Folder for the files, made when it is not there.
        iri_base: Beginning of every minted IRI.
        change: A change raster; it is loaded first where the base does not know it.
            None chooses among the results of the base.
        event_sha256: Of the file of the event.
        progress: Called with parcels done and all of them.

    Raises:
        ImageryError: Parcels or images cannot be used, or do not fit the event.
        KnowledgeError: There are no rules for the peril, or the facts are refused.
    """
    _check_out(base, out, parcels)
    result = None if change is None else known_result(base, change, iri_base)
    plan = plan_report(
        base, parcels, parcels.name, event, event_sha256, result, iri_base
    )
    if not is_known(base, iri_base, plan.id):
        base.put_graphs(assessed_graphs(plan, progress))
    folder = freeze(base, iri_base, plan.id)
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(one.name for one in folder.iterdir())
    for name in files:
        with replaced(out / name) as part:
            shutil.copyfile(folder / name, part)
    facts = damage_report(base.store, report_iri(iri_base, plan.id))
    counts = Counter(str(one["grade"]) for one in facts.parcels)
    return ReportMade(
        plan.id,
        str(facts.about["report"]),
        out,
        tuple(files),
        {one.label: counts[one.name] for one in facts.grades},
    )


def _check_out(base: "KnowledgeBase", out: Path, parcels: Path) -> None:
    """Refuse a folder where the files of a report would replace what is none.

    Raises:
        ImageryError: It is a file or in the knowledge base, or files of these names in
            it are of no report.
    """
    if out.resolve().is_relative_to(base.folder.resolve()):
        raise ImageryError(
            f"{out} lies in the knowledge base {base.folder}; give a folder outside it"
        )
    if out.exists() and not out.is_dir():
        raise ImageryError(f"{out} is a file; give the name of a folder")
    held = [out / name for name in MEDIA_TYPES if (out / name).exists()]
    if parcels.exists() and any(one.samefile(parcels) for one in held):
        raise ImageryError(
            f"{parcels} would be overwritten by the report; give another folder"
        )
    if held and not (out / "manifest.json").is_file():
        raise ImageryError(
            f"{held[0]} is of no report and would be overwritten; give another folder"
        )


@dataclass
class _Job:
    """A report that is being made, or could not be."""

    parcels: int
    problem: str = ""


class DamageService:
    """Makes damage reports for the REST API (`kb_api.reports.routes.Damage`).

    Uploads that no report names are removed a day after they were wanted last, when
    the service begins or a file is checked.

    Args:
        base: An open knowledge base.
        workers: Read parcels and pixels outside this process.
        iri_base: Beginning of every minted IRI.
    """

    def __init__(self, base: "KnowledgeBase", workers: Workers, iri_base: str) -> None:
        self._base = base
        self._workers = workers
        self._iri_base = iri_base
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()
        self._sweep()

    @property
    def folder(self) -> Path:
        """Holds one folder a report."""
        return self._base.folder / "reports"

    @property
    def _uploads(self) -> Path:
        return self._base.folder / "uploads"

    def check(self, name: str, content: bytes) -> dict[str, Any]:
        """Keep a file of parcels and say what is wrong with its rows.

        The same file is kept once; one that is refused is not kept. Its name is shown,
        never used as a path.

        Raises:
            QueryRejected: The file as a whole cannot be used.
        """
        label = shown(name, "parcels", 120).replace("/", "_").replace("\\", "_")
        suffix = Path(label).suffix.lower()
        if suffix not in _SUFFIXES:
            raise QueryRejected(
                f"{label}: is no file of parcels; give GeoJSON (.geojson), GeoPackage "
                "(.gpkg) or a zipped shapefile (.zip)"
            )
        self._sweep()

        def check(path: Path) -> tuple[dict[str, Any], bytes]:
            return self._workers.submit(checked_upload, path, label).result()

        try:
            return keep_upload(self._uploads, label, content, check)
        except ImageryError as error:
            raise QueryRejected(str(error)) from error

    def outlines(self, upload: str) -> bytes | None:
        """The parcels of a kept file as GeoJSON; None where there is none."""
        path = self._uploads / upload / "outlines.geojson"
        return path.read_bytes() if path.is_file() else None

    def start(
        self, upload: str, event: Mapping[str, str], result: str | None
    ) -> dict[str, Any]:
        """Begin a report, or find the one that there is; its state.

        Raises:
            QueryRejected: Upload, event or images do not fit.
            KnowledgeError: There are no rules for the peril.
        """
        told = self._upload(upload)
        try:
            plan = plan_report(
                self._base,
                self._uploads / upload / told["file"],
                told["name"],
                event_of(event),
                None,
                result,
                self._iri_base,
            )
        except ImageryError as error:
            raise QueryRejected(str(error)) from error
        with self._lock:
            job = self._jobs.get(plan.id)
            known = is_known(self._base, self._iri_base, plan.id)
            if not known and (job is None or job.problem):
                self._jobs[plan.id] = _Job(told["parcels"])
                self._begin(plan)
        if known:
            freeze(self._base, self._iri_base, plan.id)
        state = self.state(plan.id)
        assert state is not None, f"report {plan.id} has no state"
        return state

    def state(self, report: str) -> dict[str, Any] | None:
        """How far a report is; None where there is none."""
        if (self.folder / report / "manifest.json").is_file():
            return {"id": report, "state": "done", "done": 1, "of": 1, "problem": ""}
        job = self._jobs.get(report)
        if job is None:
            if not is_known(self._base, self._iri_base, report):
                return None
            freeze(self._base, self._iri_base, report)
            return self.state(report)
        state = "failed" if job.problem else "running"
        told = self._progress(report)
        done = int(told.read_text()) if told.is_file() else 0
        return {
            "id": report,
            "state": state,
            "done": done,
            "of": job.parcels,
            "problem": job.problem,
        }

    def _begin(self, plan: "DamagePlan") -> None:
        told = self._progress(plan.id)
        told.parent.mkdir(parents=True, exist_ok=True)
        work = self._workers.submit(work_plan, plan, told)
        work.add_done_callback(lambda done: self._finish(plan.id, done))

    def _finish(self, report: str, work: "Future[GraphBytes]") -> None:
        """Put what a worker made into the graph and freeze its files."""
        problem = ""
        try:
            self._base.put_graphs(work.result())
            freeze(self._base, self._iri_base, report)
        except (ImageryError, KnowledgeError) as error:
            problem = str(error)
        except BaseException as error:  # a thread of the pool would lose it
            _log.exception("report %s failed", report)
            problem = f"the report could not be made: {error!r}; try again"
        with self._lock:
            if problem:
                self._jobs[report].problem = problem
            else:
                del self._jobs[report]
        self._progress(report).unlink(missing_ok=True)

    def _progress(self, report: str) -> Path:
        return self._uploads / "progress" / report

    def _upload(self, upload: str) -> dict[str, Any]:
        touch_upload(self._uploads, upload)
        told = read_upload(self._uploads, upload)
        if told is None:
            raise QueryRejected(f"no upload {upload!r}; send the file again")
        return told

    def _sweep(self) -> None:
        found = rows(self._base.store, "parcel_files")
        named = {(str(one["name"]), str(one["sha256"])) for one in found}
        sweep_uploads(self._uploads, named)


def work_plan(plan: "DamagePlan", told: Path) -> GraphBytes:
    """The graphs of a report, with the number of parcels done in a file."""

    def progress(done: int, _: int) -> None:
        if done % _STEP == 0:
            with replaced(told) as part:
                part.write_text(str(done))

    return assessed_graphs(plan, progress)

"""Damage reports over HTTP: check parcels, start a report, its state and files."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Body, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from starlette.datastructures import UploadFile

from kb_api.features import GEOJSON
from kb_api.lookups import rows
from kb_api.reports.facts import (
    damage_grades,
    damage_report,
    list_reports,
    summary,
    totals,
)
from kb_api.reports.files import MEDIA_TYPES
from kb_api.store import Store
from ontology.errors import QueryRejected

MAX_UPLOAD_BYTES = 50 * 2**20
"""Size that a file of parcels may have."""

_NAME = re.compile(r"[0-9a-f]{12}")
_LONGEST_TEXT = 1000
_NO_SERVICE = "this service makes no damage reports; start it with `lucerna serve`"


class Damage(Protocol):
    """What makes the reports; every refusal is a KnowledgeError of one line."""

    @property
    def folder(self) -> Path:
        """Holds one folder a report, named by its identifier, with its files."""
        ...

    def check(self, name: str, content: bytes) -> dict[str, Any]:
        """Keep a file of parcels and say what is wrong with its rows.

        Returns:
            `upload` (its name for `start`), `name`, `rows`, `parcels`, `left_out`,
            `problems` (row, id, problem, action each), `crops`.
        """
        ...

    def outlines(self, upload: str) -> bytes | None:
        """The parcels of a kept file as GeoJSON; None where there is none."""
        ...

    def start(
        self, upload: str, event: Mapping[str, str], result: str | None
    ) -> dict[str, Any]:
        """Begin a report, or find the one that there is; its state.

        Args:
            upload: As `check` named it.
            event: `peril`, `begins`, `ends` and, as wanted, `title`.
            result: IRI of a change result; None chooses one.
        """
        ...

    def state(self, report: str) -> dict[str, Any] | None:
        """How far a report is; None where there is none.

        Returns:
            `id`, `state` (running, done or failed), `done` and `of` parcels, `problem`.
        """
        ...


def router(store: Store, damage: Damage | None) -> APIRouter:
    """`/damage/…` over a store and what makes the reports."""
    routes = APIRouter(prefix="/damage", tags=["damage"])

    def service() -> Damage:
        if damage is None:
            raise HTTPException(404, _NO_SERVICE)
        return damage

    @routes.get("/choices")
    def choices() -> dict[str, Any]:
        """Perils with rules, events of the graph, grades, and the limit of uploads."""
        return {
            "perils": rows(store, "damage_perils"),
            "events": rows(store, "events"),
            "grades": [vars(one) for one in damage_grades(store)],
            "maxUploadBytes": MAX_UPLOAD_BYTES,
        }

    @routes.post("/parcels")
    async def check(request: Request) -> dict[str, Any]:
        """Check a file of parcels, sent as the part `file` of multipart/form-data."""
        making = service()
        _refuse_foreign(request)
        name, content = await _uploaded(request)
        return await run_in_threadpool(making.check, name, content)

    @routes.get("/parcels/{upload}.geojson", response_class=Response)
    def outlines(upload: str) -> Response:
        """The outlines of a checked file."""
        found = service().outlines(upload) if _NAME.fullmatch(upload) else None
        if found is None:
            raise HTTPException(404, f"no upload {upload!r}; send the file again")
        return Response(found, media_type=GEOJSON)

    @routes.get("/reports")
    def reports() -> list[dict[str, Any]]:
        """The reports of the graph, newest first."""
        return list_reports(store)

    @routes.post("/reports", status_code=202)
    def start(
        request: Request, asked: Annotated[dict[str, Any], Body()]
    ) -> dict[str, Any]:
        """Begin a report: `upload`, `peril`, `begins`, `ends`, `title`, `result`."""
        _refuse_foreign(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if kind.lower() != "application/json":
            raise HTTPException(415, f"{kind or 'no type'}: send application/json")
        texts = {key: _text(asked, key) for key in ("peril", "begins", "ends", "title")}
        upload = _text(asked, "upload")
        if not _NAME.fullmatch(upload):
            raise QueryRejected(f"no upload {upload[:40]!r}; send the file again")
        return service().start(upload, texts, _text(asked, "result") or None)

    @routes.get("/reports/{report}")
    def state(report: str) -> dict[str, Any]:
        """How far a report is; when done, its event, images, sums and links."""
        found = service().state(report) if _NAME.fullmatch(report) else None
        if found is None:
            raise HTTPException(
                404, f"no report {report!r}; /damage/reports lists them"
            )
        if found["state"] != "done":
            return found
        return {**found, **_done(store, report)}

    @routes.get("/reports/{report}/{file}", response_class=FileResponse)
    def download(report: str, file: str) -> FileResponse:
        """One file of a report, as it was when it was made."""
        path = service().folder / report / file
        known = _NAME.fullmatch(report) and file in MEDIA_TYPES
        if not known or not path.is_file():
            listed = ", ".join(MEDIA_TYPES)
            raise HTTPException(404, f"no file {file!r} of {report!r}; it has {listed}")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        if file == "report.html":
            headers["Content-Security-Policy"] = "sandbox allow-downloads"
        return FileResponse(path, media_type=MEDIA_TYPES[file], headers=headers)

    return routes


def _done(store: Store, report: str) -> dict[str, Any]:
    """What a page shows of a finished report beside its parcels."""
    iri = next(
        (str(one["report"]) for one in list_reports(store) if one["id"] == report), ""
    )
    facts = damage_report(store, iri)
    return {
        "about": dict(facts.about),
        "grades": summary(facts),
        "totals": totals(facts),
        "problems": [dict(one) for one in facts.problems],
        "files": [f"damage/reports/{report}/{name}" for name in MEDIA_TYPES],
    }


async def _uploaded(request: Request) -> tuple[str, bytes]:
    """Name and content of the one file of a multipart request.

    Raises:
        HTTPException: Its length is not stated or over the limit, or no file is in it.
    """
    stated = request.headers.get("content-length", "")
    if not stated.isdecimal():
        raise HTTPException(411, "state the Content-Length of the upload")
    if int(stated) > MAX_UPLOAD_BYTES:
        megabytes = MAX_UPLOAD_BYTES // 2**20
        raise HTTPException(413, f"the file is larger than {megabytes} MB; split it")
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise HTTPException(415, "send the file as multipart/form-data, part `file`")
    async with request.form(max_files=1, max_fields=4) as form:
        part = form.get("file")
        if not isinstance(part, UploadFile):
            raise HTTPException(400, "the form has no part `file` with a file name")
        return part.filename or "parcels", await part.read()


def _refuse_foreign(request: Request) -> None:
    """Refuse what a page of another site sends in a visitor's name."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    host = request.headers.get("host", "")
    if origin.partition("://")[2].lower() != host.lower():
        raise HTTPException(403, f"requests from {origin} are refused")


def _text(asked: Mapping[str, Any], key: str) -> str:
    value = asked.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise QueryRejected(f"{key}={value!r:.60}: give text")
    if len(value) > _LONGEST_TEXT:
        raise QueryRejected(
            f"{key} has {len(value)} characters; give at most {_LONGEST_TEXT}"
        )
    return value.strip()

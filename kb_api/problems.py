"""Where errors meet HTTP: one table from error class to status, as problem+json."""

import http
import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ontology.errors import (
    InvalidGraph,
    KnowledgeError,
    QueryRejected,
    QueryTimeout,
    StoreUnavailable,
    TooManyRows,
)

STATUS: dict[type[Exception], int] = {
    QueryRejected: 400,
    InvalidGraph: 422,
    StoreUnavailable: 503,
    QueryTimeout: 503,
    TooManyRows: 413,
    KnowledgeError: 500,
}
"""The status of each known error; the nearest class in its ancestry counts."""

PROBLEM_JSON = "application/problem+json"

_log = logging.getLogger(__name__)


def add_handlers(app: FastAPI) -> None:
    """Answer every error of the app as a problem document (RFC 9457)."""
    app.add_exception_handler(KnowledgeError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(OSError, _system)
    app.add_exception_handler(Exception, _unknown)


def status_of(error: Exception) -> int:
    """The HTTP status of an error.

    >>> status_of(QueryRejected("no such question"))
    400
    """
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


def problem(status: int, detail: str) -> JSONResponse:
    """A problem document with the title that HTTP gives the status."""
    content = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JSONResponse(content, status, media_type=PROBLEM_JSON)


async def _known(_: Request, error: Exception) -> JSONResponse:
    return problem(status_of(error), str(error))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if detail == http.HTTPStatus(error.status_code).phrase:
        detail = f"{request.method} {request.url.path}: {detail.lower()}"
    answer = problem(error.status_code, detail)
    answer.headers.update(error.headers or {})
    return answer


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [
        f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
        for fault in error.errors()
    ]
    return problem(400, "; ".join(faults))


async def _system(request: Request, error: Exception) -> JSONResponse:
    if "No space left" in str(error):
        _log.error("%s %s failed: %r", request.method, request.url.path, error)
        return problem(
            507, "the disk of the service is full; free space there, and send it again"
        )
    return await _unknown(request, error)


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s %s failed: %r", request.method, request.url.path, error)
    return problem(500, "an error of the service; its log has the details")

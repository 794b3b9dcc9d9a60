"""Every known error has a status, and the table is the only place for it."""

import json

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kb_api.problems import STATUS, add_handlers, problem, status_of
from ontology import errors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.QueryRejected("x"), 400),
        (errors.InvalidGraph("x", "report"), 422),
        (errors.StoreUnavailable("x"), 503),
        (errors.QueryTimeout("x"), 503),
        (errors.TooManyRows("x"), 413),
        (errors.KnowledgeError("x"), 500),
        (RuntimeError("x"), 500),
    ],
)
def test_each_error_has_its_status(error: Exception, status: int) -> None:
    assert status_of(error) == status


def test_a_class_below_a_known_error_has_its_status() -> None:
    class Narrower(errors.QueryRejected):
        pass

    assert status_of(Narrower("x")) == 400


def test_the_table_holds_the_whole_error_tree() -> None:
    known = {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.KnowledgeError)
    }
    assert len(known) == 6
    assert set(STATUS) == known


def test_a_problem_is_a_document_of_rfc_9457() -> None:
    answer = problem(406, "only Turtle")
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": "Not Acceptable",
        "status": 406,
        "detail": "only Turtle",
    }


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (
            OSError(28, "No space left on device"),
            507,
            "the disk of the service is full",
        ),
        # As the store tells it.
        (OSError("IO error: No space left on device: While appending"), 507, "is full"),
        (OSError(13, "Permission denied", "/secret"), 500, "an error of the service"),
    ],
)
def test_a_full_disk_is_told_and_no_path_is(
    error: OSError, status: int, detail: str
) -> None:
    app = FastAPI()
    add_handlers(app)

    @app.get("/")
    def fail() -> None:
        raise error

    answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert answer.status_code == status
    assert detail in answer.json()["detail"]
    assert "/" not in answer.json()["detail"]

"""Large answers are sent in pieces, in bounded time, and few at once."""

import asyncio
from collections.abc import Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import Response
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from starlette.testclient import TestClient

from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint import written
from kb_api.endpoint.sending import SMALL_BYTES, Answers
from kb_api.evaluation import evaluate
from kb_api.outcome import Prepared
from ontology.errors import StoreUnavailable, TooManyRows

LARGE = bytes(range(256)) * (3 * SMALL_BYTES // 256)
Message = MutableMapping[str, Any]


async def sent(response: Response, *, reads: int = 10_000) -> list[Message]:
    """What is sent to a client that reads so many messages, and then no more."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        if len(messages) == reads:
            await asyncio.Event().wait()
        messages.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await response({"type": "http"}, receive, send)
    return messages


def complete(work: Coroutine[Any, Any, list[Message]]) -> list[Message]:
    """Browser tests leave a loop in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def test_small_answers_are_sent_as_they_are() -> None:
    answers = Answers(most_bytes=0)
    start, body = complete(sent(answers.response(b"x", "text/csv", {"A": "b"})))
    assert (b"a", b"b") in start["headers"]
    assert body["body"] == b"x"


def test_large_answers_come_whole_in_pieces_and_are_counted_till_then() -> None:
    answers = Answers(most_bytes=len(LARGE))
    response = answers.response(LARGE, "text/csv", {})
    with pytest.raises(StoreUnavailable, match="still being read"):
        answers.response(LARGE, "text/csv", {})
    start, *pieces = complete(sent(response))
    assert (b"content-length", str(len(LARGE)).encode()) in start["headers"]
    assert b"".join(one["body"] for one in pieces) == LARGE
    assert [one["more_body"] for one in pieces] == [True] * 11 + [False]
    assert len(complete(sent(answers.response(LARGE, "text/csv", {})))) == 13


def test_who_stops_reading_keeps_no_memory() -> None:
    answers = Answers(len(LARGE), patience_s=0.05, slowest=1e9)
    response = answers.response(LARGE, "text/csv", {})
    messages = complete(sent(response, reads=3))
    assert messages[-1]["more_body"]
    answers.response(LARGE, "text/csv", {})


def test_pieces_are_compressed_one_by_one() -> None:
    answers = Answers()
    app = Starlette(
        routes=[Route("/", lambda _: answers.response(LARGE, "text/csv", {}))]
    )
    app.add_middleware(GZipMiddleware)
    found = TestClient(app).get("/")
    assert found.headers["content-encoding"] == "gzip"
    assert found.content == LARGE


def test_an_answer_of_few_rows_and_many_bytes_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(written, "MOST_BYTES", 2**20)
    doubled = " ".join(
        f"BIND(CONCAT(?a{at}, ?a{at}) AS ?a{at + 1})" for at in range(15)
    )
    letters = "x" * 64
    query = Prepared(f'SELECT ?a15 {{ BIND("{letters}" AS ?a0) {doubled} }}')
    store = EmbeddedStore()._store
    with pytest.raises(TooManyRows, match="more than 1 MB"):
        written.write_outcome(lambda: evaluate(store, query), None, 10)
    whole = written.write_outcome(lambda: evaluate(store, query), None, None)
    assert len(whole.content) > 2**21

"""Connections that say nothing, or too slowly, are closed; all others are not."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from lucerna.connections import PatientConnection, most_connections

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n"


class Quick(PatientConnection):
    SILENT_S = 0.5
    HEAD_S = 1.0
    BODY_S = 1.5
    MOST = 3


async def told(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    app = Starlette(routes=[Route("/", told, methods=["POST"])])
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = uvicorn.Config(app, log_level="error", http=Quick)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join()


def closed_after(address: tuple[str, int], *pieces: bytes) -> float:
    """Seconds until the other side closes; pieces are sent one after another."""
    begun = time.monotonic()
    with socket.create_connection(address, timeout=20) as connection:
        connection.settimeout(0.2)
        for piece in pieces:
            with contextlib.suppress(BrokenPipeError):
                connection.sendall(piece)
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                if connection.recv(1) == b"":
                    return time.monotonic() - begun
        connection.settimeout(20)
        assert connection.recv(1) == b""
    return time.monotonic() - begun


def answer(connection: socket.socket) -> bytes:
    """What comes until the connection is silent."""
    found = b""
    while not found.endswith(b"abcdef"):
        piece = connection.recv(4096)
        assert piece, found
        found += piece
    return found


def test_a_silent_connection_is_closed(address: tuple[str, int]) -> None:
    assert 0.4 < closed_after(address) < 10
    assert 0.4 < closed_after(address, HEAD) < 10
    assert 0.4 < closed_after(address, HEAD + b"\r\nabc") < 10


def test_a_request_that_drips_is_closed(address: tuple[str, int]) -> None:
    drops = [bytes([one]) for one in HEAD * 3]
    assert 0.9 < closed_after(address, *drops) < 10
    drops = [HEAD.replace(b"6", b"600") + b"\r\n", *[b"a"] * 100]
    assert 1.4 < closed_after(address, *drops) < 10


def test_whole_requests_are_answered_one_after_another(
    address: tuple[str, int],
) -> None:
    with socket.create_connection(address, timeout=20) as connection:
        for _ in range(3):
            connection.sendall(HEAD)
            time.sleep(0.1)  # within what is allowed
            connection.sendall(b"\r\nabc")
            time.sleep(0.1)
            connection.sendall(b"def")
            assert answer(connection).startswith(b"HTTP/1.1 200")


def test_one_connection_too_many_is_closed_at_once(address: tuple[str, int]) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            one = stack.enter_context(socket.create_connection(address, timeout=20))
            one.sendall(HEAD + b"\r\nabcdef")
            answer(one)
        begun = time.monotonic()
        with (
            contextlib.suppress(ConnectionResetError),
            socket.create_connection(address, timeout=20) as late,
        ):
            assert late.recv(1) == b""
        assert time.monotonic() - begun < 5
    assert 16 < most_connections() <= 1000

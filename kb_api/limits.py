"""How much a request may send before it is refused."""

from fastapi import HTTPException, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 2**20


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The body of a request. Memory: all of it.

    Raises:
        HTTPException: 413 where it is larger than that.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > most_bytes:
            raise HTTPException(
                413, f"the body is larger than {most_bytes} bytes; send less"
            )
    return bytes(content)


def client_of(request: Request) -> str:
    """Who sends a request, as far as it is known: an address; empty: nobody."""
    return request.client.host if request.client else ""


class BodyLimit:
    """Refuses request bodies over `MAX_BODY_BYTES` while they are read, with 413.

    Args:
        app: What is protected.
        under: Beginning of the paths that are limited.
        free: Paths that keep a limit of their own.
    """

    def __init__(self, app: ASGIApp, *, under: str, free: frozenset[str]) -> None:
        self._app = app
        self._under = under
        self._free = free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what it sends."""
        path = scope.get("path", "")
        limited = scope["type"] == "http" and path.startswith(self._under)
        if not limited or path in self._free:
            await self._app(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                raise HTTPException(
                    413, f"the body is larger than {MAX_BODY_BYTES} bytes; send less"
                )
            return message

        await self._app(scope, counted, send)

"""Large answers are sent piece by piece, in bounded time, and few at once."""

import asyncio
import threading
import weakref
from collections.abc import Callable, Mapping

from fastapi import Response
from starlette.types import Receive, Scope, Send

from ontology.errors import StoreUnavailable

SMALL_BYTES = 2**20
"""Answers up to here are sent as they are, and not counted."""

MOST_HELD_BYTES = 2**29
"""Bytes of all larger answers that are being sent."""

_PIECE_BYTES = 2**18
_PATIENCE_S = 30.0
_SLOWEST_BYTES_S = 50_000.0


class Answers:
    """Answers of queries on their way to clients.

    Who reads slowly would else keep the memory of as many answers as it asks for. And
    compressed in one go, a large one would hold all others up.

    Args:
        most_bytes: Of large answers at the same time.
        patience_s: How long sending may take beside what `slowest` allows.
        slowest: Bytes a second that a client reads at least.
    """

    def __init__(
        self,
        most_bytes: int = MOST_HELD_BYTES,
        patience_s: float = _PATIENCE_S,
        slowest: float = _SLOWEST_BYTES_S,
    ) -> None:
        self._left = most_bytes
        self._patience_s = patience_s
        self._slowest = slowest
        self._lock = threading.Lock()

    def response(
        self, content: bytes, media_type: str, headers: Mapping[str, str]
    ) -> Response:
        """The response with an answer, to be sent.

        Raises:
            StoreUnavailable: It is large, and so are those that are being sent.
        """
        if len(content) <= SMALL_BYTES:
            return Response(content, media_type=media_type, headers=dict(headers))
        with self._lock:
            if len(content) > self._left:
                raise StoreUnavailable(
                    "large answers are still being read by others; ask for less, or "
                    "ask again later"
                )
            self._left -= len(content)
        late_s = self._patience_s + len(content) / self._slowest
        response = _Piecewise(content, media_type, headers, late_s)
        # Also where nobody sends it, as when a visitor has left meanwhile.
        response.sent = weakref.finalize(response, self._give_back, len(content))
        return response

    def _give_back(self, size: int) -> None:
        with self._lock:
            self._left += size


class _Piecewise(Response):
    """An answer sent in pieces, between which others get on.

    Attributes:
        sent: Is called when it is sent, or will not be.
    """

    sent: Callable[[], object]

    def __init__(
        self,
        content: bytes,
        media_type: str,
        headers: Mapping[str, str],
        late_s: float,
    ) -> None:
        super().__init__(content, media_type=media_type, headers=dict(headers))
        self._late_s = late_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; what is not read in time stays without its end."""
        del scope, receive
        try:
            async with asyncio.timeout(self._late_s):
                await self._send(send)
        except TimeoutError:
            return  # the server closes the connection then
        finally:
            self.sent()

    async def _send(self, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        whole = memoryview(self.body)
        for at in range(0, len(whole), _PIECE_BYTES):
            piece = bytes(whole[at : at + _PIECE_BYTES])
            more = at + _PIECE_BYTES < len(whole)
            message = {"body": piece, "more_body": more}
            await send({"type": "http.response.body", **message})
            await asyncio.sleep(0)

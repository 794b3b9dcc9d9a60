"""Connections of clients that say nothing, or say it too slowly, are closed."""

import asyncio
import resource

from uvicorn.protocols.http.auto import AutoHTTPProtocol


def most_connections() -> int:
    """How many connections there may be: half of the files that may be open at most."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1000 if files == resource.RLIM_INFINITY else min(1000, files // 2)


class PatientConnection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Uvicorn's side of a connection, which waits for a request no longer than so.

    Attributes:
        SILENT_S: For how long nothing may come of a request that has not ended.
        HEAD_S: How long the head of a request may take.
        BODY_S: How long a whole request may take.
        MOST: Connections at the same time; one more is closed at once.
    """

    SILENT_S = 30.0
    HEAD_S = 30.0
    BODY_S = 600.0
    MOST = most_connections()

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to watch it."""
        super().connection_made(transport)
        self._heard = self._since = self.loop.time()
        self._is_head = True
        self._watched: asyncio.TimerHandle | None = None
        if len(self.connections) > self.MOST:
            transport.abort()
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch it no more."""
        if self._watched is not None:
            self._watched.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        self._heard = self.loop.time()
        if self._is_between() and not self._is_head:
            self._is_head, self._since = True, self._heard
        super().data_received(data)
        self._is_head = self._is_head and self._is_between()

    def _is_between(self) -> bool:
        """Whether there is no request whose head has come and whose answer has not."""
        return self.cycle is None or self.cycle.response_complete

    def _watch(self) -> None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        now = self.loop.time()
        silent, whole = now - self._heard, now - self._since
        if self._is_between():
            most, waits = self.HEAD_S, self._is_head
        else:
            most, waits = self.BODY_S, self.cycle.more_body
        if waits and (silent > self.SILENT_S or whole > most):
            self.transport.close()
            return
        wait_s = min(self.SILENT_S, self.HEAD_S) / 4
        self._watched = self.loop.call_later(wait_s, self._watch)

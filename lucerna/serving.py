"""The service in this process: one uvicorn on one port."""

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from kb_api.endpoint.written import Limits
from kb_api.sparql_server import SparqlServer
from lucerna.asking import open_existing
from lucerna.console import say
from lucerna.stopping import end_within
from lucerna.wiring import open_service
from lucerna.workers import Workers
from ontology.errors import StoreUnavailable

if TYPE_CHECKING:
    import uvicorn

LOOPBACK = "127.0.0.1"
"""Answered in any case: health checks of a container ask there."""

_WORKERS = 2
_GRACE_S = 3
"""How long requests that run may go on when the service is stopped."""

_QUERIES_S = 2
"""The same of queries, which then have time to say so."""


def serve_knowledge_base(
    folder: Path,
    *,
    host: str,
    port: int,
    hosts: Sequence[str],
    catalogue: str,
    iri_base: str,
    limits: Limits,
    write_token: str | None = None,
    server: SparqlServer | None = None,
) -> None:
    """Serve until interrupted; prints the address when the port is ours.

    Args:
        folder: An existing knowledge base.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        hosts: Further host names that are answered.
        catalogue: SQLAlchemy URL of the patch catalogue.
        iri_base: Beginning of every minted IRI.
        limits: What a query at `/sparql` may take.
        write_token: Who sends it may write graphs; None: nobody may.
        server: Keeps the facts instead of the folder.

    Raises:
        StoreUnavailable: No knowledge base, one held elsewhere, or a port in use.
    """
    import uvicorn

    from lucerna.connections import PatientConnection

    listener = _listen(host, port)
    with (
        listener,
        open_existing(folder, server) as base,
        Workers(_WORKERS) as workers,
        open_service(
            base,
            [*hosts, host, LOOPBACK],
            workers=workers,
            catalogue=catalogue,
            iri_base=iri_base,
            limits=limits,
            write_token=write_token,
        ) as app,
    ):
        bound = listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        say(f"Lucerna serves {folder} at http://{shown}:{bound}/ (Ctrl-C stops it)")
        config = uvicorn.Config(
            app,
            log_level="warning",
            http=PatientConnection,
            ws="websockets-sansio",
            timeout_graceful_shutdown=_GRACE_S,
        )
        running = uvicorn.Server(config)
        handle = _stopping(running, app.state.stop_queries)
        running.handle_exit = handle  # type: ignore[method-assign, assignment]
        running.run(sockets=[listener])


def check_port(host: str, port: int) -> None:
    """Refuse a port in use before long work whose result is served there.

    Raises:
        StoreUnavailable: It cannot be listened on.
    """
    _listen(host, port).close()


def _stopping(
    running: "uvicorn.Server", stop_queries: Callable[[], None]
) -> "Callable[[int, FrameType | None], None]":
    """What a signal does: stop in time, also while a query runs in the store."""
    stop, never = running.handle_exit, threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        # Requests that are cut off now are no news.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        late = (2 * _GRACE_S, number, never)
        threading.Thread(target=end_within, args=late, daemon=True).start()
        queries = threading.Timer(_QUERIES_S, stop_queries)
        queries.daemon = True
        queries.start()
        stop(number, frame)

    return handle


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # By its protocol asyncio knows that small answers are not to be held back.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise StoreUnavailable(
            f"cannot listen on {host}:{port}: {error.strerror}; "
            "choose another with --port or LUCERNA_PORT"
        ) from error
    return listener

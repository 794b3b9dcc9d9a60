"""Requests to a SPARQL 1.1 server, in the form that every server takes."""

import contextlib
import http.client
import urllib.error
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

from ontology.errors import QueryRejected, StoreUnavailable

TIMEOUT_S = 120
"""Longest wait for one answer of the server."""

ROWS = "application/sparql-results+json"
GRAPH = "application/n-triples"

Kind: TypeAlias = Literal["SELECT", "ASK", "CONSTRUCT", "INSERT"]

_MAX_ROWS = "X-SPARQL-MaxRows"  # of Virtuoso, where it has left out rows
_STATE = "X-SQL-State"  # of Virtuoso, where it stopped at its time limit


@dataclass(frozen=True)
class SparqlServer:
    """Where a SPARQL 1.1 server answers and takes updates.

    Attributes:
        query: Address of the query operation (SPARQL 1.1 Protocol, section 2.1).
        update: Address of the update operation (section 2.2).
    """

    query: str
    update: str


@dataclass(frozen=True)
class Reply:
    """A whole answer of a server: what it says, and beside it in its headers."""

    body: bytes
    headers: Message


def send(
    server: SparqlServer,
    text: str,
    kind: Kind,
    media: str = "*/*",
    timeout_s: int = TIMEOUT_S,
) -> Reply:
    """The answer to a query, or to an update (`INSERT`).

    The text is sent as a field of a form (SPARQL 1.1 Protocol, sections 2.1.2 and
    2.2.1): Virtuoso hangs where it is the body itself.

    Raises:
        QueryRejected: The server refuses the request.
        StoreUnavailable: It does not answer, fails, or cuts the answer off.
    """
    from SPARQLWrapper import POST, URLENCODED, SPARQLExceptions, SPARQLWrapper

    wrapper: Any = SPARQLWrapper(server.query, server.update)
    wrapper.setQuery(text)
    wrapper.queryType = kind
    wrapper.setMethod(POST)
    wrapper.setRequestMethod(URLENCODED)
    wrapper.setOnlyConneg(True)
    wrapper.setTimeout(timeout_s)
    wrapper.addCustomHttpHeader("Accept", media)
    address = server.update if kind == "INSERT" else server.query
    try:
        with contextlib.closing(wrapper.query().response) as response:
            body: bytes = response.read()
            status, headers = response.getcode(), response.info()
    except SPARQLExceptions.QueryBadFormed as error:
        raise QueryRejected(
            f"the SPARQL server {address} refuses the request: {told(error)}"
        ) from error
    except SPARQLExceptions.EndPointInternalError as error:
        raise StoreUnavailable(
            f"the SPARQL server {address} fails: {told(error)}; ask for less, or see "
            "its log"
        ) from error
    except (
        SPARQLExceptions.SPARQLWrapperException,
        urllib.error.URLError,
        http.client.HTTPException,
        OSError,
    ) as error:
        raise StoreUnavailable(
            f"the SPARQL server {address} does not answer: {told(error)}; start "
            "it, or correct LUCERNA_SPARQL and LUCERNA_SPARQL_UPDATE"
        ) from error
    if _MAX_ROWS in headers:
        raise cut_short(server, f"at {headers[_MAX_ROWS]} rows")
    if status == HTTPStatus.PARTIAL_CONTENT or _STATE in headers:
        raise cut_short(server, headers.get("X-SQL-Message", "HTTP status 206"))
    return Reply(body, headers)


def takes(server: SparqlServer, probe: str, timeout_s: int = TIMEOUT_S) -> bool:
    """Whether a server answers an ASK with yes; no where it refuses or fails at it.

    Raises:
        StoreUnavailable: It cannot be told: there is no answer in time, or none at all.
    """
    try:
        return b"true" in send(server, probe, "ASK", ROWS, timeout_s).body
    except QueryRejected:
        return False
    except StoreUnavailable as error:
        if isinstance(error.__cause__, TimeoutError | urllib.error.URLError | OSError):
            raise
        # It has failed at this; at less it shall not.
        send(server, "ASK {}", "ASK", ROWS, timeout_s)
        return False


def cut_short(server: SparqlServer, reason: str) -> StoreUnavailable:
    """The error of an answer that is not whole."""
    return StoreUnavailable(
        f"the answer of the SPARQL server {server.query} breaks off: {reason}; ask for "
        "less, or raise its limits"
    )


def told(error: Exception) -> str:
    """What went wrong, on one line of at most 200 characters."""
    text = " ".join(str(error).replace("\\n", " ").split())
    return text if len(text) <= 200 else text[:200] + " …"

"""What a SPARQL server can do beside plain SPARQL 1.1, asked when it is opened."""

from dataclasses import dataclass

from kb_api.capabilities import CRS84, EMPTY
from kb_api.sparql_server import ROWS, SparqlServer, send, takes
from ontology.errors import StoreUnavailable

IN_WRITTEN_ORDER = 'DEFINE sql:select-option "order"\n'
"""Virtuoso's request to join in the order in which a query is written: to find a better
one takes it seconds to minutes where a query is long."""

_PROBE_S = 5


@dataclass(frozen=True)
class Capabilities:
    """What a SPARQL server can do.

    Attributes:
        software: What it says it is; empty where it does not.
        is_virtuoso: Whether it takes what only Virtuoso does. Then its operations and
            requests are limited in length, an update is not one transaction, and it
            cuts CONSTRUCT off without saying so.
        crs_literals: Whether it keeps WKT that names its reference system.
        empty_literals: Whether it keeps WKT of empty geometries.
    """

    software: str = ""
    is_virtuoso: bool = False
    crs_literals: bool = True
    empty_literals: bool = True

    def told(self) -> dict[str, str | bool]:
        """The same for people."""
        return {
            "software": self.software or "unknown",
            "one transaction a load": not self.is_virtuoso,
            "WKT in reference systems": self.crs_literals,
            "empty WKT": self.empty_literals,
        }


def capabilities_of(server: SparqlServer) -> Capabilities:
    """What a server can do, by a few short questions that change nothing.

    Raises:
        StoreUnavailable: It does not answer within some seconds, or gives no truth
            value.
    """
    reply = send(server, "ASK {}", "ASK", ROWS, _PROBE_S)
    if b'"boolean"' not in reply.body:
        raise StoreUnavailable(
            f"the SPARQL server {server.query} answers no question with yes or no; "
            "correct LUCERNA_SPARQL, or set CaseMode = 2 in virtuoso.ini"
        )
    return Capabilities(
        software=reply.headers.get("Server", "").strip(),
        is_virtuoso=takes(server, f"{IN_WRITTEN_ORDER}ASK {{}}", _PROBE_S),
        crs_literals=takes(server, f"ASK {{ VALUES ?w {{ {CRS84} }} }}", _PROBE_S),
        empty_literals=takes(server, f"ASK {{ VALUES ?w {{ {EMPTY} }} }}", _PROBE_S),
    )

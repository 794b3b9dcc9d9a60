"""The answer to an untrusted query as bytes, with what is told beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kb_api.negotiation import choose_media_type
from kb_api.outcome import Faults, Outcome, Regime
from kb_api.result_forms import offered_for, serialise
from ontology.errors import KnowledgeError, TooManyRows

MOST_BYTES = 2**27
"""Of an answer whose rows are limited, too."""

if TYPE_CHECKING:
    from kb_api.endpoint.sending import Answers


@dataclass(frozen=True)
class Limits:
    """What one query may take; None: no limit.

    Attributes:
        timeout_s: Seconds from the request to the end of the answer.
        rows: Rows or triples of an answer.
    """

    timeout_s: float | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Written:
    """An answer as it is sent.

    Attributes:
        content: UTF-8; empty where no form is accepted.
        media_type: Its form; None where the client accepts none of those offered.
        offered: The forms that these results have.
        indexed: Whether the spatial index answered a part.
        faults: Errors inside functions, all of them.
    """

    content: bytes
    media_type: str | None
    offered: tuple[str, ...]
    indexed: bool
    faults: Faults


class QueryRunner(Protocol):
    """What the endpoint needs to answer queries of strangers."""

    @property
    def limits(self) -> Limits:
        """What it enforces."""
        ...

    @property
    def answers(self) -> "Answers":
        """The answers on their way to clients."""
        ...

    def run(
        self,
        text: str,
        accept: str | None,
        regime: Regime,
        since: float,
        client: str,
    ) -> Written:
        """The answer to a query that the guard let pass.

        Args:
            text: SPARQL 1.1 query.
            accept: The client's Accept header.
            regime: What the query sees beside the facts as they stand.
            since: `time.monotonic` when it was asked.
            client: Who asks; nobody may take all places. Empty: no client.

        Raises:
            QueryRejected: It is malformed, or cannot be written in the form wanted.
            QueryTimeout: It was stopped.
            TooManyRows: It has more rows than an answer may have.
            StoreUnavailable: The service is stopping.
        """
        ...

    def close(self) -> None:
        """Stop the queries that run, and take no more."""
        ...


def write_outcome(
    run: Callable[[], Outcome], accept: str | None, most_rows: int | None
) -> Written:
    """What a query gives, in the form that the client accepts. Memory: all of it.

    Results belong to the thread that asked: no traceback may carry them to another.

    Raises:
        QueryRejected: The query is malformed, or has no WKT where only GeoJSON is
            accepted.
        TooManyRows: It has more rows than that, or more than `MOST_BYTES`.
    """
    outcome = run()
    refused: KnowledgeError | None = None
    try:
        offered = offered_for(outcome.results)
        chosen = choose_media_type(accept, offered)
        content = serialise(outcome.results, chosen, most_rows) if chosen else b""
        if most_rows is not None and len(content) > MOST_BYTES:
            raise TooManyRows(
                f"the answer has more than {MOST_BYTES // 2**20} MB, and nothing is "
                "cut off in silence; ask a part at a time, or for fewer columns"
            )
        faults, indexed = outcome.faults, outcome.indexed
    except KnowledgeError as error:
        refused = type(error)(*error.args)
    finally:
        del outcome
    if refused:
        raise refused
    return Written(content, chosen, tuple(offered), indexed, faults)

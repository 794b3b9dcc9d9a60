"""Queries run in this process: of a store in memory, or one behind HTTP."""

from kb_api.embedded_store import EmbeddedStore
from kb_api.endpoint.sending import Answers
from kb_api.endpoint.written import Limits, Written, write_outcome
from kb_api.outcome import Faults, Outcome, Regime
from kb_api.store import Store
from ontology.errors import QueryRejected


class InProcess:
    """Runs each query in the thread that asks.

    Nothing here can stop a query: a store in memory has no deadline, and a SPARQL
    server has its own.

    Args:
        store: Where the facts are.
        limits: What is enforced; the timeout by the store itself.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self.limits = limits
        self.answers = Answers()

    def run(
        self,
        text: str,
        accept: str | None,
        regime: Regime,
        since: float,
        client: str,
    ) -> Written:
        """The answer to a query; see `QueryRunner`."""
        del since, client
        return write_outcome(
            lambda: outcome_of(self._store, text, regime), accept, self.limits.rows
        )

    def close(self) -> None:
        """Nothing here can stop a query."""


def outcome_of(store: Store, text: str, regime: Regime) -> Outcome:
    """The outcome of a query, of whatever keeps the facts.

    Raises:
        QueryRejected: The text is no query, or a server is asked for a regime.
    """
    if isinstance(store, EmbeddedStore):
        return store.run(text, regime)
    if regime != "simple":
        raise QueryRejected(
            f"the regime {regime} is refused: a SPARQL server keeps the facts, and "
            "entails in its own way; ask without a regime"
        )
    return Outcome(store.query(text), Faults())

"""Queries run in this process: of a store in memory, or one behind HTTP."""

from kb_api.endpoint.written import Limits, Written, write_outcome
from kb_api.outcome import Faults, Outcome, Regime
from kb_api.store import EmbeddedStore, Store


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

    def run(
        self, text: str, accept: str | None, regime: Regime, since: float
    ) -> Written:
        """The answer to a query; see `QueryRunner`."""
        del since
        return write_outcome(
            lambda: _outcome(self._store, text, regime), accept, self.limits.rows
        )

    def close(self) -> None:
        """Nothing here can stop a query."""


def _outcome(store: Store, text: str, regime: Regime) -> Outcome:
    if isinstance(store, EmbeddedStore):
        return store.run(text, regime)
    return Outcome(store.query(text), Faults())

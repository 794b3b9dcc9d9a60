"""Answers held for a while, so that the pages of one answer ask the store once."""

import threading
from collections import OrderedDict
from collections.abc import Mapping

from kb_api.answers import Answer, ask_bound, bound_text
from kb_api.lookups import state_of
from kb_api.questions import find_question
from kb_api.store import Store

MOST_ANSWERS = 8
MOST_ROWS = 100_000
"""Rows held at most, of all answers together; a larger answer is not held."""


class HeldAnswers:
    """The latest answers of a store, until something is loaded.

    Memory: about a kilobyte a row, `MOST_ROWS` at most.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self._turns: dict[tuple[str, str], threading.Lock] = {}
        self._lock = threading.Lock()

    def ask(self, name: str, values: Mapping[str, str]) -> Answer:
        """The answer to a named question; who asks the same meanwhile waits for it.

        Raises:
            QueryRejected: Unknown question or parameter, or a value of the wrong type.
        """
        question = find_question(name)
        text = bound_text(self._store, question, values)
        key = (state_of(self._store), text)
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        try:
            with turn:
                held = self._take(key)
                return held or self._keep(key, ask_bound(self._store, question, text))
        finally:
            with self._lock:
                if self._turns.get(key) is turn:
                    del self._turns[key]

    def _take(self, key: tuple[str, str]) -> Answer | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def _keep(self, key: tuple[str, str], answer: Answer) -> Answer:
        if len(answer.rows) > MOST_ROWS:
            return answer
        with self._lock:
            self._held[key] = answer
            while (
                len(self._held) > MOST_ANSWERS
                or sum(len(one.rows) for one in self._held.values()) > MOST_ROWS
            ):
                self._held.popitem(last=False)
        return answer

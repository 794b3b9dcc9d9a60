"""The knowledge side's error tree; `etl` and `kb_api` raise these too.

::

    KnowledgeError
    ├── InvalidGraph       facts that their shapes refuse; carries the report
    ├── QueryRejected      a question or query that may not, or cannot, be asked
    ├── QueryTimeout       a query that was stopped: past its deadline, or too large
    ├── StoreUnavailable   a knowledge base that cannot be opened or reached
    └── TooManyRows        an answer with more rows than one may have
"""


class KnowledgeError(Exception):
    """Something about meaning went wrong; the message says what, which, what to do."""


class InvalidGraph(KnowledgeError):
    """A graph breaks its shapes or rules, so nothing of it was loaded.

    Attributes:
        report: The whole validation report as text, one fault a paragraph.

    >>> InvalidGraph("1 fault in run 7c0e41; see the report", "no slice").report
    'no slice'
    """

    def __init__(self, message: str, report: str = "") -> None:
        super().__init__(message)
        self.report = report


class QueryRejected(KnowledgeError):
    """A question, parameter or query is unknown, malformed or not allowed."""


class QueryTimeout(KnowledgeError):
    """A query was stopped at its deadline, or for the memory it took."""


class StoreUnavailable(KnowledgeError):
    """The store is locked by another process, missing or not reachable."""


class TooManyRows(KnowledgeError):
    """An answer has more rows than one may have, and is not cut short in silence."""

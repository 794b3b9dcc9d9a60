"""More rows than an answer may have are an error, never an answer cut short."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pyoxigraph as ox

from ontology.errors import TooManyRows

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

T = TypeVar("T")


class _Marks(NamedTuple):
    """How rows are told apart in a form of results.

    Attributes:
        quoted: What may hold anything, and is left out first.
        rows: One of them stands for each row.
        extra: How many stand there without a row.
    """

    quoted: re.Pattern[bytes] | None
    rows: tuple[bytes, ...]
    extra: int = 0


_MARKS = {
    ox.QueryResultsFormat.JSON: _Marks(
        re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL), (b",{", b"[{")
    ),
    ox.QueryResultsFormat.XML: _Marks(None, (b"<result>",)),
    ox.QueryResultsFormat.CSV: _Marks(re.compile(rb'"[^"]*"'), (b"\r\n",), 1),
    ox.QueryResultsFormat.TSV: _Marks(None, (b"\n",), 1),
}


def within(rows: Iterable[T], most: int | None) -> Iterator[T]:
    """The rows, as long as there are no more than `most`.

    Raises:
        TooManyRows: When the first beyond it is read.
    """
    for count, row in enumerate(rows, 1):
        if most is not None and count > most:
            raise too_many(most)
        yield row


class CappedOutput(io.BytesIO):
    """Keeps what pyoxigraph writes in one form of results, up to a number of rows.

    Rows are counted in what is written, in whole pieces: exact, and cheap because
    nothing is looked at until there could be too many.

    Args:
        form: The form that is written.
        most: Rows that may be written; None: any number.
    """

    def __init__(self, form: ox.QueryResultsFormat, most: int | None) -> None:
        super().__init__()
        self._marks = _MARKS[form]
        self._most = most
        self._last = self._marks.rows[0][-1:]
        self._possible = self._counted = self._seen = 0

    def write(self, piece: "ReadableBuffer") -> int:
        """Take the next piece.

        Raises:
            TooManyRows: It holds the first row beyond the most there may be.
        """
        written = super().write(piece)
        self._possible += bytes(piece).count(self._last)
        if self._most is not None and self._possible - self._marks.extra > self._most:
            self._count()
            if self._counted - self._marks.extra > self._most:
                raise too_many(self._most)
        return written

    def _count(self) -> None:
        """Count the rows of what was not looked at yet, up to what may go on."""
        quoted, rows, _ = self._marks
        unseen = bytes(self.getbuffer()[self._seen :])
        left, begun = unseen, b""
        if quoted is not None:  # a string may have begun whose end is not written yet
            left, quote, rest = quoted.sub(b"", unseen).partition(b'"')
            begun = quote + rest
        kept = len(begun) or _begun(unseen, rows)
        self._seen += len(unseen) - kept
        self._counted += sum(left.count(mark) for mark in rows)
        kept_back = unseen[len(unseen) - kept :]
        self._possible = self._counted + kept_back.count(self._last)


def _begun(text: bytes, marks: tuple[bytes, ...]) -> int:
    """How many bytes at the end could be the beginning of a mark."""
    longest = len(marks[0]) - 1
    return next(
        (
            size
            for size in range(longest, 0, -1)
            if any(text.endswith(mark[:size]) for mark in marks)
        ),
        0,
    )


def too_many(most: int) -> TooManyRows:
    """What is told of an answer with more rows than that."""
    return TooManyRows(
        f"the answer has more than {most} rows, and nothing is cut off in silence; "
        "ask a part at a time with ORDER BY, LIMIT and OFFSET"
    )

"""Edits of a query's text: what is put where."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

Edit: TypeAlias = tuple[int, int, str]
"""Offset of the first character that is replaced, of the one behind the last, text."""

_IRIS = re.compile(r'(?:<(?!_:)[^<>"{}|^`\\\x00-\x20]*> ?)*')


def edited(query: str, edits: Iterable[Edit]) -> str:
    """A query with all edits made, none of which overlap."""
    pieces, at = [], 0
    for start, end, text in sorted(set(edits)):
        pieces += [query[at:start], text]
        at = end
    return "".join([*pieces, query[at:]])


def iris_of(subjects: Sequence[str]) -> str | None:
    """Geometries as IRIs of a query; None where one cannot be written so.

    >>> iris_of(["urn:a", "urn:b"]), iris_of(["_:b0"]), iris_of(["urn:a b"])
    ('<urn:a> <urn:b>', None, None)
    """
    text = " ".join(f"<{one}>" for one in subjects)
    return text if _IRIS.fullmatch(text) else None

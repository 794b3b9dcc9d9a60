"""Values into a query: as serialised terms in its VALUES rows, never as text."""

import re
from collections.abc import Mapping
from typing import TypeAlias

import pyoxigraph as ox

Term: TypeAlias = ox.NamedNode | ox.Literal

_ROW = re.compile(r"VALUES \((?P<names>(?: *\?\w+)+) *\) \{ *\(.*?\) *\}(?= *$)", re.M)


def bind_values(text: str, terms: Mapping[str, Term | None]) -> str:
    """The query with the terms in its VALUES rows; None is written UNDEF.

    A row stands at the end of its line and is replaced when all its variables have a
    term. Terms are serialised by pyoxigraph, which escapes literals and has refused
    bad IRIs when they were made.

    >>> bind_values("VALUES (?a ?b) { (UNDEF 1) }", {"a": ox.Literal("}"), "b": None})
    'VALUES (?a ?b) { ("}" UNDEF) }'

    Raises:
        AssertionError: A term has no row; the query would ignore it.
    """
    bound: set[str] = set()

    def row(match: re.Match[str]) -> str:
        names = [name.lstrip("?") for name in match["names"].split()]
        if not set(names) <= set(terms):
            return match[0]
        bound.update(names)
        values = ["UNDEF" if terms[one] is None else str(terms[one]) for one in names]
        return f"VALUES ({match['names'].strip()}) {{ ({' '.join(values)}) }}"

    replaced = _ROW.sub(row, text)
    assert bound == set(terms), f"no VALUES row for {sorted(set(terms) - bound)}"
    return replaced

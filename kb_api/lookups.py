"""Fixed look-ups (`queries/*.rq`) of the routers, with values bound in VALUES."""

import functools
import re
from importlib.resources import files

import pyoxigraph as ox

from kb_api.store import Store
from kb_api.terms import Value, to_value
from ontology.errors import QueryRejected

Term = ox.NamedNode | ox.Literal

_ROW = re.compile(r"VALUES \((?P<names>(?: *\?\w+)+) *\) \{ *\(.*?\) *\}(?= *$)", re.M)


def rows(store: Store, name: str, **terms: Term | None) -> list[dict[str, Value]]:
    """The rows of one of our queries.

    Args:
        store: Where the facts are.
        name: The stem of a file in `queries/`.
        terms: A term for every variable of its VALUES row; None leaves one open.
    """
    found = store.query(bound(query_text(name), terms))
    assert isinstance(found, ox.QuerySolutions), f"{name}.rq selects no rows"
    names = [variable.value for variable in found.variables]
    return [{one: to_value(row[one]) for one in names} for row in found]


def bound(text: str, terms: dict[str, Term | None]) -> str:
    """The query with the terms in its VALUES row, serialised by pyoxigraph.

    >>> bound("VALUES (?a) { (UNDEF) }", {"a": ox.Literal(2)})
    'VALUES (?a) { ("2"^^<http://www.w3.org/2001/XMLSchema#integer>) }'
    """

    def row(match: re.Match[str]) -> str:
        names = [name.lstrip("?") for name in match["names"].split()]
        assert sorted(names) == sorted(terms), f"the row has {names}, not {terms}"
        values = ["UNDEF" if terms[one] is None else str(terms[one]) for one in names]
        return f"VALUES ({match['names'].strip()}) {{ ({' '.join(values)}) }}"

    replaced, count = _ROW.subn(row, text)
    assert count == (1 if terms else 0), f"{count} VALUES rows for {sorted(terms)}"
    return replaced


@functools.cache
def query_text(name: str) -> str:
    """The text of one of our queries."""
    return files("kb_api").joinpath("queries", f"{name}.rq").read_text("utf-8")


def named_node(text: str) -> ox.NamedNode:
    """The IRI that a client gave.

    Raises:
        QueryRejected: It is no absolute IRI.
    """
    try:
        return ox.NamedNode(text)
    except ValueError as error:
        message = f"{text!r} is no IRI: {error}; give one such as https://…/result/1a2b"
        raise QueryRejected(message) from error

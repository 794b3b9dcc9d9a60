"""Fixed look-ups (`queries/*.rq`) of the routers, with values bound in VALUES."""

import functools
import hashlib
from importlib.resources import files

import pyoxigraph as ox

from kb_api.binding import Term, bind_values
from kb_api.store import Store
from kb_api.terms import Value, to_value
from ontology.errors import QueryRejected

_TRUTHS = ("assessable", "simulated")


def rows(store: Store, name: str, **terms: Term | None) -> list[dict[str, Value]]:
    """The rows of one of our queries.

    Args:
        store: Where the facts are.
        name: The stem of a file in `queries/`.
        terms: A term for every variable of its VALUES row; None leaves one open.
    """
    found = store.query(bind_values(query_text(name), terms))
    assert isinstance(found, ox.QuerySolutions), f"{name}.rq selects no rows"
    names = [variable.value for variable in found.variables]
    return [
        {one: to_value(row[one], truth=one in _TRUTHS) for one in names}
        for row in found
    ]


def state_of(store: Store) -> str:
    """A digest of all that is loaded; it changes when any load does."""
    found = [f"{row['graph']} {row['digest']}" for row in rows(store, "loads")]
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


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

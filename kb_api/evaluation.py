"""A query run on a pyoxigraph store, with every function of GeoSPARQL."""

import re

import pyoxigraph as ox

from kb_api.geosparql.functions import aggregates, functions
from kb_api.guard import line_column, tokens
from kb_api.outcome import Faults, Outcome, Prepared, QueryResult
from ontology import PREFIXES
from ontology.errors import QueryRejected

_UNREAD = ValueError("a literal that cannot be read is in no pair")
_FUNCTION = re.compile(r"custom function <([^>]*)>")


def evaluate(store: ox.Store, query: Prepared) -> Outcome:
    """Run a prepared query on a pyoxigraph store.

    What the engine refuses is run as it was asked: then it is malformed and the error
    names the place, or what was written into it does not fit, and it is slow and right.

    Raises:
        QueryRejected: It is refused.
    """
    faults = Faults()
    if query.unread:
        faults.note("a join of geometries", _UNREAD, query.unread)
    try:
        return Outcome(run_text(store, query.text, faults), faults, query.indexed)
    except (QueryRejected, RuntimeError):
        if query.asked is None:
            raise
        faults = Faults()
        outcome = Outcome(run_text(store, query.asked, faults), faults)
        if query.lasting:
            raise
        return outcome


def run_text(store: ox.Store, text: str, faults: Faults) -> QueryResult:
    """Results of a SPARQL query of a pyoxigraph store, over the union of its graphs.

    Args:
        store: Any.
        text: SPARQL 1.1 query; it may call every function of GeoSPARQL.
        faults: Where errors inside functions are noted.

    Raises:
        QueryRejected: When the text is no SPARQL query; the message carries the line
            and column.
    """
    try:
        return store.query(
            text,
            use_default_graph_as_union=True,
            custom_functions=functions(faults),
            custom_aggregate_functions=aggregates(faults),
        )
    except SyntaxError as error:
        told = _undeclared(text) or " ".join(str(error).split())
        told = told if len(told) <= 200 else told[:200] + " …"
        raise QueryRejected(f"the query does not parse: {told}") from error
    except RuntimeError as error:
        if not (named := _FUNCTION.search(str(error))):
            raise
        raise QueryRejected(
            f"error at {_place_of(text, named[1])}: {' '.join(str(error).split())}; "
            "the description of this endpoint lists the functions there are"
        ) from error


def _place_of(text: str, iri: str) -> str:
    """Line and column of the first token that could be an IRI; 1:1 if none is."""
    for one in tokens(text):
        local = one.text.partition(":")[2] if one.kind == "name" else None
        if one.text == f"<{iri}>" or (local and iri.endswith(local)):
            return line_column(text, one.start)
    return "1:1"


def _undeclared(text: str) -> str | None:
    """The first prefix that is used and not declared, with its place."""
    declared = set(re.findall(r"(?i)\bPREFIX\s+([\w.-]*):", text))
    for one in tokens(text):
        prefix = one.text.partition(":")[0]
        if one.kind == "name" and prefix not in declared | {"_"}:
            place = line_column(text, one.start)
            return (
                f"error at {place}: the prefix {prefix}: is not declared; "
                f"add PREFIX {prefix}: <{PREFIXES.get(prefix, '…')}> before it"
            )
    return None

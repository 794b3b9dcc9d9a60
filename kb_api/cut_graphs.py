"""Queries for graphs on a server that cuts what they give, and does not say so."""

from kb_api.guard import tokens
from ontology.errors import QueryRejected


def rows_of_graph(query: str) -> str:
    """The SELECT that has a row for each solution of a CONSTRUCT.

    A server that says where it cuts rows tells by it whether it cut the graph.

    >>> rows_of_graph("CONSTRUCT { ?s ?p 1 } WHERE { ?s ?p ?o } LIMIT 9")
    'SELECT (1 AS ?solution) WHERE { ?s ?p ?o } LIMIT 9'
    >>> rows_of_graph("CONSTRUCT WHERE { ?s ?p ?o }")
    'SELECT (1 AS ?solution) WHERE { ?s ?p ?o }'

    Raises:
        QueryRejected: It is a DESCRIBE, which has no such rows.
    """
    start, depth = None, 0
    for one in tokens(query):
        word = one.text.upper() if one.kind == "word" else ""
        if word == "DESCRIBE" and start is None:
            raise QueryRejected(
                "DESCRIBE is refused: the SPARQL server cuts it off without a sign; "
                "write CONSTRUCT WHERE { <…> ?property ?value }"
            )
        if word == "CONSTRUCT" and start is None:
            start = one.start
        elif start is not None:
            if word == "WHERE" and not depth:
                return f"{query[:start]}SELECT (1 AS ?solution) {query[one.start :]}"
            if one.text == "{" and one.kind == "mark":
                depth += 1
            elif one.text == "}" and one.kind == "mark":
                depth -= 1
                if not depth:
                    rest = query[one.start + 1 :].lstrip()
                    return f"{query[:start]}SELECT (1 AS ?solution) {rest}"
    raise AssertionError("a query for a graph is a CONSTRUCT or a DESCRIBE")

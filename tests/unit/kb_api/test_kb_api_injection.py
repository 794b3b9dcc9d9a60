"""No value of a parameter becomes a part of the query that it is written into."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdflib import Graph

from kb_api.answers import bound_text
from kb_api.binding import bind_values
from kb_api.embedded_store import EmbeddedStore
from kb_api.guard import check_query, tokens
from kb_api.questions import Parameter, Question, questions
from ontology.errors import QueryRejected

BASE = Path(__file__).parents[2] / "small_base.ttl"
ECHO = "SELECT ?x {\n  VALUES (?x) { (UNDEF) }\n}"
PIECES = [
    '"', "'", '"""', "'''", "\\", '\\"', "\n", "\r\n", "}", "{", ")", "(", "<", ">",
    "#", "\x00", "\t", " ", "UNDEF", "SERVICE <http://x> {", "} . ?s ?p ?o . {",
    ") } } #", "\\u0022", "%22", "@en", "^^", "http://", "https://kb.example/a",
    "clc:221", "clc:", "VALUES (?x) { (1) }", "é", "\u2028", "\ud83d\ude00", "DROP ALL",
    "2017-04-19", "0.3", "POINT(1 2)", "yes",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=6).map(
    lambda pieces: "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16")
)
PARAMETERS = [
    (question, parameter)
    for question in questions()
    for parameter in question.parameters
]


@pytest.fixture(scope="module")
def store() -> Iterator[EmbeddedStore]:
    store = EmbeddedStore()
    content = Graph().parse(BASE).serialize(format="nt", encoding="utf-8")
    store.put_graphs({"https://kb.example/graph": ("facts", content)})
    yield store
    store.close()


@given(HOSTILE)
@settings(max_examples=200, deadline=None)
@example('"')
@example('"} #')
@example("a'\"\\\r\n}")
def test_a_text_comes_back_as_it_was_given(text: str) -> None:
    query = bind_values(ECHO, {"x": ox.Literal(text)})
    check_query(query)
    rows = ox.Store().query(query)
    assert isinstance(rows, ox.QuerySolutions)
    assert [row["x"] for row in rows] == [ox.Literal(text)]


@given(HOSTILE)
@settings(max_examples=200, deadline=None)
@example("https://x/> } DROP ALL #")
@example("https://x/\n")
def test_an_iri_comes_back_as_it_was_given_or_is_none(text: str) -> None:
    for candidate in (text, f"https://kb.example/{text}"):
        try:
            node = ox.NamedNode(candidate)
        except ValueError:
            continue
        assert not re.search(r'[<>"{}|^`\\\x00-\x20]', candidate)
        rows = ox.Store().query(bind_values(ECHO, {"x": node}))
        assert isinstance(rows, ox.QuerySolutions)
        assert [row["x"] for row in rows] == [node]


@given(st.sampled_from(PARAMETERS), HOSTILE)
@settings(max_examples=600, deadline=None)
def test_a_value_changes_one_term_of_the_question_or_is_refused(
    store: EmbeddedStore, asked: tuple[Question, Parameter], text: str
) -> None:
    question, parameter = asked
    try:
        plain = bound_text(store, question, {})
        bound = bound_text(store, question, {parameter.name: text})
    except QueryRejected:
        return
    check_query(bound)
    ox.Store().query(bound)  # it parses
    assert shape(bound) == shape(plain)


def shape(query: str) -> list[str]:
    """The tokens of a query in order, with T for every RDF term and UNDEF."""
    found, rest = [], iter(list(tokens(query)))
    for token in rest:
        term = token.kind in ("iri", "number", "string")
        if term or token.text in ("UNDEF", "true", "false"):
            found.append("T")
        elif token.kind == "language":
            pass  # of the string before it
        elif token.text == "^":
            next(rest), next(rest)  # the datatype of the string before it
        else:
            found.append(token.text)
    return found


def test_a_shape_differs_where_more_than_a_term_does() -> None:
    plain = "SELECT * { VALUES (?x) { (UNDEF) } }"
    same = ["'a'", "'a'@en", "<x:a>", "1.5", "'a'^^<x:b>", "true"]
    assert {tuple(shape(plain.replace("UNDEF", one))) for one in same} == {
        tuple(shape(plain))
    }
    for more in ("'a') ('b'", "'a' 'b'", "'a') } ?s ?p ?o { (1", "?y", ""):
        assert shape(plain.replace("UNDEF", more)) != shape(plain)
    assert len(PARAMETERS) > 30

"""Questions and queries of the command line against a knowledge base folder."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kb_api.answers import Answer, ask
from kb_api.endpoint.in_process import outcome_of
from kb_api.guard import check_query
from kb_api.hints import why_empty
from kb_api.outcome import Faults, QueryResult, Regime
from kb_api.questions import find_question, questions
from kb_api.result_forms import FORMS, offered_for, serialise
from kb_api.sparql_server import SparqlServer
from kb_api.terms import to_value
from lucerna.stopping import ended_within
from lucerna.wiring import KnowledgeBase, open_knowledge_base
from ontology.errors import QueryRejected, StoreUnavailable

Table = tuple[Sequence[str], list[dict[str, Any]]]

GRACE_S = 1.0
"""How long after Ctrl-C a query may still run."""

_FAULTS = 5

TABLE = "table"
"""The form for people, beside those of `FORMS`."""


def list_questions() -> Table:
    """The library: name, title and parameters with their defaults."""
    rows: list[dict[str, Any]] = [
        {
            "name": question.name,
            "title": question.title,
            "parameters": " ".join(
                f"{one.name}={one.default or ''}" for one in question.parameters
            ),
        }
        for question in questions()
    ]
    return ("name", "title", "parameters"), rows


def explain_question(name: str) -> Table:
    """What the parameters and columns of a question mean.

    Raises:
        QueryRejected: There is no such question.
    """
    question = find_question(name)
    rows: list[dict[str, Any]] = [
        {
            "name": f"{one.name}=",
            "kind": one.type,
            "default": one.default,
            "meaning": one.description,
        }
        for one in question.parameters
    ]
    rows += [
        {
            "name": one.name,
            "kind": one.unit,
            "default": None,
            "meaning": one.description,
        }
        for one in question.columns
    ]
    return ("name", "kind", "default", "meaning"), rows


def ask_question(
    folder: Path,
    name: str,
    values: Sequence[str],
    server: SparqlServer | None = None,
) -> tuple[Table, list[str]]:
    """The answer of a named question, and why it is empty; values are `name=value`.

    Raises:
        QueryRejected: Unknown question or parameter, or a value of the wrong form.
        StoreUnavailable: There is no knowledge base, or another process holds it.
    """
    given = given_values(values)
    with ended_within(GRACE_S), open_existing(folder, server) as base:
        answer = ask(base.store, name, given)
        hints = [] if answer.rows else why_empty(base.store, name, given)
    return (readable_columns(answer), answer.rows), hints


def given_values(values: Sequence[str]) -> dict[str, str]:
    """Parameters of a question from `name=value`.

    Raises:
        QueryRejected: One has another form, or is given twice.
    """
    given: dict[str, str] = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not equals:
            raise QueryRejected(f"{value!r} is no name=value; write kind=clc:221")
        if key in given:
            raise QueryRejected(f"{key} is given twice; give it once")
        given[key] = text
    return given


def readable_columns(answer: Answer) -> list[str]:
    """The columns for people: IRIs and shapes are left to JSON."""
    return [one.name for one in answer.columns if one.unit not in ("iri", "wkt")]


def run_query(
    folder: Path,
    text: str,
    form: str,
    regime: Regime,
    server: SparqlServer | None = None,
) -> tuple[Sequence[str], Sequence[Mapping[str, Any]], str | None, list[str]]:
    """Columns and rows of a SPARQL query, or its serialised form; errors in functions.

    Raises:
        QueryRejected: The query is malformed or not allowed, or its results cannot
            be written so.
        StoreUnavailable: There is no knowledge base, or another process holds it.
    """
    check_query(text)
    with ended_within(GRACE_S), open_existing(folder, server) as base:
        outcome = outcome_of(base.store, text, regime)
        result = outcome.results
        if form != TABLE or isinstance(result, ox.QueryTriples):
            return (), [], _serialised(result, form), _told(outcome.faults)
        if isinstance(result, ox.QueryBoolean):
            return (
                ("answer",),
                [{"answer": str(bool(result)).lower()}],
                None,
                _told(outcome.faults),
            )
        names = [variable.value for variable in result.variables]
        rows = [{name: to_value(row[name]) for name in names} for row in result]
    return names, rows, None, _told(outcome.faults)


def _told(faults: Faults) -> list[str]:
    """The most frequent errors inside functions, a line each."""
    return [
        f"{count} {'value is' if count == 1 else 'values are'} unbound: {message}"
        for message, count in faults.told.most_common(_FAULTS)
    ]


def _serialised(result: QueryResult, form: str) -> str:
    """The results as text; a graph as Turtle for `table` and JSON-LD for `json`."""
    if isinstance(result, ox.QueryTriples):
        form = {TABLE: "turtle", "json": "jsonld"}.get(form, form)
    offered = {name: media for name, media in FORMS.items()
               if media in offered_for(result)}  # fmt: skip
    if form not in offered:
        raise QueryRejected(
            f"the results of this query are not written as {form}; choose one of "
            f"{', '.join(offered)} with --format"
        )
    text = serialise(result, offered[form]).decode()
    return text if text.endswith("\n") else f"{text}\n"


def read_query(text: str) -> str:
    """The query itself, the content of @FILE, or standard input for `-`."""
    try:
        if text == "-":
            return sys.stdin.buffer.read().decode()
        if text.startswith("@"):
            return Path(text[1:]).read_text("utf-8")
        return text.encode().decode()
    except UnicodeError as error:
        raise QueryRejected(f"the query is no UTF-8 text: {error}") from error


def open_existing(
    folder: Path, server: SparqlServer | None = None
) -> AbstractContextManager[KnowledgeBase]:
    """The knowledge base in a folder or on a server, when there is one.

    Raises:
        StoreUnavailable: When there is none; asking must not make an empty one.
    """
    if server is None and not (folder / "store").is_dir():
        raise StoreUnavailable(
            f"{folder} holds no knowledge base; make one with `lucerna lift` or "
            "`lucerna demo`, or name another with --kb"
        )
    return open_knowledge_base(folder, server)

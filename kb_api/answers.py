"""A named question with values becomes typed rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kb_api.binding import Term
from kb_api.questions import Column, Parameter, Question, find_question
from kb_api.store import Store
from kb_api.terms import Value, parse_term, to_value
from ontology.errors import QueryRejected


@dataclass(frozen=True)
class Answer:
    """The rows that a question has.

    Attributes:
        question: The question asked.
        text: The SPARQL that ran, values bound.
        rows: One mapping a row, column name to Python value; None where unbound.
    """

    question: Question
    text: str
    rows: list[dict[str, Value]]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in the order of the question's head comment."""
        return self.question.columns


def ask(store: Store, name: str, values: Mapping[str, str]) -> Answer:
    """The answer to a named question.

    Args:
        store: Where the facts are.
        name: The question's name, such as `rank_units`.
        values: Parameter name to value as a user writes it; an empty value leaves
            the parameter open, one that is not given takes its default.

    Raises:
        QueryRejected: Unknown question or parameter, a value of the wrong type or out
            of its range, or a period that ends before it begins.
    """
    question = find_question(name)
    return ask_bound(store, question, bound_text(store, question, values))


def ask_bound(store: Store, question: Question, text: str) -> Answer:
    """The answer to a question whose values are bound."""
    rows = store.query(text)
    assert isinstance(rows, ox.QuerySolutions)
    held = {variable.value for variable in rows.variables}
    names = {column.name: column.unit == "boolean" for column in question.columns}
    told = f"{question.name}.rq declares {list(names)} and selects {held}"
    assert held == set(names), told
    return Answer(
        question,
        text,
        [
            {one: to_value(row[one], truth=truth) for one, truth in names.items()}
            for row in rows
        ],
    )


def bound_text(store: Store, question: Question, values: Mapping[str, str]) -> str:
    """The question's SPARQL with the values bound.

    Raises:
        QueryRejected: Unknown parameter, a value of the wrong type or out of its
            range, or a period that ends before it begins.
    """
    known = [parameter.name for parameter in question.parameters]
    for name in values:
        if name not in known:
            listed = ", ".join(known) or "none"
            message = f"{question.name} has no parameter {name!r}; it has: {listed}"
            raise QueryRejected(message)
    texts = {
        one: values.get(one.name, one.default or "").strip()
        for one in question.parameters
    }
    for parameter, text in texts.items():
        if not text and not parameter.may_be_open:
            usual = parameter.default
            advice = f"leave it out for {usual}" if usual else "give one"
            raise QueryRejected(
                f"{question.name}: {parameter.name} must have a value; {advice}"
            )
    terms: dict[str, Term | None] = {
        parameter.name: parse_term(store, question, parameter, text) if text else None
        for parameter, text in texts.items()
    }
    _check_periods(question, texts, terms)
    return question.bind(terms)


def _check_periods(
    question: Question,
    texts: Mapping[Parameter, str],
    terms: Mapping[str, Term | None],
) -> None:
    """Refuse a period that ends before it begins: `since` after `until`."""
    told = {parameter.name: text for parameter, text in texts.items()}
    for name, first in terms.items():
        last_name = name.removesuffix("since") + "until"
        last = terms.get(last_name)
        if not name.endswith("since") or first is None or last is None:
            continue
        if first.value > last.value:
            raise QueryRejected(
                f"{question.name}: {name}={told[name]} is later than "
                f"{last_name}={told[last_name]}; give the earlier day as {name}"
            )

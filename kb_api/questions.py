"""Named questions: title, typed parameters and columns read from each head comment."""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from kb_api.binding import Term, bind_values
from ontology.errors import QueryRejected
from ontology.files import query_names, query_text

PARAMETER_TYPES = (
    "text", "number", "integer", "boolean", "date", "iri", "concept", "unit", "wkt",
)  # fmt: skip

_PARAMETER = re.compile(r"^# parameter: (?P<name>\w+) (?P<type>\w+) (?P<rest>.+)$")
_RANGE = re.compile(
    r"^# range: (?P<name>\w+) (?P<open>[(\[])(?P<least>\S+), (?P<most>\S+)\]$"
)
_COLUMN = re.compile(r"^# column: (?P<name>\w+) (?P<unit>\S+) (?P<text>.+)$")
_FIELD = re.compile(r"^# (?P<key>title|number|description): (?P<value>.+)$")
_PREFIX = re.compile(r"^PREFIX (?P<name>\w*): <(?P<iri>[^>]+)>", re.M)


@dataclass(frozen=True)
class Range:
    """The numbers that a parameter may have.

    Attributes:
        least: The lower end.
        most: The upper end, included.
        above: Whether the lower end itself is left out.
    """

    least: float
    most: float
    above: bool

    def __contains__(self, number: Decimal) -> bool:
        """Whether a number lies in the range.

        >>> Decimal(0) in Range(0, 1, above=True), Decimal(1) in Range(0, 1, above=True)
        (False, True)
        """
        if number > Decimal(str(self.most)):
            return False
        least = Decimal(str(self.least))
        return number > least if self.above else number >= least

    def __str__(self) -> str:
        """The range in words.

        >>> str(Range(0, 1, above=True)), str(Range(1, 31, above=False))
        ('above 0 up to 1', 'from 1 to 31')
        """
        if self.above:
            return f"above {self.least:g} up to {self.most:g}"
        return f"from {self.least:g} to {self.most:g}"


@dataclass(frozen=True)
class Parameter:
    """One input of a question.

    Attributes:
        name: The variable it binds, without the question mark.
        type: One of `PARAMETER_TYPES`.
        default: The value as a user would write it; None leaves it open.
        description: What it means, with its unit and range.
        range: What numbers it may have; None for what is no number.
    """

    name: str
    type: str
    default: str | None
    description: str
    range: Range | None = None

    @property
    def may_be_open(self) -> bool:
        """Whether it may be left without a value: its description says what then."""
        return "empty:" in self.description


@dataclass(frozen=True)
class Column:
    """One column of an answer: its name, unit of measure or kind, and meaning."""

    name: str
    unit: str
    description: str


@dataclass(frozen=True)
class Question:
    """A named SPARQL query with typed parameters.

    Attributes:
        name: The stem of its file.
        title: One line.
        number: Its number in the catalogue of questions.
        description: What exactly is asked, and what is left out.
        text: The query, with default values in its VALUES rows.
    """

    name: str
    title: str
    number: int
    description: str
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    text: str

    def bind(self, terms: Mapping[str, Term | None]) -> str:
        """The query with a term, or None for open, for each of its parameters."""
        return bind_values(self.text, terms)

    def prefixes(self) -> dict[str, str]:
        """The prefixes that the query declares, name to IRI."""
        return {match["name"]: match["iri"] for match in _PREFIX.finditer(self.text)}


@functools.cache
def questions() -> tuple[Question, ...]:
    """All questions of the library by their number."""
    found = [parse_question(name, query_text(name)) for name in query_names()]
    assert found, "the question library is empty"
    return tuple(sorted(found, key=lambda question: question.number))


def find_question(name: str) -> Question:
    """The question of that name.

    Raises:
        QueryRejected: When there is none; the message lists those there are.
    """
    for question in questions():
        if question.name == name:
            return question
    known = ", ".join(question.name for question in questions())
    raise QueryRejected(f"there is no question {name!r}; choose one of: {known}")


def parse_question(name: str, text: str) -> Question:
    """The question written in a `.rq` file.

    Raises:
        ValueError: When the head comment lacks a field, names an unknown parameter
            type, or has a number without its range or a range without its number.
    """
    fields: dict[str, str] = {}
    parameters: list[Parameter] = []
    columns: list[Column] = []
    for line in text.splitlines():
        if match := _PARAMETER.match(line):
            parameters.append(_parameter(name, match))
        elif line.startswith("# range: "):
            parameters[-1] = _ranged(name, parameters[-1], line)
        elif match := _COLUMN.match(line):
            columns.append(Column(match["name"], match["unit"], match["text"]))
        elif match := _FIELD.match(line):
            fields[match["key"]] = match["value"]
    for one in parameters:
        if (one.type in ("number", "integer")) != (one.range is not None):
            raise ValueError(f"{name}.rq: {one.name} is a number without a range")
    if len(fields) < 3 or not columns:
        raise ValueError(
            f"{name}.rq: the head comment lacks title, number, description or columns"
        )
    return Question(
        name=name,
        title=fields["title"],
        number=int(fields["number"]),
        description=fields["description"],
        parameters=tuple(parameters),
        columns=tuple(columns),
        text=text,
    )


def _parameter(name: str, match: re.Match[str]) -> Parameter:
    if match["type"] not in PARAMETER_TYPES:
        raise ValueError(f"{name}.rq: unknown parameter type {match['type']!r}")
    rest = match["rest"]
    if rest.startswith('"'):
        default, end = json.JSONDecoder().raw_decode(rest)
        description = rest[end:].strip()
    else:
        default, _, description = rest.partition(" ")
    unset = default in ("", "UNDEF")
    return Parameter(
        match["name"], match["type"], None if unset else default, description
    )


def _ranged(name: str, parameter: Parameter, line: str) -> Parameter:
    """The parameter with the range that the line after it gives."""
    match = _RANGE.match(line)
    if match is None or match["name"] != parameter.name:
        raise ValueError(f"{name}.rq: {line!r} is no range of {parameter.name}")
    least, most = float(match["least"]), float(match["most"])
    return replace(parameter, range=Range(least, most, above=match["open"] == "("))

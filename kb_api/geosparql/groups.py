"""The groups of a query: which triples, filters and values stand in which."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import pyoxigraph as ox

from kb_api.geosparql.paths import Path, PathReader
from kb_api.geosparql.tokens import Doubt, Part, closing, literal_of, parts_of
from kb_api.kept import kept_of_short

_TERMS = ("iri", "literal", "variable", "blank", "number")
_REFUSED = ("FROM", "SERVICE", "BASE")

Names: TypeAlias = frozenset[str] | None
"""Variables that a group shows outside; None: all."""


@dataclass(frozen=True, slots=True)
class Triple:
    """A triple pattern that every row of its group matches.

    Attributes:
        subject: A term, or None for a blank node in brackets.
        path: Predicate or property path.
        object: A term, or None for a blank node in brackets.
        block: Offset where the basic graph pattern begins that it belongs to.
    """

    subject: Part | None
    path: Path
    object: Part | None
    block: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Triples of one subject, from its offset to the one behind the last object."""

    start: int
    end: int
    triples: tuple[Triple, ...]


@dataclass(slots=True)
class Group:
    """What stands between two braces.

    Attributes:
        statements: Its own triples.
        filters: The parts of each of its constraints.
        constants: Variables that have the same literal in each of its rows.
        joined: For each element that is joined with the others, the groups of which
            each row comes from one: braces, GRAPH, UNION, a sub-select that neither
            counts nor cuts.
        graph: IRI or variable of the innermost GRAPH around it.
        end: Offset of the brace that closes it.
    """

    statements: list[Statement] = field(default_factory=list)
    filters: list[list[Part]] = field(default_factory=list)
    constants: dict[str, ox.Literal] = field(default_factory=dict)
    joined: list[list[tuple["Group", Names]]] = field(default_factory=list)
    graph: Part | None = None
    end: int = 0

    @property
    def triples(self) -> list[Triple]:
        """The triples of all its statements."""
        return [triple for one in self.statements for triple in one.triples]


@kept_of_short(10_000, 32)
def groups_of(query: str) -> tuple[Group, ...]:
    """All groups of a query, inner ones before outer ones.

    Raises:
        Doubt: The query is not surely understood.
    """
    parts = parts_of(query)
    if any(one.kind == "word" and one.value in _REFUSED for one in parts):
        raise Doubt("a dataset or a service")
    try:
        return tuple(_Reader(parts).read())
    except (IndexError, RecursionError) as error:
        raise Doubt("an end") from error


class _Reader:
    """Reads from the part that it stands at."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._at = 0
        self._found: list[Group] = []
        self._block: int | None = None

    def read(self) -> list[Group]:
        """The groups of the whole query."""
        form = self._parts[0].value
        if form == "CONSTRUCT":
            self._at = closing(self._parts, 1) + 1
        if form == "SELECT":
            self._select(len(self._parts), graph=None)
            return self._found
        if form not in ("ASK", "CONSTRUCT", "DESCRIBE"):
            raise Doubt("a form")
        while self._at < len(self._parts) and not self._is_mark("{"):
            self._at += 1
        if self._at < len(self._parts):
            self._group(graph=None)
        return self._found

    def _is_mark(self, text: str) -> bool:
        one = self._parts[self._at]
        return one.kind == "mark" and one.text == text

    def _is_word(self, *words: str) -> bool:
        one = self._parts[self._at]
        return one.kind == "word" and one.value in words

    def _group(self, *, graph: Part | None) -> Group:
        """The group whose brace opens here; stands behind it then."""
        if not self._is_mark("{"):
            raise Doubt("a group")
        close = closing(self._parts, self._at)
        end = self._parts[close].start
        group, outer = Group(graph=graph, end=end), self._block
        self._block = None
        self._at += 1
        if self._is_word("SELECT"):
            selected = self._select(close, graph=graph)
            group.joined += [[selected]] if selected else []
        else:
            while self._at < close:
                self._element(group, close)
        if self._at != close:
            raise Doubt("the end of a group")
        self._at, self._block = close + 1, outer
        self._found.append(group)
        return group

    def _select(self, end: int, *, graph: Part | None) -> tuple[Group, Names] | None:
        """The group of a select with its names, unless it counts or cuts rows."""
        self._at += 1
        names: set[str] = set()
        is_plain = True
        while not self._is_mark("{"):
            one = self._parts[self._at]
            if one.kind == "variable":
                names.add(one.value)
            elif one.text == "(":
                is_plain = False
                self._at = closing(self._parts, self._at)
            elif one.text != "*" and one.value not in ("DISTINCT", "REDUCED", "WHERE"):
                raise Doubt("a selection")
            self._at += 1
        where = self._group(graph=graph)
        is_plain = is_plain and self._at == end
        self._at = end
        return (where, frozenset(names) or None) if is_plain else None

    def _element(self, group: Group, close: int) -> None:
        one = self._parts[self._at]
        if one.text == ".":
            self._at += 1
        elif self._is_word("FILTER"):
            self._at += 1
            group.filters.append(self._constraint(graph=group.graph))
        elif one.kind == "word" and one.value not in ("TRUE", "FALSE"):
            self._block = None
            self._at += 1
            self._pattern(one.value, group)
        elif one.text == "{":
            self._block = None
            branches = [self._group(graph=group.graph)]
            while self._is_word("UNION"):
                self._at += 1
                branches.append(self._group(graph=group.graph))
            group.joined.append([(branch, None) for branch in branches])
        else:
            group.statements.append(self._statement(close))

    def _pattern(self, word: str, group: Group) -> None:
        """An element that opens with a word, from behind it."""
        match word:
            case "OPTIONAL" | "MINUS":
                self._group(graph=group.graph)
            case "GRAPH":
                graph = self._parts[self._at]
                if graph.kind not in ("iri", "variable"):
                    raise Doubt("a graph")
                self._at += 1
                group.joined.append([(self._group(graph=graph), None)])
            case "BIND":
                begin, self._at = self._at + 1, closing(self._parts, self._at)
                self._expression(begin, self._at, graph=group.graph)
                *value, word_as, variable = self._parts[begin : self._at]
                if word_as.value != "AS" or variable.kind != "variable":
                    raise Doubt("a BIND")
                if len(value) == 1 and value[0].kind == "literal":
                    group.constants[variable.value] = literal_of(value[0])
                self._at += 1
            case "VALUES":
                self._values(group)
            case _:
                raise Doubt(word)

    def _values(self, group: Group) -> None:
        """What a VALUES of one row says of its variables."""
        begin = self._at
        if self._is_mark("("):
            self._at = closing(self._parts, self._at)
        told = self._parts[begin : self._at + 1]
        names = [one for one in told if one.text not in "()"]
        if any(one.kind != "variable" for one in names):
            raise Doubt("VALUES")
        self._at += 1
        first, last = self._at + 1, closing(self._parts, self._at)
        if self._parts[self._at].text != "{":
            raise Doubt("VALUES")
        self._at = last + 1
        if begin + 1 != first - 1:  # the names stand in parentheses
            if first == last or closing(self._parts, first) != last - 1:
                return
            first, last = first + 1, last - 1
        row = self._parts[first:last]
        if len(row) == len(names):
            group.constants |= {
                name.value: literal_of(one)
                for name, one in zip(names, row, strict=True)
                if one.kind == "literal"
            }

    def _constraint(self, *, graph: Part | None) -> list[Part]:
        """The parts of a filter, from behind the word."""
        begin = self._at
        while self._parts[self._at].kind in ("word", "iri"):
            self._at += 1
        if self._parts[self._at].text not in ("(", "{"):
            raise Doubt("a filter")
        end = closing(self._parts, self._at) + 1
        self._expression(begin, end, graph=graph)
        self._at = end
        return list(self._parts[begin:end])

    def _expression(self, begin: int, end: int, *, graph: Part | None) -> None:
        """Read the groups of EXISTS in an expression.

        A comparison such as `?a<?b)&&(?c>?d` is taken for an IRI by the tokenizer;
        then that IRI stands behind an operand, as no IRI does in an expression.
        """
        at, is_operand = begin, False
        while at < end:
            one = self._parts[at]
            if is_operand and one.kind == "iri":
                raise Doubt("a comparison")
            if one.kind == "mark" and one.text == "{":
                here, self._at = self._at, at
                self._group(graph=graph)
                at, self._at = self._at, here
                is_operand = False
                continue
            is_operand = one.kind in _TERMS or one.text == ")"
            at += 1

    def _statement(self, close: int) -> Statement:
        """Triples of one subject."""
        start = self._parts[self._at].start
        self._block = start if self._block is None else self._block
        found: list[Triple] = []
        subject = self._node(found)
        if subject is not None or not self._ends_here(close):
            self._properties(subject, found)
        if not self._ends_here(close):
            raise Doubt("a statement")
        return Statement(start, self._parts[self._at - 1].end, tuple(found))

    def _ends_here(self, close: int) -> bool:
        one = self._parts[self._at]
        is_word = one.kind == "word" and one.value not in ("TRUE", "FALSE", "A")
        return self._at == close or is_word or one.text in (".", "{")

    def _node(self, found: list[Triple]) -> Part | None:
        """A subject or object; what stands in its brackets is found."""
        one: Part | None = self._parts[self._at]
        if self._is_mark("["):
            end = closing(self._parts, self._at)
            self._at += 1
            if self._at < end:
                self._properties(None, found)
            if self._at != end:
                raise Doubt("a blank node")
            one = None
        elif self._parts[self._at].kind not in _TERMS and not self._is_word(
            "TRUE", "FALSE"
        ):
            raise Doubt("a term")
        self._at += 1
        return one

    def _properties(self, subject: Part | None, found: list[Triple]) -> None:
        """What is said of a subject."""
        assert self._block is not None
        while True:
            reader = PathReader(self._parts, self._at)
            path = reader.read()
            self._at = reader.at - 1
            is_first = True
            while is_first or self._is_mark(","):
                self._at += 1
                is_first = False
                inner: list[Triple] = []
                node = self._node(inner)
                found += [Triple(subject, path, node, self._block), *inner]
            if not self._is_mark(";"):
                return
            while self._is_mark(";"):
                self._at += 1
            one = self._parts[self._at]
            is_verb = one.kind in ("iri", "variable") or one.text in "a^!("
            if not is_verb:
                return

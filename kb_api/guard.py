"""What an untrusted query may not do, found in its tokens."""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from kb_api.kept import kept_of_short
from ontology.errors import QueryRejected

_UPDATES = {
    "LOAD", "INSERT", "DELETE", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD",
}  # fmt: skip
_SERVICE = "SERVICE"
_OPEN, _CLOSE, _SIGNS = set("{(["), set("})]"), set("!-+^")

MAX_DEPTH = 100
"""Brackets within brackets, or signs in a row, that a query may have."""

MAX_TOKENS = 5_000
"""Pieces that a query may have: the parser recurses along chains (`1 + 1 + …`,
`{} UNION {} …`), and runs out of stack from about 15 000 on."""

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<comment>\#[^\r\n]*)
    | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
    | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}
      | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
      | "(?:[^"\\\r\n]|\\[^\r\n])*"
      | '(?:[^'\\\r\n]|\\[^\r\n])*')
    | (?P<variable>[?$]\w+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<name>(?:[^\W\d](?:[\w.\-]{0,99}[\w\-])?)?
      :(?:[\w:.\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
    | (?P<word>[^\W\d]\w*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+\-]?\d+)?)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a query that means something.

    Attributes:
        kind: iri, string, variable, language, name (prefixed), word, number or mark.
        text: As it is written.
        start: Offset of its first character.
    """

    kind: str
    text: str
    start: int


@kept_of_short(10_000, 32)
def tokens(query: str) -> tuple[Token, ...]:
    """The tokens of a SPARQL text in order, without white space and comments.

    No more than one beyond `MAX_TOKENS`.

    >>> [token.text for token in tokens("ASK { ?s a <x#> } # all")]
    ['ASK', '{', '?s', 'a', '<x#>', '}']
    """
    return tuple(itertools.islice(_tokens(query), MAX_TOKENS + 1))


def _tokens(query: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup or "mark"
        if kind not in ("space", "comment"):
            yield Token(kind, match[0], match.start())


def check_query(query: str) -> None:
    """Let a query pass that only reads this store.

    The parser of the store accepts keywords without a space behind them
    (`SERVICE:name`, `trueSERVICE<…>`), so the word is also refused where it could be
    cut out of a longer token. What is no valid SPARQL is left to the parser.

    Raises:
        QueryRejected: It calls another service, changes data, names a dataset, or
            nests so deep or is so long that the parser would run out of stack; the
            message names the construct with its line and column.
    """
    depth = signs = 0
    for count, token in enumerate(tokens(query), 1):
        if count > MAX_TOKENS:
            raise QueryRejected(
                f"the query has more than {MAX_TOKENS} words and signs "
                f"(at {_place(query, token.start)}); ask in parts"
            )
        if reason := _refusal(token):
            raise QueryRejected(f"{reason} (at {_place(query, token.start)})")
        signs = signs + 1 if token.text in _SIGNS else 0
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if max(depth, signs) > MAX_DEPTH:
            raise QueryRejected(
                f"the query nests deeper than {MAX_DEPTH} levels "
                f"(at {_place(query, token.start)}); make it flatter"
            )


def _refusal(token: Token) -> str | None:
    """Why a query with this token is refused; None where it may pass."""
    upper = token.text.upper()
    if _calls_service(token.kind, upper):
        if token.kind == "word":
            return "SERVICE is refused: a query reads this knowledge base only"
        return (
            f"{token.text} is refused: it could be read as SERVICE; "
            "choose another prefix or write the IRI in full"
        )
    if token.kind == "word" and upper in _UPDATES:
        return f"{upper} is refused: this endpoint reads, it changes nothing"
    if token.kind == "word" and upper == "FROM":
        return (
            "FROM is refused: a query sees the union of all named graphs; "
            "narrow it with GRAPH"
        )
    if token.kind == "mark" and token.text == "\\":
        return "a codepoint escape is refused outside strings and IRIs"
    return None


def _calls_service(kind: str, upper: str) -> bool:
    """Whether the parser could find the keyword SERVICE in the token.

    In `?a<?b)SERVICE?v#>` the parser may see a comparison and a comment where the
    scanner sees an IRI; the comparison can only end with a parenthesis.
    """
    match kind:
        case "word":
            return _SERVICE in upper
        case "name":
            prefix, _, local = upper.partition(":")
            cut = [part.startswith(_SERVICE) for part in local.split(".")[1:]]
            return _SERVICE in prefix or any(cut)
        case "iri":
            return _SERVICE in upper.partition(")")[2]
    return False


def line_column(text: str, offset: int) -> str:
    r"""Line and column of a character, both from 1.

    >>> line_column("ab\ncd", 4)
    '2:2'
    """
    line = text.count("\n", 0, offset) + 1
    return f"{line}:{offset - text.rfind(chr(10), 0, offset)}"


def _place(query: str, offset: int) -> str:
    line, _, column = line_column(query, offset).partition(":")
    return f"line {line}, column {column}"

"""The tokens of a query as terms: prefixes resolved, literals read, doubts raised."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import pyoxigraph as ox

from kb_api.guard import MAX_TOKENS, tokens
from kb_api.kept import kept_of_short

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\\]*")
_DOTS = re.compile(r"\.*$")
_BRACKETS = {"{": "}", "(": ")", "[": "]"}


class Doubt(Exception):
    """A query that is not surely understood; it is left as it is."""


class Part(NamedTuple):
    """A token, or a literal with its datatype or language.

    Attributes:
        kind: iri, literal, variable, blank, word, number or mark.
        text: As it is written.
        start: Offset of its first character.
        value: The IRI in full, the name of a variable, a word in capitals, else the
            text.
    """

    kind: str
    text: str
    start: int
    value: str

    @property
    def end(self) -> int:
        """Offset behind its last character."""
        return self.start + len(self.text)


@kept_of_short(10_000, 32)
def parts_of(query: str) -> tuple[Part, ...]:
    """The parts of a query behind its prologue, with that prologue applied.

    Raises:
        Doubt: It has something that this reader and the engine might read apart:
            codepoint escapes, letters beyond ASCII in names, a base, a prefix that is
            declared twice or not at all, a relative IRI, or a comparison that looks
            like an IRI.

    >>> [part.value for part in parts_of("PREFIX x: <urn:> ASK { ?s x:p 1 }")]
    ['ASK', '{', 's', 'urn:p', '1', '}']
    """
    if re.search(r"\\[uU]", query):
        raise Doubt("codepoint escapes")
    raw = _split(query)
    prefixes, begin = _prologue(raw)
    resolved = [_resolved(one, prefixes) for one in raw[begin:]]
    return tuple(_joined(query, resolved))


def closing(parts: Sequence[Part], opening: int) -> int:
    """Where the bracket closes that opens at an index.

    Raises:
        Doubt: Nowhere.
    """
    expected: list[str] = []
    if parts[opening].text not in _BRACKETS:
        raise Doubt("brackets")
    for at in range(opening, len(parts)):
        one = parts[at]
        if one.kind == "mark" and one.text in _BRACKETS:
            expected.append(_BRACKETS[one.text])
        elif (
            one.kind == "mark"
            and one.text in "})]"
            and (not expected or expected.pop() != one.text)
        ):
            break
        if not expected:
            return at
    raise Doubt("brackets")


def literal_of(part: Part) -> ox.Literal:
    """The literal that a part of that kind is."""
    text, _, datatype = part.value.rpartition("^^")
    return _literal(text, datatype)


@kept_of_short(2_000, 1_024)
def _literal(text: str, datatype: str) -> ox.Literal:
    line = f"<urn:s> <urn:p> {text}{f'^^<{datatype}>' if datatype else ''} ."
    try:
        read = next(iter(ox.parse(line, format=ox.RdfFormat.TURTLE))).object
    except SyntaxError as error:
        raise Doubt("a literal") from error
    if not isinstance(read, ox.Literal):
        raise Doubt("a literal")
    return read


def _split(query: str) -> list[Part]:
    """The tokens, with the dots that end a statement apart from the name before."""
    found: list[Part] = []
    raw = tokens(query)
    if len(raw) > MAX_TOKENS:
        raise Doubt("a long query")
    for one in raw:
        text, start = one.text, one.start
        if one.kind not in ("string", "iri") and not text.isascii():
            raise Doubt("letters beyond ASCII")
        if one.kind == "name":
            name = _DOTS.sub("", text)
            found.append(Part("name", name, start, name))
            found += [
                Part("mark", ".", start + at, ".") for at in range(len(name), len(text))
            ]
        else:
            value = text.upper() if one.kind == "word" else text
            value = text[1:] if one.kind == "variable" else value
            found.append(Part(one.kind, text, start, value))
    return found


def _prologue(raw: Sequence[Part]) -> tuple[dict[str, str], int]:
    """The declared prefixes, and where the query begins."""
    prefixes: dict[str, str] = {}
    at = 0
    while at + 2 < len(raw) and raw[at].value == "PREFIX":
        name, iri = raw[at + 1], raw[at + 2]
        if name.kind != "name" or name.text[-1] != ":" or iri.kind != "iri":
            raise Doubt("a prologue")
        if name.text[:-1] in prefixes or not _ABSOLUTE.fullmatch(iri.text[1:-1]):
            raise Doubt("a prefix")
        prefixes[name.text[:-1]] = iri.text[1:-1]
        at += 3
    return prefixes, at


def _resolved(one: Part, prefixes: dict[str, str]) -> Part:
    if one.kind == "iri":
        if not _ABSOLUTE.fullmatch(one.text[1:-1]):
            raise Doubt("an IRI")
        return Part("iri", one.text, one.start, one.text[1:-1])
    if one.kind == "name":
        prefix, _, local = one.text.partition(":")
        if prefix == "_":
            return Part("blank", one.text, one.start, local)
        if prefix not in prefixes or "\\" in local:
            raise Doubt("a name")
        return Part("iri", one.text, one.start, prefixes[prefix] + local)
    return one


def _joined(query: str, parts: Sequence[Part]) -> list[Part]:
    """Strings together with their datatypes and languages."""
    found: list[Part] = []
    at = 0
    while at < len(parts):
        one = parts[at]
        if one.kind == "string":
            after = [part.value for part in parts[at + 1 : at + 3]]
            if after == ["^", "^"]:
                kind = parts[at + 3] if at + 3 < len(parts) else one
                if kind.kind != "iri":
                    raise Doubt("a datatype")
                whole = query[one.start : kind.end]
                one = Part("literal", whole, one.start, f"{one.text}^^{kind.value}")
                at += 3
            elif at + 1 < len(parts) and parts[at + 1].kind == "language":
                whole = query[one.start : parts[at + 1].end]
                one = Part("literal", whole, one.start, whole + "^^")
                at += 1
            else:
                one = Part("literal", one.text, one.start, one.text + "^^")
        found.append(one)
        at += 1
    return found

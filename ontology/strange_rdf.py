"""RDF of strangers, refused where a parser would overrun its stack or the memory."""

import mmap
import re
import shutil
import tempfile
from typing import IO
from xml.parsers import expat

import pyoxigraph as ox

from ontology.nesting import MAX_NESTING, json_depth

_CHUNK = 2**20
_TERM = b"<<("
_FEW = 100_000
"""Brackets that a text may have without a look at how they nest."""

_STEPS = {b"(": 1, b"[": 1, b"{": 1, b")": -1, b"]": -1, b"}": -1}
_BRACKET = re.compile(
    rb"""(?:
    [^"'<>#\\()\[\]{}]++ | \\. | < (?:[^<>]*>|<) | > | \#[^\r\n]*+
    | \"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\" | "(?:[^"\\]|\\.)*+"
    | '''(?:[^'\\]|\\.|'(?!''))*+''' | '(?:[^'\\]|\\.)*+'
    | [^()\[\]{}]
    )*+([()\[\]{}]|\Z)""",
    re.DOTALL | re.VERBOSE,
)
"""A bracket of Turtle, or the end, behind words, IRIs, comments and strings."""


def check_rdf(source: IO[bytes], form: ox.RdfFormat) -> None:
    """Refuse what must not come to a parser. Memory: a piece at a time.

    Args:
        source: Is read to its end, sometimes twice.
        form: What is written there.

    Raises:
        ValueError: It nests deeper than anybody writes, or is XML with a document
            type, whose entities may grow without end.
        SyntaxError: It is no well-formed XML; with line and column.
    """
    if form is ox.RdfFormat.RDF_XML:
        _check_xml(source)
    elif form is ox.RdfFormat.JSON_LD:
        if json_depth(iter(lambda: source.read(_CHUNK), b"")) > MAX_NESTING:
            raise _too_deep("objects and arrays")
    elif _has_many(source) and _nests(source):
        raise _too_deep("brackets")


def _check_xml(source: IO[bytes]) -> None:
    depth = 0

    def begin(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_NESTING:
            raise _too_deep("elements")

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise ValueError(
            "has a document type (DTD), whose entities may grow without end; write "
            "the entities out and leave it out"
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.ParseFile(source)
    except expat.ExpatError as error:
        place = (None, error.lineno, error.offset + 1, None)
        raise SyntaxError(expat.ErrorString(error.code), place) from error


def _has_many(source: IO[bytes]) -> bool:
    """Whether there are so many brackets that it is of interest how they nest."""
    terms, brackets, rest = 0, 0, b""
    while chunk := source.read(_CHUNK):
        text = rest + chunk
        terms += text.count(_TERM)
        brackets += sum(map(chunk.count, (b"(", b"[", b"{")))
        rest = text[-len(_TERM) + 1 :]
    return terms > MAX_NESTING or brackets > _FEW


def _nests(source: IO[bytes]) -> bool:
    source.seek(0)
    depth = 0
    with tempfile.TemporaryFile(prefix="lucerna-") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            for found in _BRACKET.finditer(text):
                depth += _STEPS.get(found[1], 0)
                if depth > MAX_NESTING:
                    return True
    return False


def _too_deep(what: str) -> ValueError:
    return ValueError(f"nests {what} deeper than {MAX_NESTING} levels; flatten it")

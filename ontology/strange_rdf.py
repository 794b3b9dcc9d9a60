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
_SPACE = rb"(?:\s|#[^\r\n]*)*+"
_NODE = rb"(?:<[^<>]*>|\[" + _SPACE + rb"\]|(?:[^\s<>\"'#\\()\[\]]|\\.)++)" + _SPACE
_NESTED = re.compile(
    b"(?:" + re.escape(_TERM) + _SPACE + _NODE * 2 + b"){%d}" % (MAX_NESTING + 1),
    re.DOTALL,
)
"""Triple terms that are each the object of the one before."""


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
    elif _count(source) > MAX_NESTING and _holds_nested(source):
        raise _too_deep("triple terms")


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


def _count(source: IO[bytes]) -> int:
    """How many triple terms there are at most."""
    count, rest = 0, b""
    while chunk := source.read(_CHUNK):
        text = rest + chunk
        count += text.count(_TERM)
        rest = text[-len(_TERM) + 1 :]
    return count


def _holds_nested(source: IO[bytes]) -> bool:
    source.seek(0)
    with tempfile.TemporaryFile(prefix="lucerna-") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return _NESTED.search(text) is not None


def _too_deep(what: str) -> ValueError:
    return ValueError(f"nests {what} deeper than {MAX_NESTING} levels; flatten it")

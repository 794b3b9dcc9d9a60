"""Lines of N-Triples as a store gives them back, so that one fact is one line."""

import io
import re
from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from ontology.errors import InvalidGraph
from ontology.strange_rdf import check_rdf

_SPACE_OR_COMMENT = (b" #", b".#", b"\t", b"  ")
_ESCAPED = (b"\\u", b"\\U", b"\\'")
"""Without these, a line that begins as a subject and ends as an object has neither a
comment, more space than needed nor an escaped letter."""

_BATCH = 20_000
_XSD = rb'"\^\^<http://www\.w3\.org/2001/XMLSchema#'
_ZONE = rb"(?:Z|[+-](?!00:00)\d\d:\d\d)?"
_WHOLE = rb"(?:0|-?[1-9]\d{0,8})"
_AS_STORED = {
    "integer": rb"-?[1-9]\d{0,17}|0",
    "decimal": rb"-?(?:0|[1-9]\d{0,14})\.\d{0,16}[1-9]|" + _WHOLE,
    "double": rb"-?(?:0|[1-9]\d{0,8})\.\d{0,4}[1-9]|" + _WHOLE,
    "boolean": rb"true|false",
    "date": rb"\d{4}-\d\d-\d\d" + _ZONE,
    "dateTime": rb"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{0,8}[1-9])?"
    + _ZONE,
    "gYear": rb"\d{4}" + _ZONE,
    "gYearMonth": rb"\d{4}-\d\d" + _ZONE,
    "anyURI": rb".*",
}
"""By the datatype, texts that a store keeps as they are; not all that it does."""

_UNTYPED = re.compile(
    rb'" \.|"@[a-z0-9-]+ \.|(?!' + _XSD + rb')"\^\^<[^<>]+> \.', re.DOTALL
)
_TYPED = re.compile(
    b"|".join(
        b"(?:" + text + b")" + _XSD + kind.encode() + rb"> \."
        for kind, text in _AS_STORED.items()
    )
)
_DOUBLE = re.compile(rb"(-?(?:0|[1-9]\d*)\.\d*[1-9])" + _XSD + rb"double> \.")


def spelled(graph: str, ntriples: bytes) -> list[bytes]:
    """The facts of a graph as a store gives them back, a line each, sorted.

    `"01"` and `"+1"` are one integer to a store, and one fact here. Memory: the lines,
    and 20 000 facts.

    Raises:
        SyntaxError: A line that is not written so is no N-Triples.
        InvalidGraph: A fact has a blank node, also within a triple term.
    """
    lines = {line.strip() for line in ntriples.splitlines()} - {b""}
    signs = [sign for sign in _SPACE_OR_COMMENT if sign in ntriples]
    if b"\\" in ntriples:
        signs += _ESCAPED
    odd = [
        line
        for line in lines
        if not _is_as_stored(line) or (signs and any(sign in line for sign in signs))
    ]
    lines.difference_update(odd)
    for at in range(0, len(odd), _BATCH):
        lines.update(_respelled(graph, odd[at : at + _BATCH]))
    return sorted(lines)


def _is_as_stored(line: bytes) -> bool:
    """Whether a line surely begins and ends as a store would write it."""
    if line[:1] != b"<":
        return False
    end = line.rfind(b'"')
    if end < 0:
        return line[-3:] == b"> ." and line[-4:] != b">> ."
    if _UNTYPED.fullmatch(line, end):
        return True
    begin = line.rfind(b'"', 0, end) + 1
    if _TYPED.fullmatch(line, begin):
        return True
    double = _DOUBLE.fullmatch(line, begin)
    return double is not None and repr(float(double[1])).encode() == double[1]


def _respelled(graph: str, lines: Sequence[bytes]) -> Iterator[bytes]:
    """The facts of lines as a store gives them back."""
    store = ox.Store()
    text = b"\n".join(lines)
    try:
        check_rdf(io.BytesIO(text), ox.RdfFormat.N_TRIPLES)
    except ValueError as error:
        raise InvalidGraph(f"graph {graph} {error}; nothing was loaded") from error
    store.extend(
        ox.Quad(*triple)
        for triple in (quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES))
    )
    for quad in store:
        if _has_blank(quad.triple):
            raise InvalidGraph(
                f"graph {graph} has blank nodes; give them IRIs; nothing was loaded"
            )
        yield f"{quad.triple} .".encode()


def _has_blank(triple: ox.Triple) -> bool:
    if isinstance(triple.object, ox.Triple):
        return isinstance(triple.subject, ox.BlankNode) or _has_blank(triple.object)
    return any(isinstance(one, ox.BlankNode) for one in triple)

"""Literals as a SPARQL server keeps them, and back as they are known here."""

import json
import re
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from kb_api.geosparql.literals import WKT
from kb_api.server_probe import Capabilities
from kb_api.wkt import shape_of
from ontology.errors import InvalidGraph

_CRS84 = re.compile(r"\s*<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84>\s*")
_XSD = "http://www.w3.org/2001/XMLSchema#"
_FLOATING = re.compile(rf'"([-+.0-9eE]{{1,30}})"\^\^<{_XSD}(?:double|float)>')
_GEOMETRY = "http://www.openlinksw.com/schemas/virtrdf#Geometry"

_DIGITS = 18


def storable(ntriples: bytes, can: Capabilities) -> bytes:
    """N-Triples as a server keeps them without loss.

    Of WKT a prefix that says CRS84, as none does, is left out where the server takes
    none.

    Raises:
        InvalidGraph: A shape is empty or in another reference system, and the server
            does not keep such; nothing was loaded.
    """
    if (can.crs_literals and can.empty_literals) or WKT.encode() not in ntriples:
        return ntriples
    return b"\n".join(
        _storable_line(line, can) if WKT.encode() in line else line
        for line in ntriples.splitlines()
    )


def exactly(fact: str) -> str:
    """A fact with its floating-point number as a decimal one.

    Virtuoso writes the former with six digits, the latter with all.

    >>> exactly(f'<urn:s> <urn:p> "19961.4123E1"^^<{_XSD}double> .')
    '<urn:s> <urn:p> "199614.123"^^<http://www.w3.org/2001/XMLSchema#decimal> .'
    """

    def decimal(found: re.Match[str]) -> str:
        try:
            number = Decimal(found[1])
        except InvalidOperation:
            return found[0]
        if abs(number.adjusted()) > _DIGITS:
            return found[0]
        return f'"{number:f}"^^<{_XSD}decimal>'

    return _FLOATING.sub(decimal, fact)


def known_rows(body: bytes) -> bytes:
    """Rows in JSON with shapes as geo:wktLiteral, whatever the server calls them."""
    if _GEOMETRY.encode() not in body:
        return body
    answer = json.loads(body)
    for row in answer["results"]["bindings"]:
        for term in row.values():
            if term.get("datatype") == _GEOMETRY:
                term["datatype"], term["value"] = WKT, _known_wkt(term["value"])
    return json.dumps(answer).encode()


def known_triples(body: bytes) -> bytes:
    """N-Triples with shapes as geo:wktLiteral, each triple as it is written here.

    Raises:
        SyntaxError: They break off.
    """
    return b"".join(
        f"{_known(quad.triple)} .\n".encode()
        for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)
    )


def alike(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """A text that is the same for terms that Virtuoso keeps as one."""
    if not isinstance(term, ox.Literal):
        return str(term)
    kind = term.datatype.value
    if kind in (WKT, _GEOMETRY):
        return _known_wkt(term.value)
    text = {"true": "1", "false": "0"}.get(term.value, term.value)
    try:
        return f"{float(text):.12g}"
    except ValueError:
        return str(term)


def _known(triple: ox.Triple) -> ox.Triple:
    shape = triple.object
    if not isinstance(shape, ox.Literal) or shape.datatype.value != _GEOMETRY:
        return triple
    known = ox.Literal(_known_wkt(shape.value), datatype=ox.NamedNode(WKT))
    return ox.Triple(triple.subject, triple.predicate, known)


def _known_wkt(text: str) -> str:
    """WKT as shapely writes it: Virtuoso leaves out spaces."""
    shape = shape_of(text)
    return text if shape is None else str(shape.wkt)


def _storable_line(line: bytes, can: Capabilities) -> bytes:
    try:
        (quad,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError):
        return line  # told where the graph is read
    literal = quad.object
    if not isinstance(literal, ox.Literal) or literal.datatype.value != WKT:
        return line
    text = literal.value
    if not can.crs_literals:
        text = _CRS84.sub("", text, count=1)
        if text.lstrip().startswith("<"):
            raise _lost(quad.triple, "is in another reference system than CRS84")
    if not can.empty_literals and (not text.strip() or "EMPTY" in text.upper()):
        raise _lost(quad.triple, "is empty")
    kept = ox.Literal(text, datatype=literal.datatype)
    return f"{quad.subject} {quad.predicate} {kept} .".encode()


def _lost(triple: ox.Triple, reason: str) -> InvalidGraph:
    return InvalidGraph(
        f"the shape of {triple.subject} {reason}, which the SPARQL server does not "
        "keep; nothing was loaded: write it in CRS84, leave it out, or keep the facts "
        "in the store of the folder"
    )

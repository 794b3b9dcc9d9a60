"""Values as users write them into RDF terms, and RDF terms into Python values."""

import contextlib
import datetime
import difflib
import re
from decimal import Decimal
from typing import TypeAlias

import pyoxigraph as ox

from kb_api.binding import Term
from kb_api.questions import Parameter, Question
from kb_api.store import Store
from kb_api.wkt import shape_of
from ontology import LUC
from ontology.errors import QueryRejected

Value: TypeAlias = str | int | float | bool | None

_XSD = "http://www.w3.org/2001/XMLSchema#"
_WKT = ox.NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_TSN = "http://purl.org/net/tsn#"
_UNIT_LEVEL = str(LUC.unitLevel)
_KIND_OF = str(LUC.kindOf)
_INTEGERS = {_XSD + name for name in ("integer", "int", "long", "nonNegativeInteger")}
_NUMBERS = {_XSD + name for name in ("decimal", "double", "float")}


def parse_term(
    store: Store, question: Question, parameter: Parameter, text: str
) -> Term:
    """The RDF term that a user's text stands for.

    Concepts may be given as IRI, prefixed name, notation or label; units as IRI,
    identifier or name.

    Raises:
        QueryRejected: When the text does not fit the parameter's type or range.
    """
    try:
        term = _parse(store, question, parameter, text.strip())
        _check_range(parameter, term)
        return term
    except (ValueError, OverflowError) as error:
        message = f"{question.name}: {parameter.name}={text!r}: {error}"
        raise QueryRejected(message) from error


def to_value(
    term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None,
    *,
    truth: bool = False,
) -> Value:
    """A Python value for an RDF term: numbers, truth values, else text.

    Of what is called a number and is none, or has too many digits, the text.

    Args:
        term: Of a row; None where it is unbound.
        truth: Whether it is known to be a truth value: Virtuoso keeps these as numbers.

    >>> to_value(ox.Literal(2.5))
    2.5
    >>> to_value(ox.NamedNode("https://kb.example/a"))
    'https://kb.example/a'
    """
    if term is None:
        return None
    if isinstance(term, ox.Literal):
        kind = term.datatype.value
        if truth or kind == _XSD + "boolean":
            return term.value in ("true", "1")
        with contextlib.suppress(ValueError):
            if kind in _INTEGERS:
                return int(term.value)
            if kind in _NUMBERS:
                return float(term.value)
    return str(term) if isinstance(term, ox.Triple) else str(term.value)


def _parse(store: Store, question: Question, parameter: Parameter, text: str) -> Term:
    match parameter.type:
        case "number":
            return ox.Literal(_number(text), datatype=ox.NamedNode(_XSD + "decimal"))
        case "integer":
            if not re.fullmatch(r"[+-]?\d{1,15}", text):
                raise ValueError("give a whole number, such as 3")
            return ox.Literal(int(text))
        case "boolean":
            return _boolean(text)
        case "date":
            return _date(text)
        case "wkt":
            return _wkt(text)
        case "iri":
            return _iri(text, question)
        case "concept":
            return _concept(store, question, parameter, text)
        case "unit":
            return _unit(store, text)
    return ox.Literal(text)


def _check_range(parameter: Parameter, term: Term) -> None:
    if parameter.range is None or not isinstance(term, ox.Literal):
        return
    if Decimal(term.value) not in parameter.range:
        raise ValueError(f"give a number {parameter.range}")


def _number(text: str) -> str:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", text[:41]):
        raise ValueError("give a number, such as 0.3")
    number = Decimal(text)
    if number and abs(number.adjusted()) > 18:
        raise ValueError("the number is too large or too small; give one such as 0.3")
    return f"{number:f}"


def _boolean(text: str) -> ox.Literal:
    word = text.lower()
    if word not in ("yes", "no", "true", "false"):
        raise ValueError("give yes or no")
    return ox.Literal(word in ("yes", "true"))


def _date(text: str) -> ox.Literal:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError("give a day as YYYY-MM-DD, such as 2017-04-27") from None
    return ox.Literal(day.isoformat(), datatype=ox.NamedNode(_XSD + "date"))


def _wkt(text: str) -> ox.Literal:
    example = "POLYGON((-0.2 44.8, -0.1 44.8, -0.1 44.9, -0.2 44.9, -0.2 44.8))"
    shape = shape_of(text)
    if shape is None or shape.is_empty:
        raise ValueError(f"give a shape as WKT in CRS84 (lon lat), such as {example}")
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ValueError(f"the shape leaves the Earth; give lon lat, such as {example}")
    return ox.Literal(shape.wkt, datatype=_WKT)


def _iri(text: str, question: Question) -> ox.NamedNode:
    prefix, colon, local = text.partition(":")
    prefixes = question.prefixes()
    if colon and prefix in prefixes and not local.startswith("//"):
        return ox.NamedNode(prefixes[prefix] + local)
    if not re.match(r"^[a-zA-Z][\w+.-]*:", text):
        raise ValueError("give an IRI, such as https://lucerna.example/result/1a2b3c")
    return ox.NamedNode(text)


def _concept(
    store: Store, question: Question, parameter: Parameter, text: str
) -> ox.NamedNode:
    if ":" in text:
        return _known(store, _iri(text, question))
    if parameter.default and ":" in parameter.default:
        sibling = _iri(parameter.default, question).value
        namespace = sibling[: sibling.rindex("/") + 1]
        if re.fullmatch(r"\w+", text) and _is_concept(store, namespace + text):
            return ox.NamedNode(namespace + text)
    found = _lookup(store, text, [_SKOS + "prefLabel", _SKOS + "notation"])
    if len(found) > 1:
        found = [one for one in found if _covers(store, one, found)] or found
    return _only(found, text, "concept", _labels(store))


def _unit(store: Store, text: str) -> ox.NamedNode:
    if re.match(r"^https?://", text):
        return ox.NamedNode(text)
    found = [
        one
        for one in _lookup(store, text, [_TSN + "hasIdentifier", _TSN + "hasName"])
        if store.query(f"ASK {{ {ox.NamedNode(one)} <{_UNIT_LEVEL}> ?level }}")
    ]
    return _only(found, text, "unit", [])


def _lookup(store: Store, text: str, properties: list[str]) -> list[str]:
    paths = "|".join(f"<{one}>" for one in properties)
    rows = store.query(
        f"SELECT DISTINCT ?c {{ VALUES ?text {{ {ox.Literal(text.lower())} }} "
        f"?c {paths} ?name FILTER(LCASE(STR(?name)) = ?text) }} ORDER BY ?c"
    )
    assert isinstance(rows, ox.QuerySolutions)
    return [row["c"].value for row in rows]


def _only(found: list[str], text: str, kind: str, names: list[str]) -> ox.NamedNode:
    if len(found) == 1:
        return ox.NamedNode(found[0])
    if found:
        several = ", ".join(found[:5])
        raise ValueError(f"more than one {kind} has that name; give one of: {several}")
    near = difflib.get_close_matches(text, sorted(set(names)), n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; check its spelling"
    raise ValueError(f"no {kind} of the base has that name{hint}")


def _known(store: Store, concept: ox.NamedNode) -> ox.NamedNode:
    if not _is_concept(store, concept.value):
        raise ValueError(f"the base has no concept {concept.value}; check its spelling")
    return concept


def _is_concept(store: Store, iri: str) -> bool:
    found = store.query(f"ASK {{ {ox.NamedNode(iri)} a <{_SKOS}Concept> }}")
    return bool(found)


def _covers(store: Store, one: str, all_of: list[str]) -> bool:
    """Whether each of the concepts is a kind of `one`."""
    return all(
        bool(store.query(f"ASK {{ <{other}> <{_KIND_OF}> <{one}> }}"))
        for other in all_of
    )


def _labels(store: Store) -> list[str]:
    rows = store.query(f"SELECT DISTINCT ?l {{ ?c <{_SKOS}prefLabel> ?l }}")
    assert isinstance(rows, ox.QuerySolutions)
    return [row["l"].value for row in rows]

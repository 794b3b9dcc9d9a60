"""Arguments of functions: shapes, numbers, units and IRIs out of RDF terms."""

import math
import re

import pyoxigraph as ox
import shapely

from kb_api.geosparql.literals import place_of
from kb_api.geosparql.places import Placed
from kb_api.geosparql.units import Unit, unit_of
from kb_api.outcome import Term

_XSD = "http://www.w3.org/2001/XMLSchema#"
_ANY_URI = ox.NamedNode(_XSD + "anyURI")
_INTEGER = re.compile(r"[+-]?\d{1,9}")


def flat_place(term: Term) -> Placed:
    """The shape of a literal on its plane: heights are left out.

    Raises:
        ValueError: It is no geometry literal, or not well formed.
    """
    place = place_of(term)
    if not place.shape.has_z:
        return place
    return Placed(shapely.force_2d(place.shape), place.crs)


def valid_place(term: Term) -> Placed:
    """The shape of a literal whose polygons do not cross themselves.

    Raises:
        ValueError: It is no geometry literal, or its shape is invalid.
    """
    place = flat_place(term)
    if not shapely.is_valid(place.shape):
        reason = shapely.is_valid_reason(place.shape)
        raise ValueError(f"the geometry is invalid: {str(reason)[:100]}")
    return place


def number_of(term: Term) -> float:
    """A finite number.

    Raises:
        ValueError: The term is none.
    """
    if isinstance(term, ox.Literal) and term.datatype.value.startswith(_XSD):
        try:
            number = float(term.value)
        except ValueError as error:
            raise ValueError(f"{str(term)[:80]} is no number") from error
        if math.isfinite(number) and term.datatype.value != _XSD + "string":
            return number
    raise ValueError(f"{str(term)[:80]} is no finite number")


def whole_number_of(term: Term) -> int:
    """An integer of at most nine digits.

    Raises:
        ValueError: The term is none.
    """
    if isinstance(term, ox.Literal) and _INTEGER.fullmatch(term.value):
        return int(term.value)
    raise ValueError(f"{str(term)[:80]} is no integer")


def iri_of(term: Term) -> str:
    """An IRI given as such, as xsd:anyURI or as text.

    Raises:
        ValueError: The term is a blank node or a triple.
    """
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    raise ValueError(f"{str(term)[:80]} is no IRI")


def unit_from(term: Term) -> Unit:
    """The unit of measure that a term names.

    Raises:
        ValueError: It names none that we know.
    """
    return unit_of(iri_of(term))


def iri_term(iri: str) -> ox.Literal:
    """An IRI as xsd:anyURI, as the functions of GeoSPARQL give it back."""
    return ox.Literal(iri, datatype=_ANY_URI)

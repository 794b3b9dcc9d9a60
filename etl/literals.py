"""Numbers, times, truths and shapes as RDF literals in one canonical spelling each."""

import datetime
from decimal import ROUND_HALF_EVEN, Decimal

import shapely
from rdflib import XSD, Graph, Literal, URIRef
from shapely.geometry.base import BaseGeometry

from etl.iris import Iris
from ontology import GEO, RDF

_DIGITS = Decimal("0.0001")


def rounded(number: float) -> Decimal:
    """The number with four decimals, half to even.

    >>> rounded(1.05)
    Decimal('1.0500')
    """
    return Decimal(repr(float(number))).quantize(_DIGITS, ROUND_HALF_EVEN)


def decimal(number: Decimal | float) -> Literal:
    """An xsd:decimal of four digits at most, without trailing zeros.

    >>> decimal(1.05).n3()
    '"1.05"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    exact = number if isinstance(number, Decimal) else rounded(number)
    text = f"{exact:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    text = "0" if text == "-0" else text
    return Literal(text, datatype=XSD.decimal, normalize=False)


def moment(time: datetime.datetime) -> Literal:
    """An xsd:dateTime in UTC that ends in Z.

    Raises:
        ValueError: When the time has no zone.
    """
    return Literal(_utc(time), datatype=XSD.dateTime, normalize=False)


def stamp(time: datetime.datetime) -> Literal:
    """An xsd:dateTimeStamp in UTC that ends in Z."""
    return Literal(_utc(time), datatype=XSD.dateTimeStamp, normalize=False)


def truth(value: bool) -> Literal:
    """An xsd:boolean: `true` or `false`."""
    return Literal("true" if value else "false", datatype=XSD.boolean)


def wkt_literal(shape: BaseGeometry) -> Literal:
    """A CRS84 shape as geo:wktLiteral, longitude first, seven decimals, no prefix."""
    west, south, east, north = shape.bounds
    assert -180 <= west <= east <= 180, f"longitude out of range: {west}, {east}"
    assert -90 <= south <= north <= 90, f"latitude out of range: {south}, {north}"
    text = shapely.to_wkt(shape, rounding_precision=7, trim=True)
    return Literal(text, datatype=GEO.wktLiteral, normalize=False)


def add_geometry(
    graph: Graph, iris: Iris, feature: URIRef, shape: BaseGeometry
) -> None:
    """Say in the graph that the feature has this shape, in CRS84."""
    node = iris.geometry(feature)
    graph.add((feature, GEO.hasDefaultGeometry, node))
    graph.add((node, RDF.type, GEO.Geometry))
    graph.add((node, GEO.asWKT, wkt_literal(shape)))


def _utc(time: datetime.datetime) -> str:
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone; state UTC")
    text = time.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00").rstrip("0").rstrip(".") + "Z"

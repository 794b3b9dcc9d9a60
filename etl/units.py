"""Territory as facts: unit versions, what they are part of, their nearest station."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

import shapely
from rdflib import XSD, Graph, Literal, URIRef

from etl.iris import Iris
from etl.literals import add_geometry, decimal, stamp
from etl.weather.records import Nearest
from imagery.ground import ground_area_m2
from mining.units import Unit
from ontology import GEO, LUC, RDF, SKOS, TIME, TSN, UL
from ontology.files import schemes_graph

_CLASSES = {"parcel": LUC.Parcel, "commune": LUC.Commune}


def unit_graph(iris: Iris, territory: str, units: Sequence[Unit]) -> Graph:
    """The units of one territory."""
    graph = Graph()
    for unit in units:
        node = _iri(iris, unit)
        graph.add((node, RDF.type, _CLASSES.get(unit.level, LUC.UnitVersion)))
        graph.add((node, LUC.unitLevel, UL[unit.level]))
        graph.add((node, TSN.hasIdentifier, Literal(unit.id)))
        graph.add((node, TSN.hasName, Literal(unit.name)))
        graph.add((node, TSN.isVersionOf, iris.unit_identity(unit.level, unit.id)))
        add_geometry(graph, iris, node, unit.geometry)
        area = f"{ground_area_m2(unit.geometry):.1f}"
        graph.add(
            (
                node,
                GEO.hasMetricArea,
                Literal(area, datatype=XSD.double, normalize=False),
            )
        )
        _add_period(graph, iris, territory, node, unit)
        if unit.legal_ha is not None:
            graph.add((node, LUC.legalHa, decimal(unit.legal_ha)))
        if unit.altitude_m is not None:
            graph.add((node, LUC.altitudeM, decimal(unit.altitude_m)))
    return graph


def part_graph(iris: Iris, units: Sequence[Unit], around: Sequence[Unit]) -> Graph:
    """Which units are part of which others.

    Args:
        iris: Mints the IRIs.
        units: Units that may be parts.
        around: Units of one territory, which may be the same; each unit is part of
            the smallest larger one of another level that holds its inner point.
    """
    graph = Graph()
    tree = shapely.STRtree([one.geometry for one in around])
    areas = [ground_area_m2(one.geometry) for one in around]
    for unit in units:
        area = ground_area_m2(unit.geometry)
        point = unit.geometry.representative_point()
        holders = [
            i
            for i in tree.query(point, predicate="within")
            if around[i].level != unit.level and areas[i] > area
        ]
        if holders:
            smallest = around[min(holders, key=lambda i: areas[i])]
            graph.add((_iri(iris, unit), LUC.partOf, _iri(iris, smallest)))
    return graph


def station_links(iris: Iris, nearest: Mapping[Unit, Nearest]) -> Graph:
    """The nearest station of each unit with its ground distance from the centroid."""
    graph = Graph()
    for unit, near in nearest.items():
        station, node = near.station, _iri(iris, unit)
        graph.add((node, LUC.nearestStation, iris.station(station.id)))
        distance = decimal(round(near.distance_m, 1))
        graph.add((node, LUC.stationDistanceM, distance))
        if unit.altitude_m is not None and station.altitude_m is not None:
            difference = decimal(round(unit.altitude_m - station.altitude_m, 1))
            graph.add((node, LUC.stationHeightDifferenceM, difference))
    return graph


def level_graph(level: str) -> Graph:
    """A level of units as a concept; empty for one that the scheme has already."""
    graph = Graph()
    if (UL[level], RDF.type, SKOS.Concept) in schemes_graph():
        return graph
    graph.add((UL[level], RDF.type, SKOS.Concept))
    graph.add((UL[level], SKOS.inScheme, URIRef(str(UL).rstrip("/"))))
    graph.add((UL[level], SKOS.prefLabel, Literal(level.replace("-", " "), lang="en")))
    graph.add((UL[level], LUC.kindOf, UL[level]))
    return graph


def _iri(iris: Iris, unit: Unit) -> URIRef:
    return iris.unit(unit.level, unit.id, unit.valid_from)


def _add_period(
    graph: Graph, iris: Iris, territory: str, node: URIRef, unit: Unit
) -> None:
    """A version holds from its first day on; its end is open until the next one."""
    if unit.valid_from is None:
        return
    begins = datetime.combine(unit.valid_from, time(), UTC)
    period = iris.validity(territory, begins)
    instant = iris.instant(period, begins)
    graph.add((node, TSN.referencePeriod, period))
    graph.add((period, RDF.type, TIME.Interval))
    graph.add((period, TIME.hasBeginning, instant))
    graph.add((instant, RDF.type, TIME.Instant))
    graph.add((instant, TIME.inXSDDateTimeStamp, stamp(begins)))

"""Stations and their nights, days and months as facts."""

from collections import defaultdict

from rdflib import XSD, Graph, Literal, URIRef
from shapely.geometry import Point

from etl.iris import Iris
from etl.literals import add_geometry, decimal
from etl.weather.records import Night, Period, Station, Weather
from ontology import LUC, RDF, TSN


def station_graph(iris: Iris, station: Station) -> Graph:
    """A station with its name, height and place."""
    graph = Graph()
    node = iris.station(station.id)
    graph.add((node, RDF.type, LUC.Station))
    graph.add((node, TSN.hasName, Literal(station.name)))
    if station.altitude_m is not None:
        graph.add((node, LUC.altitudeM, decimal(station.altitude_m)))
    add_geometry(graph, iris, node, Point(station.lon, station.lat))
    return graph


def record_graphs(iris: Iris, weather: Weather) -> dict[tuple[str, int], Graph]:
    """The nights, days and months, one graph for each station and year."""
    graphs: dict[tuple[str, int], Graph] = defaultdict(Graph)
    for night in weather.nights:
        _add_night(graphs[night.station, night.day.year], iris, night)
    for period in weather.periods:
        _add_period(graphs[period.station, period.first.year], iris, period)
    return dict(graphs)


def _add_night(graph: Graph, iris: Iris, night: Night) -> None:
    node = iris.night(night.station, night.day)
    graph.add((node, RDF.type, LUC.StationNight))
    graph.add((node, LUC.nightOf, Literal(night.day.isoformat(), datatype=XSD.date)))
    numbers = {
        LUC.airMinimumC: night.air_minimum_c,
        LUC.groundMinimumC: night.ground_minimum_c,
        LUC.hoursBelowZero: night.hours_below_zero,
        LUC.hoursBelowMinus2: night.hours_below_minus2,
        LUC.rainMm: night.rain_mm,
        LUC.gustMs: night.gust_ms,
    }
    _add_numbers(graph, node, iris.station(night.station), numbers)


def _add_period(graph: Graph, iris: Iris, period: Period) -> None:
    if period.kind == "day":
        node, kind, dated = (
            iris.day(period.station, period.first),
            LUC.StationDay,
            LUC.dayOf,
        )
        of = Literal(period.first.isoformat(), datatype=XSD.date)
    else:
        node, kind, dated = (
            iris.month(period.station, period.first),
            LUC.StationMonth,
            LUC.monthOf,
        )
        text = f"{period.first:%Y-%m}"
        of = Literal(text, datatype=XSD.gYearMonth, normalize=False)
    graph.add((node, RDF.type, kind))
    graph.add((node, dated, of))
    numbers = {
        LUC.airMeanC: period.air_mean_c,
        LUC.airMinimumC: period.air_minimum_c,
        LUC.airMaximumC: period.air_maximum_c,
        LUC.rainMm: period.rain_mm,
        LUC.gustMs: period.gust_ms,
    }
    _add_numbers(graph, node, iris.station(period.station), numbers)


def _add_numbers(
    graph: Graph, node: URIRef, station: URIRef, numbers: dict[URIRef, float | None]
) -> None:
    graph.add((node, LUC.station, station))
    for term, number in numbers.items():
        if number is not None:
            graph.add((node, term, decimal(number)))

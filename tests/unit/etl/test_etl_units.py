"""Territory as facts: parents, periods, stations."""

import datetime

import pytest
from pyproj import Geod
from shapely.geometry import box

from etl.iris import Iris
from etl.units import level_graph, part_graph, station_links, unit_graph
from etl.weather.nearest import nearest_stations
from etl.weather.records import Station
from mining.units import Unit
from ontology import GEO, LUC, SKOS, TIME, TSN, UL

IRIS = Iris("https://kb.example/")
YEAR = datetime.date(2017, 1, 1)
PARCEL = Unit("A1", "parcel", "Le Clos", box(-0.2, 44.8, -0.19, 44.81), YEAR, 5.5, 38.0)
COMMUNE = Unit("C1", "commune", "Exemple", box(-0.3, 44.7, -0.1, 44.9), YEAR)
REGION = Unit("R1", "region", "Toute", box(-1, 44, 1, 46))
ELSEWHERE = Unit("C2", "commune", "Loin", box(0.3, 44.7, 0.5, 44.9), YEAR)


def test_a_unit_is_part_of_the_smallest_larger_one() -> None:
    around = [PARCEL, COMMUNE, REGION, ELSEWHERE]
    graph = part_graph(IRIS, around, around)
    parcel = IRIS.unit("parcel", "A1", YEAR)
    commune = IRIS.unit("commune", "C1", YEAR)
    region = IRIS.unit("region", "R1", None)
    assert graph.value(parcel, LUC.partOf) == commune
    assert graph.value(commune, LUC.partOf) == region
    assert graph.value(region, LUC.partOf) is None


def test_identity_area_and_period() -> None:
    graph = unit_graph(IRIS, "cadastre", [PARCEL])
    node = IRIS.unit("parcel", "A1", YEAR)
    assert str(graph.value(node, TSN.hasIdentifier)) == "A1"
    assert str(graph.value(node, LUC.legalHa)) == "5.5"
    area = abs(Geod(ellps="WGS84").geometry_area_perimeter(PARCEL.geometry)[0])
    written = float(str(graph.value(node, GEO.hasMetricArea)))
    assert written == pytest.approx(area, abs=0.06)
    period = graph.value(node, TSN.referencePeriod)
    begin = graph.value(period, TIME.hasBeginning)
    assert str(graph.value(begin, TIME.inXSDDateTimeStamp)) == "2017-01-01T00:00:00Z"


def test_an_undated_unit_has_no_period() -> None:
    graph = unit_graph(IRIS, "all", [REGION])
    assert list(graph.objects(predicate=TSN.referencePeriod)) == []


def test_the_nearest_station_with_its_distance_and_height() -> None:
    near = Station("N", "near", -0.195, 44.905, 47.0)
    far = Station("F", "far", 0.4, 44.8, 10.0)
    graph = station_links(IRIS, nearest_stations([PARCEL], [far, near]))
    node = IRIS.unit("parcel", "A1", YEAR)
    assert graph.value(node, LUC.nearestStation) == IRIS.station("N")
    metres = Geod(ellps="WGS84").inv(-0.195, 44.805, -0.195, 44.905)[2]
    told = float(str(graph.value(node, LUC.stationDistanceM)))
    assert told == pytest.approx(metres, abs=0.06)
    difference = float(str(graph.value(node, LUC.stationHeightDifferenceM)))
    assert difference == -9.0, "the unit lies 9 m below its station"


def test_a_level_of_the_scheme_is_not_written_again() -> None:
    assert len(level_graph("parcel")) == 0
    graph = level_graph("wine-district")
    label = graph.value(UL["wine-district"], SKOS.prefLabel)
    assert str(label) == "wine district"

"""Coverage and NDVI of units as facts, by hand."""

import datetime

import shapely
from pyproj import Geod
from rdflib import Graph, Literal, URIRef

from etl.coverage import coverage_graph, index_graph
from etl.iris import Iris
from etl.scheme import vegetation_bounds
from etl.validate import validate
from mining.units import Unit
from mining.zonal.scene import IndexStatistics, SceneStatistics
from ontology import LUC, NDVI_1, RDF, SOSA, XSD

IRIS = Iris("https://kb.example/")
SHAPE = shapely.box(6.0, 52.0, 6.001, 52.001)
HECTARES = abs(Geod(ellps="WGS84").geometry_area_perimeter(SHAPE)[0]) / 10_000
UNIT = Unit("P 1", "parcel", "P 1", SHAPE, datetime.date(2017, 1, 1))
INDEX = IndexStatistics(0.41236, 0.2, 0.4, 0.63, (0.25, 0.10006, 0.15))
SEEN = SceneStatistics(60, 10, 76, HECTARES * 0.9, INDEX)
SCENE = "S2A_20170526"


def number(graph: Graph, node: URIRef, term: URIRef) -> str:
    return str(graph.value(node, term))


def test_coverage_says_what_was_seen_of_a_unit() -> None:
    graph = coverage_graph(IRIS, SCENE, {UNIT: SEEN}, clouds_known=False)
    node = URIRef(f"https://kb.example/coverage/{SCENE}/parcel/P%201@2017")
    assert set(graph.predicate_objects(node)) == {
        (RDF.type, LUC.CoverageObservation),
        (
            SOSA.hasFeatureOfInterest,
            URIRef("https://kb.example/unit/parcel/P%201@2017"),
        ),
        (LUC.ofScene, URIRef(f"https://kb.example/scene/{SCENE}")),
        (LUC.validPixels, Literal(60)),
        (LUC.cloudyPixels, Literal(10)),
        (LUC.totalPixels, Literal(76)),
        (LUC.coveredShare, Literal("0.9", datatype=XSD.decimal)),
        (LUC.cloudsKnown, Literal("false", datatype=XSD.boolean)),
    }
    validate([graph])


def test_pixels_at_the_edge_cover_no_more_than_the_unit() -> None:
    seen = SceneStatistics(80, 0, 80, HECTARES * 1.05, None)
    graph = coverage_graph(IRIS, SCENE, {UNIT: seen}, clouds_known=True)
    (node,) = graph.subjects(RDF.type, LUC.CoverageObservation)
    assert number(graph, URIRef(str(node)), LUC.coveredShare) == "1"


def test_levels_of_vegetation_sum_to_what_was_observed() -> None:
    graph = index_graph(IRIS, SCENE, {UNIT: SEEN})
    node = URIRef(f"https://kb.example/index/{SCENE}/parcel/P%201@2017")
    told = {
        name: number(graph, node, LUC[name])
        for name in (
            "mean", "p10", "p50", "p90", "observedHa", "lowVegetationHa",
            "middleVegetationHa", "highVegetationHa",
        )
    }  # fmt: skip
    assert told == {
        "mean": "0.4124", "p10": "0.2", "p50": "0.4", "p90": "0.63",
        "observedHa": "0.5001", "lowVegetationHa": "0.25",
        "middleVegetationHa": "0.1001", "highVegetationHa": "0.15",
    }  # fmt: skip
    assert graph.value(node, LUC.vegetationScheme) == NDVI_1
    validate([graph])


def test_a_unit_without_a_clear_pixel_has_no_index() -> None:
    cloudy = SceneStatistics(0, 76, 76, HECTARES, None)
    assert len(index_graph(IRIS, SCENE, {UNIT: cloudy})) == 0


def test_bounds_of_vegetation_come_from_the_scheme() -> None:
    assert vegetation_bounds() == (-1.0, 0.3, 0.6)

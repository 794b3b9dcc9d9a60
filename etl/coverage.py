"""What a scene shows of each unit: how much of it was seen, and how green it was."""

from collections.abc import Mapping
from decimal import Decimal

from rdflib import Graph, Literal, URIRef

from etl.iris import Iris
from etl.literals import decimal, rounded, truth
from etl.observations import add_about
from etl.scheme import VEGETATION_WORDS
from imagery.ground import ground_area_m2
from mining.units import Unit
from mining.zonal.scene import SceneStatistics
from ontology import LUC, NDVI_1


def coverage_graph(
    iris: Iris,
    scene_id: str,
    seen: Mapping[Unit, SceneStatistics],
    *,
    clouds_known: bool,
) -> Graph:
    """Clear, cloudy and all pixels of each unit, and the share of it with data.

    Args:
        iris: Mints the IRIs.
        scene_id: The scene.
        seen: The units that meet the scene, with what it shows of them.
        clouds_known: Whether the scene has a cloud mask, or needs none.
    """
    graph = Graph()
    for unit, one in seen.items():
        node = iris.coverage(scene_id, unit.level, unit.id, unit.valid_from)
        _add_look(graph, iris, node, unit, scene_id, LUC.CoverageObservation)
        graph.add((node, LUC.validPixels, Literal(one.valid_pixels)))
        graph.add((node, LUC.cloudyPixels, Literal(one.cloudy_pixels)))
        graph.add((node, LUC.totalPixels, Literal(one.total_pixels)))
        covered = one.covered_ha * 10_000 / ground_area_m2(unit.geometry)
        graph.add((node, LUC.coveredShare, decimal(min(1.0, covered))))
        graph.add((node, LUC.cloudsKnown, truth(clouds_known)))
    return graph


def index_graph(
    iris: Iris, scene_id: str, seen: Mapping[Unit, SceneStatistics]
) -> Graph:
    """NDVI of each unit with a clear pixel: mean, percentiles, hectares a level.

    Hectares have four decimals; the observed area is the exact sum of the levels.

    Args:
        iris: Mints the IRIs.
        scene_id: The scene.
        seen: The units that meet the scene, with what it shows of them.
    """
    graph = Graph()
    for unit, one in seen.items():
        if one.index is None:
            continue
        node = iris.index(scene_id, unit.level, unit.id, unit.valid_from)
        _add_look(graph, iris, node, unit, scene_id, LUC.IndexObservation)
        graph.add((node, LUC.vegetationScheme, NDVI_1))
        for name in ("mean", "p10", "p50", "p90"):
            graph.add((node, LUC[name], decimal(getattr(one.index, name))))
        areas = [rounded(area) for area in one.index.level_ha]
        graph.add((node, LUC.observedHa, decimal(sum(areas, Decimal(0)))))
        for word, area in zip(VEGETATION_WORDS, areas, strict=True):
            graph.add((node, LUC[f"{word}VegetationHa"], decimal(area)))
    return graph


def _add_look(
    graph: Graph, iris: Iris, node: URIRef, unit: Unit, scene_id: str, kind: URIRef
) -> None:
    add_about(graph, iris, node, unit, kind)
    graph.add((node, LUC.ofScene, iris.scene(scene_id)))

"""Scenes and their products as facts."""

from rdflib import Graph, Literal, URIRef

from etl.iris import Iris
from etl.keys import instrument
from etl.literals import add_geometry, decimal, moment, truth
from imagery.scene_record import SceneRecord
from ontology import GEO, LUC, RDF, RDFS, SOSA


def scene_graph(iris: Iris, scene: SceneRecord) -> Graph:
    """One acquisition with its footprint, and the product it was read from."""
    graph = Graph()
    node, product = iris.scene(scene.id), iris.product(scene.product_id)
    footprint = iris.footprint(scene.id)
    graph.add((node, RDF.type, LUC.Scene))
    graph.add((node, SOSA.madeBySensor, iris.sensor(scene.platform)))
    graph.add((node, SOSA.resultTime, moment(scene.ends)))
    graph.add((node, LUC.beginsAt, moment(scene.begins)))
    graph.add((node, LUC.endsAt, moment(scene.ends)))
    graph.add((node, LUC.simulated, truth(scene.simulated)))
    graph.add((node, SOSA.hasFeatureOfInterest, footprint))
    graph.add((node, SOSA.hasResult, product))
    if scene.tile is not None:
        graph.add((node, LUC.tile, Literal(scene.tile)))
    if scene.relative_orbit is not None:
        graph.add((node, LUC.relativeOrbit, Literal(scene.relative_orbit)))
    graph.add((footprint, RDF.type, GEO.Feature))
    add_geometry(graph, iris, footprint, scene.footprint)
    _add_product(graph, product, scene)
    return graph


def sensor_graph(iris: Iris, platform: str) -> Graph:
    """The instrument that scenes of a platform were made by."""
    graph = Graph()
    graph.add((iris.sensor(platform), RDF.type, SOSA.Sensor))
    name = {"msi": "MSI", "c-sar": "C-SAR"}[instrument(platform)]
    label = Literal(f"{name} on {platform}", lang="en")
    graph.add((iris.sensor(platform), RDFS.label, label))
    return graph


def _add_product(graph: Graph, product: URIRef, scene: SceneRecord) -> None:
    graph.add((product, RDF.type, LUC.Product))
    graph.add((product, LUC.productId, Literal(scene.product_id)))
    graph.add((product, LUC.level, Literal(scene.level)))
    graph.add((product, LUC.sha256, Literal(scene.sha256)))
    if scene.baseline is not None:
        graph.add((product, LUC.baseline, Literal(scene.baseline)))
    if scene.cloud_percent is not None:
        graph.add((product, LUC.cloudPercent, decimal(scene.cloud_percent)))
    if scene.note is not None:
        graph.add((product, RDFS.comment, Literal(scene.note)))

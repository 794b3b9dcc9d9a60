"""A change result and its regions as facts."""

from collections.abc import Sequence

from rdflib import XSD, Graph, Literal

from etl.iris import Iris
from etl.literals import add_geometry, decimal, moment, stamp, truth
from etl.scheme import LevelScheme
from mining.change.record import ChangeRecord
from mining.change.regions import Region
from ontology import DCAT, DCTERMS, GEO, LUC, PROV, RDF, TIME


def result_graph(iris: Iris, record: ChangeRecord, scheme: LevelScheme) -> Graph:
    """The raster of scores as a result: what made it, from which scenes, when."""
    graph = Graph()
    node = iris.result(record.run)
    west, south, east, north = record.quicklook_bounds
    interval = iris.interval(node)
    graph.add((node, RDF.type, LUC.ChangeResult))
    graph.add((node, PROV.wasGeneratedBy, iris.run(record.run)))
    graph.add((node, LUC.method, Literal(record.parameters["method"])))
    graph.add((node, LUC.methodVersion, Literal(record.parameters["method_version"])))
    graph.add((node, LUC.scheme, scheme.iri))
    graph.add((node, LUC.before, iris.scene(record.before.id)))
    graph.add((node, LUC.after, iris.scene(record.after.id)))
    graph.add((node, LUC.beginsAt, moment(record.before.begins)))
    graph.add((node, LUC.endsAt, moment(record.after.ends)))
    graph.add((node, DCTERMS.temporal, interval))
    graph.add((node, DCAT.spatialResolutionInMeters, decimal(record.resolution_m)))
    graph.add((node, LUC.sha256, Literal(record.sha256)))
    simulated = record.before.simulated or record.after.simulated
    graph.add((node, LUC.simulated, truth(simulated)))
    graph.add((node, LUC.cloudsKnown, truth(record.clouds_known)))
    before, after = (picture_name(record, which) for which in ("before", "after"))
    graph.add((node, LUC.quicklookBefore, Literal(before)))
    graph.add((node, LUC.quicklookAfter, Literal(after)))
    bounds = f"{west:.2f} {south:.2f} {east:.2f} {north:.2f}"
    graph.add((node, LUC.quicklookBounds3857, Literal(bounds)))
    graph.add((interval, RDF.type, TIME.Interval))
    for edge, time in (
        (TIME.hasBeginning, record.before.begins),
        (TIME.hasEnd, record.after.ends),
    ):
        instant = iris.instant(interval, time)
        graph.add((interval, edge, instant))
        graph.add((instant, RDF.type, TIME.Instant))
        graph.add((instant, TIME.inXSDDateTimeStamp, stamp(time)))
    return graph


def region_graph(iris: Iris, run: str, regions: Sequence[Region]) -> Graph:
    """Regions of a run as features with area and strength."""
    graph = Graph()
    for region in regions:
        node = iris.region(run, region.geometry)
        graph.add((node, RDF.type, LUC.Region))
        graph.add((node, LUC.result, iris.result(run)))
        add_geometry(graph, iris, node, region.geometry)
        area = Literal(f"{region.area_m2:.1f}", datatype=XSD.double, normalize=False)
        graph.add((node, GEO.hasMetricArea, area))
        graph.add((node, LUC.perimeterM, decimal(round(region.perimeter_m, 1))))
        graph.add((node, LUC.meanScore, decimal(round(region.mean_score, 2))))
        graph.add((node, LUC.maxScore, decimal(region.max_score)))
    return graph


def picture_name(record: ChangeRecord, which: str) -> str:
    """File name of a quicklook in the knowledge base: `{run}-before.png`."""
    return f"{record.run}-{which}.png"

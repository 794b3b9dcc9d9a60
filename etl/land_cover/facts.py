"""What a classification shows in each unit: hectares, share and confidence by class."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from rdflib import Graph, Literal, URIRef

from etl.iris import Iris
from etl.literals import decimal, moment, rounded, truth
from etl.observations import add_observation, add_slice, stratum_key
from etl.provenance import activity_graph
from fusion.classification_record import ClassificationRecord
from mining.units import Unit
from mining.zonal.classes import ClassShare, ClassStatistics
from ontology import DCAT, LUC, PROV, RDF


def classification_graph(iris: Iris, record: ClassificationRecord) -> Graph:
    """The run that classified, and the raster of classes as its result.

    The facts stand in `Iris.run_graph`; scenes, agent and model in their own graphs.
    """
    scenes = record.scenes
    assert scenes, f"{record.run}: a classification without a scene"
    model = iris.model(record.model, record.model_version, record.model_sha256)
    graph = activity_graph(
        iris,
        record.run,
        label="land-cover classification",
        used=[*(iris.product(one.product_id) for one in scenes), model],
        times=(record.started, record.ended),
        code_version=record.code_version,
        parameters=record.parameters,
    )
    node = iris.result(record.run)
    graph.add((iris.run(record.run), LUC.withModel, model))
    graph.add((node, RDF.type, LUC.ClassificationResult))
    graph.add((node, PROV.wasGeneratedBy, iris.run(record.run)))
    graph.add((node, LUC.beginsAt, moment(min(one.begins for one in scenes))))
    graph.add((node, LUC.endsAt, moment(max(one.ends for one in scenes))))
    graph.add((node, LUC.simulated, truth(any(one.simulated for one in scenes))))
    graph.add((node, DCAT.spatialResolutionInMeters, decimal(record.resolution_m)))
    graph.add((node, LUC.sha256, Literal(record.sha256)))
    graph.add((node, LUC.confidenceSha256, Literal(record.confidence_sha256)))
    graph.add((node, LUC.basisSha256, Literal(record.basis_sha256)))
    if record.optical is not None:
        graph.add((node, LUC.opticalScene, iris.scene(record.optical.id)))
    if record.radar is not None:
        graph.add((node, LUC.radarScene, iris.scene(record.radar.id)))
    return graph


def land_cover_graph(
    iris: Iris,
    run: str,
    territory: str,
    units: Sequence[Unit],
    statistics: Sequence[ClassStatistics],
    concepts: Mapping[int, URIRef],
) -> Graph:
    """The land cover of each unit as one observation, and a stratum for each class.

    Hectares and shares have four decimals; the observed area is the exact sum of the
    classes, and shares come from the rounded hectares. A unit that the raster has no
    class for gets an observation without strata. The facts stand in
    `Iris.facts_graph`.

    Args:
        iris: Mints the IRIs.
        run: The run that classified.
        territory: Name of the units' territory.
        units: The units, one for each of `statistics`.
        statistics: What the raster shows in each.
        concepts: Class number to concept, for each number that occurs.
    """
    graph = Graph()
    for unit, seen in zip(units, statistics, strict=True):
        node = iris.observation(run, unit.level, unit.id, unit.valid_from)
        place = iris.slice(run, territory, unit.level)
        add_slice(graph, iris, place, run, unit.level)
        add_observation(graph, iris, node, unit, LUC.LandCoverObservation, place)
        areas = {value: rounded(one.hectares) for value, one in seen.classes.items()}
        observed = sum(areas.values(), Decimal(0))
        graph.add((node, LUC.validPixels, Literal(seen.valid_pixels)))
        graph.add((node, LUC.totalPixels, Literal(seen.total_pixels)))
        graph.add((node, LUC.observedHa, decimal(observed)))
        if seen.confidence is not None:
            graph.add((node, LUC.confidence, decimal(seen.confidence)))
        if areas:
            main = max(areas, key=lambda value: (areas[value], -value))
            graph.add((node, LUC.mainLandCover, concepts[main]))
        for value, share in seen.classes.items():
            concept = concepts[value]
            key = stratum_key(concept)
            part = iris.observation(run, unit.level, unit.id, unit.valid_from, key)
            where = iris.slice(run, territory, unit.level, key)
            add_slice(graph, iris, where, run, unit.level)
            graph.add((where, LUC.landCover, concept))
            add_observation(graph, iris, part, unit, LUC.LandCoverStratum, where)
            _add_share(graph, part, share, areas[value], observed)
    return graph


def _add_share(
    graph: Graph, node: URIRef, share: ClassShare, area: Decimal, observed: Decimal
) -> None:
    part = area / observed if observed else Decimal(0)
    graph.add((node, LUC.areaHa, decimal(area)))
    graph.add((node, LUC.share, decimal(round(part, 4))))
    graph.add((node, LUC.confidence, decimal(share.confidence)))
    graph.add((node, LUC.opticalHa, decimal(share.optical_ha)))
    graph.add((node, LUC.radarHa, decimal(share.radar_ha)))
    graph.add((node, LUC.bothHa, decimal(share.both_ha)))

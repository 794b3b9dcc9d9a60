"""The walk from a class raster to land-cover facts in each unit."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from etl.graphs import (
    NamedGraphs,
    agent_graphs,
    model_graphs,
    place_graphs,
    scene_graphs,
)
from etl.iris import Iris
from etl.land_cover.facts import classification_graph, land_cover_graph
from etl.land_cover.models import model_concepts
from etl.load import GraphSink, Loaded, NamedGraph, load
from etl.provenance import lift_graph
from etl.territory import Territory, statistics_by_unit, units_met
from fusion.classification_record import ClassificationRecord, read_record
from mining.units import Unit
from mining.zonal.classes import ClassStatistics, class_statistics


@dataclass(frozen=True)
class LiftedClasses:
    """What the lift of a class raster brought into the knowledge base.

    Attributes:
        result: IRI of the land-cover result.
        units: Territory to number of units that meet the raster.
        loaded: The graphs, and which of them changed.
    """

    result: str
    units: dict[str, int]
    loaded: Loaded


def lift_classification(
    raster: Path,
    territories: Sequence[Territory],
    open_sink: Callable[[], AbstractContextManager[GraphSink]],
    *,
    iri_base: str,
    progress: Callable[[int, int], None] | None = None,
) -> LiftedClasses:
    """Turn a class raster into facts per unit, and load them whole.

    Args:
        raster: Made by `classify_scene`, its record beside it.
        territories: Units that get facts; those off the raster get none.
        open_sink: Opens the knowledge base that the graphs go into.
        iri_base: Beginning of every minted IRI.
        progress: Called with units done and units in all.

    Raises:
        ImageryError: The raster cannot be used, or no unit meets it.
        InvalidGraph: The facts break a shape.
    """
    record, iris = read_record(raster), Iris(iri_base)
    seen = statistics_by_unit(
        territories,
        record.raster,
        lambda polygons: class_statistics(
            polygons, record.raster, record.confidence, record.basis, progress=progress
        ),
    )
    graphs = _result_graphs(iris, record) | _unit_graphs(
        iris, record, territories, seen
    )
    return LiftedClasses(
        result=str(iris.result(record.run)),
        units=units_met(seen),
        loaded=load(open_sink, graphs, {}),
    )


def _result_graphs(iris: Iris, record: ClassificationRecord) -> NamedGraphs:
    """Scenes, software, model and the run that made the raster."""
    graphs = scene_graphs(iris, record.scenes)
    graphs |= agent_graphs(iris, record.code_version)
    graphs |= model_graphs(iris, record)
    graphs[iris.run_graph(record.run)] = NamedGraph(
        f"classification {record.run} ({record.model}@{record.model_version})",
        classification_graph(iris, record),
    )
    return graphs


def _unit_graphs(
    iris: Iris,
    record: ClassificationRecord,
    territories: Sequence[Territory],
    seen: dict[str, dict[Unit, ClassStatistics]],
) -> NamedGraphs:
    """Units and their land cover."""
    code_version = version("lucerna-eo")
    concepts = model_concepts(iris, record)
    graphs = agent_graphs(iris, code_version) | place_graphs(iris, territories)
    for name, statistics in seen.items():
        graphs[iris.facts_graph(record.run, name)] = NamedGraph(
            f"land cover of {name} in {record.run}",
            land_cover_graph(
                iris,
                record.run,
                name,
                list(statistics),
                list(statistics.values()),
                concepts,
            )
            + lift_graph(iris, record.run, name, code_version, None),
        )
    return graphs

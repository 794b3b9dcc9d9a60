"""Which facts stand in which named graph; no triple stands in two."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from rdflib import URIRef

from etl.coverage import coverage_graph, index_graph
from etl.findings import region_graph, result_graph
from etl.iris import Iris
from etl.land_cover.context import class_concepts, context_graph, context_values
from etl.land_cover.models import model_concepts, model_graph
from etl.load import NamedGraph, Replacing
from etl.observations import observation_graph
from etl.provenance import agent_graph, lift_graph, run_graph
from etl.scenes import scene_graph, sensor_graph
from etl.scheme import level_scheme
from etl.territory import Territory
from etl.units import level_graph, part_graph, station_links, unit_graph
from etl.weather.facts import record_graphs, station_graph
from etl.weather.records import Nearest, Weather
from fusion.classification_record import ClassificationRecord, read_record
from imagery.context import ContextRaster
from imagery.scene_record import SceneRecord
from imagery.stac import made_as
from mining.change.record import ChangeRecord
from mining.change.regions import Region
from mining.units import Unit
from mining.zonal.change import UnitStatistics
from mining.zonal.scene import SceneStatistics

NamedGraphs: TypeAlias = dict[URIRef, NamedGraph]


def result_graphs(
    iris: Iris, record: ChangeRecord, regions: Sequence[Region]
) -> NamedGraphs:
    """A change result: its scenes, the run that made it, its regions."""
    graphs = scene_graphs(iris, (record.before, record.after))
    graphs |= agent_graphs(iris, record.code_version)
    graphs[iris.run_graph(record.run)] = NamedGraph(
        f"change result {record.run} ({record.parameters['method']})",
        run_graph(iris, record)
        + result_graph(iris, record, level_scheme())
        + region_graph(iris, record.run, regions),
    )
    return graphs


def agent_graphs(iris: Iris, *versions: str) -> NamedGraphs:
    """This software, in each of the versions that took part."""
    return {
        iris.agent_graph(one): NamedGraph(f"Lucerna {one}", agent_graph(iris, one))
        for one in versions
    }


def scene_graphs(iris: Iris, scenes: Iterable[SceneRecord]) -> NamedGraphs:
    """Each scene and its product, and the instruments that made them."""
    graphs: NamedGraphs = {}
    for scene in scenes:
        graphs[iris.scene_graph(scene.id)] = NamedGraph(
            f"scene {scene.id}", scene_graph(iris, scene)
        )
        graphs[iris.sensor_graph(scene.platform)] = NamedGraph(
            f"sensor of {scene.platform}", sensor_graph(iris, scene.platform)
        )
    return graphs


def place_graphs(
    iris: Iris,
    territories: Sequence[Territory],
    nearest: Mapping[Unit, Nearest] | None = None,
) -> NamedGraphs:
    """The units of each territory, what they are part of, their nearest station.

    Args:
        iris: Mints the IRIs.
        territories: All units, also those off the raster.
        nearest: The station of each unit that has one; others keep theirs.
    """
    graphs: NamedGraphs = {}
    held = nearest or {}
    everything = [unit for territory in territories for unit in territory.units]
    for level in sorted({unit.level for unit in everything}):
        if len(facts := level_graph(level)):
            graphs[iris.level_graph(level)] = NamedGraph(f"unit level {level}", facts)
    for territory in territories:
        graphs[iris.units_graph(territory.name)] = NamedGraph(
            f"units of {territory.name}",
            unit_graph(iris, territory.name, territory.units),
            Replacing.TERRITORY,
        )
        for around in territories:
            if len(facts := part_graph(iris, territory.units, around.units)):
                graphs[iris.parts_graph(territory.name, around.name)] = NamedGraph(
                    f"{territory.name} in {around.name}", facts
                )
        near = {one: held[one] for one in territory.units if one in held}
        if near:
            graphs[iris.links_graph(territory.name)] = NamedGraph(
                f"nearest stations of {territory.name}",
                station_links(iris, near),
                Replacing.RECORDS,
            )
    return graphs


def change_graphs(
    iris: Iris,
    run: str,
    seen: Mapping[str, Mapping[Unit, UnitStatistics]],
    context: ContextRaster | None,
    code_version: str,
) -> NamedGraphs:
    """What a change raster shows in each territory.

    Args:
        iris: Mints the IRIs.
        run: The run that made the change raster.
        seen: Territory name to the units that meet the raster, with their statistics.
        context: The class raster that was crossed with the change levels.
        code_version: Of the software that lifts.
    """
    graphs: NamedGraphs = {}
    concepts: dict[int, URIRef] | None = None
    source = None if context is None else iris.context(context.sha256)
    if context is not None:
        concepts, described = _context(iris, context)
        graphs |= described
    for name, statistics in seen.items():
        graphs[iris.facts_graph(run, name)] = NamedGraph(
            f"observations of {name} in {run}",
            observation_graph(
                iris,
                run,
                name,
                list(statistics),
                list(statistics.values()),
                classes=concepts,
                context=source,
            )
            + lift_graph(iris, run, name, code_version, source),
        )
    return graphs


def coverage_graphs(
    iris: Iris,
    scene_id: str,
    seen: Mapping[str, Mapping[Unit, SceneStatistics]],
    *,
    clouds_known: bool,
    replacing: Replacing = Replacing.WHOLE,
) -> NamedGraphs:
    """How much of each unit of each territory a scene shows.

    Args:
        iris: Mints the IRIs.
        scene_id: The scene.
        seen: Territory name to the units that meet the scene, with what it shows.
        clouds_known: Whether the scene has a cloud mask, or needs none.
        replacing: What becomes of coverage that was lifted before.
    """
    return {
        iris.coverage_graph(scene_id, name): NamedGraph(
            f"coverage of {name} by {scene_id}",
            coverage_graph(iris, scene_id, units, clouds_known=clouds_known),
            replacing,
        )
        for name, units in seen.items()
    }


def index_graphs(
    iris: Iris, scene_id: str, seen: Mapping[str, Mapping[Unit, SceneStatistics]]
) -> NamedGraphs:
    """How green each unit of each territory is in a scene."""
    return {
        iris.index_graph(scene_id, name): NamedGraph(
            f"NDVI of {name} in {scene_id}", index_graph(iris, scene_id, units)
        )
        for name, units in seen.items()
    }


def model_graphs(iris: Iris, record: ClassificationRecord) -> NamedGraphs:
    """The model version that made a class raster, with its classes."""
    named = record.model, record.model_version, record.model_sha256
    return {
        iris.model_graph(*named): NamedGraph(
            f"model {record.model}@{record.model_version}", model_graph(iris, record)
        )
    }


def _context(
    iris: Iris, context: ContextRaster
) -> tuple[dict[int, URIRef], NamedGraphs]:
    """The concepts of a class raster, and what tells of them.

    The classes of a raster that a model made are those of the model, so that they
    are the same ones in every raster of it.
    """
    graphs: NamedGraphs = {}
    if made_as(context.path) == "classification":
        record = read_record(context.path)
        concepts, graphs = model_concepts(iris, record), model_graphs(iris, record)
        facts = context_graph(iris, context, {})
    else:
        concepts = class_concepts(iris, context, context_values(context))
        facts = context_graph(iris, context, concepts)
    graphs[iris.context_graph(context.sha256)] = NamedGraph(
        f"context raster {context.path.name}", facts
    )
    return concepts, graphs


def weather_graphs(iris: Iris, weather: Weather) -> NamedGraphs:
    """Each station, and each year of its nights, days and months."""
    graphs: NamedGraphs = {
        iris.station_graph(one.id): NamedGraph(
            f"station {one.name}", station_graph(iris, one)
        )
        for one in weather.stations
    }
    for (station, year), facts in record_graphs(iris, weather).items():
        label = f"weather of {station}, {year}"
        graphs[iris.weather_graph(station, year)] = NamedGraph(
            label, facts, Replacing.RECORDS
        )
    return graphs

"""What a result shows in each unit: observations, strata, slices and bands."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from rdflib import Graph, Literal, URIRef

from etl.iris import Iris
from etl.literals import decimal, rounded
from etl.scheme import LEVEL_WORDS
from mining.units import Unit
from mining.zonal.change import NO_CLASS, UnitStatistics
from ontology import LUC, LVL, RDF, SOSA, UL

LEAST_VALID_PIXELS = 10
"""A unit with fewer valid pixels is not assessable."""


def observation_graph(
    iris: Iris,
    run: str,
    territory: str,
    units: Sequence[Unit],
    statistics: Sequence[UnitStatistics],
    *,
    classes: Mapping[int, URIRef] | None = None,
    context: URIRef | None = None,
) -> Graph:
    """Change levels of each unit as flat observations, and of each class in it.

    Hectares have four decimals; all four levels are always written, and the observed
    area is their exact sum. Shares, and so bands, come from the rounded hectares.

    Args:
        iris: Mints the IRIs.
        run: The run that made the change raster.
        territory: Name of the units' territory.
        units: The units, one for each of `statistics`.
        statistics: What the raster shows in each.
        classes: Class number to concept; None where no class raster was given.
        context: The class raster.
    """
    graph = Graph()
    for unit, seen in zip(units, statistics, strict=True):
        whole = _levels(seen.level_ha)
        node = iris.observation(run, unit.level, unit.id, unit.valid_from)
        place = iris.slice(run, territory, unit.level)
        add_slice(graph, iris, place, run, unit.level)
        add_observation(graph, iris, node, unit, LUC.ChangeObservation, place)
        graph.add((node, LUC.validPixels, Literal(seen.valid_pixels)))
        graph.add((node, LUC.cloudyPixels, Literal(seen.cloudy_pixels)))
        graph.add((node, LUC.totalPixels, Literal(seen.total_pixels)))
        if seen.mean is not None:
            graph.add((node, LUC.mean, decimal(seen.mean)))
        _add_levels(graph, iris, node, place, whole)
        if not assessable(seen):
            _add_band(graph, iris, node, place, "notAssessable", 0)
        if classes is not None:
            _add_strata(graph, iris, run, territory, unit, seen, classes, context)
    return graph


def assessable(seen: UnitStatistics) -> bool:
    """Whether enough of a unit was seen: ten valid pixels, at most half cloudy."""
    return (
        seen.valid_pixels >= LEAST_VALID_PIXELS
        and seen.cloudy_pixels * 2 <= seen.total_pixels
    )


def main_class(seen: UnitStatistics) -> int | None:
    """The class with the largest observed area in a unit; None when none was seen."""
    areas = {
        value: sum(hectares)
        for value, hectares in seen.strata.items()
        if value != NO_CLASS
    }
    return max(areas, key=lambda one: (areas[one], -one)) if areas else None


def _add_strata(
    graph: Graph,
    iris: Iris,
    run: str,
    territory: str,
    unit: Unit,
    seen: UnitStatistics,
    classes: Mapping[int, URIRef],
    context: URIRef | None,
) -> None:
    whole = iris.observation(run, unit.level, unit.id, unit.valid_from)
    main = main_class(seen)
    if main is not None:
        graph.add((whole, LUC.mainLandCover, classes[main]))
    uncovered = sum(_levels(seen.strata.get(NO_CLASS, ())), Decimal(0))
    graph.add((whole, LUC.uncoveredHa, decimal(uncovered)))
    for value, hectares in seen.strata.items():
        if value == NO_CLASS:
            continue
        concept = classes[value]
        key = stratum_key(concept)
        node = iris.observation(run, unit.level, unit.id, unit.valid_from, key)
        place = iris.slice(run, territory, unit.level, key)
        add_slice(graph, iris, place, run, unit.level)
        graph.add((place, LUC.landCover, concept))
        if context is not None:
            graph.add((place, LUC.contextDataset, context))
        add_observation(graph, iris, node, unit, LUC.ChangeStratum, place)
        _add_levels(graph, iris, node, place, _levels(hectares))


def stratum_key(concept: URIRef) -> str:
    """The last parts of a concept's IRI that tell it from others: `clc-221`."""
    return "-".join(str(concept).rsplit("/", 2)[1:])


def _levels(hectares: Sequence[float]) -> tuple[Decimal, ...]:
    return tuple(rounded(one) for one in hectares)


def add_slice(graph: Graph, iris: Iris, node: URIRef, run: str, level: str) -> None:
    """Say that a slice holds what a result shows at a level of units."""
    graph.add((node, RDF.type, LUC.Slice))
    graph.add((node, LUC.fromResult, iris.result(run)))
    graph.add((node, LUC.unitLevel, UL[level]))


def add_observation(
    graph: Graph, iris: Iris, node: URIRef, unit: Unit, kind: URIRef, place: URIRef
) -> None:
    """Say that an observation of this class is about a unit and lies in a slice."""
    add_about(graph, iris, node, unit, kind)
    graph.add((node, LUC.inSlice, place))


def add_about(graph: Graph, iris: Iris, node: URIRef, unit: Unit, kind: URIRef) -> None:
    """Say that an observation of this class is about a unit."""
    graph.add((node, RDF.type, kind))
    about = iris.unit(unit.level, unit.id, unit.valid_from)
    graph.add((node, SOSA.hasFeatureOfInterest, about))


def _add_levels(
    graph: Graph,
    iris: Iris,
    node: URIRef,
    place: URIRef,
    hectares: tuple[Decimal, ...],
) -> None:
    observed = sum(hectares, Decimal(0))
    graph.add((node, LUC.observedHa, decimal(observed)))
    for word, area in zip(LEVEL_WORDS, hectares, strict=True):
        graph.add((node, LUC[f"{word}Ha"], decimal(area)))
        if word != "none" and area > 0:
            _add_band(graph, iris, node, place, word, min(9, int(10 * area / observed)))


def _add_band(
    graph: Graph, iris: Iris, node: URIRef, place: URIRef, word: str, tenth: int
) -> None:
    band = iris.band(place, word, tenth)
    graph.add((node, LUC.inBand, band))
    graph.add((band, RDF.type, LUC.Band))
    graph.add((band, LUC.bandOf, place))
    graph.add((band, LUC.bandLevel, LVL[word]))
    graph.add((band, LUC.bandFrom, decimal(Decimal(tenth) / 10)))

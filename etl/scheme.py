"""The threshold scheme: which score is which change level, read from the ontology."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rdflib import URIRef

from ontology import CHANGE_SCORE_1, LUC, LVL, NDVI_1, SKOS, VEGETATION
from ontology.files import schemes_graph

LEVEL_WORDS = ("none", "low", "middle", "high")
"""The change levels from weak to strong, as in `lvl:none` and `luc:noneHa`."""

VEGETATION_WORDS = ("low", "middle", "high")
"""The levels of vegetation, as in `vegetation:low` and `luc:lowVegetationHa`."""


@dataclass(frozen=True)
class LevelScheme:
    """A named, versioned cut of the score 0 to 100 into levels.

    Attributes:
        iri: Of the scheme; another cut is another IRI.
        bounds: Lowest score of each of `LEVEL_WORDS`, ascending, first 0.
        region_from: Lowest score of a pixel that belongs to a region.
        region_area_m2: Least ground area of a region.
    """

    iri: URIRef
    bounds: tuple[float, ...]
    region_from: float
    region_area_m2: float


@cache
def level_scheme() -> LevelScheme:
    """The scheme in use, `change-score/1`."""
    graph = schemes_graph()
    levels = [LVL[word] for word in LEVEL_WORDS]
    bounds = _bounds(CHANGE_SCORE_1, LUC.changeLevel, levels)
    assert bounds[0] == 0, bounds
    region_level = graph.value(CHANGE_SCORE_1, LUC.regionLevel)
    from_score = dict(zip(levels, bounds, strict=True))[URIRef(str(region_level))]
    least_area = float(str(graph.value(CHANGE_SCORE_1, LUC.minimumAreaM2)))
    return LevelScheme(CHANGE_SCORE_1, bounds, from_score, least_area)


def least_score_of(level: str) -> float:
    """Lowest score of a change level, one of `LEVEL_WORDS`, under the scheme in use."""
    return level_scheme().bounds[LEVEL_WORDS.index(level)]


@cache
def vegetation_bounds() -> tuple[float, ...]:
    """Lowest NDVI of each of `VEGETATION_WORDS` under the scheme in use, `ndvi/1`."""
    levels = [VEGETATION[one] for one in VEGETATION_WORDS]
    bounds = _bounds(NDVI_1, LUC.vegetationLevel, levels)
    assert bounds[0] == -1, bounds
    return bounds


def _bounds(
    scheme: URIRef, of_level: URIRef, levels: Sequence[URIRef]
) -> tuple[float, ...]:
    """The lowest value of each level of a scheme, ascending."""
    graph = schemes_graph()
    lowest = {
        graph.value(bound, of_level): float(str(least))
        for bound, least in graph.subject_objects(LUC.lowerBound)
        if (bound, SKOS.inScheme, scheme) in graph
    }
    bounds = tuple(lowest[level] for level in levels)
    assert list(bounds) == sorted(bounds), bounds
    return bounds

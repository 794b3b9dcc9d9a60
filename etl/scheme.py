"""The threshold scheme: which score is which change level, read from the ontology."""

from dataclasses import dataclass
from functools import cache

from rdflib import URIRef

from ontology import CHANGE_SCORE_1, LUC, LVL, SKOS
from ontology.files import schemes_graph

LEVEL_WORDS = ("none", "low", "middle", "high")
"""The change levels from weak to strong, as in `lvl:none` and `luc:noneHa`."""


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
    lowest = {
        graph.value(bound, LUC.changeLevel): float(str(least))
        for bound, least in graph.subject_objects(LUC.lowerBound)
        if (bound, SKOS.inScheme, CHANGE_SCORE_1) in graph
    }
    bounds = tuple(lowest[LVL[word]] for word in LEVEL_WORDS)
    assert bounds[0] == 0, bounds
    assert list(bounds) == sorted(bounds), bounds
    region_level = graph.value(CHANGE_SCORE_1, LUC.regionLevel)
    least_area = float(str(graph.value(CHANGE_SCORE_1, LUC.minimumAreaM2)))
    return LevelScheme(CHANGE_SCORE_1, bounds, lowest[region_level], least_area)

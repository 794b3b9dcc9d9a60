"""Observations of made-up statistics: levels, bands, strata, flags."""

import datetime
from decimal import Decimal

import pytest
from rdflib import Graph, URIRef
from shapely.geometry import box

from etl.iris import Iris
from etl.observations import assessable, main_class, observation_graph
from mining.units import Unit
from mining.zonal.change import NO_CLASS, UnitStatistics
from ontology import CLC, LUC, LVL, SOSA

IRIS = Iris("https://kb.example/")
UNIT = Unit(
    "A1", "parcel", "Le Clos", box(-0.2, 44.8, -0.1, 44.9), datetime.date(2017, 1, 1)
)


def seen(**changes: object) -> UnitStatistics:
    base: dict[str, object] = {
        "valid_pixels": 190,
        "cloudy_pixels": 10,
        "total_pixels": 200,
        "level_ha": (0.5, 0.2, 0.15, 1.05),
        "mean": 0.61,
        "strata": {},
    }
    return UnitStatistics(**(base | changes))  # type: ignore[arg-type]


def graph_of(statistics: UnitStatistics, **options: object) -> Graph:
    return observation_graph(
        IRIS,
        "7c0e41",
        "cadastre",
        [UNIT],
        [statistics],
        **options,  # type: ignore[arg-type]
    )


def whole(graph: Graph) -> URIRef:
    return IRIS.observation("7c0e41", "parcel", "A1", UNIT.valid_from)


def number(graph: Graph, node: URIRef, term: URIRef) -> Decimal:
    value = graph.value(node, term)
    assert value is not None, term
    return Decimal(str(value))


def bands(graph: Graph, node: URIRef) -> set[tuple[str, str]]:
    return {
        (str(graph.value(band, LUC.bandLevel)), str(graph.value(band, LUC.bandFrom)))
        for band in graph.objects(node, LUC.inBand)
    }


def test_levels_and_counts_are_written_as_they_are() -> None:
    graph = graph_of(seen())
    node = whole(graph)
    assert graph.value(node, SOSA.hasFeatureOfInterest) == IRIS.unit(
        "parcel", "A1", UNIT.valid_from
    )
    assert number(graph, node, LUC.observedHa) == Decimal("1.9")
    assert number(graph, node, LUC.highHa) == Decimal("1.05")
    assert number(graph, node, LUC.cloudyPixels) == 10
    assert number(graph, node, LUC.mean) == Decimal("0.61")


def test_the_observed_area_is_the_sum_of_the_rounded_levels() -> None:
    graph = graph_of(seen(level_ha=(0.00004, 0.00004, 0.00004, 0.00006)))
    node = whole(graph)
    assert number(graph, node, LUC.observedHa) == Decimal("0.0001")
    assert number(graph, node, LUC.noneHa) == 0


@pytest.mark.parametrize(
    ("level_ha", "expected"),
    [
        ((0.5, 0.2, 0.15, 1.05), {("low", "0.1"), ("middle", "0"), ("high", "0.5")}),
        ((0.7, 0.0, 0.0, 0.3), {("high", "0.3")}),
        ((0.0, 0.0, 0.0, 2.0), {("high", "0.9")}),
        ((2.0, 0.0, 0.0, 0.0), set()),
    ],
)
def test_bands_hold_the_tenth_of_each_share(
    level_ha: tuple[float, ...], expected: set[tuple[str, str]]
) -> None:
    graph = graph_of(seen(level_ha=level_ha))
    named = {(str(LVL[word]), tenth) for word, tenth in expected}
    assert bands(graph, whole(graph)) == named


@pytest.mark.parametrize(
    ("changes", "enough"),
    [
        ({"valid_pixels": 10, "cloudy_pixels": 0, "total_pixels": 10}, True),
        ({"valid_pixels": 9, "cloudy_pixels": 0, "total_pixels": 9}, False),
        ({"valid_pixels": 100, "cloudy_pixels": 100}, True),
        ({"valid_pixels": 99, "cloudy_pixels": 101}, False),
    ],
)
def test_what_was_hardly_seen_is_not_assessable(
    changes: dict[str, object], enough: bool
) -> None:
    graph = graph_of(seen(**changes))
    flagged = (str(LVL.notAssessable), "0") in bands(graph, whole(graph))
    assert assessable(seen(**changes)) is enough
    assert flagged is not enough


def test_a_unit_under_cloud_has_no_change_of_any_level() -> None:
    cloudy = seen(
        valid_pixels=0, cloudy_pixels=200, level_ha=(0.0, 0.0, 0.0, 0.0), mean=None
    )
    graph = graph_of(cloudy)
    node = whole(graph)
    assert number(graph, node, LUC.noneHa) == 0
    assert number(graph, node, LUC.observedHa) == 0
    assert graph.value(node, LUC.mean) is None
    assert bands(graph, node) == {(str(LVL.notAssessable), "0")}


def test_strata_stand_beside_the_whole() -> None:
    strata = {
        NO_CLASS: (0.1, 0.0, 0.0, 0.0),
        221: (0.2, 0.1, 0.15, 1.05),
        231: (0.2, 0.1, 0.0, 0.0),
    }
    classes = {221: CLC["221"], 231: CLC["231"]}
    context = URIRef("https://kb.example/context/1")
    graph = graph_of(seen(strata=strata), classes=classes, context=context)
    vines = IRIS.observation("7c0e41", "parcel", "A1", UNIT.valid_from, "clc-221")
    place = graph.value(vines, LUC.inSlice)
    assert graph.value(place, LUC.landCover) == CLC["221"]
    assert graph.value(place, LUC.contextDataset) == context
    assert number(graph, vines, LUC.observedHa) == Decimal("1.5")
    assert bands(graph, vines) == {
        (str(LVL.low), "0"),
        (str(LVL.middle), "0.1"),
        (str(LVL.high), "0.7"),
    }
    assert number(graph, whole(graph), LUC.uncoveredHa) == Decimal("0.1")
    assert graph.value(whole(graph), LUC.mainLandCover) == CLC["221"]


def test_the_main_class_is_the_largest_known_one() -> None:
    strata = {NO_CLASS: (9.0, 0, 0, 0), 5: (1.0, 0, 0, 0), 7: (0.5, 0, 0, 0.6)}
    assert main_class(seen(strata=strata)) == 7
    assert main_class(seen(strata={})) is None

"""Patches, label events and predictions as facts."""

import datetime

import pytest
from rdflib import Graph, Literal, URIRef
from shapely.geometry import box

from etl.iris import Iris
from etl.labels.facts import (
    category_graph,
    label_graph,
    patch_graph,
    person_graph,
    prediction_graph,
)
from etl.validate import validate
from mining.catalogue.patches import Patch
from mining.labelling.labels import (
    Action,
    Category,
    LabelEvent,
    Prediction,
    PublishedLabels,
)
from ontology import CLC, DCTERMS, GEO, LUC, OA, PROV, RDF, RDFS
from ontology.errors import InvalidGraph, KnowledgeError

IRIS = Iris("https://kb.example/")
TERRACES = Category("terraces", "Terraces", "clc:221")
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FA"
NOON = datetime.datetime(2026, 1, 13, 12, tzinfo=datetime.UTC)
PATCHES = tuple(
    Patch(f"S2-64-0-{i}", "S2", 0, i, 64, box(i, 44, i + 1, 45), 0.98046875, 0.0)
    for i in range(4)
)


def event(
    number: int, column: int, action: Action, undoes: int | None = None
) -> LabelEvent:
    return LabelEvent(
        id=f"{ULID}{number}",
        patch=f"S2-64-0-{column}",
        category="terraces",
        session="s1",
        annotator="Zoë O'Neil",
        action=action,
        undoes=None if undoes is None else f"{ULID}{undoes}",
        created=NOON + datetime.timedelta(seconds=number),
        model_version=2,
        iteration=3,
    )


def published(
    *events: LabelEvent, predictions: tuple[Prediction, ...] = ()
) -> PublishedLabels:
    return PublishedLabels(TERRACES, PATCHES, (), events, predictions)


PREDICTED = Prediction("S2-64-0-3", "terraces", 0.912345, 2)
# 0 is a terrace; 1 first was, then not; 2 was taken back and skipped.
ALL = published(
    event(1, 0, "positive"),
    event(2, 1, "positive"),
    event(3, 1, "negative"),
    event(4, 2, "positive"),
    event(5, 2, "undo", undoes=4),
    event(6, 2, "skip"),
    predictions=(PREDICTED,),
)


def standing(graph: Graph) -> set[str]:
    return {
        str(one)[-1]
        for one, stands in graph.subject_objects(LUC.standing)
        if str(stands) == "true"
    }


def test_a_label_says_who_what_when_and_on_what() -> None:
    graph = label_graph(IRIS, ALL)
    node = URIRef(f"https://kb.example/label/{ULID}3")
    assert graph.value(node, RDF.type) == LUC.Label
    assert graph.value(node, OA.hasTarget) == IRIS.patch("S2-64-0-1")
    assert graph.value(node, OA.hasBody) == IRIS.category("terraces")
    assert str(graph.value(node, LUC.positive)) == "false"
    assert graph.value(node, DCTERMS.creator) == IRIS.person("Zoë O'Neil")
    assert str(graph.value(node, DCTERMS.created)) == "2026-01-13T12:00:03Z"
    assert [str(graph.value(node, t)) for t in (LUC.iteration, LUC.modelVersion)] == [
        "3",
        "2",
    ]


def test_every_event_is_told_and_the_last_answers_stand() -> None:
    graph = label_graph(IRIS, ALL)
    kinds = [
        len(set(graph.subjects(RDF.type, kind)))
        for kind in (LUC.Label, LUC.Skip, LUC.Undo)
    ]
    assert kinds == [4, 1, 1]
    assert standing(graph) == {"1", "3", "6"}
    undo = IRIS.label(f"{ULID}5")
    assert graph.value(undo, PROV.wasRevisionOf) == IRIS.label(f"{ULID}4")
    assert graph.value(undo, LUC.standing) is None


def test_a_category_is_a_kind_of_all_wider_concepts() -> None:
    graph = category_graph(IRIS, TERRACES)
    kinds = set(graph.objects(IRIS.category("terraces"), LUC.kindOf))
    assert kinds == {IRIS.category("terraces"), CLC["221"], CLC["22"], CLC["2"]}
    for concept in (None, "https://kb.example/class/1/2"):
        graph = category_graph(IRIS, Category("ponds", "Ponds", concept))
        kinds = set(graph.objects(IRIS.category("ponds"), LUC.kindOf))
        assert kinds - {IRIS.category("ponds")} == (
            {URIRef(concept)} if concept else set()
        )


def test_a_category_of_an_unknown_code_is_refused() -> None:
    with pytest.raises(KnowledgeError, match="ponds is tied to clc:999, which the clc"):
        category_graph(IRIS, Category("ponds", "Ponds", "clc:999"))


def test_a_patch_lies_in_its_scene_and_on_the_ground() -> None:
    graph = patch_graph(IRIS, PATCHES[2:3])
    node = IRIS.patch("S2-64-0-2")
    assert graph.value(node, LUC.onScene) == IRIS.scene("S2")
    row_column_size = [
        str(graph.value(node, term))
        for term in (LUC.patchRow, LUC.patchColumn, LUC.sizePixels, LUC.validShare)
    ]
    assert row_column_size == ["0", "2", "64", "0.9805"]
    shape = graph.value(graph.value(node, GEO.hasDefaultGeometry), GEO.asWKT)
    assert str(shape).startswith("POLYGON ((3 44,")


def test_a_prediction_names_its_model_version() -> None:
    graph = prediction_graph(IRIS, ALL)
    node = IRIS.prediction("terraces", 2, "S2-64-0-3")
    assert graph.value(node, LUC.about) == IRIS.patch("S2-64-0-3")
    assert str(graph.value(node, LUC.probability)) == "0.9123"
    assert str(graph.value(node, LUC.modelVersion)) == "2"
    assert len(prediction_graph(IRIS, published())) == 0


def test_annotators_are_nodes_of_their_own() -> None:
    graph = person_graph(IRIS, "Zoë O'Neil")
    assert set(graph.subject_objects(RDFS.label)) == {
        (IRIS.person("Zoë O'Neil"), Literal("Zoë O'Neil"))
    }
    assert IRIS.person("Zoë O'Neil") != IRIS.person("Zoe O'Neil")


def test_all_of_it_is_sound_and_no_triple_stands_twice() -> None:
    graphs = [
        patch_graph(IRIS, PATCHES),
        category_graph(IRIS, TERRACES),
        label_graph(IRIS, ALL),
        prediction_graph(IRIS, ALL),
        person_graph(IRIS, "Zoë O'Neil"),
    ]
    validate(graphs)
    assert sum(map(len, graphs)) == len(set().union(*map(set, graphs)))


def test_a_prediction_of_a_labelled_patch_is_not_loaded() -> None:
    wrong = published(event(1, 3, "positive"), predictions=(PREDICTED,))
    with pytest.raises(InvalidGraph, match="a prediction of a patch that has a label"):
        validate([label_graph(IRIS, wrong), prediction_graph(IRIS, wrong)])

"""Patches, what annotators said of them and what a model predicts, as facts."""

from collections.abc import Iterable

from rdflib import Graph, Literal, URIRef

from etl.iris import Iris
from etl.literals import add_geometry, decimal, moment, truth
from mining.catalogue.patches import Patch
from mining.labelling.labels import (
    Category,
    LabelEvent,
    PublishedLabels,
    current_labels,
)
from ontology import (
    CATEGORY_SCHEME,
    CLC,
    DCTERMS,
    LUC,
    OA,
    PROV,
    RDF,
    RDFS,
    SKOS,
)
from ontology.errors import KnowledgeError
from ontology.files import inferred_graph

_CLASSES = {
    "positive": LUC.Label,
    "negative": LUC.Label,
    "skip": LUC.Skip,
    "undo": LUC.Undo,
}


def patch_graph(iris: Iris, patches: Iterable[Patch]) -> Graph:
    """Patches with their place in the scene and on the ground.

    The facts of the patches of one scene stand in its `Iris.patches_graph`, which all
    categories share, so records are added there and none is taken away.
    """
    graph = Graph()
    for patch in patches:
        node = iris.patch(patch.id)
        graph.add((node, RDF.type, LUC.Patch))
        graph.add((node, LUC.onScene, iris.scene(patch.scene)))
        graph.add((node, LUC.patchRow, Literal(patch.row)))
        graph.add((node, LUC.patchColumn, Literal(patch.column)))
        graph.add((node, LUC.sizePixels, Literal(patch.size)))
        graph.add((node, LUC.validShare, decimal(patch.valid_share)))
        graph.add((node, LUC.cloudyShare, decimal(patch.cloudy_share)))
        add_geometry(graph, iris, node, patch.geometry)
    return graph


def category_graph(iris: Iris, category: Category) -> Graph:
    """A category as a concept, a kind of the concept that it is tied to.

    All wider concepts are written out, so that a question about permanent crops finds
    patches labelled vineyard. The facts stand in `Iris.category_graph`.

    Raises:
        KnowledgeError: The category is tied to a code that its scheme lacks.
    """
    graph = Graph()
    node = iris.category(category.name)
    graph.add((node, RDF.type, SKOS.Concept))
    graph.add((node, RDF.type, LUC.Category))
    graph.add((node, SKOS.inScheme, CATEGORY_SCHEME))
    graph.add((node, SKOS.notation, Literal(category.name)))
    graph.add((node, SKOS.prefLabel, Literal(category.title, lang="en")))
    graph.add((node, LUC.kindOf, node))
    if category.concept is not None:
        for kind in _kinds(category.name, category.concept):
            graph.add((node, LUC.kindOf, kind))
    return graph


def label_graph(iris: Iris, published: PublishedLabels) -> Graph:
    """Every event of a category: answers, skips and undos, and which answers hold.

    The facts stand in `Iris.labels_graph`; annotators in graphs of their own.
    """
    graph = Graph()
    holding = {one.id for one in current_labels(published.labels).values()}
    for event in published.labels:
        node = iris.label(event.id)
        graph.add((node, RDF.type, _CLASSES[event.action]))
        graph.add((node, OA.hasTarget, iris.patch(event.patch)))
        graph.add((node, OA.hasBody, iris.category(event.category)))
        graph.add((node, OA.motivatedBy, OA.classifying))
        graph.add((node, DCTERMS.creator, iris.person(event.annotator)))
        graph.add((node, DCTERMS.created, moment(event.created)))
        graph.add((node, LUC.session, Literal(event.session)))
        graph.add((node, LUC.iteration, Literal(event.iteration)))
        graph.add((node, LUC.modelVersion, Literal(event.model_version)))
        _add_answer(graph, iris, node, event, event.id in holding)
    return graph


def prediction_graph(iris: Iris, published: PublishedLabels) -> Graph:
    """The confident predictions of a category's model; empty where there are none.

    The facts stand in `Iris.predictions_graph`, which is replaced as a whole.
    """
    graph = Graph()
    for one in published.predictions:
        node = iris.prediction(one.category, one.model_version, one.patch)
        graph.add((node, RDF.type, LUC.Prediction))
        graph.add((node, LUC.about, iris.patch(one.patch)))
        graph.add((node, LUC.category, iris.category(one.category)))
        graph.add((node, LUC.probability, decimal(one.probability)))
        graph.add((node, LUC.modelVersion, Literal(one.model_version)))
    return graph


def person_graph(iris: Iris, name: str) -> Graph:
    """An annotator with the name as written; it stands in `Iris.person_graph`."""
    graph = Graph()
    graph.add((iris.person(name), RDF.type, PROV.Person))
    graph.add((iris.person(name), RDFS.label, Literal(name)))
    return graph


def _add_answer(
    graph: Graph, iris: Iris, node: URIRef, event: LabelEvent, holds: bool
) -> None:
    if event.undoes is not None:
        graph.add((node, PROV.wasRevisionOf, iris.label(event.undoes)))
        return
    graph.add((node, LUC.standing, truth(holds)))
    if event.action != "skip":
        graph.add((node, LUC.positive, truth(event.action == "positive")))


def _kinds(category: str, concept: str) -> set[URIRef]:
    """The concept and all wider ones; one of another scheme stands for itself."""
    code = concept.removeprefix("clc:")
    node = CLC[code] if code != concept else URIRef(concept)
    wider = {URIRef(str(one)) for one in inferred_graph().objects(node, LUC.kindOf)}
    if not wider and node in CLC:
        raise KnowledgeError(
            f"category {category} is tied to {concept}, which the clc scheme lacks; "
            "give a code such as clc:221"
        )
    return wider | {node}

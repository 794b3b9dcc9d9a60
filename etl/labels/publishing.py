"""The walk from labels in the catalogue to facts in the knowledge base."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from etl.graphs import NamedGraphs, scene_graphs
from etl.iris import Iris
from etl.labels.facts import (
    category_graph,
    label_graph,
    patch_graph,
    person_graph,
    prediction_graph,
)
from etl.load import GraphSink, Loaded, NamedGraph, Replacing, load
from mining.labelling.labels import PublishedLabels


def publish_labels(
    published: PublishedLabels,
    open_sink: Callable[[], AbstractContextManager[GraphSink]],
    *,
    iri_base: str,
) -> Loaded:
    """Bring the labels and confident predictions of a category into the graph.

    The graphs of the category are replaced whole; publishing the same again changes
    nothing.

    Args:
        published: Category, patches, their scenes, label events and predictions.
        open_sink: Opens the knowledge base.
        iri_base: Beginning of every minted IRI.

    Raises:
        InvalidGraph: The facts break a shape; nothing was loaded.
    """
    iris = Iris(iri_base)
    category = published.category
    graphs: NamedGraphs = scene_graphs(iris, published.scenes)
    graphs[iris.category_graph(category.name)] = NamedGraph(
        f"category {category.title}", category_graph(iris, category)
    )
    for facts, iri, label in (
        (
            label_graph(iris, published),
            iris.labels_graph(category.name),
            f"labels of {category.title}",
        ),
        (
            prediction_graph(iris, published),
            iris.predictions_graph(category.name),
            f"predictions of {category.title}",
        ),
    ):
        graphs[iri] = NamedGraph(label, facts)
    for name in sorted({one.annotator for one in published.labels}):
        graphs[iris.person_graph(name)] = NamedGraph(
            f"annotator {name}", person_graph(iris, name)
        )
    for scene in {one.scene for one in published.patches}:
        of_scene = [one for one in published.patches if one.scene == scene]
        graphs[iris.patches_graph(scene)] = NamedGraph(
            f"patches of {scene}", patch_graph(iris, of_scene), Replacing.RECORDS
        )
    return load(open_sink, graphs, {})

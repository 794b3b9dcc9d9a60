"""A context raster, such as a land-cover map, and its classes as concepts."""

from collections.abc import Collection

import numpy as np
from rdflib import Graph, Literal, URIRef

from etl.iris import Iris
from etl.land_cover.class_scheme import clc_concepts
from etl.literals import moment, truth
from imagery.context import ContextRaster
from imagery.errors import ImageryError
from imagery.raster import open_raster, reading
from ontology import LUC, RDF, RDFS, SKOS


def class_concepts(
    iris: Iris, context: ContextRaster, values: Collection[int]
) -> dict[int, URIRef]:
    """The concept of each class number.

    Numbers of a raster that declares the CLC scheme are its notations; those of any
    other raster become concepts of a scheme of its own.

    Raises:
        ImageryError: The raster declares an unknown scheme or holds an unknown code.
    """
    if context.scheme is None:
        return {one: iris.local_class(context.sha256, one) for one in values}
    if context.scheme != "clc":
        raise ImageryError(
            f"{context.path}: the class scheme {context.scheme!r} is unknown; "
            "describe the raster with clc or without a scheme"
        )
    concepts = clc_concepts(values)
    wrong = sorted(set(values) - set(concepts))
    if wrong:
        raise ImageryError(
            f"{context.path}: {wrong[0]} is no code of the clc scheme; describe the "
            "raster without a scheme, or correct it"
        )
    return concepts


def context_values(context: ContextRaster) -> list[int]:
    """The class numbers that a raster holds, ascending, without its nodata.

    Raises:
        ImageryError: The raster does not hold integers, or is damaged.

    Memory: one block of the raster.
    """
    found: set[int] = set()
    with open_raster(context.path) as dataset:
        if "int" not in dataset.dtypes[0]:
            raise ImageryError(
                f"{context.path}: classes are whole numbers, and this raster holds "
                f"{dataset.dtypes[0]}; write it as integers"
            )
        for _, window in dataset.block_windows(1):
            with reading(context.path):
                values = np.unique(dataset.read(1, window=window))
            found.update(int(one) for one in values)
    return sorted(one for one in found if one != context.nodata)


def context_graph(
    iris: Iris, context: ContextRaster, concepts: dict[int, URIRef]
) -> Graph:
    """The raster, what is known of it, and its classes where no scheme defines them.

    Args:
        iris: Mints the IRIs.
        context: The raster.
        concepts: Class number to concept; empty where its classes are told elsewhere.
    """
    graph = Graph()
    node = iris.context(context.sha256)
    graph.add((node, RDF.type, LUC.LandCoverResult))
    graph.add((node, RDFS.label, Literal(context.path.name)))
    graph.add((node, LUC.sha256, Literal(context.sha256)))
    graph.add((node, LUC.simulated, truth(context.simulated)))
    if context.begins is not None and context.ends is not None:
        graph.add((node, LUC.beginsAt, moment(context.begins)))
        graph.add((node, LUC.endsAt, moment(context.ends)))
    if context.note is not None:
        graph.add((node, RDFS.comment, Literal(context.note)))
    if context.scheme is None and concepts:
        _add_scheme(graph, iris, context, concepts)
    return graph


def _add_scheme(
    graph: Graph, iris: Iris, context: ContextRaster, concepts: dict[int, URIRef]
) -> None:
    scheme = iris.local_scheme(context.sha256)
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    title = Literal(f"classes of {context.path.name}", lang="en")
    graph.add((scheme, SKOS.prefLabel, title))
    if context.note is not None:
        graph.add((scheme, RDFS.comment, Literal(context.note)))
    for value, concept in concepts.items():
        label = context.classes.get(value, f"class {value}")
        graph.add((concept, RDF.type, SKOS.Concept))
        graph.add((concept, SKOS.inScheme, scheme))
        graph.add((concept, SKOS.prefLabel, Literal(label, lang="en")))
        graph.add((concept, SKOS.notation, Literal(str(value))))
        graph.add((concept, LUC.kindOf, concept))

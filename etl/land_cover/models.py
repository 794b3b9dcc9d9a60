"""A version of a model, and the concepts that it can give."""

from rdflib import Graph, Literal, URIRef

from etl.iris import Iris
from etl.land_cover.class_scheme import clc_concepts
from fusion.classification_record import ClassificationRecord
from ontology import LUC, RDF, SKOS
from ontology.errors import KnowledgeError


def model_concepts(iris: Iris, record: ClassificationRecord) -> dict[int, URIRef]:
    """The concept of each class number of a classification.

    Numbers of a model that follows the CLC scheme are its notations; those of any
    other model are concepts of a scheme of its own, the model version.

    Raises:
        KnowledgeError: The model follows an unknown scheme or knows an unknown code.
    """
    values = [one.value for one in record.classes]
    if record.scheme is None:
        return {
            one: iris.model_class(
                record.model, record.model_version, record.model_sha256, one
            )
            for one in values
        }
    if record.scheme != "clc":
        raise KnowledgeError(
            f"model {record.model}@{record.model_version} follows the scheme "
            f"{record.scheme!r}, which is unknown; train it with clc or without one"
        )
    concepts = clc_concepts(values)
    wrong = sorted(set(values) - set(concepts))
    if wrong:
        raise KnowledgeError(
            f"model {record.model}@{record.model_version} knows the class {wrong[0]}, "
            "which is no code of the clc scheme; train it without a scheme"
        )
    return concepts


def model_graph(iris: Iris, record: ClassificationRecord) -> Graph:
    """The model version of a classification, and its classes unless a scheme has them.

    The facts stand in `Iris.model_graph`.

    Raises:
        KnowledgeError: The model follows an unknown scheme or knows an unknown code.
    """
    graph = Graph()
    node = iris.model(record.model, record.model_version, record.model_sha256)
    title = f"{record.model}@{record.model_version}"
    graph.add((node, RDF.type, LUC.ModelVersion))
    graph.add((node, LUC.modelName, Literal(record.model)))
    graph.add((node, LUC.version, Literal(str(record.model_version))))
    graph.add((node, LUC.modelKind, Literal(record.model_kind)))
    graph.add((node, LUC.sha256, Literal(record.model_sha256)))
    concepts = model_concepts(iris, record)
    for concept in concepts.values():
        graph.add((node, LUC.modelClass, concept))
    if record.scheme is not None:
        return graph
    scheme = URIRef(f"{node}/classes")
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, SKOS.prefLabel, Literal(f"classes of {title}", lang="en")))
    for one in record.classes:
        concept = concepts[one.value]
        graph.add((concept, RDF.type, SKOS.Concept))
        graph.add((concept, SKOS.inScheme, scheme))
        graph.add((concept, SKOS.prefLabel, Literal(one.name, lang="en")))
        graph.add((concept, SKOS.notation, Literal(one.code or str(one.value))))
        graph.add((concept, LUC.kindOf, concept))
    return graph

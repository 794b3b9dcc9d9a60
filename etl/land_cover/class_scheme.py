"""Class numbers as codes of CORINE Land Cover, the one class scheme that is known."""

from collections.abc import Iterable

from rdflib import Literal, URIRef

from imagery.errors import ImageryError
from ontology import CLC, CLC_SCHEME, SKOS
from ontology.files import schemes_graph


def clc_concepts(values: Iterable[int]) -> dict[int, URIRef]:
    """The concept of each number that is a code; other numbers are left out.

    >>> clc_concepts([221, 222_000])
    {221: rdflib.term.URIRef('https://w3id.org/lucerna/scheme/clc/221')}
    """
    known = set(schemes_graph().subjects(SKOS.inScheme, CLC_SCHEME))
    concepts = {one: CLC[str(one)] for one in values}
    return {one: concept for one, concept in concepts.items() if concept in known}


def class_labels(scheme: str) -> dict[int, str]:
    """The English labels of a scheme by class number.

    Raises:
        ImageryError: The scheme is not known.

    >>> class_labels("clc")[221]
    'Vineyards'
    """
    if scheme != "clc":
        raise ImageryError(
            f"the class scheme {scheme!r} is unknown; give clc, or leave it out"
        )
    graph = schemes_graph()
    return {
        int(str(graph.value(concept, SKOS.notation))): str(label)
        for concept in graph.subjects(SKOS.inScheme, CLC_SCHEME)
        for label in graph.objects(concept, SKOS.prefLabel)
        if isinstance(label, Literal) and label.language == "en"
    }

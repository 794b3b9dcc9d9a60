"""The rule sets of damage: which thresholds grade which peril."""

from functools import cache

from rdflib import Graph, Literal, URIRef
from rdflib.term import Node

from mining.damage.assessment import DamageRules, WeatherRule
from ontology import LUC, PERIL, RDF, SKOS
from ontology.errors import KnowledgeError
from ontology.files import schemes_graph


@cache
def damage_rules(peril: str) -> DamageRules:
    """The newest rule set of a peril, or of the nearest wider peril that has one.

    Args:
        peril: Word of the peril scheme, such as `frost` or `forestFire`.

    Raises:
        KnowledgeError: There is no such peril, or no rule set for it.

    >>> damage_rules("forestFire").iri
    'https://w3id.org/lucerna/scheme/damage-rules/wildfire/1'
    """
    graph = schemes_graph()
    asked = peril_concepts().get(peril)
    if asked is None:
        raise KnowledgeError(
            f"there is no peril {peril!r}; choose one of: {', '.join(perils())}"
        )
    for one in graph.transitive_objects(asked, SKOS.broader):
        sets = list(graph.subjects(LUC.peril, one))
        if sets:
            return _rules(graph, max(sets, key=lambda rules: _version(graph, rules)))
    raise KnowledgeError(
        f"there are no damage rules for {peril!r}; choose one of: {', '.join(perils())}"
    )


def peril_concepts() -> dict[str, Node]:
    """Word of each peril of the scheme to its concept, also those without rules."""
    return {
        str(one).removeprefix(str(PERIL)): one
        for one in schemes_graph().subjects(RDF.type, SKOS.Concept)
        if str(one).startswith(str(PERIL))
    }


def perils() -> tuple[str, ...]:
    """The perils that have a rule set of their own, in order of the alphabet."""
    graph = schemes_graph()
    found = {str(one).rsplit("/", 1)[1] for one in graph.objects(None, LUC.peril)}
    assert found, "the ontology holds no damage rules"
    return tuple(sorted(found))


def _rules(graph: Graph, node: Node) -> DamageRules:
    grades = [
        (_word(graph, bound, LUC.grade), _number(graph, bound, LUC.leastShare))
        for bound in _parts(graph, node, LUC.GradeBound)
    ]
    weather = sorted(
        _parts(graph, node, LUC.WeatherRule),
        key=lambda rule: _number(graph, rule, LUC.order),
    )
    return DamageRules(
        iri=str(node),
        peril=_word(graph, node, LUC.peril),
        affected_from=_number(graph, node, LUC.affectedFrom),
        grades=tuple(sorted(grades, key=lambda one: -one[1])),
        least_valid_share=_number(graph, node, LUC.leastValidShare),
        least_valid_pixels=int(_number(graph, node, LUC.leastValidPixels)),
        crop_share=_number(graph, node, LUC.cropShare),
        max_days_before=_number(graph, node, LUC.maxDaysBefore),
        max_days_after=_number(graph, node, LUC.maxDaysAfter),
        weather=tuple(_weather(graph, rule) for rule in weather),
    )


def _weather(graph: Graph, node: Node) -> WeatherRule:
    variable = graph.value(node, LUC.variable)
    return WeatherRule(
        variable=_word(graph, node, LUC.variable),
        label=_english(graph, variable),
        unit=str(graph.value(variable, LUC.unitSymbol)),
        below=_optional(graph, node, LUC.below),
        above=_optional(graph, node, LUC.above),
        hours=_optional(graph, node, LUC.leastHours),
        max_distance_km=_number(graph, node, LUC.maxDistanceKm),
    )


def _parts(graph: Graph, node: Node, kind: URIRef) -> list[Node]:
    parts = graph.subjects(SKOS.inScheme, node)
    return [one for one in parts if (one, RDF.type, kind) in graph]


def _version(graph: Graph, node: Node) -> int:
    return int(str(graph.value(node, LUC.version)))


def _word(graph: Graph, node: Node, term: URIRef) -> str:
    return str(graph.value(node, term)).rsplit("/", 1)[1]


def _english(graph: Graph, node: Node | None) -> str:
    labels = graph.objects(node, SKOS.prefLabel)
    return next(
        str(one) for one in labels if isinstance(one, Literal) and one.language == "en"
    )


def _number(graph: Graph, node: Node, term: URIRef) -> float:
    number = _optional(graph, node, term)
    assert number is not None, f"{node} lacks {term}"
    return number


def _optional(graph: Graph, node: Node, term: URIRef) -> float | None:
    value = graph.value(node, term)
    return None if value is None else float(str(value))

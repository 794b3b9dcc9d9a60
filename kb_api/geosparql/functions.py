"""Every function and aggregate of GeoSPARQL, as pyoxigraph takes them.

They take the place of the engine's own of the same name, so that a query means the
same with and without the index. An error in one leaves its value unbound, as SPARQL
wants, and is counted.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

import pyoxigraph as ox
import shapely

from kb_api.geosparql import accessors, constructions, measures
from kb_api.geosparql.aggregates import AGGREGATES, Aggregate
from kb_api.geosparql.arguments import flat_place, iri_of
from kb_api.geosparql.literals import place_of
from kb_api.geosparql.relations import RELATIONS, related
from kb_api.outcome import Faults, Function, Term

GEOF = "http://www.opengis.net/def/function/geosparql/"

Aggregator: TypeAlias = Callable[[], Any]


def relate(one: Term, other: Term, matrix: Term) -> ox.Literal:
    """Whether two geometries stand to each other as a DE-9IM pattern says.

    Raises:
        ValueError: The pattern is not nine of T, F, 0, 1, 2 and *.
    """
    pattern = iri_of(matrix).upper()
    if len(pattern) != 9 or set(pattern) - set("TF012*"):
        raise ValueError(f"{pattern[:20]!r} is no pattern of nine T, F, 0, 1, 2 or *")
    left, right = flat_place(one), flat_place(other)
    holds = shapely.relate_pattern(left.shape, right.within(left.crs), pattern)
    return ox.Literal(bool(holds))


def _relation(name: str) -> Callable[[Term, Term], ox.Literal]:
    def holds(one: Term, other: Term) -> ox.Literal:
        return ox.Literal(related(name, place_of(one), place_of(other)))

    return holds


_FUNCTIONS: dict[str, tuple[str, Function]] = {
    **{name: (f"topological relation {name}", _relation(name)) for name in RELATIONS},
    "relate": ("topological relation by its DE-9IM pattern", relate),
    **constructions.FUNCTIONS,
    **measures.FUNCTIONS,
    **accessors.FUNCTIONS,
}

LABELS = {GEOF + name: label for name, (label, _) in _FUNCTIONS.items()}
"""IRIs of the functions, each with a label."""

AGGREGATE_LABELS = {GEOF + name: label for name, label in AGGREGATES.items()}
"""IRIs of the aggregate functions, each with a label."""


def _arity(function: Function) -> tuple[int, int]:
    """The least and the most arguments."""
    parameters = inspect.signature(function).parameters.values()
    needed = [one for one in parameters if one.default is inspect.Parameter.empty]
    return len(needed), len(parameters)


_CALLABLE = [
    (ox.NamedNode(GEOF + name), name, function, _arity(function))
    for name, (_, function) in _FUNCTIONS.items()
]
_AGGREGATES = [(ox.NamedNode(GEOF + name), name) for name in AGGREGATES]


def functions(faults: Faults) -> dict[ox.NamedNode, Function]:
    """The functions for one query; errors inside them are noted."""
    return {
        iri: functools.partial(_called, faults, name, function, arity)
        for iri, name, function, arity in _CALLABLE
    }


def aggregates(faults: Faults) -> dict[ox.NamedNode, Aggregator]:
    """The aggregate functions for one query; errors inside them are noted."""
    return {
        iri: functools.partial(Aggregate, name, faults) for iri, name in _AGGREGATES
    }


def _called(
    faults: Faults,
    name: str,
    function: Function,
    arity: tuple[int, int],
    *terms: Term,
) -> Term | None:
    try:
        least, most = arity
        if not least <= len(terms) <= most:
            takes = str(least) if least == most else f"{least} or {most}"
            raise ValueError(f"takes {takes} arguments, not {len(terms)}")
        return function(*terms)
    except Exception as error:  # pyoxigraph would swallow any of them
        faults.note(name, error)
        return None

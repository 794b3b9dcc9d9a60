"""Conditions of a filter that the index knows: relations and distances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kb_api.geosparql.literals import place_of
from kb_api.geosparql.places import Placed
from kb_api.geosparql.relations import DISJOINT, RELATIONS
from kb_api.geosparql.tokens import Part, closing, literal_of

GEOF = "http://www.opengis.net/def/function/geosparql/"

_INDEXED = {GEOF + name: name for name in RELATIONS if name not in DISJOINT}


@dataclass(frozen=True)
class Condition:
    """A part of a filter that every row which passes it fulfils.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last one.
        relation: Name of the relation.
        first: Variable or place that stands first.
        second: Variable or place that stands second.
    """

    start: int
    end: int
    relation: str
    first: str | Placed
    second: str | Placed


def conditions_of(
    constraint: Sequence[Part], constants: Mapping[str, ox.Literal]
) -> list[Condition]:
    """The conditions that a constraint joins by AND.

    Args:
        constraint: The parts of a filter behind its word.
        constants: Variables that are the same literal in all rows of the group. Of
            these `!BOUND(?v) || …` says only what follows.
    """
    found = []
    for each in _conjuncts(constraint):
        part = _behind_guard(each, constants)
        if part and (one := _condition(part, each, constants)):
            found.append(one)
    return found


def _conjuncts(parts: Sequence[Part]) -> list[Sequence[Part]]:
    """What is joined by && at the top; a disjunction stays whole."""
    while parts and parts[0].text == "(" and closing(parts, 0) == len(parts) - 1:
        parts = parts[1:-1]
    if len(_split(parts, "||")) > 1:
        return [parts]
    both = _split(parts, "&&")
    if len(both) == 1:
        return [parts]
    return [one for each in both for one in _conjuncts(each)]


def _split(parts: Sequence[Part], sign: str) -> list[Sequence[Part]]:
    """The parts between signs (a mark, or the same one twice) outside brackets."""
    found, begin, at = [], 0, 0
    while at < len(parts):
        if parts[at].kind == "mark" and parts[at].text in "([{":
            at = closing(parts, at)
        elif [one.text for one in parts[at : at + len(sign)]] == list(sign):
            found.append(parts[begin:at])
            begin = at + len(sign)
            at = begin - 1
        at += 1
    return [*found, parts[begin:]]


def _behind_guard(
    parts: Sequence[Part], constants: Mapping[str, ox.Literal]
) -> Sequence[Part] | None:
    """What is left of `!BOUND(?v) || …` where ?v is bound; None of another OR."""
    ways = _split(parts, "||")
    if len(ways) == 1:
        return parts
    guard, rest = ways[0], ways[1:]
    texts = [one.value for one in guard]
    is_guard = texts[:3] == ["!", "BOUND", "("] and texts[4:] == [")"]
    if is_guard and len(rest) == 1 and guard[3].value in constants:
        return rest[0]
    return None


def _condition(
    part: Sequence[Part], whole: Sequence[Part], constants: Mapping[str, ox.Literal]
) -> Condition | None:
    """The condition that a part of a filter is."""
    head = part[0]
    if head.kind != "iri" or head.value not in _INDEXED or len(part) < 3:
        return None
    if part[1].text != "(" or closing(part, 1) != len(part) - 1:
        return None
    arguments = [_argument(one, constants) for one in _split(part[2:-1], ",")]
    if len(arguments) != 2:
        return None
    first, second = arguments
    if first is None or second is None:
        return None
    return Condition(whole[0].start, whole[-1].end, _INDEXED[head.value], first, second)


def _argument(
    parts: Sequence[Part], constants: Mapping[str, ox.Literal]
) -> str | Placed | None:
    """The name of a variable, or a place; None for anything else."""
    if len(parts) != 1 or parts[0].kind not in ("variable", "literal"):
        return None
    one = parts[0]
    if one.kind == "variable" and one.value not in constants:
        return one.value
    try:
        return place_of(
            literal_of(one) if one.kind == "literal" else constants[one.value]
        )
    except ValueError:
        return None

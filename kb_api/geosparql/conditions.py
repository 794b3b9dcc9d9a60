"""Conditions of a filter that the index knows: relations and distances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kb_api.geosparql.literals import place_of
from kb_api.geosparql.places import Placed
from kb_api.geosparql.reach import Reach
from kb_api.geosparql.relations import DISJOINT, RELATIONS
from kb_api.geosparql.tokens import Part, closing, literal_of
from kb_api.geosparql.units import unit_of

GEOF = "http://www.opengis.net/def/function/geosparql/"

_INDEXED = {GEOF + name: name for name in RELATIONS if name not in DISJOINT}


@dataclass(frozen=True)
class Condition:
    """A part of a filter that every row which passes it fulfils.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last one.
        test: Name of the relation, or the distance.
        first: Variable or place that stands first.
        second: Variable or place that stands second.
    """

    start: int
    end: int
    test: str | Reach
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
    call, amount = _compared(part)
    if len(call) < 4 or call[0].kind != "iri" or call[1].text != "(":
        return None
    if closing(call, 1) != len(call) - 1:
        return None
    given = _split(call[2:-1], ",")
    test = _test(call[0].value, given[2:], amount)
    if test is None or len(given) < 2:
        return None
    first, second = (_argument(one, constants) for one in given[:2])
    if first is None or second is None:
        return None
    return Condition(whole[0].start, whole[-1].end, test, first, second)


def _compared(part: Sequence[Part]) -> tuple[Sequence[Part], float | None]:
    """A call, and the number that what it gives must be below, if there is one."""
    texts = [one.text for one in part]
    for sign in (["<", "="], ["<"]):
        if texts[-1 - len(sign) : -1] == sign and part[-1].kind == "number":
            return part[: -1 - len(sign)], float(texts[-1])
    for sign in ([">", "="], [">"]):
        if texts[1 : 1 + len(sign)] == sign and part[0].kind == "number":
            return part[1 + len(sign) :], float(texts[0])
    return part, None


def _test(
    function: str, more: Sequence[Sequence[Part]], amount: float | None
) -> str | Reach | None:
    """What a call tests: a relation, or a distance in a unit."""
    if amount is None:
        return None if more else _INDEXED.get(function)
    if function == GEOF + "metricDistance" and not more:
        return Reach(amount, None)
    if function != GEOF + "distance" or len(more) != 1 or len(more[0]) != 1:
        return None
    try:
        return Reach(amount, unit_of(more[0][0].value))
    except ValueError:
        return None


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

"""What the open values (UNDEF) of a query decide, left out of it."""

from collections import defaultdict
from collections.abc import Sequence

from kb_api.geosparql.tokens import Doubt, Part, closing, parts_of

_NEVER = ["{", "VALUES", "(", "", ")", "{", "(", "UNDEF", ")", "}"]
_NEVER += ["FILTER", "(", "BOUND", "(", "", ")", ")", "}"]
_ALWAYS = ["FILTER", "(", "!", "BOUND", "(", "", ")", "|", "|"]


def without_open_rows(query: str) -> str:
    """The query with the same rows, for engines that join UNDEF as SQL joins NULL.

    A group of nothing but a variable that is UNDEF and the condition that it is bound
    loses its row.

    >>> without_open_rows(
    ...     "ASK { { VALUES (?a) { (UNDEF) } FILTER(BOUND(?a)) } ?s ?p ?a }"
    ... )
    'ASK { { VALUES (?a) {  } FILTER(BOUND(?a)) } ?s ?p ?a }'
    """
    parts = _parts_of(query)
    for at in reversed(range(len(parts))):
        if _is_like(parts, at, _NEVER) and parts[at + 3].value == parts[at + 14].value:
            query = query[: parts[at + 6].start] + query[parts[at + 8].end :]
    return query


def without_open_conditions(query: str) -> str:
    """The query with the same rows, without what it never comes to.

    A condition that holds where a variable is not bound is left out, if nothing binds
    that.

    >>> without_open_conditions(
    ...     "ASK { VALUES (?a) { (UNDEF) } ?s ?p ?o FILTER(!BOUND(?a) || ?o > ?a) }"
    ... )
    'ASK { VALUES (?a) { (UNDEF) } ?s ?p ?o  }'
    """
    parts = _parts_of(query)
    try:
        unbound = _never_bound(parts)
        for at in reversed(range(len(parts))):
            if _is_like(parts, at, _ALWAYS) and parts[at + 5].value in unbound:
                end = parts[closing(parts, at + 1)].end
                query = query[: parts[at].start] + query[end:]
    except Doubt:
        pass
    return query


def _parts_of(query: str) -> Sequence[Part]:
    """The parts of a query that has open values, and is surely understood."""
    if "UNDEF" not in query:
        return ()
    try:
        return parts_of(query)
    except Doubt:
        return ()


def _never_bound(parts: Sequence[Part]) -> set[str]:
    """The variables that are UNDEF in all VALUES, and else only used in FILTER."""
    held: dict[str, set[str]] = defaultdict(set)
    free: set[str] = set()
    at = 0
    while at < len(parts):
        one = parts[at]
        if one.value == "FILTER" and parts[at + 1].text == "(":
            at = closing(parts, at + 1)
        elif one.value == "VALUES" and parts[at + 1].text == "(":
            at = _read_table(parts, at + 1, held)
        elif one.kind == "variable":
            free.add(one.value)
        at += 1
    return {name for name, terms in held.items() if terms == {"UNDEF"}} - free


def _read_table(parts: Sequence[Part], opening: int, held: dict[str, set[str]]) -> int:
    """Note what the variables of VALUES have in its rows; where it closes."""
    head = closing(parts, opening)
    names = [one.value for one in parts[opening + 1 : head]]
    end = closing(parts, head + 1)
    at = head + 2
    while at < end:
        last = closing(parts, at)
        terms = [one.value for one in parts[at + 1 : last]]
        if len(terms) != len(names):
            raise Doubt("VALUES")
        for name, term in zip(names, terms, strict=True):
            held[name].add(term)
        at = last + 1
    return end


def _is_like(parts: Sequence[Part], at: int, form: Sequence[str]) -> bool:
    """Whether parts from an index on are so; an empty text stands for a variable."""
    found = parts[at : at + len(form)]
    return len(found) == len(form) and all(
        one.kind == "variable" if not text else one.value == text
        for one, text in zip(found, form, strict=True)
    )

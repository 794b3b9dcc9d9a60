"""Triples that say nothing more once the index has answered a filter.

A filter that the index has answered exactly is the only reader of a literal in most
queries. Then the engine need not fetch that literal: of all that is done for a row this
is the dearest.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kb_api.geosparql.edits import Edit
from kb_api.geosparql.groups import Triple
from kb_api.geosparql.literals import GEO, SERIALISATIONS
from kb_api.geosparql.tokens import Part, parts_of
from kb_api.geosparql.work import Work

_AS_WKT = f"{GEO}asWKT"
_OTHERS = [ox.NamedNode(one) for one in SERIALISATIONS if one != _AS_WKT]
_SELECTING = ("SELECT", "DISTINCT", "REDUCED", "DESCRIBE")


@dataclass(frozen=True)
class Spared:
    """A triple that may be left out.

    Attributes:
        name: Variable of the geometry, which the index binds.
        edit: Leaves the triple out.
    """

    name: str
    edit: Edit


def spared_of(
    work: Work, anchors: Sequence[Triple], variable: str
) -> list[Spared] | None:
    """How each of the triples that bind a literal may be left out; None: it may not.

    To be asked where the index knows all rows that pass the filter, and that each
    geometry has one literal. A triple `?g geo:asWKT ?w` then adds to each ?g just this
    literal, if nothing but the filter reads ?w.

    Args:
        work: The whole query.
        anchors: The triples, of which each row has one.
        variable: Name of the literal's variable.
    """
    parts = parts_of(work.query)
    if _is_read(parts, variable, len(anchors) + 1) or not _has_plain_wkt(work.store):
        return None
    found = [_spared(parts, one, variable) for one in anchors]
    kept = [one for one in found if one is not None]
    return kept if len(kept) == len(found) else None


def _is_read(parts: Sequence[Part], variable: str, times: int) -> bool:
    """Whether a variable stands more often than so, or all are asked for.

    A GRAPH would say where the triple stands.
    """
    uses = sum(one.kind == "variable" and one.value == variable for one in parts)
    return uses != times or any(
        one.kind == "word" and (one.value == "GRAPH" or _asks_all(one, after))
        for one, after in itertools.pairwise(parts)
    )


def _asks_all(word: Part, after: Part) -> bool:
    return word.value in _SELECTING and after.text == "*"


def _has_plain_wkt(store: ox.Store) -> bool:
    """Whether all geometries are given by `geo:asWKT`, in named graphs."""
    elsewhere = [(one, None) for one in _OTHERS]
    unnamed = (ox.NamedNode(_AS_WKT), ox.DefaultGraph())
    return not any(
        next(store.quads_for_pattern(None, predicate, None, graph), None)
        for predicate, graph in [*elsewhere, unnamed]
    )


def _spared(parts: Sequence[Part], triple: Triple, variable: str) -> Spared | None:
    """How one triple is left out: with its subject, in a list, or from a path's end."""
    at = next(i for i, one in enumerate(parts) if one.start == triple.path.start)
    path = [one for one in parts[at:] if one.end <= triple.path.end]
    last, behind = parts[at + len(path)], parts[at + len(path) + 1]
    is_plain = triple.path.last == {_AS_WKT} and path[-1].value == _AS_WKT
    if not is_plain or behind.text == ",":
        return None
    if len(path) > 1:
        fresh = f"geometry_{variable}"
        is_sequence = all(one.kind == "iri" for one in path[::2]) and all(
            one.text == "/" for one in path[1::2]
        )
        is_taken = any(one.kind == "variable" and one.value == fresh for one in parts)
        if not is_sequence or is_taken:
            return None
        return Spared(fresh, (path[-2].start, last.end, f" ?{fresh}"))
    subject, before = triple.subject, parts[at - 1]
    if subject is None or subject.kind != "variable":
        return None
    if before.text == ";":
        return Spared(subject.value, (path[0].start, last.end, ""))
    if before != subject:
        return None
    if behind.text == ";":
        after = parts[at + len(path) + 2]
        if after.kind != "iri":
            return None
        return Spared(subject.value, (path[0].start, behind.end, ""))
    end = behind.end if behind.text == "." else last.end
    return Spared(subject.value, (subject.start, end, ""))

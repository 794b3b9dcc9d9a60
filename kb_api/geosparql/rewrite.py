"""Answers of the index written into a query, so that the engine looks at few rows.

Each rule adds VALUES for a variable that a row which passes a filter must have one of.
On any doubt the query stays as it is: then it is slow, and right.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator

import pyoxigraph as ox

from kb_api.geosparql.budget import Budget
from kb_api.geosparql.conditions import Condition, conditions_of
from kb_api.geosparql.edits import Edit, edited, iris_of
from kb_api.geosparql.groups import Group, Triple, groups_of
from kb_api.geosparql.index import Found, SpatialIndex
from kb_api.geosparql.joins import edits_of
from kb_api.geosparql.literals import SERIALISATIONS
from kb_api.geosparql.places import Placed
from kb_api.geosparql.reach import Reach
from kb_api.geosparql.spared import spared_of
from kb_api.geosparql.tokens import Doubt
from kb_api.geosparql.topology import Expansion, mentions_of, refuse_unrewritten
from kb_api.geosparql.work import Work
from kb_api.outcome import Prepared

_MOST_LITERALS = 5_000
_MOST_CONDITIONS = 16
_MOST_TEXT = 50_000_000
_SERIALISING = frozenset(SERIALISATIONS)


def rewritten(
    query: str,
    store: ox.Store,
    index: Callable[[], SpatialIndex] | None,
    facts: ox.Store | None = None,
) -> Prepared:
    """A query with the answers of the index in it.

    Args:
        query: SPARQL 1.1 query over the union of all graphs of the store.
        store: In the state that the index is of.
        index: Gives the index of all geometries of the store; asked if need be. None:
            there is none.
        facts: The same store without what is entailed; given where topological
            properties are to be answered from the shapes too.

    Raises:
        QueryRejected: It has such properties where that cannot be done.
    """
    try:
        groups = groups_of(query)
        work = Work(query, store, index) if index else None
        edits = list(_of_filters(groups, work)) if work else []
        indexed = bool(edits)
        if facts is not None:
            budget = work.budget if work else Budget()
            for edit, helped in Expansion(query, facts, index, budget).edits(groups):
                edits.append(edit)
                indexed = indexed or helped
    except Doubt as doubt:
        if facts is not None:
            refuse_unrewritten(query, str(doubt))
        return Prepared(query)
    if not edits:
        return Prepared(query)
    return Prepared(
        edited(query, edits),
        indexed,
        query,
        lasting=facts is not None,
        unread=work.unread if work else 0,
    )


def asks_index(query: str, *, topological: bool) -> bool:
    """Whether a query has a part that the index might answer.

    Args:
        query: SPARQL 1.1 query.
        topological: Whether topological properties are such parts.
    """
    try:
        if topological and mentions_of(query):
            return True
        return any(
            conditions_of(constraint, group.constants)
            for group in groups_of(query)
            for constraint in group.filters
        )
    except Doubt:
        return False


def _of_filters(groups: Iterable[Group], work: Work) -> Iterator[Edit]:
    """What the conditions of the filters of groups add.

    Rule A, a variable geometry and a constant one (for two variables see `joins`): a
    row that passes the filter has in ?w the literal of a geometry ?g that the index
    found; so ?g may be joined with these, at the basic graph pattern that binds it: a
    join there and one with the whole group give the same rows, whatever stands
    between. Where the index has found all of them and nothing else, the filter says
    nothing more and becomes `true`; and where only it reads ?w, that is not fetched.
    """
    conditions = (
        (one, group)
        for group in groups
        for constraint in group.filters
        for one in conditions_of(constraint, group.constants)
    )
    size = 0
    for one, group in itertools.islice(conditions, _MOST_CONDITIONS):
        edits = _of_condition(one, group, work)
        size += sum(len(text) for _, _, text in edits)
        if size > _MOST_TEXT:
            raise Doubt("too much text")
        yield from edits


def _of_condition(one: Condition, group: Group, work: Work) -> list[Edit]:
    is_first = isinstance(one.first, str)
    if is_first and isinstance(one.second, str):
        return edits_of(one, group, work)
    variable, place = (one.first, one.second) if is_first else (one.second, one.first)
    if not isinstance(variable, str) or not isinstance(place, Placed):
        return []
    anchors = anchors_of(group, variable)
    if not anchors:
        return []
    if isinstance(one.test, Reach):
        found = work.index().within(one.test, place, is_first=is_first)
    else:
        found = work.index().related(one.test, place, work.budget, is_first=is_first)
    if found is None:
        return []
    values, is_exact = iris_of(found.subjects), found.is_exact
    spared = spared_of(work, anchors, variable) if is_exact and values else None
    edits: list[Edit] = [one.edit for one in spared or ()]
    for at, anchor in enumerate(anchors):
        name, listed, subject = variable, values, anchor.subject
        if spared:
            name = spared[at].name
        elif anchor.path.is_direct and subject and subject.kind == "variable":
            name = subject.value
        else:
            listed = None
        if listed is None:
            name, listed, is_exact = variable, _literals(found, work.store), False
        if listed is None:
            return []
        edits.append((anchor.block, anchor.block, f"VALUES ?{name} {{ {listed} }} "))
    if is_exact:
        edits.append((one.start, one.end, "(true)"))
    return edits


def _literals(found: Found, store: ox.Store) -> str | None:
    """The literals of the geometries; None where there are too many."""
    texts: dict[str, None] = {}
    if len(found.subjects) > _MOST_LITERALS:
        return None
    for one in found.subjects:
        is_blank = one.startswith("_:")
        subject = ox.BlankNode(one[2:]) if is_blank else ox.NamedNode(one)
        for iri in SERIALISATIONS:
            quads = store.quads_for_pattern(subject, ox.NamedNode(iri), None, None)
            values = (quad.object for quad in quads)
            known = (ox.Literal, ox.NamedNode)
            texts |= {str(one): None for one in values if isinstance(one, known)}
    return " ".join(texts)


def anchors_of(group: Group, variable: str) -> list[Triple]:
    """Triples of which each row of a group has one that binds a literal's variable.

    Empty where there are rows that might have none.
    """
    for triple in group.triples:
        one, last = triple.object, triple.path.last
        if one is None or one.kind != "variable" or one.value != variable:
            continue
        if last and last <= _SERIALISING:
            return [triple]
    for ways in group.joined:
        found = [
            anchors_of(one, variable) if names is None or variable in names else []
            for one, names in ways
        ]
        if all(found):
            return [triple for each in found for triple in each]
    return []

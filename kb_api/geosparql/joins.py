"""Rule B: two variable geometries, whose pairs the index finds."""

import itertools
from collections.abc import Iterable, Sequence, Set

import pyoxigraph as ox

from kb_api.geosparql.conditions import Condition
from kb_api.geosparql.edits import Edit, iris_of
from kb_api.geosparql.groups import Group, Triple
from kb_api.geosparql.literals import SERIALISATIONS
from kb_api.geosparql.spared import spared_of
from kb_api.geosparql.tokens import Part, literal_of
from kb_api.geosparql.work import Work
from kb_api.outcome import Term

_LIMIT = 5_000
_MOST_LOOKED_UP = 6


def edits_of(one: Condition, group: Group, work: Work) -> list[Edit]:
    """What a relation between the literals of ?g1 and ?g2 adds to a query.

    A row that passes the filter has a pair (?g1, ?g2) that the index found, so it may
    be joined with these. Only pairs are left out whose members the triples of the
    group rule out. Where something else joins the two, the pairs would be many more
    than its rows: then the query stays as it is. Literals that cannot be read are in
    no pair; how many there are is told beside the answer.
    """
    assert isinstance(one.first, str)
    assert isinstance(one.second, str)
    triples = _visible(group)
    left, right = (_bound(triples, name) for name in (one.first, one.second))
    if not isinstance(one.test, str) or left is None or right is None:
        return []
    first, second = _name(left.subject), _name(right.subject)
    if first is None or second is None or first in _component(second, triples):
        return []
    found = work.index().joined(
        one.test,
        _candidates(first, triples, work.store),
        _candidates(second, triples, work.store),
        work.budget,
    )
    if found is None:
        return []
    rows = [iris_of(pair) for pair in found.subjects]
    if None in rows:
        return []
    values = " ".join(f"({row})" for row in rows)
    text = f"{{ SELECT * {{ VALUES (?{first} ?{second}) {{ {values} }} }} }} "
    both_here = left in group.triples and right in group.triples
    at = max(left.block, right.block) if both_here else group.end
    edits = [(at, at, text)]
    work.unread += found.unread
    if found.is_exact:
        edits.append((one.start, one.end, "(true)"))
        for triple, literal in ((left, one.first), (right, one.second)):
            spared = spared_of(work, [triple], literal) or ()
            edits += [each.edit for each in spared]
    return edits


def _visible(group: Group) -> list[Triple]:
    """The triples that each row of a group matches, and whose variables it shows."""
    inner = [
        triple
        for ways in group.joined
        if len(ways) == 1 and ways[0][1] is None
        for triple in _visible(ways[0][0])
    ]
    return [*group.triples, *inner]


def _bound(triples: Iterable[Triple], variable: str) -> Triple | None:
    """The triple that binds a literal's variable."""
    for triple in triples:
        last = triple.path.last
        is_serialising = bool(last) and last <= SERIALISATIONS.keys()
        if (
            is_serialising
            and triple.path.is_direct
            and _name(triple.object) == variable
        ):
            return triple
    return None


def _name(part: Part | None) -> str | None:
    """The name of a variable; None for anything else."""
    return part.value if part is not None and part.kind == "variable" else None


def _component(variable: str, triples: Iterable[Triple]) -> set[str]:
    """The variables that triples connect with one."""
    edges = [
        {
            (part.kind, part.value)
            for part in (triple.subject, triple.object)
            if part is not None and part.kind in ("variable", "blank")
        }
        for triple in triples
    ]
    reached = {("variable", variable)}
    while touched := [one for one in edges if one & reached and not one <= reached]:
        reached = reached.union(*touched)
    return {name for kind, name in reached if kind == "variable"}


def _candidates(
    variable: str, triples: Sequence[Triple], store: ox.Store
) -> Set[str] | None:
    """The geometries that a variable can stand for; None: any.

    Looked up are only what is said of the geometry or its feature with a constant, and
    of these only small sets and few of them, so that it never takes long.
    """
    kept = _described(variable, triples, store)
    leading = [one for one in triples if _name(one.object) == variable]
    for triple in leading[:_MOST_LOOKED_UP]:
        predicate = _predicate(triple)
        if predicate is None:
            continue
        feature, features = _name(triple.subject), None
        if feature is not None and feature != variable:
            features = _described(feature, triples, store)
        elif triple.subject is not None and triple.subject.kind == "iri":
            features = {triple.subject.value}
        if features is not None:
            found = {
                name
                for one in features
                for quad in store.quads_for_pattern(_node(one), predicate, None, None)
                if (name := _subject_name(quad.object)) is not None
            }
            kept = found if kept is None else kept & found
    return kept


def _described(
    variable: str, triples: Sequence[Triple], store: ox.Store
) -> Set[str] | None:
    """What a variable can stand for by what constants are said of it; None: any."""
    kept: Set[str] | None = None
    said = [one for one in triples if _name(one.subject) == variable]
    for triple in said[:_MOST_LOOKED_UP]:
        predicate, value = _predicate(triple), _constant(triple.object)
        if predicate is None or value is None:
            continue
        quads = store.quads_for_pattern(None, predicate, value, None)
        names = {_subject_name(one.subject) for one in itertools.islice(quads, _LIMIT)}
        found = {one for one in names if one is not None}
        if next(quads, None) is None:
            kept = found if kept is None else kept & found
    return kept


def _predicate(triple: Triple) -> ox.NamedNode | None:
    """The one predicate of a triple; None of a path or a variable."""
    if not triple.path.is_direct or len(triple.path.last) != 1:
        return None
    return ox.NamedNode(next(iter(triple.path.last)))


def _constant(part: Part | None) -> ox.NamedNode | ox.Literal | None:
    if part is None or part.kind not in ("iri", "literal"):
        return None
    return ox.NamedNode(part.value) if part.kind == "iri" else literal_of(part)


def _subject_name(term: Term) -> str | None:
    """How the index names a subject."""
    if isinstance(term, ox.NamedNode):
        return term.value
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else None


def _node(name: str) -> ox.NamedNode | ox.BlankNode:
    return ox.BlankNode(name[2:]) if name.startswith("_:") else ox.NamedNode(name)

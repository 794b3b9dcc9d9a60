"""An event that does damage, read from a Turtle file that a person wrote."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
from rdflib import URIRef

from etl.damage.rules import peril_concepts
from etl.keys import slug
from imagery.scene_record import aware_time
from mining.damage.assessment import Event
from ontology import DCTERMS, LUC, PERIL, RDF, RDFS
from ontology.errors import KnowledgeError

_MOST_BYTES = 100_000
_LONGEST_TEXT = 200

_Facts: TypeAlias = Mapping[str, Sequence[str]]


def read_event(path: Path) -> Event:
    """The one event of a Turtle file: peril, begin, end and title.

    It is named by `dct:identifier`, else by peril and first day.

    Raises:
        KnowledgeError: The file cannot be read, is no Turtle, is larger than 100 kB,
            or does not hold one event with one peril of the scheme and one begin and
            end with their zone.
    """
    facts = _facts(path)
    peril = _peril(path, facts)
    begins = _time(path, facts, LUC.beginsAt, "begin")
    ends = _time(path, facts, LUC.endsAt, "end")
    if ends < begins:
        raise KnowledgeError(f"{path}: the event ends before it begins; correct it")
    name = _text(path, facts, DCTERMS.identifier, "identifier")
    return Event(
        id=slug(name or f"{peril}-{begins.date().isoformat()}"),
        peril=peril,
        begins=begins,
        ends=ends,
        title=_text(path, facts, RDFS.label, "title"),
    )


def _facts(path: Path) -> _Facts:
    """What the file says of its one event: property to values, as texts."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise KnowledgeError(
            f"{path}: an event that cannot be read ({error.strerror}); "
            "give a Turtle file"
        ) from error
    if len(content) > _MOST_BYTES:
        raise KnowledgeError(
            f"{path}: is larger than {_MOST_BYTES // 1000} kB; give one event"
        )
    try:
        quads = list(
            ox.parse(content, format=ox.RdfFormat.TURTLE, base_iri="urn:event:")
        )
    except (SyntaxError, ValueError) as error:
        told = " ".join(str(error).split())[:120]
        raise KnowledgeError(f"{path}: is no Turtle ({told}); correct it") from error
    kind, event = ox.NamedNode(str(RDF.type)), ox.NamedNode(str(LUC.Event))
    nodes = {
        one.subject for one in quads if (one.predicate, one.object) == (kind, event)
    }
    if len(nodes) != 1:
        raise KnowledgeError(
            f"{path}: holds {len(nodes)} events; give one: <event> a luc:Event ; "
            "luc:peril peril:frost ; luc:beginsAt … ; luc:endsAt …"
        )
    facts: dict[str, list[str]] = {}
    for quad in quads:
        if quad.subject in nodes and isinstance(quad.object, ox.NamedNode | ox.Literal):
            facts.setdefault(quad.predicate.value, []).append(quad.object.value)
    return facts


def _peril(path: Path, facts: _Facts) -> str:
    found = facts.get(str(LUC.peril), [])
    words = peril_concepts()
    word = found[0].removeprefix(str(PERIL)) if len(found) == 1 else ""
    if word not in words or found[0] == word:
        told = ascii(found[0])[:80] if len(found) == 1 else f"given {len(found)} times"
        raise KnowledgeError(
            f"{path}: luc:peril is {told}; give one as peril: and one of "
            f"{', '.join(sorted(words))}"
        )
    return word


def _time(path: Path, facts: _Facts, term: URIRef, what: str) -> datetime:
    found = facts.get(str(term), [])
    told = ascii(found[0])[:40] if len(found) == 1 else f"given {len(found)} times"
    try:
        if len(found) != 1:
            raise ValueError(told)
        return aware_time(found[0]).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise KnowledgeError(
            f"{path}: the {what} of the event is {told}; give one time with its zone, "
            'such as "2017-04-26T18:00:00Z"^^xsd:dateTime'
        ) from error


def _text(path: Path, facts: _Facts, term: URIRef, what: str) -> str | None:
    found = sorted(facts.get(str(term), []))
    if not found:
        return None
    text = found[0].strip()
    if not text or len(text) > _LONGEST_TEXT or not text.isprintable():
        raise KnowledgeError(
            f"{path}: the {what} of the event is empty, longer than {_LONGEST_TEXT} "
            "characters or has control characters; give plain text"
        )
    return text

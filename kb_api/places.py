"""Places of the base by what people type: units found by name, accents set aside."""

import re
import threading
import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query

from kb_api.lookups import rows, state_of
from kb_api.store import Store

_BETWEEN = re.compile(r"[\s'\u2019\-\u2010\u2011]+")
"""What people write between the words of a name, or leave out."""

MOST = 50
"""Most places that one request gives."""


@dataclass(frozen=True)
class Place:
    """A unit of territory as people name it.

    Attributes:
        iri: Of the unit version.
        identifier: As its file has it.
        name: None where it has none.
        level: Last word of its level's IRI, such as commune.
        wider: Name of the unit that it is part of; None where there is none.
    """

    iri: str
    identifier: str
    name: str | None
    level: str
    wider: str | None


class Places:
    """The places of a store, read again only after something was loaded.

    Memory: a few hundred bytes a unit. A search reads all names, about 10 ms of
    100,000.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._state: str | None = None
        self._keyed: list[tuple[str, str, Place]] = []
        self._breadth: dict[str, int] = {}

    def find(self, text: str, limit: int) -> tuple[list[Place], int]:
        """The places that fit best, and how many fit.

        A place fits whose name or identifier holds the text, whatever its accents and
        case, or whose IRI is the text. Names that begin with it come first, then those
        with a word that does; wide levels, which have few units, before narrow ones.
        """
        keyed, breadth = self._read()
        asked = fold(text).strip()
        if not asked:
            return [], 0
        found = []
        for name, identifier, place in keyed:
            rank = _rank(asked, name, identifier)
            if rank is None and place.iri == text.strip():
                rank = 0
            if rank is not None:
                order = (rank, breadth[place.level], len(name), name, identifier)
                found.append((order, place.iri, place))
        found.sort(key=lambda one: one[:2])
        return [place for _, _, place in found[:limit]], len(found)

    def _read(self) -> tuple[list[tuple[str, str, Place]], dict[str, int]]:
        state = state_of(self._store)
        with self._lock:
            if state != self._state:
                found = {str(row["unit"]): row for row in rows(self._store, "places")}
                places = [
                    Place(
                        iri,
                        str(row["identifier"]),
                        None if row["name"] is None else str(row["name"]),
                        str(row["level"]).rpartition("/")[2],
                        None if row["wider"] is None else str(row["wider"]),
                    )
                    for iri, row in found.items()
                ]
                self._breadth = Counter(place.level for place in places)
                self._keyed = [
                    (fold(place.name or ""), fold(place.identifier), place)
                    for place in places
                ]
                self._state = state
            return self._keyed, self._breadth


def router(store: Store) -> APIRouter:
    """`/places` over a store."""
    routes = APIRouter(tags=["places"])
    places = Places(store)

    @routes.get("/places")
    def find_places(
        text: str, limit: Annotated[int, Query(ge=1, le=MOST)] = 10
    ) -> dict[str, Any]:
        """Places whose name or identifier holds the text, best first."""
        found, count = places.find(text, limit)
        return {"places": [asdict(one) for one in found], "count": count}

    return routes


def fold(text: str) -> str:
    """Text without accents and case, its words apart by one space, for comparing.

    >>> fold("Les Épures-Łódź  Straße d'Ò")
    'les epures lodz strasse d o'
    """
    plain = (
        _BETWEEN.sub(" ", text)
        .casefold()
        .replace("ł", "l")
        .replace("ø", "o")
        .replace("đ", "d")
    )
    parts = unicodedata.normalize("NFKD", plain)
    return "".join(one for one in parts if not unicodedata.combining(one))


def _rank(asked: str, name: str, identifier: str) -> int | None:
    """0 for equal, 1 begins with, 2 a word begins with, 3 holds; None: does not fit."""
    if asked in (name, identifier):
        return 0
    if name.startswith(asked) or identifier.startswith(asked):
        return 1
    if asked in name:
        return 2 if f" {asked}" in name else 3
    return 3 if asked in identifier else None

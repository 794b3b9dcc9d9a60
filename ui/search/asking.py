"""What is asked: a question with values or a query of one's own, answered in parts."""

import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ui.api_records import Answer, Value
from ui.client import API, ApiClient, ApiProblem
from ui.search.sparql_rows import answer_of, has_shapes, identified

PAGE = 50
"""Rows of a page of the table."""

MARKED = 20_000
"""Units that the map marks at most."""

DRAWN = 10_000
"""Shapes that the map draws at most."""

CARRIED = 2_000
"""Shapes of a query of one's own that go to the map at most."""

CHARTED = 5_000
"""Rows that a chart is made from at most."""

_PLACED = {"unit", "parcel", "region", "patch", "footprint"}
"""Columns whose things have a place."""


class Asking(Protocol):
    """Something asked whose answer comes in parts."""

    @property
    def unplaced(self) -> str:
        """Why the shapes of the answer are not drawn, in one line; empty: they are."""
        ...

    @property
    def most_drawn(self) -> int:
        """Shapes that the map draws at most."""
        ...

    async def part(self, offset: int, limit: int, sort: str) -> Answer:
        """Some rows; the count is of all.

        Raises:
            ApiProblem: It was refused.
        """
        ...

    async def marks(self) -> list[dict[str, Value]]:
        """Unit and, where there is one, result of each row in order, `MARKED` at most.

        Raises:
            ApiProblem: It was refused.
        """
        ...

    async def sparql(self) -> str:
        """The query that gives the answer.

        Raises:
            ApiProblem: It was refused.
        """
        ...

    def links(self, answer: Answer) -> dict[str, str]:
        """Kind of file to the address that gives the whole answer so."""
        ...

    def shapes_url(self, answer: Answer) -> str:
        """Address of what the rows are about as GeoJSON; empty: they have none."""
        ...

    def shapes(self) -> dict[str, Any]:
        """What the rows are about as GeoJSON, where it has no address."""
        ...

    def whole(self) -> Answer | None:
        """The whole answer, where it is held here; None: it has links."""
        ...


@dataclass(frozen=True)
class QuestionAsked:
    """A question of the library with values.

    Attributes:
        client: Asks the API.
        name: Of the question.
        values: Of its parameters.
    """

    client: ApiClient
    name: str
    values: Mapping[str, str]

    @property
    def unplaced(self) -> str:
        """Empty: the map tells itself what it cannot load."""
        return ""

    @property
    def most_drawn(self) -> int:
        """Shapes that the map draws at most."""
        return DRAWN

    async def part(self, offset: int, limit: int, sort: str) -> Answer:
        """Some rows; the count is of all."""
        return await self.client.ask(
            self.name, self.values, limit=limit, offset=offset, sort=sort
        )

    async def marks(self) -> list[dict[str, Value]]:
        """Unit and result of each row in the order asked, `MARKED` at most."""
        first = await self.part(0, 0, "")
        wanted = [
            one["name"] for one in first["columns"] if one["name"] in ("unit", "result")
        ]
        if "unit" not in wanted:
            return []
        found = await self.client.ask(
            self.name, self.values, limit=MARKED, columns=wanted
        )
        return found["rows"]

    async def sparql(self) -> str:
        """The query with the values bound."""
        return await self.client.question_sparql(self.name, self.values)

    def links(self, answer: Answer) -> dict[str, str]:
        """CSV, and GeoJSON where the answer has places."""
        links = {"CSV": self._address("answer.csv")}
        if is_placed(answer):
            links["GeoJSON"] = self._address("answer.geojson")
        return links

    def shapes_url(self, answer: Answer) -> str:
        """Address of the first `DRAWN` rows as GeoJSON."""
        return self._address("answer.geojson", limit=DRAWN) if is_placed(answer) else ""

    def shapes(self) -> dict[str, Any]:
        """None: they have an address."""
        return {}

    def whole(self) -> Answer | None:
        """None: it has links."""
        return None

    def _address(self, form: str, **more: int) -> str:
        query = urllib.parse.urlencode({**self.values, **more})
        return f"{API[1:]}/questions/{self.name}/{form}?{query}"


@dataclass
class QueryAsked:
    """A query of one's own; it is run once, and its rows are held.

    Attributes:
        client: Asks the API.
        query: The SPARQL.
        unplaced: Why its shapes are not drawn; empty: they are, or there are none.
    """

    client: ApiClient
    query: str
    unplaced: str = field(default="", init=False)
    _answer: Answer | None = field(default=None, init=False)
    _shapes: dict[str, Any] = field(default_factory=dict, init=False)

    @property
    def most_drawn(self) -> int:
        """Shapes that the map draws at most."""
        return CARRIED

    async def part(self, offset: int, limit: int, sort: str) -> Answer:
        """Some rows; the count is of all."""
        if self._answer is None:
            answer = answer_of(await self.client.sparql(self.query))
            if has_shapes(answer):
                await self._place()
            self._answer = answer
        rows = self._answer["rows"]
        if sort:
            rows = in_order(rows, sort)
        return {**self._answer, "rows": rows[offset : offset + limit]}

    async def _place(self) -> None:
        try:
            shapes = await self.client.sparql_shapes(self.query)
        except ApiProblem as error:
            self.unplaced = str(error)
        else:
            self._shapes = identified(shapes, CARRIED)

    async def marks(self) -> list[dict[str, Value]]:
        """Unit of each row."""
        answer = await self.part(0, MARKED, "")
        wanted = {one["name"] for one in answer["columns"]} & {"unit", "result"}
        if "unit" not in wanted:
            return []
        return [{name: row[name] for name in wanted} for row in answer["rows"]]

    async def sparql(self) -> str:
        """The query itself."""
        return self.query

    def links(self, answer: Answer) -> dict[str, str]:
        """None: the endpoint gives its forms by header, not by address."""
        return {}

    def shapes_url(self, answer: Answer) -> str:
        """None: the rows are held here."""
        return ""

    def shapes(self) -> dict[str, Any]:
        """Those of the first `CARRIED` rows that have a place, as GeoJSON."""
        return self._shapes

    def whole(self) -> Answer | None:
        """All rows."""
        return self._answer


def is_placed(answer: Answer) -> bool:
    """Whether the rows have places: a column of WKT, or of things with an outline."""
    return any(
        one["unit"] == "wkt" or (one["unit"] == "iri" and one["name"] in _PLACED)
        for one in answer["columns"]
    )


def in_order(rows: list[dict[str, Value]], sort: str) -> list[dict[str, Value]]:
    """Rows by a column, falling with a minus before it; empty values last.

    >>> in_order([{"a": "b"}, {"a": None}, {"a": "A"}], "a")
    [{'a': 'A'}, {'a': 'b'}, {'a': None}]
    """
    name = sort.removeprefix("-")

    def place(row: dict[str, Value]) -> tuple[bool, float, str]:
        value = row[name]
        if isinstance(value, int | float):
            return False, value, ""
        return True, 0, str(value).casefold()

    known = [row for row in rows if row[name] is not None]
    known.sort(key=place, reverse=sort.startswith("-"))
    return known + [row for row in rows if row[name] is None]

"""Every call of the pages to the API."""

from collections.abc import Mapping
from typing import Literal, TypedDict, cast

import httpx

API = "/api/v1"

Value = str | int | float | bool | None
ParameterType = Literal[
    "text", "number", "integer", "date", "iri", "concept", "unit", "wkt"
]


class Parameter(TypedDict):
    """A typed input of a question; its default is as a user would write it."""

    name: str
    type: ParameterType
    default: str | None
    description: str


class Column(TypedDict):
    """A column of an answer, with its unit of measure or kind."""

    name: str
    unit: str
    description: str


class Question(TypedDict):
    """A question that can be asked."""

    name: str
    title: str
    number: int
    description: str
    parameters: list[Parameter]
    columns: list[Column]


class Answer(TypedDict):
    """The rows of a question."""

    question: str
    columns: list[Column]
    rows: list[dict[str, Value]]
    count: int


class Concept(TypedDict):
    """A term of a concept scheme."""

    iri: str
    scheme: str
    schemeLabel: str | None
    notation: str | None
    label: str
    broader: list[str]
    colour: str | None
    order: int | None


class Result(TypedDict):
    """A change result: images, times, pictures (bounds in EPSG:3857 metres)."""

    iri: str
    method: str
    beginsAt: str
    endsAt: str
    simulated: bool
    quicklookBefore: str | None
    quicklookAfter: str | None
    bounds3857: list[float] | None
    unitLevels: list[str]


class ApiProblem(Exception):
    """The API answered with a problem; its text can be shown to a user.

    Attributes:
        status: Of the HTTP response; 0 where there was none.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class ApiClient:
    """The API over an HTTP client: in the same process, or at a base address."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def questions(self) -> list[Question]:
        """The questions of the library, in their order."""
        return cast("list[Question]", await self._get("/questions"))

    async def ask(self, name: str, values: Mapping[str, str]) -> Answer:
        """The rows of one question.

        Raises:
            ApiProblem: The question or a value was refused.
        """
        return cast("Answer", await self._get(f"/questions/{name}", values))

    async def results(self) -> list[Result]:
        """The change results in order of time."""
        return cast("list[Result]", await self._get("/results"))

    async def concepts(self) -> list[Concept]:
        """The concepts of all schemes."""
        return cast("list[Concept]", await self._get("/concepts"))

    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> object:
        try:
            answer = await self._http.get(
                API + path, params=query, headers={"Accept-Encoding": "identity"}
            )
        except httpx.HTTPError as error:
            raise ApiProblem(0, f"the service does not answer: {error}") from error
        if answer.is_error:
            raise ApiProblem(answer.status_code, _detail(answer))
        content: object = answer.json()
        return content


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"

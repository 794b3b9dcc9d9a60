"""Every call of the pages to the API."""

import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any, cast

import httpx

from ui.api_records import (
    Answer,
    Category,
    Concept,
    DamageChoices,
    DamageState,
    Overview,
    Place,
    Question,
    Result,
    Session,
    Timeline,
    Value,
)

API = "/api/v1"
SPARQL = "/sparql"


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

    async def ask(
        self,
        name: str,
        values: Mapping[str, str],
        *,
        limit: int | None = None,
        offset: int = 0,
        sort: str = "",
        columns: Sequence[str] = (),
    ) -> Answer:
        """The rows of one question, or some of them.

        Args:
            name: Of the question.
            values: Of its parameters.
            limit: Most rows; None: all.
            offset: Rows left out before the first.
            sort: Column to sort by, with a minus for falling order.
            columns: Columns wanted; empty: all.

        Raises:
            ApiProblem: The question or a value was refused.
        """
        part = {
            "limit": "" if limit is None else str(limit),
            "offset": str(offset) if offset else "",
            "sort": sort,
            "columns": ",".join(columns),
        }
        asked = {**values, **{key: one for key, one in part.items() if one}}
        return cast("Answer", await self._get(_question(name), asked))

    async def question_sparql(self, name: str, values: Mapping[str, str]) -> str:
        """The SPARQL that answers a question.

        Raises:
            ApiProblem: The question or a value was refused.
        """
        address = f"{API}{_question(name)}/sparql"
        return (await self._send("GET", address, params=values)).text

    async def sparql(self, query: str) -> dict[str, Any] | str:
        """The results of a query: SPARQL results as JSON, or Turtle of a graph.

        Raises:
            ApiProblem: The query was refused.
        """
        accept = {"Accept": "application/sparql-results+json, text/turtle;q=0.5"}
        answer = await self._send("POST", SPARQL, data={"query": query}, headers=accept)
        if answer.headers["content-type"].startswith("text/turtle"):
            return answer.text
        return cast("dict[str, Any]", answer.json())

    async def sparql_shapes(self, query: str) -> dict[str, Any]:
        """The rows of a query with WKT as GeoJSON in CRS84, in their order.

        Raises:
            ApiProblem: The query was refused, or a shape is in a CRS not known.
        """
        accept = {"Accept": "application/geo+json"}
        answer = await self._send("POST", SPARQL, data={"query": query}, headers=accept)
        return cast("dict[str, Any]", answer.json())

    async def places(self, text: str, limit: int = 10) -> list[Place]:
        """The places whose name fits best."""
        found = await self._get("/places", {"text": text, "limit": str(limit)})
        return cast("dict[str, list[Place]]", found)["places"]

    async def timeline(self, unit: str) -> Timeline:
        """What is dated of a unit.

        Raises:
            ApiProblem: There is no such unit.
        """
        return cast("Timeline", await self._get("/timeline", {"unit": unit}))

    async def results(self) -> list[Result]:
        """The change results in order of time."""
        return cast("list[Result]", await self._get("/results"))

    async def concepts(self) -> list[Concept]:
        """The concepts of all schemes."""
        return cast("list[Concept]", await self._get("/concepts"))

    async def overview(self) -> Overview:
        """What the base holds."""
        return cast("Overview", await self._get("/overview"))

    async def categories(self) -> list[Category]:
        """What patches are labelled for."""
        return cast("list[Category]", await self._get("/labelling/categories"))

    async def add_category(self, title: str, concept: str | None) -> Category:
        """A new category.

        Raises:
            ApiProblem: The title or the concept was refused.
        """
        new = {"title": title, "concept": concept}
        return cast("Category", await self._post("/labelling/categories", new))

    async def open_session(
        self, category: str, annotator: str, strategy: str
    ) -> Session:
        """The session of this annotator and category, made or resumed.

        Raises:
            ApiProblem: The name was refused, or there is no such category.
        """
        new = {"category": category, "annotator": annotator, "strategy": strategy}
        return cast("Session", await self._post("/labelling/sessions", new))

    async def session(self, session: str) -> Session:
        """How far a session is."""
        return cast("Session", await self._get(_session(session)))

    async def pause(self, session: str) -> Session:
        """Make facts of the labels given so far."""
        return cast("Session", await self._post(f"{_session(session)}/pause", {}))

    async def damage_choices(self) -> DamageChoices:
        """Perils with rules, known events, grades."""
        return cast("DamageChoices", await self._get("/damage/choices"))

    async def damage_reports(self) -> list[dict[str, Value]]:
        """The damage reports of the base, newest first."""
        return cast("list[dict[str, Value]]", await self._get("/damage/reports"))

    async def start_report(self, asked: Mapping[str, str]) -> DamageState:
        """Begin a damage report, or find the one that there is.

        Raises:
            ApiProblem: Parcels, event and images do not fit.
        """
        return cast("DamageState", await self._post("/damage/reports", dict(asked)))

    async def report_state(self, report: str) -> DamageState:
        """How far a damage report is.

        Raises:
            ApiProblem: There is no such report.
        """
        return cast("DamageState", await self._get(_report(report)))

    async def report_parcels(self, report: str) -> list[dict[str, Value]]:
        """What a finished report says of each parcel, without outlines."""
        found = await self._get(f"{_report(report)}/parcels.geojson")
        features = cast("dict[str, list[dict[str, Any]]]", found)["features"]
        return [{"unit": one["id"], **one["properties"]} for one in features]

    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> object:
        return await self._ask("GET", path, params=query)

    async def _post(self, path: str, content: object) -> object:
        return await self._ask("POST", path, json=content)

    async def _ask(self, method: str, path: str, **about: Any) -> object:  # noqa: ANN401
        content: object = (await self._send(method, API + path, **about)).json()
        return content

    async def _send(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        **about: Any,  # noqa: ANN401
    ) -> httpx.Response:
        told = {"Accept-Encoding": "identity", **(headers or {})}
        try:
            answer = await self._http.request(method, address, headers=told, **about)
        except httpx.HTTPError as error:
            raise ApiProblem(0, f"the service does not answer: {error}") from error
        if answer.is_error:
            raise ApiProblem(answer.status_code, _detail(answer))
        return answer


def _question(name: str) -> str:
    return f"/questions/{urllib.parse.quote(name, safe='')}"


def _report(report: str) -> str:
    return f"/damage/reports/{urllib.parse.quote(report, safe='')}"


def _session(session: str) -> str:
    return f"/labelling/sessions/{urllib.parse.quote(session, safe='')}"


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"

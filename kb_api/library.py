"""The question library over HTTP: what can be asked, and the rows of an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from kb_api.answer_files import CSV, render_csv, render_geojson
from kb_api.answers import Answer, bound_text
from kb_api.features import GEOJSON
from kb_api.held_answers import HeldAnswers
from kb_api.questions import Column, Question, find_question, questions
from kb_api.store import Store
from kb_api.terms import Value
from ontology.errors import QueryRejected

SPARQL_QUERY = "application/sparql-query"

_HEAD = ("# number:", "# parameter:", "# column:")
"""Lines of a question's head that say nothing of a query with bound values."""

_PAGING = ("limit", "offset", "sort", "columns")
"""Names in the address that ask for a part of the answer, not parameters."""


@dataclass(frozen=True)
class Part:
    """Which part of an answer is wanted, and in which order.

    Attributes:
        limit: Most rows; None: all.
        offset: Rows left out before the first.
        sort: Column to sort by, with a minus for falling order; empty: as asked.
        columns: Names of the columns wanted; empty: all.
    """

    limit: int | None = None
    offset: int = 0
    sort: str = ""
    columns: tuple[str, ...] = ()

    def columns_of(self, answer: Answer) -> list[Column]:
        """The columns wanted, in the order wanted.

        Raises:
            QueryRejected: The answer has no such column, or none to sort by.
        """
        known = {column.name: column for column in answer.columns}
        for name in (*self.columns, *filter(None, [self.sort.removeprefix("-")])):
            if name not in known:
                listed = ", ".join(known)
                raise QueryRejected(
                    f"{answer.question.name} has no column {name!r}; it has: {listed}"
                )
        return [known[name] for name in dict.fromkeys(self.columns or known)]

    def rows_of(self, answer: Answer) -> list[dict[str, Value]]:
        """The rows wanted, with all columns."""
        found = sorted_rows(answer.rows, self.sort) if self.sort else answer.rows
        end = None if self.limit is None else self.offset + self.limit
        return found[self.offset : end]


def router(store: Store) -> APIRouter:
    """`/questions`, `/questions/{name}` and its forms over a store."""
    routes = APIRouter(tags=["questions"])
    answers = HeldAnswers(store)

    @routes.get("/questions")
    def list_questions() -> list[dict[str, Any]]:
        """The questions by their number, with typed parameters and columns."""
        return [_described(question) for question in questions()]

    @routes.get("/questions/{name}")
    def answer_question(name: str, request: Request) -> dict[str, Any]:
        """The rows of one question; its parameters stand in the address.

        `limit` and `offset` ask for some of the rows (`count` is always of all),
        `sort` for another order (`-share` falls), `columns` for some of the columns.
        """
        values, part = _asked(name, request)
        answer = answers.ask(name, values)
        wanted = part.columns_of(answer)
        return {
            "question": name,
            "columns": [asdict(column) for column in wanted],
            "rows": [
                {column.name: row[column.name] for column in wanted}
                for row in part.rows_of(answer)
            ],
            "count": len(answer.rows),
            "offset": part.offset,
            "limit": part.limit,
        }

    @routes.get("/questions/{name}/answer.csv", response_class=Response)
    def answer_csv(name: str, request: Request) -> Response:
        """The answer as CSV: all of it, or the part that the address asks for."""
        values, part = _asked(name, request)
        answer = answers.ask(name, values)
        content = render_csv(part.columns_of(answer), part.rows_of(answer))
        return _file(content, CSV, f"{name}.csv")

    @routes.get("/questions/{name}/answer.geojson", response_class=Response)
    def answer_geojson(name: str, request: Request) -> Response:
        """The answer as GeoJSON in CRS84; `columns` are the properties wanted."""
        values, part = _asked(name, request)
        answer = answers.ask(name, values)
        wanted = {column.name for column in part.columns_of(answer)}
        rows = part.rows_of(answer)
        content = render_geojson(store, answer.columns, rows, wanted=wanted)
        return _file(content, GEOJSON, f"{name}.geojson")

    @routes.get("/questions/{name}/sparql", response_class=Response)
    def question_sparql(name: str, request: Request) -> Response:
        """The SPARQL that answers the question, with its values bound."""
        values, _ = _asked(name, request)
        text = bound_text(store, find_question(name), values)
        lines = [one for one in text.splitlines() if not one.startswith(_HEAD)]
        query = "\n".join(lines) + "\n"
        return Response(query, media_type=f"{SPARQL_QUERY}; charset=utf-8")

    return routes


def sorted_rows(rows: Sequence[dict[str, Value]], sort: str) -> list[dict[str, Value]]:
    """The rows by a column, those without a value last.

    >>> sorted_rows([{"a": 1}, {"a": None}, {"a": 3}], "-a")
    [{'a': 3}, {'a': 1}, {'a': None}]
    """
    name = sort.removeprefix("-")

    def key(row: Mapping[str, Value]) -> tuple[int, float, str]:
        value = row[name]
        if isinstance(value, int | float):
            return 0, float(value), ""
        return 1, 0.0, str(value).casefold()

    held = [row for row in rows if row[name] is not None]
    empty = [row for row in rows if row[name] is None]
    return sorted(held, key=key, reverse=sort.startswith("-")) + empty


def _asked(name: str, request: Request) -> tuple[dict[str, str], Part]:
    """The values of the parameters and the part wanted, from an address.

    Raises:
        HTTPException: 404 where there is no such question.
        QueryRejected: A name is given twice, or the part makes no sense.
    """
    known = [question.name for question in questions()]
    if name not in known:
        listed = ", ".join(known)
        raise HTTPException(404, f"no question {name!r}; choose one of: {listed}")
    values: dict[str, str] = {}
    for key, value in request.query_params.multi_items():
        if key in values:
            raise QueryRejected(f"{name}: the parameter {key} is given twice")
        values[key] = value
    paging = {key: values.pop(key, "").strip() for key in _PAGING}
    return values, Part(
        limit=_whole(name, "limit", paging["limit"]),
        offset=_whole(name, "offset", paging["offset"]) or 0,
        sort=paging["sort"],
        columns=tuple(one for one in paging["columns"].split(",") if one),
    )


def _whole(question: str, name: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise QueryRejected(
            f"{question}: {name}={text!r}: give a whole number from 0, such as 50"
        )
    return int(text)


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


def _described(question: Question) -> dict[str, Any]:
    described = asdict(question)
    del described["text"]
    return described

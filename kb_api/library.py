"""The question library over HTTP: what can be asked, and the rows of an answer."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, HTTPException, Request

from kb_api.answers import ask
from kb_api.questions import Question, questions
from kb_api.store import Store
from ontology.errors import QueryRejected


def router(store: Store) -> APIRouter:
    """`/questions` and `/questions/{name}` over a store."""
    routes = APIRouter(tags=["questions"])

    @routes.get("/questions")
    def list_questions() -> list[dict[str, Any]]:
        """The questions by their number, with typed parameters and columns."""
        return [_described(question) for question in questions()]

    @routes.get("/questions/{name}")
    def answer_question(name: str, request: Request) -> dict[str, Any]:
        """The rows of one question; its parameters stand in the address."""
        known = [question.name for question in questions()]
        if name not in known:
            listed = ", ".join(known)
            raise HTTPException(404, f"no question {name!r}; choose one of: {listed}")
        values: dict[str, str] = {}
        for key, value in request.query_params.multi_items():
            if key in values:
                raise QueryRejected(f"{name}: the parameter {key} is given twice")
            values[key] = value
        answer = ask(store, name, values)
        return {
            "question": name,
            "columns": [asdict(column) for column in answer.columns],
            "rows": answer.rows,
            "count": len(answer.rows),
        }

    return routes


def _described(question: Question) -> dict[str, Any]:
    described = asdict(question)
    del described["text"]
    return described

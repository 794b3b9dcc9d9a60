"""The answer of a question as a file of features, or as a plain table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from imagery.files import replaced
from imagery.vectors.writing import check_vector_output, write_features
from kb_api.answer_files import places_of, render_csv
from kb_api.answers import ask
from kb_api.questions import Column
from kb_api.sparql_server import SparqlServer
from kb_api.wkt import shape_of
from lucerna.asking import GRACE_S, given_values, open_existing
from lucerna.stopping import ended_within
from ontology.errors import QueryRejected


def question_of(out: Path, question: str | None, explain: bool) -> str:
    """The question whose answer a file is to hold.

    Raises:
        QueryRejected: None is named, or an explanation is asked for.
    """
    if question is None:
        raise QueryRejected(
            f"-o {out}: no question is named whose answer it could hold; name one, "
            "`lucerna ask` lists them"
        )
    if explain:
        raise QueryRejected(
            f"-o {out}: holds the answer of {question}, not what --explain tells; "
            "leave one of the two out"
        )
    return question


def write_answer(
    folder: Path,
    name: str,
    values: Sequence[str],
    out: Path,
    server: SparqlServer | None = None,
) -> dict[str, Any]:
    """Write all rows of a question's answer with their shapes; what to tell of it.

    A row has the shape of its column of WKT, or that of the thing it is about. An
    answer without any shape can only be CSV.

    Args:
        folder: The knowledge base.
        name: Of the question.
        values: `name=value`.
        out: Its suffix names the format.
        server: Keeps the facts instead of the folder.

    Raises:
        ImageryError: The file cannot be written, or lies in the knowledge base.
        QueryRejected: Unknown question or parameter, or rows that have no place.
        StoreUnavailable: There is no knowledge base, or another process holds it.
    """
    check_vector_output(out, (folder,))
    given = given_values(values)
    with ended_within(GRACE_S), open_existing(folder, server) as base:
        answer = ask(base.store, name, given)
        _, texts = places_of(base.store, answer.columns, answer.rows)
    placed = sum(text is not None for text in texts)
    told = {"file": str(out), "rows": len(texts), "rows with a shape": placed}
    if out.suffix.lower() == ".csv":
        columns = [one for one in answer.columns if one.unit != "wkt"]
        rows = answer.rows
        if placed:
            columns.append(Column("wkt", "wkt", "Shape in CRS84."))
            rows = [
                {**row, "wkt": text}
                for row, text in zip(answer.rows, texts, strict=True)
            ]
        with replaced(out) as part:
            part.write_bytes(render_csv(columns, rows))
    elif placed or not texts:
        names = [one.name for one in answer.columns if one.unit != "wkt"]
        outlines = [shape_of(None if one is None else str(one)) for one in texts]
        write_features(out, names, answer.rows, outlines)
    else:
        raise QueryRejected(
            f"{name}: no row of the answer has a place, so {out.name} cannot hold it; "
            "name a file that ends in .csv"
        )
    return told

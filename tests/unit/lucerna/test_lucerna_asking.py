"""Questions from the command line: listed, explained, refused."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lucerna.asking import (
    ask_question,
    explain_question,
    given_values,
    list_questions,
    read_query,
)
from lucerna.cli import app
from ontology.errors import QueryRejected, StoreUnavailable


def test_the_list_names_every_question_with_its_defaults() -> None:
    _, rows = list_questions()
    told = {row["name"]: row["parameters"] for row in rows}
    assert len(told) == 15
    assert "kind=clc:22" in told["rank_units"].split()


def test_an_explanation_tells_parameters_then_columns() -> None:
    columns, rows = explain_question("rank_units")
    names = [row["name"] for row in rows]
    assert list(columns) == ["name", "kind", "default", "meaning"]
    assert names[:2] == ["kind=", "level="]
    assert "hectares" in names[names.index("after=") + 1 :]
    assert all(row["meaning"] for row in rows)


def test_asking_makes_no_knowledge_base(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="holds no knowledge base"):
        ask_question(tmp_path / "none", "rank_units", [])
    assert list(tmp_path.iterdir()) == []


def test_a_value_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QueryRejected, match="is no name=value"):
        ask_question(tmp_path, "rank_units", ["Vineyards"])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([], "x.csv: no question is named"),
        (["rank_units", "--explain"], "x.csv: holds the answer of rank_units, not"),
    ],
)
def test_a_file_without_an_answer_to_hold_is_refused(
    tmp_path: Path, asked: list[str], told: str
) -> None:
    out = tmp_path / "x.csv"
    done = CliRunner().invoke(app, ["ask", *asked, "--out", str(out)])
    assert isinstance(done.exception, QueryRejected)
    assert told in str(done.exception)
    assert done.stdout == ""
    assert not out.exists()


def test_a_value_given_twice_is_refused() -> None:
    with pytest.raises(QueryRejected, match=r"^kind is given twice; give it once$"):
        given_values(["kind=clc:221", "limit=3", "kind=clc:22"])


def test_a_query_comes_from_a_file_or_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("ASK {}")
    (tmp_path / "bad.rq").write_bytes(b"\xff\xfe")
    assert read_query(f"@{tmp_path / 'q.rq'}") == "ASK {}"
    assert read_query("ASK { ?s ?p ?o }") == "ASK { ?s ?p ?o }"
    with pytest.raises(QueryRejected, match="no UTF-8"):
        read_query(f"@{tmp_path / 'bad.rq'}")

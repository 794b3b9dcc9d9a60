"""What people see: tables, facts, and errors as one line with an exit code."""

import json

import pytest
import typer

from imagery.errors import UnreadableProduct
from lucerna.console import exit_codes, print_facts, print_rows
from ontology.errors import QueryRejected


def test_tables_align_numbers_right_and_text_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [
        {"name": "a", "ha": 1.5},
        {"name": "bcd", "ha": 20.25001},
        {"name": "e", "ha": None},
    ]
    print_rows(["name", "ha"], rows)
    assert capsys.readouterr().out.splitlines() == [
        "name     ha",
        "----  -----",
        "a       1.5",
        "bcd   20.25",
        "e         -",
    ]


def test_no_rows_still_tell_the_columns(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(["name", "ha"], [])
    assert capsys.readouterr().out.splitlines() == ["name  ha", "----  --"]


def test_facts_as_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    facts = {"run": "7c0e41", "regions": 3}
    print_facts(facts, as_json=False)
    assert capsys.readouterr().out == "run      7c0e41\nregions  3\n"
    print_facts(facts, as_json=True)
    assert json.loads(capsys.readouterr().out) == facts


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            UnreadableProduct("no such product: x; give one"),
            1,
            "error: no such product: x; give one",
        ),
        (QueryRejected("no"), 1, "error: no"),
        (
            PermissionError(13, "Permission denied", "/x"),
            1,
            "error: /x: Permission denied",
        ),
        (KeyboardInterrupt(), 130, "interrupted; nothing half-written was kept"),
    ],
)
def test_known_errors_are_one_line(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, line: str
) -> None:
    with pytest.raises(SystemExit) as caught, exit_codes():
        raise error
    assert caught.value.code == code
    assert capsys.readouterr().err.splitlines() == [line]


def test_wrong_usage_is_code_2() -> None:
    with pytest.raises(SystemExit) as caught, exit_codes():
        raise typer.BadParameter("what?")
    assert caught.value.code == 2


def test_a_bug_keeps_its_trace() -> None:
    with pytest.raises(ZeroDivisionError), exit_codes():
        raise ZeroDivisionError

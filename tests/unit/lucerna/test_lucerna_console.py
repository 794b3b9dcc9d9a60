"""What people see: tables, facts, and errors as one line with an exit code."""

import json
import signal
from pathlib import Path

import pytest
import typer
from sqlalchemy import create_engine

from imagery.errors import UnreadableProduct
from lucerna import cli
from lucerna.console import (
    exit_codes,
    print_facts,
    print_facts_of_each,
    print_rows,
)
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


def test_a_long_list_is_shortened_in_text_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    facts = {"few": ["a", "b"], "many": [f"u{n}" for n in range(1, 13)]}
    print_facts(facts, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "few   a, b",
        "many  u1, u2, u3, u4, u5, u6, u7, u8, u9, u10 and 2 more",
    ]
    print_facts(facts, as_json=True)
    assert json.loads(capsys.readouterr().out) == facts


def test_facts_as_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    facts = {"run": "7c0e41", "regions": 3}
    print_facts(facts, as_json=False)
    assert capsys.readouterr().out == "run      7c0e41\nregions  3\n"
    print_facts(facts, as_json=True)
    assert json.loads(capsys.readouterr().out) == facts


def test_facts_of_one_and_of_several(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = {"run": "7c"}, {"run": "0e", "regions": 3}
    print_facts_of_each([first], as_json=True)
    assert json.loads(capsys.readouterr().out) == first
    print_facts_of_each([first, second], as_json=True)
    assert json.loads(capsys.readouterr().out) == [first, second]
    print_facts_of_each([first, second], as_json=False)
    assert capsys.readouterr().out == "run  7c\n\nrun      0e\nregions  3\n"


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
            "error: /x: Permission denied; check the path and its permissions",
        ),
        (
            OSError(28, "No space left on device", "/x"),
            1,
            "error: /x: No space left on device; free space there, or write elsewhere",
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


def test_ctrl_c_in_a_verb_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()

    @app.command()
    def verb() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr("sys.argv", ["lucerna"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    said = capsys.readouterr().err.strip()
    assert said == "interrupted; nothing half-written was kept"


def test_a_locked_database_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/a", connect_args={"timeout": 0.01})
    with engine.connect() as held, engine.connect() as other:
        held.exec_driver_sql("BEGIN EXCLUSIVE")
        with pytest.raises(SystemExit) as ended, exit_codes():
            other.exec_driver_sql("BEGIN EXCLUSIVE")
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said == (
        "error: the database of the catalogue failed (database is locked); try again\n"
    )


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_that_a_library_turned_into_an_error_is_one_line(
    capsys: pytest.CaptureFixture[str], number: signal.Signals, code: int
) -> None:
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]

    def load() -> None:
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt as error:
            raise ImportError("module failed to import") from error

    with pytest.raises(SystemExit) as ended, exit_codes():
        load()
    assert ended.value.code == code
    said = capsys.readouterr().err
    assert said == "interrupted; nothing half-written was kept\n"
    now = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    assert now == handlers

"""Logging set-up, a progress bar from a callback, errors to exit codes, tables."""

import contextlib
import errno
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

from lucerna.stopping import say_interrupted, stopping

Progress: TypeAlias = Callable[[int, int], None]

DONE, KNOWN_ERROR, INTERRUPTED = 0, 1, 130
MOST_LISTED = 10
"""Values of a list that a line of text shows; JSON has them all."""
_NO_ROOM = "free space there, or write elsewhere"
_NO_WAY = "check the path and its permissions"


def configure_logging(level: str) -> None:
    """Send log records of our packages to stderr from this level up."""
    logging.basicConfig(
        stream=sys.stderr,
        level=level.upper(),
        format="%(levelname)s %(name)s: %(message)s",
    )
    if level.upper() != "DEBUG":
        for noisy in ("rasterio", "pyogrio", "bokeh", "httpx", "tornado"):
            logging.getLogger(noisy).setLevel(logging.ERROR)


@contextlib.contextmanager
def progress_bar(title: str) -> Iterator[Progress | None]:
    """A callback `(done, total)` that draws a bar on stderr; None off a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextlib.contextmanager
def exit_codes() -> Iterator[None]:
    """Known errors become one line on stderr and exit code 1; others keep a trace.

    Ctrl-C and SIGTERM end the block as an interruption, also where a library turned
    it into an error of its own; the code is 128 and the number of the signal.
    """
    with stopping() as received:
        import typer

        try:
            yield
        except (KeyboardInterrupt, typer.Abort):
            _interrupted(received)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(KNOWN_ERROR) from None
        except Exception as error:
            if received:
                _interrupted(received)
            if (usage := _usage(error)) is not None:
                raise SystemExit(usage) from None
            if (line := _known(error)) is None:
                raise
            say(f"error: {line}")
            raise SystemExit(KNOWN_ERROR) from error


def _interrupted(received: Sequence[int]) -> NoReturn:
    say_interrupted()
    raise SystemExit(128 + received[-1] if received else INTERRUPTED) from None


def _usage(error: Exception) -> int | None:
    """The exit code of wrong usage, shown on stderr; None for any other error.

    The parser's own error class has no public name, so it is known by what it does.
    """
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if not callable(show) or not isinstance(code, int):
        return None
    show()
    return code


def _known(error: Exception) -> str | None:
    """The line of an error that a user can act on; None for a bug.

    The error classes are imported here and not above: `lucerna --help` has no errors.
    """
    from imagery.errors import ImageryError
    from ontology.errors import KnowledgeError

    if isinstance(error, ImageryError | KnowledgeError):
        return str(error)
    if isinstance(error, OSError):
        if error.strerror is None:
            return f"reading or writing failed: {error}; check disk and permissions"
        place, reason = error.filename or "the file system", error.strerror
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return f"{place}: {reason}; {_NO_ROOM if full else _NO_WAY}"
    if "sqlalchemy" in sys.modules:
        from sqlalchemy.exc import OperationalError

        if isinstance(error, OperationalError):
            reason = " ".join(str(error.orig).split())
            return f"the database of the catalogue failed ({reason}); try again"
    return None


def say(line: str) -> None:
    """Write a line for people on stderr; stdout is for data."""
    sys.stderr.write(f"{_plain(line)}\n")


def print_json(data: object) -> None:
    """Write data as JSON on stdout."""
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def print_facts(facts: Mapping[str, Any], as_json: bool) -> None:
    """Write named facts on stdout, as JSON or one a line."""
    if as_json:
        print_json(facts)
        return
    width = max(len(name) for name in facts)
    lines = [f"{name.ljust(width)}  {_cell(facts[name])}" for name in facts]
    sys.stdout.write("\n".join(lines) + "\n")


def print_facts_of_each(facts: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Write the facts of one thing as they are, of several as a list of them."""
    if as_json and len(facts) > 1:
        print_json(list(facts))
        return
    for i, one in enumerate(facts):
        if i:
            sys.stdout.write("\n")
        print_facts(one, as_json)


def print_rows(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as a text table on stdout, as wide as it needs to be."""
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    widths = [
        max(len(line[i]) for line in [list(columns), *cells])
        for i in range(len(columns))
    ]
    numeric = [bool(rows) and all(_is_number(row[c]) for row in rows) for c in columns]

    def line(values: Sequence[str]) -> str:
        padded = (
            value.rjust(width) if right else value.ljust(width)
            for value, width, right in zip(values, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    rule = ["-" * width for width in widths]
    lines = [line(columns), line(rule), *(line(row) for row in cells)]
    sys.stdout.write("\n".join(lines) + "\n")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | None) and not isinstance(value, bool)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        more = f" and {len(value) - MOST_LISTED} more"
        shown = ", ".join(str(one) for one in value[:MOST_LISTED])
        return _plain(shown + more * (len(value) > MOST_LISTED))
    return _plain(str(value))


def _plain(text: str) -> str:
    """The text on one line, with control characters spelt out."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode()
        for one in text
    )

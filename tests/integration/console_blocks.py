"""Console blocks of a Markdown page: commands with the output that they show."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_FILE = re.compile(r"^```(?:text|toml) (\S+)\n(.*?)^```$", re.M | re.S)
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
ANY = "…"


@dataclass(frozen=True)
class Shown:
    """A command and the output lines that the page shows for it.

    `…` stands for any text in a line, and alone in a line for any lines.
    """

    command: str
    output: tuple[str, ...]


def shown_commands(page: Path) -> list[Shown]:
    """The commands of all console blocks of a page, in order."""
    found: list[Shown] = []
    for block in _BLOCK.findall(page.read_text("utf-8")):
        command: str | None = None
        output: list[str] = []
        for line in [*block.splitlines(), "$ "]:
            if line.startswith("$ "):
                if command is not None:
                    found.append(Shown(command, tuple(output)))
                command, output = line[2:], []
            else:
                output.append(line.rstrip())
    return found


def write_files(page: Path, folder: Path) -> None:
    """Write the files that a page shows in blocks of text or TOML with a name."""
    for name, content in _FILE.findall(page.read_text("utf-8")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


def run_page(page: Path, folder: Path) -> int:
    """Run a page's commands in one shell and compare what they print; their number.

    Raises:
        AssertionError: A command fails, or prints something else than the page shows.
    """
    shown = shown_commands(page)
    write_files(page, folder)
    mark = "--- end of command ---"
    script = "\n".join(f"{one.command}\necho '{mark}'" for one in shown)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ
        | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout.split(f"{mark}\n")
    for one, text in zip(shown, printed, strict=False):
        lines = [line.rstrip() for line in text.splitlines()]
        assert matches(one.output, lines), (
            f"{page.name}: $ {one.command}\nshown:\n"
            + "\n".join(one.output)
            + "\nprinted:\n"
            + "\n".join(lines)
        )
    return len(shown)


def matches(shown: tuple[str, ...], printed: list[str]) -> bool:
    """Whether printed lines are what is shown.

    >>> matches(("a …", "…", "z"), ["a 1", "b", "c", "z"])
    True
    >>> matches(("a", "z"), ["a", "b", "z"])
    False
    """
    parts = [
        r"(?:.*\n)*" if line == ANY else re.escape(line).replace(ANY, ".*") + r"\n"
        for line in shown
    ]
    return (
        re.fullmatch("".join(parts), "".join(f"{one}\n" for one in printed)) is not None
    )

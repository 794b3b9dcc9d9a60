"""A command that is refused: exit code 1, one line on stderr, nothing left."""

import hashlib
from pathlib import Path

from acceptance_walk import Done, lucerna

FOLDER = "folder"


def refused(folder: Path, *arguments: object, most_blocks: int | None = None) -> str:
    """Run a command in a folder, which must refuse and leave it as it was; its line."""
    held = content(folder)
    line = assert_refused(lucerna(*arguments, cwd=folder, most_blocks=most_blocks))
    assert content(folder) == held, "something is left"
    return line


def assert_refused(done: Done) -> str:
    """The one line of a command that was refused."""
    assert done.returncode == 1, f"{done.args}: {done.returncode}: {done.stderr[-500:]}"
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr[-2000:]
    assert lines[0].startswith("error: ")
    assert len(lines[0]) > 30, "the line says what, which one, and what to do"
    assert done.stdout == ""
    return lines[0]


def content(folder: Path) -> dict[str, str]:
    """Name of each file and folder below a folder, to the SHA-256 of a file."""
    return {
        str(one.relative_to(folder)): digest(one) if one.is_file() else FOLDER
        for one in sorted(folder.rglob("*"))
    }


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()

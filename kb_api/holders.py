"""Which process holds a store, as far as the system tells."""

import re
from pathlib import Path

_NO_RIGHT = re.compile("permission denied|read-only", re.IGNORECASE)

_LOCKS = Path("/proc/locks")


def holder_of(store: Path, locks: Path = _LOCKS) -> str | None:
    """The process that has locked the store in a folder: `process 4711 (lucerna)`.

    Args:
        store: Folder of the store; its file LOCK is what a process locks.
        locks: Where Linux lists the locks of files.

    Returns:
        None where nobody holds it, or the system does not tell: beyond Linux, and
        for a process in another container.

    References:
        proc(5), /proc/locks: the fifth field is a process, the sixth device and inode.
    """
    try:
        inode = (store / "LOCK").stat().st_ino
        lines = locks.read_text("ascii").splitlines()
    except (OSError, UnicodeError):
        return None
    for line in lines:
        fields = line.split()
        if len(fields) >= 6 and fields[5].rpartition(":")[2] == str(inode):
            number = fields[4]
            if number.isdecimal() and int(number) > 0:
                return f"process {number}{_name(number)}"
    return None


def _name(number: str) -> str:
    try:
        name = Path(f"/proc/{number}/comm").read_text("utf-8", "replace").strip()
    except OSError:
        return ""
    return f" ({name})"


def unavailable(path: Path, error: OSError) -> str:
    """Why a store cannot be opened, and what to do, on one line."""
    if isinstance(error, PermissionError) or _NO_RIGHT.search(str(error)):
        return (
            f"the store {path} cannot be opened: {error}; give yourself the right to "
            "write there, or choose another folder"
        )
    if "lock" in str(error).lower():
        return (
            f"the store {path} is held by {holder_of(path) or 'another process'}; "
            "stop it, or ask it through its address"
        )
    return (
        f"the store {path} cannot be opened: {error}; "
        "free space on its disk, or choose another folder"
    )

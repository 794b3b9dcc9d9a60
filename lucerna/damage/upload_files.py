"""Uploaded files of parcels: kept when accepted, removed when no report needs them."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from ontology.errors import StoreUnavailable

KEPT_S = 24 * 3600.0
"""How long an upload is kept that no report names."""

MOST_BYTES = 2 * 2**30
"""Of all uploads together."""

_KEPT = re.compile(r"[0-9a-f]{12}")
_CHECKING = ".checking-"


def keep_upload(
    uploads: Path,
    label: str,
    content: bytes,
    check: Callable[[Path], tuple[dict[str, Any], bytes]],
) -> dict[str, Any]:
    """Keep a file of parcels that passes a check; the same file is kept once.

    Args:
        uploads: Holds one folder an upload.
        label: Name of the file, for people; its suffix tells its format.
        content: Of the file.
        check: Tells of a file what is known of it, and its outlines as GeoJSON; what it
            raises is raised again, and nothing is kept.

    Returns:
        What the check told, with `upload`, `file` and `sha256`.

    Raises:
        StoreUnavailable: With it there would be more than `MOST_BYTES`.
    """
    if _size(uploads) + len(content) > MOST_BYTES:
        raise StoreUnavailable(
            f"{label}: there is no room for more uploads, of which "
            f"{MOST_BYTES // 2**20} MB are kept for a day; make reports of those that "
            "are there, or ask again tomorrow"
        )
    upload = hashlib.sha256(content + label.encode()).hexdigest()[:12]
    name = f"parcels{Path(label).suffix.lower()}"
    uploads.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=uploads, prefix=_CHECKING) as checking:
        made = Path(checking) / upload
        made.mkdir()
        (made / name).write_bytes(content)
        told, outlines = check(made / name)
        digest = hashlib.sha256(content).hexdigest()
        told = {"upload": upload, **told, "file": name, "sha256": digest}
        (made / "outlines.geojson").write_bytes(outlines)
        (made / "check.json").write_text(json.dumps(told), encoding="utf-8")
        if read_upload(uploads, upload) is None:
            shutil.rmtree(uploads / upload, ignore_errors=True)
        with contextlib.suppress(OSError):  # it is there already
            made.rename(uploads / upload)
    touch_upload(uploads, upload)
    return told


def _size(uploads: Path) -> int:
    """Bytes of the files of all uploads."""
    sizes = []
    for one in uploads.glob("*/*"):
        with contextlib.suppress(OSError):  # another call removes it
            sizes.append(one.stat().st_size)
    return sum(sizes)


def read_upload(uploads: Path, upload: str) -> dict[str, Any] | None:
    """What `keep_upload` told of an upload; None where there is none."""
    path = uploads / upload / "check.json"
    if not path.is_file():
        return None
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return told


def touch_upload(uploads: Path, upload: str) -> None:
    """Note that an upload is wanted now."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(uploads / upload)


def sweep_uploads(uploads: Path, named: Collection[tuple[str, str]]) -> None:
    """Remove uploads that nobody wanted for a day and no report names.

    Args:
        uploads: Holds one folder an upload.
        named: Name and SHA-256 of the file of parcels of each report.
    """
    if not uploads.is_dir():
        return
    earliest = time.time() - KEPT_S
    for folder in uploads.iterdir():
        with contextlib.suppress(OSError):  # another call removes it too
            if folder.stat().st_mtime >= earliest:
                continue
            told = read_upload(uploads, folder.name) or {}
            known = (str(told.get("name")), str(told.get("sha256")))
            kept = _KEPT.fullmatch(folder.name) and known in named
            ours = _KEPT.fullmatch(folder.name) or folder.name.startswith(_CHECKING)
            if ours and not kept:
                shutil.rmtree(folder)

"""Whole knowledge bases copied to a folder, and back from one that is as it was."""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kb_api.embedded_store import EmbeddedStore
from kb_api.sparql_server import SparqlServer
from lucerna.asking import open_existing
from lucerna.console import Progress
from lucerna.wiring import KnowledgeBase
from ontology.errors import KnowledgeError, StoreUnavailable

MANIFEST = "manifest.json"
"""Names each file of a backup with its size and SHA-256; written last."""

_FORMAT = 1
_STORE, _CATALOGUE = "store", "catalogue.sqlite"
_NOT_COPIED = {_STORE, "snapshots", MANIFEST}
_MADE_ANEW = (".", f"{_STORE}.", _CATALOGUE)
_ELSEWHERE = "not in it: the database of LUCERNA_DATABASE keeps it; copy that too"
_CHUNK = 2**20


@dataclass(frozen=True)
class Copied:
    """What a backup or a restored base holds.

    Attributes:
        folder: Where it is.
        graphs: Number of named graphs.
        triples: Number of their triples.
        files: Number of files.
        size: Of the files, in bytes.
    """

    folder: Path
    graphs: int
    triples: int
    files: int
    size: int

    def facts(self, database: bool) -> dict[str, Any]:
        """The same to print; and whether a database elsewhere keeps the catalogue."""
        told = {**vars(self), "folder": str(self.folder)}
        return {**told, "catalogue": _ELSEWHERE} if database else told


def check_server(server: SparqlServer | None) -> None:
    """Refuse to care for facts that a SPARQL server keeps.

    Raises:
        KnowledgeError: One does.
    """
    if server is not None:
        raise KnowledgeError(
            f"the SPARQL server {server.query} keeps the facts; care for them with its "
            "own tools, or unset LUCERNA_SPARQL for the store in the folder"
        )


def back_up(kb: Path, folder: Path, progress: Progress | None = None) -> Copied:
    """Copy a knowledge base to a new folder, whole or not at all.

    The store is copied as it stands at one moment, the patch catalogue likewise, then
    all other files. Nobody else may hold the base meanwhile.

    Args:
        kb: The knowledge base.
        folder: Is made; or empty.
        progress: Called with bytes told in the manifest and in all.

    Raises:
        StoreUnavailable: There is no base, another process holds it, or it cannot be
            copied.
        KnowledgeError: The folder is not empty, or lies in the base.
    """
    if folder.resolve().is_relative_to(kb.resolve()):
        raise KnowledgeError(
            f"backup: {folder} lies in the knowledge base; choose a folder outside it"
        )
    with _appearing(folder, "backup") as part, open_existing(kb) as base:
        graphs = _copy(base, part)
        files = _digests(part, progress)
        manifest = {
            "format": _FORMAT,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "graphs": len(graphs),
            "triples": sum(graphs.values()),
            "files": files,
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        (part / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
        _sync(part)
    return _copied(folder, manifest)


def restore(folder: Path, kb: Path, progress: Progress | None = None) -> Copied:
    """Make a knowledge base from a backup, whole or not at all.

    Args:
        folder: The backup. Every file is compared with its digest before anything is
            copied, and the copy again.
        kb: Is made; or empty.
        progress: Called with bytes compared and in all.

    Raises:
        KnowledgeError: The folder holds no backup or is not as it was made, or the
            base is there already.
    """
    manifest = _manifest(folder)
    _compare(folder, folder, manifest, progress)
    with _appearing(kb, "restore") as part:
        for name in manifest["files"]:
            place = part / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, place)
        _compare(folder, part, manifest, None)
        _sync(part)
    return _copied(kb, manifest)


def _copy(base: KnowledgeBase, part: Path) -> dict[str, int]:
    """Copy what a base holds; its graphs with their numbers of triples."""
    assert isinstance(base.store, EmbeddedStore), "only a folder is backed up"
    with base.store.unchanged(0):
        base.store.copy_to(part / _STORE)
        graphs = base.store.graphs()
    for entry in sorted(base.folder.iterdir()):
        name = entry.name
        if name in _NOT_COPIED or name.startswith(_MADE_ANEW):
            continue
        if entry.is_dir():
            shutil.copytree(entry, part / name, ignore=shutil.ignore_patterns(".*"))
        else:
            shutil.copyfile(entry, part / name)
    if (base.folder / _CATALOGUE).is_file():
        _copy_database(base.folder / _CATALOGUE, part / _CATALOGUE)
    return graphs


def _copy_database(source: Path, target: Path) -> None:
    """A SQLite database at one moment, also of what its log still has."""
    address = f"{source.resolve().as_uri()}?mode=ro"
    try:
        with (
            contextlib.closing(sqlite3.connect(address, uri=True)) as old,
            contextlib.closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise StoreUnavailable(
            f"the catalogue {source} cannot be copied: {error}; stop what uses it, and "
            "free space"
        ) from error


@contextlib.contextmanager
def _appearing(folder: Path, verb: str) -> Iterator[Path]:
    """A folder beside this one, which takes its place when all went well."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise KnowledgeError(
            f"{verb}: {folder} is not empty; choose a new folder, so that nothing is "
            "lost"
        )
    target = folder.resolve()
    # In containers all have one process id: one that was killed may have left its own.
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    part.mkdir(parents=True)
    try:
        yield part
        part.replace(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _digests(
    folder: Path, progress: Callable[[int, int], None] | None
) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of each file below a folder, by its name there."""
    files = _files(folder)
    total, done = sum(path.stat().st_size for path in files.values()), 0
    found = {}
    for name, path in files.items():
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                if progress is not None:
                    progress(done + size, total)
        done += size
        found[name] = {"bytes": size, "sha256": digest.hexdigest()}
    return found


def _files(folder: Path) -> dict[str, Path]:
    """The files below a folder by their names there; links are not followed."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if (path.is_file() or path.is_symlink()) and path != folder / MANIFEST
    }


def _manifest(folder: Path) -> dict[str, Any]:
    """What a backup says of itself."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        if manifest["format"] != _FORMAT:
            raise KnowledgeError(
                f"restore: {folder} is a backup of form {manifest['format']}; use the "
                "version of Lucerna that made it"
            )
        counted = [manifest["graphs"], manifest["triples"]]
        sizes = [one["bytes"] for one in manifest["files"].values()]
        if not all(isinstance(one, int) for one in [*counted, *sizes]):
            raise TypeError("numbers are missing")
    except FileNotFoundError as error:
        raise KnowledgeError(
            f"restore: {folder} holds no backup: {MANIFEST} is missing; name a folder "
            "that `lucerna backup` made"
        ) from error
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise KnowledgeError(
            f"restore: {folder / MANIFEST} is damaged: {error}; use another backup"
        ) from error
    return dict(manifest)


def _compare(
    backup: Path, folder: Path, manifest: dict[str, Any], progress: Progress | None
) -> None:
    """Refuse files that are not as the manifest of a backup says."""
    told, found = manifest["files"], _files(folder)
    links = [name for name, path in found.items() if path.is_symlink()]
    lacking, foreign = told.keys() - found.keys(), found.keys() - told.keys()
    if odd := sorted(lacking | foreign) or links:
        what = "is missing" if odd[0] in lacking else "is not of it"
        raise KnowledgeError(
            f"restore: {backup} is not as it was made: {odd[0]} {what}; nothing was "
            "restored: use another backup"
        )
    digests = _digests(folder, progress)
    if differing := [name for name, one in told.items() if digests[name] != one]:
        raise KnowledgeError(
            f"restore: {backup} is not as it was made: {differing[0]} has changed; "
            "nothing was restored: use another backup"
        )


def _sync(folder: Path) -> None:
    """Wait until the files of a folder are on the disk."""
    for path in [*_files(folder).values(), folder / MANIFEST]:
        if path.exists():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _copied(folder: Path, manifest: dict[str, Any]) -> Copied:
    files = manifest["files"]
    return Copied(
        folder=folder,
        graphs=manifest["graphs"],
        triples=manifest["triples"],
        files=len(files),
        size=sum(one["bytes"] for one in files.values()),
    )

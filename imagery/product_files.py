"""Files of a SAFE product, in a folder or in the zip that it is distributed as."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from imagery.errors import UnreadableProduct

MOST_ENTRIES = 10_000
MOST_BYTES = 32 * 2**30
MOST_METADATA_BYTES = 64 * 2**20
MOST_RATIO = 200
_RATIO_FROM_BYTES = 2**20
_BLOCK_BYTES = 2**20
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
    UnicodeDecodeError,
)  # fmt: skip


@dataclass(frozen=True)
class ProductFiles:
    """Where the files of one product lie; no file is held open.

    Attributes:
        source: The folder, or the zip.
        root: Path of the product's folder as GDAL opens files below it.
        prefix: For a zip the product's folder in it, with a slash at the end.
    """

    source: Path
    root: Path
    prefix: str | None = None

    def has(self, name: str) -> bool:
        """Whether the product has a file of that relative name."""
        if self.prefix is None:
            return (self.source / name).is_file()
        with _opened(self.source) as archive:
            return self.prefix + name in archive.NameToInfo

    def names(self) -> set[str]:
        """Relative names of all files."""
        if self.prefix is None:
            files = (one for one in self.source.rglob("*") if one.is_file())
            return {one.relative_to(self.source).as_posix() for one in files}
        with _opened(self.source) as archive:
            inside = [n for n in archive.namelist() if n.startswith(self.prefix)]
        return {name.removeprefix(self.prefix) for name in inside} - {""}

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of one file, in blocks of 1 MiB.

        Raises:
            UnreadableProduct: The file is missing, or the archive is damaged there.
        """
        try:
            with self._opened(name) as stream:
                while block := stream.read(_BLOCK_BYTES):
                    yield block
        except (FileNotFoundError, KeyError) as error:
            raise UnreadableProduct(
                f"file is missing: {self.root / name}; fetch the product again"
            ) from error
        except _DAMAGED as error:
            raise UnreadableProduct(
                f"{self.source} is damaged at {name} ({error}); fetch it again"
            ) from error

    def metadata(self, name: str) -> bytes:
        """All bytes of a metadata file, at most 64 MiB.

        Raises:
            UnreadableProduct: The file is missing, damaged or larger.
        """
        data = bytearray()
        for block in self.blocks(name):
            data += block
            if len(data) > MOST_METADATA_BYTES:
                raise UnreadableProduct(
                    f"metadata larger than 64 MiB: {self.root / name}; do not use it"
                )
        return bytes(data)

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        if self.prefix is None:
            with (self.source / name).open("rb") as stream:
                yield stream
        else:
            with (
                _opened(self.source) as archive,
                archive.open(self.prefix + name) as stream,
            ):
                yield stream


def product_files(path: Path, metadata_names: tuple[str, ...]) -> ProductFiles:
    """The files of the one product in a folder or zip; nothing is unpacked to disk.

    A zip holds one folder, the product, as it is distributed. What could lead out of
    it or swell is refused before anything is read: names with `..` or from the root,
    links, more than 10 000 entries, 32 GiB in all, or 200 times its size. A folder may
    hold links to files of its own.

    Args:
        path: The SAFE folder, or a zip of it.
        metadata_names: Names of product metadata, of which there must be one.

    Raises:
        UnreadableProduct: The zip is damaged or unsafe, holds no or two products, or
            lies where GDAL cannot open what it holds; a link leads out of the folder.
    """
    if path.is_dir():
        _check_links(path)
        return ProductFiles(path, path)
    if not _balanced(str(path.absolute())):
        raise UnreadableProduct(
            f"nothing in {path} can be opened, for its path holds a lone brace; "
            "rename the file or its folder"
        )
    with _opened(path) as archive:
        entries = archive.infolist()
        _check_entries(path, entries)
    found = [
        PurePosixPath(one.filename).parent
        for one in entries
        if PurePosixPath(one.filename).name in metadata_names
    ]
    if not found:
        raise UnreadableProduct(
            f"no Sentinel-2 product in {path}: it has no "
            f"{' or '.join(metadata_names)}; give the zip as it is distributed"
        )
    if len(found) > 1:
        raise UnreadableProduct(
            f"{len(found)} products in {path}; give a zip of one product"
        )
    if len(found[0].parts) != 1:
        raise UnreadableProduct(
            f"the product lies at {found[0]} in {path} and not in one folder; "
            "give the zip as it is distributed"
        )
    inside = found[0].as_posix()
    root = Path(f"/vsizip/{{{path.absolute()}}}/{inside}")
    return ProductFiles(path, root, f"{inside}/")


def _balanced(path: str) -> bool:
    """Whether the braces of a path come in pairs; GDAL sets a pair around it."""
    depth = 0
    for letter in path:
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    return depth == 0


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (*_DAMAGED, OSError, ValueError) as error:
        raise UnreadableProduct(
            f"no readable zip: {path} ({error}); fetch the product again"
        ) from error
    with archive:
        yield archive


def _check_links(folder: Path) -> None:
    whole = folder.resolve()
    for one in folder.rglob("*"):
        if one.is_symlink() and not one.resolve().is_relative_to(whole):
            raise UnreadableProduct(
                f"unsafe product: {folder} has the link {one.relative_to(folder)}, "
                "which leads out of it; do not use it, fetch the product again"
            )


def _check_entries(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise _unsafe(path, f"{len(entries)} entries, more than {MOST_ENTRIES}")
    seen: set[str] = set()
    for one in entries:
        name = one.filename
        if name.startswith("/") or "\\" in name or ":" in name.split("/")[0]:
            raise _unsafe(path, f"the name {name!r}, which leads out of it")
        if ".." in name.split("/"):
            raise _unsafe(path, f"the name {name!r}, which leads out of it")
        if name in seen:
            raise _unsafe(path, f"the name {name!r} twice")
        seen.add(name)
        if stat.S_ISLNK(one.external_attr >> 16):
            raise _unsafe(path, f"the link {name!r}")
        if one.flag_bits & 1:
            raise _unsafe(path, f"the encrypted file {name!r}")
        swells = one.file_size > MOST_RATIO * max(one.compress_size, 1)
        if swells and one.file_size > _RATIO_FROM_BYTES:
            raise _unsafe(path, f"{name!r}, which swells to {one.file_size} bytes")
    total = sum(one.file_size for one in entries)
    packed = sum(one.compress_size for one in entries)
    if total > MOST_BYTES or packed > path.stat().st_size:
        raise _unsafe(path, f"{total} bytes in {packed} packed ones, too many")


def _unsafe(path: Path, what: str) -> UnreadableProduct:
    return UnreadableProduct(
        f"unsafe zip: {path} has {what}; do not use it, fetch the product again"
    )

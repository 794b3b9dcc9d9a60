"""The geometries of a store in a file beside it, so that a restart need not parse."""

import hashlib
import itertools
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb_api.geosparql.rows import Rows, objects
from kb_api.geosparql.shapes import Shapes

_MAGIC = b"lucerna geometries 2 "
_PART = ".part"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sidecar:
    """Geometries, and what they were read from.

    Attributes:
        rows: The geometries.
        digests: Loaded graph to the SHA-256 that the catalogue had of it.
    """

    rows: Rows
    digests: Mapping[str, str]


def write_sidecar(path: Path, sidecar: Sidecar) -> None:
    """Keep geometries in a file: whole, or not at all.

    The file opens with a line of its kind and the SHA-256 of all the rest: the
    size of a head, the head in JSON, and the columns one behind the other.

    Raises:
        OSError: It cannot be written; what was there before still is.
    """
    head, columns = _packed(sidecar)
    digest = hashlib.sha256(head)
    for column in columns:
        digest.update(column)
    handle, name = tempfile.mkstemp(prefix=path.name, suffix=_PART, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + digest.hexdigest().encode() + b"\n" + head)
            file.writelines(columns)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def sweep(path: Path) -> None:
    """Remove what writing left behind when its process was killed."""
    for part in path.parent.glob(f"{path.name}*{_PART}"):
        part.unlink(missing_ok=True)


def read_sidecar(path: Path) -> Sidecar | None:
    """The geometries of a file; None where it is missing, cut short or spoilt.

    Memory: the file, which the shapes are read from when they are needed.
    """
    try:
        content = memoryview(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("%s cannot be read: %s; it is made anew", path, error)
        return None
    opening = bytes(content[: len(_MAGIC) + 65])
    body = content[len(opening) :]
    digest = hashlib.sha256(body).hexdigest().encode()
    if opening != _MAGIC + digest + b"\n":
        _log.warning("%s is spoilt, or of another version; it is made anew", path)
        return None
    return _unpacked(body)


def _packed(sidecar: Sidecar) -> tuple[bytes, list[bytes]]:
    """The head with its size, and the columns."""
    rows = sidecar.rows
    pieces = rows.shapes.wkb()
    graphs, graph_codes = _coded(rows.graphs)
    systems, system_codes = _coded(rows.systems)
    columns = [
        "\n".join(rows.subjects.tolist()).encode(),
        graph_codes.tobytes(),
        system_codes.tobytes(),
        np.array([len(one) for one in pieces], "<i8").tobytes(),
        rows.shapes.boxes.astype("<f8").tobytes(),
        rows.shapes.lengths.astype("<f8").tobytes(),
        b"".join(pieces),
    ]
    head = {
        "rows": len(rows),
        "graphs": graphs,
        "systems": systems,
        "digests": dict(sidecar.digests),
        "sizes": [len(one) for one in columns],
    }
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text, columns


def _unpacked(body: memoryview) -> Sidecar:
    begin = 8 + int.from_bytes(body[:8], "little")
    head: dict[str, Any] = json.loads(bytes(body[8:begin]))
    ends = np.cumsum([begin, *head["sizes"]]).tolist()
    names, graphs, systems, sizes, boxes, lengths, wkb = (
        body[begin:end] for begin, end in itertools.pairwise(ends)
    )
    subjects = str(names, "utf-8").split("\n") if head["rows"] else []
    shapes = Shapes.packed(
        wkb,
        np.frombuffer(sizes, "<i8"),
        np.frombuffer(boxes, "<f8").reshape(-1, 4),
        np.frombuffer(lengths, "<f8"),
    )
    rows = Rows(
        objects(subjects),
        objects(head["graphs"])[np.frombuffer(graphs, "<i4")],
        objects(head["systems"])[np.frombuffer(systems, "<i4")],
        shapes,
    )
    return Sidecar(rows, head["digests"])


def _coded(values: NDArray[np.object_]) -> tuple[list[str], NDArray[np.int32]]:
    """The different values, and for each value the index of its like."""
    places: dict[str, int] = {}
    codes = [places.setdefault(one, len(places)) for one in values.tolist()]
    return list(places), np.array(codes, "<i4")

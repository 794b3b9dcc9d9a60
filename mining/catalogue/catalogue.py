"""The patch catalogue: scenes, patches, descriptors and thumbnails in a database."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Engine, Insert, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from imagery.errors import ImageryError
from imagery.scene_record import SceneRecord, scene_from_json, scene_json
from mining.catalogue.patches import Patch
from mining.catalogue.tables import (
    CutRow,
    DescriptorSetRow,
    PatchRow,
    SceneRow,
    Table,
)

_BUSY_MS = 15_000
_FEW = 500


@dataclass(frozen=True)
class DescribedPatch:
    """A patch as it enters the catalogue.

    Attributes:
        patch: The patch.
        descriptor: (number,) float32, finite.
        thumbnail: A PNG.
    """

    patch: Patch
    descriptor: NDArray[np.float32]
    thumbnail: bytes


class Catalogue:
    """An open patch catalogue; several processes and threads may share a database.

    The tables must be there: `lucerna.database.open_catalogue` sees to that.

    Args:
        url: SQLAlchemy URL of a SQLite or PostgreSQL database; `postgresql://` is
            reached through psycopg2.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(writes=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A database session for queries that belong together."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction, committed to disk when the block ends well."""
        with Session(self._writing) as session, session.begin():
            yield session

    def put_scene(self, record: SceneRecord) -> None:
        """Keep the record of a scene.

        Raises:
            ImageryError: The catalogue has other pixels under the same identifier.
        """
        with self.writing() as session:
            add_new(
                session,
                SceneRow,
                {
                    "id": record.id,
                    "sha256": record.sha256,
                    "record": json.dumps(scene_json(record)),
                    "added": datetime.now(UTC),
                },
            )
            held = session.get_one(SceneRow, record.id)
            if held.sha256 != record.sha256:
                raise ImageryError(
                    f"the catalogue has other pixels of {record.id} already, from "
                    f"{scene_from_json(json.loads(held.record)).product_id}; "
                    "use another catalogue for this processing"
                )

    def put_patches(
        self, names: Sequence[str], patches: Sequence[DescribedPatch]
    ) -> None:
        """Add patches of one descriptor set; those that are there stay as they are.

        Args:
            names: Names of the numbers in the descriptors.
            patches: Patches of scenes that the catalogue has.
        """
        if not patches:
            return
        descriptor_set = set_of(names)
        with self.writing() as session:
            row = {"id": descriptor_set, "names": json.dumps(list(names))}
            add_new(session, DescriptorSetRow, row)
            for one in patches:
                assert one.descriptor.shape == (len(names),), "a number for each name"
                assert np.isfinite(one.descriptor).all(), "descriptors are finite"
            add_new(session, PatchRow, *(_row(one, descriptor_set) for one in patches))

    def put_cut(self, scene: str, size: int, patches: int, passed_over: int) -> None:
        """Note that a scene is wholly cut into patches of a size.

        Args:
            scene: Its identifier.
            size: Side of a patch in pixels.
            patches: Patches that it gave.
            passed_over: Its squares that are no patch.
        """
        with self.writing() as session:
            numbers = {"patches": patches, "passed_over": passed_over}
            add_new(session, CutRow, {"scene": scene, "size": size, **numbers})

    def has_cut(self, scene: str, size: int) -> bool:
        """Whether a scene is wholly cut into patches of a size."""
        with self.reading() as session:
            return session.get(CutRow, (scene, size)) is not None

    def patches(self, ids: Sequence[str]) -> tuple[Patch, ...]:
        """The patches of these identifiers, in their order; unknown ones left out."""
        found: dict[str, Patch] = {}
        with self.reading() as session:
            for part in portions(ids):
                rows = session.scalars(select(PatchRow).where(PatchRow.id.in_(part)))
                found |= {row.id: _patch(row) for row in rows}
        return tuple(found[one] for one in ids if one in found)

    def thumbnail(self, patch: str) -> bytes | None:
        """The PNG of a patch; None where the catalogue has no such patch."""
        with self.reading() as session:
            query = select(PatchRow.thumbnail).where(PatchRow.id == patch)
            return session.scalar(query)

    def scenes(self, ids: Sequence[str] | None = None) -> tuple[SceneRecord, ...]:
        """The records of scenes by identifier; of all of them when none are named."""
        query = select(SceneRow).order_by(SceneRow.id)
        with self.reading() as session:
            rows = session.scalars(query).all()
        wanted = None if ids is None else set(ids)
        return tuple(
            scene_from_json(json.loads(row.record))
            for row in rows
            if wanted is None or row.id in wanted
        )

    def descriptor_sets(self) -> dict[str, int]:
        """Identifier of each descriptor set to its number of patches."""
        query = select(PatchRow.descriptor_set, func.count()).group_by(
            PatchRow.descriptor_set
        )
        with self.reading() as session:
            return {row[0]: row[1] for row in session.execute(query)}

    def names(self, descriptor_set: str) -> tuple[str, ...]:
        """Names of the numbers in the descriptors of a set."""
        with self.reading() as session:
            return tuple(
                json.loads(session.get_one(DescriptorSetRow, descriptor_set).names)
            )

    def vectors(
        self, descriptor_set: str
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """Patches of a descriptor set, by identifier, and (patch, number) float32.

        Memory: all vectors of the set.
        """
        query = (
            select(PatchRow.id, PatchRow.descriptor)
            .where(PatchRow.descriptor_set == descriptor_set)
            .order_by(PatchRow.id)
        )
        with self.reading() as session:
            rows = session.execute(query).all()
        if not rows:
            return (), np.empty((0, 0), np.float32)
        stored = b"".join(row.descriptor for row in rows)
        vectors = np.frombuffer(stored, "<f4").reshape(len(rows), -1)
        return tuple(row.id for row in rows), vectors.astype(np.float32, copy=False)


def set_of(names: Sequence[str]) -> str:
    """Identifier of a descriptor set: 16 hex digits of a digest of its names."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Identifiers in portions that one statement can take.

    >>> [len(part) for part in portions(["a"] * 501)]
    [500, 1]
    """
    for start in range(0, len(ids), _FEW):
        yield ids[start : start + _FEW]


def add_new(session: Session, table: type[Table], *rows: Mapping[str, Any]) -> None:
    """Add rows; one whose key is there already is left out."""
    dialects: dict[str, Any] = {
        "sqlite": sqlite.insert,
        "postgresql": postgresql.insert,
    }
    statement: Any = dialects[session.get_bind().dialect.name](table)
    insert: Insert = statement.on_conflict_do_nothing()
    session.execute(insert, list(rows))


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg2")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise ImageryError(
            f"a catalogue cannot be kept in {address.get_backend_name()}; "
            "give a URL that begins with sqlite:/// or postgresql://"
        )
    if address.get_backend_name() == "postgresql":
        wait = {} if "connect_timeout" in address.query else {"connect_timeout": 10}
        return create_engine(address, pool_pre_ping=True, connect_args=wait)
    engine = create_engine(address)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401
    """Write-ahead log, foreign keys, waiting writers; durable at every commit."""
    connection.isolation_level = None  # transactions begin in `_begin_sqlite`
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # so that INSERT OR REPLACE meets them too
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401
    """Writers wait for each other at the beginning, where waiting can succeed."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _row(one: DescribedPatch, descriptor_set: str) -> dict[str, Any]:
    patch = one.patch
    return {
        "id": patch.id,
        "scene": patch.scene,
        "row": patch.row,
        "column": patch.column,
        "size": patch.size,
        "outline": shapely.to_wkt(patch.geometry, rounding_precision=7),
        "valid_share": patch.valid_share,
        "cloudy_share": patch.cloudy_share,
        "descriptor_set": descriptor_set,
        "descriptor": one.descriptor.astype("<f4").tobytes(),
        "thumbnail": one.thumbnail,
    }


def _patch(row: PatchRow) -> Patch:
    outline = shapely.from_wkt(row.outline)
    assert isinstance(outline, shapely.Polygon), "written by put_patches"
    return Patch(
        row.id,
        row.scene,
        row.row,
        row.column,
        row.size,
        outline,
        row.valid_share,
        row.cloudy_share,
    )

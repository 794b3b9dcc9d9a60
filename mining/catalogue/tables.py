"""The tables of the patch catalogue."""

import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

Id = String().with_variant(String(collation="C"), "postgresql")
"""Text that sorts by code points in both databases."""


class UtcTime(TypeDecorator[datetime.datetime]):
    """An aware moment, kept in UTC; SQLite has no zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        """The moment in UTC, without its zone where the database knows none."""
        if value is None:
            return None
        moment = value.astimezone(datetime.UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self,
        value: Any | None,  # noqa: ANN401
        dialect: Dialect,
    ) -> datetime.datetime | None:
        """The moment as aware UTC."""
        if value is None:
            return None
        assert isinstance(value, datetime.datetime), "a column of times"
        if value.tzinfo is None:
            return value.replace(tzinfo=datetime.UTC)
        return value.astimezone(datetime.UTC)


class Table(DeclarativeBase):
    """The tables that one database holds."""


class SceneRow(Table):
    """A scene that patches were cut from; `record` is its SceneRecord as JSON."""

    __tablename__ = "scene"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    sha256: Mapped[str] = mapped_column(String)
    record: Mapped[str] = mapped_column(Text)
    added: Mapped[datetime.datetime] = mapped_column(UtcTime)


class CutRow(Table):
    """A finished cutting of a scene into patches of one size."""

    __tablename__ = "cut"

    scene: Mapped[str] = mapped_column(ForeignKey("scene.id"), primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    patches: Mapped[int]
    passed_over: Mapped[int]


class DescriptorSetRow(Table):
    """Names of the numbers in a descriptor; `id` is a digest of them."""

    __tablename__ = "descriptor_set"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    names: Mapped[str] = mapped_column(Text)


class PatchRow(Table):
    """A patch: float32 descriptor (little-endian) and thumbnail read on demand."""

    __tablename__ = "patch"
    __table_args__ = (Index("patch_by_descriptor_set", "descriptor_set", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    scene: Mapped[str] = mapped_column(ForeignKey("scene.id"), index=True)
    row: Mapped[int]
    column: Mapped[int]
    size: Mapped[int]
    outline: Mapped[str] = mapped_column(Text)
    valid_share: Mapped[float]
    cloudy_share: Mapped[float]
    descriptor_set: Mapped[str] = mapped_column(ForeignKey("descriptor_set.id"))
    descriptor: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    thumbnail: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class CategoryRow(Table):
    """A category that patches are labelled for."""

    __tablename__ = "category"

    name: Mapped[str] = mapped_column(Id, primary_key=True)
    title: Mapped[str]
    concept: Mapped[str | None]
    created: Mapped[datetime.datetime] = mapped_column(UtcTime)


class SessionRow(Table):
    """The one session of an annotator on a category."""

    __tablename__ = "label_session"
    __table_args__ = (UniqueConstraint("category", "annotator"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    category: Mapped[str] = mapped_column(ForeignKey("category.name"))
    annotator: Mapped[str]
    strategy: Mapped[str]
    opened: Mapped[datetime.datetime] = mapped_column(UtcTime)


class EventRow(Table):
    """A label event. Rows are added, never changed or deleted: triggers refuse it.

    `undoes` is no foreign key: an undo may arrive before what it undoes.
    """

    __tablename__ = "label_event"
    __table_args__ = (
        CheckConstraint(
            "action IN ('positive', 'negative', 'skip', 'undo')", name="known_action"
        ),
        CheckConstraint(
            "(action = 'undo') = (undoes IS NOT NULL)", name="undo_names_an_event"
        ),
        Index("label_event_by_patch", "category", "patch", "id"),
        Index("label_event_by_undone", "undoes"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    patch: Mapped[str] = mapped_column(ForeignKey("patch.id"))
    category: Mapped[str] = mapped_column(ForeignKey("category.name"))
    session: Mapped[str] = mapped_column(ForeignKey("label_session.id"), index=True)
    annotator: Mapped[str]
    action: Mapped[str]
    undoes: Mapped[str | None] = mapped_column(Id)
    created: Mapped[datetime.datetime] = mapped_column(UtcTime)
    received: Mapped[datetime.datetime] = mapped_column(UtcTime)
    model_version: Mapped[int]
    iteration: Mapped[int]


class BatchRow(Table):
    """A batch of a session: "proposed", then "current", then "done".

    `patches` is JSON: two lists, those shown and a reserve, of pairs of patch and
    probability.
    """

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'current', 'done')", name="known_state"),
    )

    session: Mapped[str] = mapped_column(
        ForeignKey("label_session.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    model_version: Mapped[int]
    patches: Mapped[str] = mapped_column(Text)


class ModelRow(Table):
    """A model of a category: not its weights, which are fitted anew in a moment.

    `events` is the number of label events it was made from: these are only added, so
    an equal number means that nothing new was said.
    """

    __tablename__ = "model"

    category: Mapped[str] = mapped_column(ForeignKey("category.name"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    descriptor_set: Mapped[str] = mapped_column(ForeignKey("descriptor_set.id"))
    created: Mapped[datetime.datetime] = mapped_column(UtcTime)
    events: Mapped[int]
    labels: Mapped[int]
    found: Mapped[int]
    estimate: Mapped[float | None]


class PredictionRow(Table):
    """A confident prediction of the newest model of a category."""

    __tablename__ = "prediction"

    category: Mapped[str] = mapped_column(ForeignKey("category.name"), primary_key=True)
    patch: Mapped[str] = mapped_column(ForeignKey("patch.id"), primary_key=True)
    model_version: Mapped[int]
    probability: Mapped[float]

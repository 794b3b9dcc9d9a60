"""The first tables of the patch catalogue; label events made append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)
_REFUSAL = "label events are only added, never changed or deleted"
_APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER label_event_no_{verb} BEFORE {verb} ON label_event "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for verb in ("update", "delete")
    ),
    "postgresql": (
        "CREATE FUNCTION label_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
        "CREATE TRIGGER label_event_no_change "
        "BEFORE UPDATE OR DELETE OR TRUNCATE ON label_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION label_event_refuse()",
    ),
}


def upgrade() -> None:
    """Make the tables."""
    _create_patches()
    _create_labels()
    _create_models()
    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables."""
    tables = (
        "prediction model batch label_event label_session category patch "
        "descriptor_set cut scene"
    )
    for name in tables.split():
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION label_event_refuse()")


def _create_patches() -> None:
    op.create_table(
        "scene",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("added", _TIME, nullable=False),
    )
    op.create_table(
        "cut",
        sa.Column("scene", _ID, sa.ForeignKey("scene.id"), primary_key=True),
        sa.Column("size", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("patches", sa.Integer(), nullable=False),
        sa.Column("passed_over", sa.Integer(), nullable=False),
    )
    op.create_table(
        "descriptor_set",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("names", sa.Text(), nullable=False),
    )
    op.create_table(
        "patch",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("scene", _ID, sa.ForeignKey("scene.id"), nullable=False, index=True),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("outline", sa.Text(), nullable=False),
        sa.Column("valid_share", sa.Double(), nullable=False),
        sa.Column("cloudy_share", sa.Double(), nullable=False),
        sa.Column(
            "descriptor_set", _ID, sa.ForeignKey("descriptor_set.id"), nullable=False
        ),
        sa.Column("descriptor", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
    )
    op.create_index("patch_by_descriptor_set", "patch", ["descriptor_set", "id"])


def _create_labels() -> None:
    op.create_table(
        "category",
        sa.Column("name", _ID, primary_key=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("concept", sa.String()),
        sa.Column("created", _TIME, nullable=False),
    )
    op.create_table(
        "label_session",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("category", _ID, sa.ForeignKey("category.name"), nullable=False),
        sa.Column("annotator", sa.String(), nullable=False),
        sa.Column("strategy", sa.String(), nullable=False),
        sa.Column("opened", _TIME, nullable=False),
        sa.UniqueConstraint("category", "annotator"),
    )
    op.create_table(
        "label_event",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("patch", _ID, sa.ForeignKey("patch.id"), nullable=False),
        sa.Column("category", _ID, sa.ForeignKey("category.name"), nullable=False),
        sa.Column(
            "session",
            _ID,
            sa.ForeignKey("label_session.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("annotator", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("undoes", _ID),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("received", _TIME, nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "action IN ('positive', 'negative', 'skip', 'undo')", name="known_action"
        ),
        sa.CheckConstraint(
            "(action = 'undo') = (undoes IS NOT NULL)", name="undo_names_an_event"
        ),
    )
    op.create_index("label_event_by_patch", "label_event", ["category", "patch", "id"])
    op.create_index("label_event_by_undone", "label_event", ["undoes"])
    op.create_table(
        "batch",
        sa.Column("session", _ID, sa.ForeignKey("label_session.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("patches", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'current', 'done')", name="known_state"
        ),
    )


def _create_models() -> None:
    op.create_table(
        "model",
        sa.Column("category", _ID, sa.ForeignKey("category.name"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column(
            "descriptor_set", _ID, sa.ForeignKey("descriptor_set.id"), nullable=False
        ),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("estimate", sa.Double()),
    )
    op.create_table(
        "prediction",
        sa.Column("category", _ID, sa.ForeignKey("category.name"), primary_key=True),
        sa.Column("patch", _ID, sa.ForeignKey("patch.id"), primary_key=True),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
    )

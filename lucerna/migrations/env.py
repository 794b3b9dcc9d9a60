"""Runs migrations on the connection that `lucerna.database` hands over."""

from alembic import context


def _migrate() -> None:
    from mining.catalogue.tables import Table

    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic loads this file
    _migrate()

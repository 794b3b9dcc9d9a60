"""Opens the patch catalogue, its tables brought up to date."""

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ontology.errors import StoreUnavailable

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from mining.catalogue.catalogue import Catalogue

_MIGRATIONS = Path(__file__).parent / "migrations"
_WAIT_S = 15
_LOCK = 0x4C554345  # any number, the same for all who migrate


def catalogue_url(folder: Path) -> str:
    """SQLAlchemy URL of the catalogue in the folder of a knowledge base.

    >>> catalogue_url(Path("/srv/kb"))
    'sqlite:////srv/kb/catalogue.sqlite'
    """
    from sqlalchemy import URL

    path = str(folder / "catalogue.sqlite")
    return URL.create("sqlite", database=path).render_as_string()


def open_catalogue(url: str) -> "Catalogue":
    """The catalogue at a SQLAlchemy URL, made or brought up to date.

    Several processes may open it at once; one of them brings it up to date.

    Args:
        url: `sqlite:///FILE` (its folder is made) or `postgresql://…` (the database
            must exist).

    Raises:
        ImageryError: The URL is of another kind of database.
        StoreUnavailable: The database cannot be reached or opened, is of another
            program, or a newer version of Lucerna has changed it.
    """
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from mining.catalogue.catalogue import Catalogue

    try:
        catalogue = Catalogue(url)
    except ArgumentError as error:
        raise StoreUnavailable(
            "the URL of the catalogue's database cannot be read; write "
            "sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error
    address = catalogue.engine.url
    try:
        if address.get_backend_name() == "sqlite" and address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            _refuse_foreign(Path(address.database))
        newest = ScriptDirectory.from_config(_config()).get_current_head()
        with catalogue.reading() as session:
            current = _revision(session.connection())
        if current != newest:
            with catalogue.writing() as session:
                _upgrade(session.connection())
    except (DBAPIError, CommandError, OSError) as error:
        catalogue.close()
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StoreUnavailable(
            f"the catalogue {address.render_as_string(hide_password=True)} cannot "
            f"be opened ({reason}); check the address and that it is ours"
        ) from error
    return catalogue


def _refuse_foreign(path: Path) -> None:
    """Leave a SQLite file of another program as it is: opening ours sets its journal.

    Raises:
        StoreUnavailable: The file holds tables, and they are not ours.
    """
    from mining.catalogue.tables import EventRow

    if not path.is_file():
        return
    address = f"{path.absolute().as_uri()}?mode=ro"
    with contextlib.suppress(sqlite3.Error):  # whoever opens it next tells why
        with contextlib.closing(
            sqlite3.connect(address, uri=True, timeout=_WAIT_S)
        ) as connection:
            found = connection.execute("SELECT name FROM sqlite_master").fetchall()
        names = {str(one[0]) for one in found}
        if names and not names >= {"alembic_version", EventRow.__tablename__}:
            raise StoreUnavailable(
                f"{path} is a database of another program; "
                "give the catalogue a file of its own"
            )


def _revision(connection: "Connection") -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: "Connection") -> None:
    """Run the missing migrations inside the transaction that is open."""
    from alembic import command
    from sqlalchemy import func, select

    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    command.upgrade(_config(connection=connection), "head")


def _config(**attributes: Any) -> "Config":  # noqa: ANN401
    from alembic.config import Config

    config = Config(attributes=attributes)
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config

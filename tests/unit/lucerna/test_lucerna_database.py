"""Opening a catalogue: its tables, whoever comes first, and what cannot be opened."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from lucerna.database import catalogue_url, open_catalogue
from mining.catalogue.tables import Table
from ontology.errors import StoreUnavailable


def test_the_migrations_make_the_tables_of_the_models(database_url: str) -> None:
    with open_catalogue(database_url) as catalogue, catalogue.reading() as session:
        connection = session.connection()
        found = set(inspect(connection).get_table_names())
        assert found == {*Table.metadata.tables, "alembic_version"}
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []


def test_it_opens_again_as_it_was(database_url: str) -> None:
    with open_catalogue(database_url) as first, first.writing() as session:
        session.execute(text("INSERT INTO descriptor_set VALUES ('a', '[]')"))
    with open_catalogue(database_url) as second:
        assert second.names("a") == ()


def test_four_who_open_it_at_once_all_get_it(database_url: str) -> None:
    opened: list[int] = []
    wrong: list[BaseException] = []
    together = threading.Barrier(4)

    def open_it() -> None:
        try:
            together.wait()
            with open_catalogue(database_url) as catalogue:
                opened.append(len(catalogue.descriptor_sets()))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []
    assert opened == [0, 0, 0, 0]


def test_tables_of_a_newer_version_are_left_alone(database_url: str) -> None:
    with open_catalogue(database_url) as catalogue, catalogue.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="9999"):
        open_catalogue(database_url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    path.write_text("not a database, but long enough to be looked at\n" * 40)
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        open_catalogue(f"sqlite:///{path}")


@pytest.mark.parametrize("tables", [["gpkg_contents"], ["alembic_version", "orders"]])
def test_a_database_of_another_program_is_left_as_it_is(
    tmp_path: Path, tables: list[str]
) -> None:
    path = tmp_path / "parcels 100%.gpkg"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for one in tables:
            connection.execute(f"CREATE TABLE {one} (a)")
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="of another program; give") as caught:
        open_catalogue(f"sqlite:///{path}")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_an_empty_file_becomes_a_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    path.touch()
    with open_catalogue(f"sqlite:///{path}") as catalogue:
        assert catalogue.scenes() == ()


def test_a_secret_stays_out_of_the_message() -> None:
    url = "postgresql://lucerna:s3cret@127.0.0.1:1/catalogue"
    with pytest.raises(StoreUnavailable, match="Connection refused") as caught:
        open_catalogue(url)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_url_is_refused() -> None:
    with pytest.raises(StoreUnavailable, match="write sqlite:///FILE"):
        open_catalogue("catalogue.sqlite")


def test_the_folder_of_a_new_catalogue_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "with space" / "100%"
    with open_catalogue(catalogue_url(folder)) as catalogue:
        assert catalogue.scenes() == ()
    assert (folder / "catalogue.sqlite").is_file()

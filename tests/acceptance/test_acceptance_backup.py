"""A base copied, counted and brought back by the installed command."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from acceptance_refused import assert_refused
from acceptance_service import served
from acceptance_walk import Walk, lucerna, told
from test_acceptance_interrupted import facts

Digests = Callable[[Path], dict[str, str]]


def loads(kb: Path) -> list[str]:
    """Each loaded graph of a base with its number of facts and the length of all."""
    return [line for line in facts(kb) if "/graph/catalogue," not in line]


def test_a_base_comes_back_as_it_was(
    walk: Walk, tmp_path: Path, digests: Digests
) -> None:
    kb = tmp_path / "kb"
    shutil.copytree(walk.kb, kb)
    with sqlite3.connect(kb / "catalogue.sqlite") as catalogue:
        catalogue.execute("CREATE TABLE note (text)")
        catalogue.execute("INSERT INTO note VALUES ('Löß')")
    made = told(lucerna("backup", "copy", "--kb", kb, "--json", cwd=tmp_path))
    held = loads(kb)
    copied = digests(tmp_path / "copy")
    assert made["graphs"] == len(held)
    assert made["triples"] == sum(int(line.split(",")[1]) for line in held)
    assert made["files"] == len(copied) - 1, "all but the manifest"
    shutil.rmtree(kb)
    assert told(
        lucerna("restore", "copy", "--kb", "new", "--json", cwd=tmp_path)
    ) == made | {"folder": "new"}
    assert digests(tmp_path / "copy") == copied
    assert loads(tmp_path / "new") == held
    assert {name for name in digests(tmp_path / "new") if "/" in name} >= {
        name for name in digests(walk.kb) if name.startswith(("quick", "evid"))
    }
    with sqlite3.connect(tmp_path / "new" / "catalogue.sqlite") as catalogue:
        assert catalogue.execute("SELECT text FROM note").fetchall() == [("Löß",)]


def test_a_backup_that_has_changed_is_not_restored(walk: Walk, tmp_path: Path) -> None:
    told(lucerna("backup", "copy", "--kb", walk.kb, "--json", cwd=tmp_path))
    picture = next((tmp_path / "copy" / "quicklooks").glob("*.png"))
    name = f"quicklooks/{picture.name}"
    content = picture.read_bytes()
    picture.write_bytes(content[:-1] + b"x")
    restore = ["restore", "copy", "--kb", "new"]
    line = assert_refused(lucerna(*restore, cwd=tmp_path))
    assert f"{name} has changed; nothing was restored" in line
    picture.unlink()
    assert f"{name} is missing" in assert_refused(lucerna(*restore, cwd=tmp_path))
    picture.write_bytes(content)
    (tmp_path / "copy" / "more.txt").write_text("")
    assert "more.txt is not of it" in assert_refused(lucerna(*restore, cwd=tmp_path))
    assert [one.name for one in tmp_path.iterdir()] == ["copy"]
    line = assert_refused(lucerna("backup", "copy", "--kb", walk.kb, cwd=tmp_path))
    assert "copy is not empty" in line
    line = assert_refused(lucerna("restore", walk.sample, "--kb", "new", cwd=tmp_path))
    assert "manifest.json is missing" in line


def test_numbers_are_those_of_the_facts(walk: Walk, tmp_path: Path) -> None:
    stats = told(walk.run("stats", "--json"))
    held = loads(walk.kb)
    assert stats["graphs"] == len(held) == len(stats["loads"])
    assert stats["triples"] == sum(int(line.split(",")[1]) for line in held)
    (row,) = walk.sparql(
        "SELECT (COUNT(*) AS ?n) "
        "{ ?g <http://www.opengis.net/ont/geosparql#asWKT> ?shape }"
    )
    assert stats["geometries"] == int(row["n"])
    (row,) = walk.sparql(
        "SELECT (COUNT(*) AS ?n) { ?r a <https://w3id.org/lucerna/ont#Region> }"
    )
    assert stats["classes"]["https://w3id.org/lucerna/ont#Region"] == int(row["n"])
    pictures = (walk.kb / "quicklooks").iterdir()
    assert stats["bytes"]["quicklooks"] == sum(one.stat().st_size for one in pictures)
    lines = [line.split() for line in walk.run("stats").stdout.splitlines()]
    assert ["triples", str(stats["triples"])] in lines
    (meet,) = walk.sparql(
        "SELECT (COUNT(*) AS ?n) "
        "{ ?a <http://www.opengis.net/ont/geosparql#sfIntersects> ?b }"
    )
    assert told(walk.run("reindex", "--json")) == {
        "geometries": stats["geometries"],
        "pairs that meet": int(meet["n"]),
    }


def test_who_holds_the_base_is_told(walk: Walk, tmp_path: Path) -> None:
    shutil.copytree(walk.kb, tmp_path / "kb")
    with served(tmp_path / "kb"):
        line = assert_refused(lucerna("backup", "copy", "--kb", "kb", cwd=tmp_path))
    assert "kb/store is held by process " in line
    assert "(lucerna)" in line
    assert not (tmp_path / "copy").exists()

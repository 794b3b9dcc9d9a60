"""kill -9 and a full disk: each acknowledged load whole, none half, the index right."""

import contextlib
import importlib.util
import os
import random
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb_api.embedded_store import EmbeddedStore
from kb_api.outcome import Regime
from lucerna.backup import back_up, restore
from lucerna.wiring import open_knowledge_base

ROUNDS = int(os.environ.get("LUCERNA_FAULT_ROUNDS", "3"))
"""How often each is killed; `make faults` says 20."""

WRITER = Path(__file__).with_name("store_writer.py")
SPEC = importlib.util.spec_from_file_location("store_writer", WRITER)
assert SPEC is not None
assert SPEC.loader is not None
store_writer = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(store_writer)
FACTS, GRAPH = store_writer.FACTS, store_writer.GRAPH
GEOMETRIES = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
SELECT ?g { ?g a geo:Geometry ; geo:asWKT ?w }"""
WINDOW = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
SELECT ?g { ?g geo:asWKT ?w
  FILTER(geof:sfIntersects(
    ?w, "POLYGON((-1 -1, 91 -1, 91 1, -1 1, -1 -1))"^^geo:wktLiteral)) }
"""


def killed(verb: str, folder: Path, first: int, chance: random.Random) -> int:
    """Start the writer and kill it at some moment; the last number that it told."""
    acknowledged, wanted = first - 1, chance.randint(1, 3 if verb == "backup" else 12)
    with subprocess.Popen(
        [sys.executable, str(WRITER), verb, str(folder), str(first)],
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        while acknowledged < first + wanted:
            acknowledged = int(writer.stdout.readline())
        threading.Event().wait(chance.uniform(0, 0.02))
        writer.kill()
        told = writer.stdout.read().splitlines()
    return int(told[-1]) if told else acknowledged


def points_found(store: EmbeddedStore) -> int:
    """How many of the points a question finds by the index."""
    outcome = store.run(WINDOW)
    assert outcome.indexed
    assert isinstance(outcome.results, ox.QuerySolutions)
    return len(list(outcome.results))


def test_killed_during_loads(tmp_path: Path) -> None:
    chance, folder, first = random.Random(1), tmp_path / "store", 0
    for _ in range(ROUNDS):
        last = killed("load", folder, first, chance)
        store = EmbeddedStore(folder)
        held = store.graphs()
        assert {f"{GRAPH}{number}" for number in range(last + 1)} <= set(held)
        assert len(held) <= last + 2, "at most the one that was not acknowledged"
        assert set(held.values()) == {FACTS}
        counted = Counter(
            line.rsplit(b"<", 1)[1] for line in store.dump().splitlines()
            if b"graph/catalogue" not in line
        )  # fmt: skip
        assert set(counted.values()) == {FACTS}
        assert len(counted) == len(held) == points_found(store)
        first = len(held)
        store.close()


def test_killed_while_a_graph_is_replaced(tmp_path: Path) -> None:
    chance, folder, first = random.Random(2), tmp_path / "store", 1
    for _ in range(ROUNDS):
        last = killed("replace", folder, first, chance)
        store = EmbeddedStore(folder)
        found = store.get_graph(f"{GRAPH}0")
        versions = [store_writer.content("0", one) for one in (last, last + 1)]
        assert sorted(found.splitlines()) in [
            sorted(one.splitlines()) for one in versions
        ]
        assert store.graphs() == {f"{GRAPH}0": FACTS}
        assert points_found(store) == 1
        first = last + 2
        store.close()


def test_killed_while_things_that_meet_are_loaded(tmp_path: Path) -> None:
    chance, folder, first = random.Random(4), tmp_path / "store", 0
    for _ in range(ROUNDS):
        last = killed("meet", folder, first, chance)
        store = EmbeddedStore(folder)
        loaded = set(store.graphs())
        assert {f"{GRAPH}scene/{number}" for number in range(last + 1)} <= loaded
        before = overlaps(store)
        scenes = sum("/scene/" in one for one in loaded)
        assert any(b"sfIntersects" in one for one in before)
        store.overlap()
        assert overlaps(store) == before
        first = scenes
        store.close()


def overlaps(store: EmbeddedStore) -> set[bytes]:
    """The facts of what meets what."""
    mark = b"/graph/overlaps/"
    lines = (one.rsplit(b" ", 2) for one in store.dump().splitlines())
    return {fact for fact, graph, _ in lines if mark in graph}


def test_killed_while_copies_with_what_is_entailed_are_made(tmp_path: Path) -> None:
    chance, folder, first = random.Random(4), tmp_path / "store", 1
    for _ in range(ROUNDS):
        last = killed("entail", folder, first, chance)
        store = EmbeddedStore(folder)
        for regime, expected in (("simple", 0), ("rdfs", 1)):
            found = geometries(store, regime)
            assert found == expected, "the domain of geo:asWKT"
        assert store.graphs() == {f"{GRAPH}0": FACTS}
        first = last + 2
        copies = [one.name for one in tmp_path.glob("store.entailed/*")]
        assert copies == ["1"], "those of the killed one are gone"
        store.close()


def geometries(store: EmbeddedStore, regime: Regime) -> int:
    """How many things are geometries in a regime."""
    results = store.run(GEOMETRIES, regime).results
    assert isinstance(results, ox.QuerySolutions)
    return len(list(results))


def test_killed_while_the_command_loads(tmp_path: Path) -> None:
    """Of a file that is written in bulk; then the same command loads it."""
    file, kb, facts = tmp_path / "big.nt", tmp_path / "kb", 60_000
    file.write_bytes(store_writer.content("big", 1, facts))
    command = [sys.executable, "-m", "lucerna", "load", str(file), "--no-check"]
    command += ["--kb", str(kb), "--graph", f"{GRAPH}big"]
    with open_knowledge_base(kb):
        """It is there, and has the ontology."""
    began = time.monotonic()
    subprocess.run([*command, "--kb", str(tmp_path / "other")], check=True)
    whole_s = time.monotonic() - began
    chance = random.Random(5)
    for turn in range(ROUNDS):
        with subprocess.Popen(command) as loading:
            with contextlib.suppress(subprocess.TimeoutExpired):
                loading.wait(whole_s * chance.uniform(0.3, 1.1))
            loading.kill()
        with open_knowledge_base(kb) as base:
            held = base.store.graphs().get(f"{GRAPH}big")
            assert held in (None, facts)
            assert held == facts or loading.returncode != 0, "it said that it was done"
            stored = base.store.get_graph(f"{GRAPH}big")
            assert stored.count(b"\n") == (held or 0)
            assert points_found(base.store) == (1 if held else 0)
            if held and turn < ROUNDS - 1:
                base.store.drop_graph(f"{GRAPH}big")
    assert subprocess.run(command, check=True).returncode == 0
    with open_knowledge_base(kb) as base:
        assert base.store.graphs()[f"{GRAPH}big"] == facts


def test_killed_during_backups(tmp_path: Path) -> None:
    chance, kb, first = random.Random(3), tmp_path / "kb", 0
    (kb / "evidence").mkdir(parents=True)
    (kb / "evidence" / "a.tif").write_bytes(bytes(2**20))
    with open_knowledge_base(kb) as base:
        base.put_graphs({f"{GRAPH}0": ("one", store_writer.content("0", 1))})
        held = base.store.graphs()
    for turn in range(ROUNDS):
        last = killed("backup", kb, first, chance)
        whole = {one.name for one in tmp_path.glob("backup-*")}
        told = {f"backup-{number}" for number in range(first, last + 1)}
        assert told <= whole
        for number in (last, last + 1):
            if f"backup-{number}" in whole:
                again = tmp_path / f"again-{turn}-{number}"
                copied = restore(tmp_path / f"backup-{number}", again)
                assert copied.graphs == len(held)
                assert (again / "evidence" / "a.tif").stat().st_size == 2**20
                with open_knowledge_base(again) as base:
                    assert base.store.graphs() == held
        first = last + 2
    with open_knowledge_base(kb) as base:
        assert base.store.graphs() == held


FULL = """
import resource, sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
import store_writer
from kb_api import writing
from kb_api.embedded_store import EmbeddedStore

writing.BULK = int(sys.argv[2])
store = EmbeddedStore(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    big = store_writer.content("1", 1, 9_000)
    store.put_graphs({store_writer.GRAPH + "1": ("big", big)})
except OSError as error:
    print("refused", error)
"""


@pytest.mark.parametrize("bulk", [1, 10_000])
def test_a_full_disk_leaves_what_there_was(tmp_path: Path, bulk: int) -> None:
    """In bulk, and in a transaction of the log."""
    store = EmbeddedStore(tmp_path / "store")
    store.put_graphs({f"{GRAPH}0": ("one", store_writer.content("0", 1))})
    before = store.dump()
    store.close()
    arguments = [str(tmp_path / "store"), str(bulk), str(WRITER.parent)]
    done = subprocess.run(
        [sys.executable, "-c", FULL, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("refused "), done.stderr
    store = EmbeddedStore(tmp_path / "store")
    assert store.dump() == before
    assert points_found(store) == 1
    store.put_graphs({f"{GRAPH}1": ("big", store_writer.content("1", 1, 9_000))})
    assert store.graphs() == {f"{GRAPH}0": FACTS, f"{GRAPH}1": 9_000}
    store.close()


def test_a_backup_onto_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    with open_knowledge_base(kb):
        (kb / "big.tif").write_bytes(bytes(2**20))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**19, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            back_up(kb, tmp_path / "copy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [one.name for one in tmp_path.iterdir()] == ["kb"]

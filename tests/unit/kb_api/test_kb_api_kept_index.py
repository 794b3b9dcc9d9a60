"""The index follows the store: loads, restarts, spoilt files, older copies."""

import contextlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyoxigraph as ox
import pytest

from kb_api.embedded_store import EmbeddedStore
from kb_api.geosparql import upkeep
from kb_api.geosparql.rows import Rows
from kb_api.geosparql.sidecar import read_sidecar
from ontology.errors import InvalidGraph, QueryTimeout

G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"
AS_WKT = "http://www.opengis.net/ont/geosparql#asWKT"
WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
QUERY = (
    f"SELECT ?g {{ ?g <{AS_WKT}> ?w FILTER("
    "<http://www.opengis.net/def/function/geosparql/sfIntersects>"
    f'(?w, "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0))"^^<{WKT}>)) }}'
)


def point(name: str, x: int, y: int) -> bytes:
    return (
        f'<https://kb.example/{name}> <{AS_WKT}> "POINT({x} {y})"^^<{WKT}> .\n'.encode()
    )


def seen(store: EmbeddedStore, *, is_alone: bool = True) -> list[str]:
    found = store.run(QUERY)
    assert found.indexed or not is_alone
    assert isinstance(found.results, ox.QuerySolutions)
    return sorted(row["g"].value.rpartition("/")[2] for row in found.results)


def full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.fixture
def read_from_store(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by the number of geometries of each reading of a store."""
    counts: list[int] = []

    def counted(*arguments: object) -> Rows:
        rows = rows_of(*arguments)
        counts.append(len(rows))
        return rows

    rows_of: Callable[..., Rows] = upkeep.rows_of
    monkeypatch.setattr(upkeep, "rows_of", counted)
    return counts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with three points in two graphs, closed, its index beside it."""
    store = EmbeddedStore(tmp_path / "store")
    near = point("a", 1, 1) + point("b", 2, 2)
    store.put_graphs({G: ("g", near), H: ("h", point("c", 50, 50))})
    assert seen(store) == ["a", "b"]
    store.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["store", "store.index"]
    return tmp_path


def test_the_index_is_read_when_it_is_the_stores(
    folder: Path, read_from_store: list[int]
) -> None:
    before = (folder / "store.index").stat().st_mtime_ns
    store = EmbeddedStore(folder / "store")
    assert seen(store) == ["a", "b"]
    store.close()
    assert read_from_store == [0]
    assert (folder / "store.index").stat().st_mtime_ns == before


def test_what_changed_without_the_index_is_read_anew(
    folder: Path, read_from_store: list[int]
) -> None:
    store = EmbeddedStore(folder / "store")
    store.put_graphs({H: ("h", point("d", 3, 3)), G + "2": ("i", point("e", 4, 4))})
    store._store = None  # type: ignore[assignment]  # as if killed: nothing is kept
    store._index = None  # type: ignore[assignment]
    store = EmbeddedStore(folder / "store")
    assert seen(store) == ["a", "b", "d", "e"]
    assert read_from_store == [2]
    store.close()
    store = EmbeddedStore(folder / "store")
    assert seen(store) == ["a", "b", "d", "e"]
    assert read_from_store == [2, 0]


@pytest.mark.parametrize("how", ["missing", "short", "empty", "spoilt", "other"])
def test_a_file_that_is_not_whole_is_made_anew(
    folder: Path, read_from_store: list[int], how: str
) -> None:
    file = folder / "store.index"
    content = file.read_bytes()
    match how:
        case "missing":
            file.unlink()
        case "short":
            file.write_bytes(content[:-7])
        case "empty":
            file.write_bytes(b"")
        case "spoilt":
            at = len(content) - 20
            file.write_bytes(
                content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            )
        case "other":
            file.write_bytes(b"something else\n" * 50)
    store = EmbeddedStore(folder / "store")
    assert seen(store) == ["a", "b"]
    assert read_from_store == [3]
    store.close()
    assert file.read_bytes() == content


def test_an_older_copy_of_the_store_is_known_by_its_content(folder: Path) -> None:
    shutil.copytree(folder / "store", folder / "old")
    store = EmbeddedStore(folder / "store")
    store.put_graphs({G: ("g", point("a", 60, 60))})
    assert seen(store) == []
    store.close()
    shutil.rmtree(folder / "store")
    (folder / "old").rename(folder / "store")
    store = EmbeddedStore(folder / "store")
    assert seen(store) == ["a", "b"]
    store.put_graphs({G: ("g", point("f", 5, 5))})
    assert seen(store) == ["f"]


def test_a_geometry_that_another_program_wrote_is_seen_at_the_next_start(
    folder: Path,
) -> None:
    raw = ox.Store(str(folder / "store"))
    triples = ox.parse(point("z", 6, 6), format=ox.RdfFormat.N_TRIPLES)
    raw.extend(ox.Quad(*one.triple, ox.NamedNode(H)) for one in triples)
    raw.flush()
    del raw
    store = EmbeddedStore(folder / "store")
    assert seen(store) == ["a", "b", "z"]


def test_a_folder_that_cannot_be_written_still_answers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb_api.geosparql.sidecar.os.fsync", full)
    content = (folder / "store.index").read_bytes()
    store = EmbeddedStore(folder / "store")
    store.put_graphs({H: ("h", point("d", 3, 3))})
    assert seen(store) == ["a", "b", "d"]
    store.close()
    assert (folder / "store.index").read_bytes() == content
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("wait_s", [0.0, 0.002, 0.01, 0.05])
def test_a_kill_while_the_index_is_written_leaves_it_whole(
    folder: Path, wait_s: float
) -> None:
    script = (
        "import pathlib, sys; from kb_api.embedded_store import EmbeddedStore\n"
        "store = EmbeddedStore(pathlib.Path(sys.argv[1]))\n"
        "while True: store.reindex(); print(flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder / "store")], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            writer.wait(wait_s)
        writer.kill()
    store = EmbeddedStore(folder / "store")
    assert seen(store) == ["a", "b"]
    assert sorted(one.name for one in folder.iterdir()) == ["store", "store.index"]
    assert read_sidecar(folder / "store.index") is not None


def test_loads_are_followed_and_told_by_the_state() -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", point("a", 1, 1))})
    states = [store.state]
    assert seen(store) == ["a"]
    for graphs, expected in (
        ({G: ("g", point("a", 50, 50))}, []),
        ({H: ("h", point("b", 2, 2) + point("c", 3, 3))}, ["b", "c"]),
        ({G: ("g", point("a", 4, 4)), H: ("h", b"")}, ["a"]),
    ):
        store.put_graphs(graphs)
        assert seen(store) == expected
        states.append(store.state)
    assert states == [2, 4, 6, 8]
    assert store.put_graphs({H: ("h", b"")}) == []
    assert store.state == 8
    assert store.reindex() == 1
    assert store.drop_graph(G)
    assert (seen(store), store.state) == ([], 10)


def test_a_large_load_tells_its_geometries_itself(
    folder: Path, read_from_store: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nobody asked before; and a restart finds them beside the store."""
    monkeypatch.setattr("kb_api.writing.BULK", 3)
    for turn in (1, 2):
        store = EmbeddedStore(folder / "store")
        loaded = b"".join(point(f"{turn}{at}", at, turn) for at in range(5))
        store.put_graphs({f"{G}{turn}": ("i", loaded)})
        assert store._index._index is not None
        assert seen(store) == sorted(
            ["a", "b", *(f"{one}{at}" for one in range(1, turn + 1) for at in range(5))]
        )
        store.close()
    assert sum(read_from_store) == 0


def test_a_load_that_fails_leaves_the_index_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", point("a", 1, 1))})
    assert seen(store) == ["a"]

    with monkeypatch.context() as broken:
        broken.setattr("kb_api.embedded_store.write", full)
        with pytest.raises(OSError, match="No space"):
            store.put_graphs({G: ("g", point("b", 2, 2))})
    assert seen(store) == ["a"]
    assert store.state == 2


def test_queries_beside_loads_see_the_one_state_or_the_next() -> None:
    store = EmbeddedStore()
    loads = 60
    contents = [
        b"".join(point(f"{load}-{at}", 1, 1) for at in range(20))
        for load in range(loads)
    ]
    store.put_graphs({G: ("g", contents[0])})
    mixed: list[list[str]] = []
    counts: list[int] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            found = seen(store, is_alone=False)
            counts.append(len(found))
            if len(found) != 20 or len({one.partition("-")[0] for one in found}) != 1:
                mixed.append(found)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for one in threads:
        one.start()
    for content in contents[1:]:
        store.put_graphs({G: ("g", content)})
    done.set()
    for one in threads:
        one.join()
    assert mixed == []
    assert len(counts) >= 2
    assert np.unique(counts).tolist() == [20]


def test_a_query_waits_for_the_index_no_longer_than_it_may() -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", point("a", 1, 1))})
    with ThreadPoolExecutor() as threads:
        with store._index.changing([G]):  # as while it is made, in another thread
            late = threads.submit(store.prepare, QUERY, "simple", 0.1)
            with pytest.raises(QueryTimeout, match="index is still being made"):
                late.result()
            other = threads.submit(store.prepare, "ASK {}", "simple", 0.0)
            assert not other.result().indexed
        assert threads.submit(store.prepare, QUERY, "simple", 60.0).result().indexed


def test_a_warm_store_has_its_index_before_it_is_asked(
    tmp_path: Path, read_from_store: list[int]
) -> None:
    store = EmbeddedStore(tmp_path / "store")
    store.put_graphs({G: ("g", point("a", 1, 1))})
    assert read_from_store == []
    store.warm()
    store.close()
    assert read_from_store == [1]
    # Closed, it lets the folder go; and what is warmed then does no more.
    store = EmbeddedStore(tmp_path / "store")
    assert seen(store) == ["a"]
    store.close()
    assert sum(read_from_store[1:]) == 0


def test_a_refused_load_leaves_the_index_and_the_state_as_they_were(
    tmp_path: Path, read_from_store: list[int]
) -> None:
    store = EmbeddedStore(tmp_path / "store")
    store.put_graphs({G: ("g", point("a", 1, 1))})
    assert seen(store) == ["a"]
    state, read = store.state, list(read_from_store)
    with pytest.raises(InvalidGraph, match="stands already in graph"):
        store.put_graphs({H: ("h", point("a", 1, 1) + point("b", 2, 2))})
    with pytest.raises(RuntimeError), store._changing([G]):
        raise RuntimeError
    assert (store.state, read_from_store) == (state, read)
    assert seen(store) == ["a"]
    assert read_from_store == read
    store.close()

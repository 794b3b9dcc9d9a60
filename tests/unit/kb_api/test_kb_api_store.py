"""The embedded store: whole graphs, one transaction, the same triples again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb_api.embedded_store import EmbeddedStore
from kb_api.holders import holder_of
from kb_api.loads import Graphs
from kb_api.opening import open_store
from ontology.errors import InvalidGraph, QueryRejected, StoreUnavailable

G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"


def fact(subject: str, value: str) -> bytes:
    return (
        f'<https://kb.example/{subject}> <https://kb.example/p> "{value}" .\n'.encode()
    )


def values(store: EmbeddedStore) -> list[str]:
    rows = store.query("SELECT ?o { ?s <https://kb.example/p> ?o } ORDER BY ?o")
    assert isinstance(rows, ox.QuerySolutions)
    return [row["o"].value for row in rows]


def test_queries_see_the_union_of_all_graphs() -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", fact("a", "1")), H: ("h", fact("b", "2"))})
    assert values(store) == ["1", "2"]
    assert store.graphs() == {G: 1, H: 1}


def test_a_graph_is_replaced_whole() -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", fact("a", "1") + fact("b", "2"))})
    assert store.put_graphs({G: ("g", fact("a", "3"))}) == [G]
    assert values(store) == ["3"]
    assert store.graphs() == {G: 1}


def test_putting_the_same_triples_again_changes_nothing() -> None:
    store = EmbeddedStore()
    content = fact("a", "1") + fact("b", "2")
    store.put_graphs({G: ("g", content)})
    before = store.dump()
    backwards = b"".join(reversed(content.splitlines(keepends=True)))
    assert store.put_graphs({G: ("g", backwards)}) == []
    assert store.dump() == before


def test_a_replaced_graph_is_as_one_that_was_always_so() -> None:
    changed, fresh = EmbeddedStore(), EmbeddedStore()
    old = b"".join(fact(str(number), "old") for number in range(9))
    new = b"".join(fact(str(number), "old") for number in range(4)) + fact("b", "new")
    changed.put_graphs({G: ("g", old), H: ("h", fact("h", "1"))})
    changed.put_graphs({G: ("g", new), H: ("h", fact("h", "1") + fact("h", "2"))})
    fresh.put_graphs({G: ("g", new), H: ("h", fact("h", "2") + fact("h", "1"))})
    assert _timeless(changed) == _timeless(fresh)
    assert len(_timeless(fresh)) == 5 + 2 + 2 * 4


def _timeless(store: EmbeddedStore) -> list[bytes]:
    """What is in a store without the times of its loads."""
    return [one for one in store.dump().splitlines() if b"generatedAtTime" not in one]


def test_a_large_load_of_new_graphs_is_as_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = {G: ("g", fact("a", "1") + fact("b", "2")), H: ("h", fact("c", "3"))}
    small = EmbeddedStore()
    small.put_graphs(loaded)
    monkeypatch.setattr("kb_api.writing.BULK", 3)
    with open_store(tmp_path / "store", b"") as store:
        assert store.put_graphs(loaded) == [G, H]
        assert store.put_graphs(loaded) == []
        with pytest.raises(InvalidGraph, match="stands already"):
            store.put_graphs({H + "2": ("i", fact("a", "1") * 3 + fact("d", "4"))})
    with open_store(tmp_path / "store", b"") as store:
        assert set(_timeless(small)) < set(_timeless(store)), "and the ontology's"
        assert store.put_graphs({G: ("g", fact("a", "1"))}) == [G]
        assert values(store) == ["1", "3"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (fact("b", "2") * 2 + b'<https://x/ y> <https://x/p> "1" .\n', "no N-Triples"),
        (fact("b", "2") + b'<https://x/a> "1" .\n' + fact("c", "3"), "no N-Triples"),
        (fact("c", "3") * 9 + fact("a", "1"), "stands already"),
    ],
)
def test_a_large_load_is_refused_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, told: str
) -> None:
    monkeypatch.setattr("kb_api.writing.BULK", 3)
    store = EmbeddedStore(tmp_path / "store")
    store.put_graphs({G: ("g", fact("a", "1"))})
    before = store.dump()
    with pytest.raises(InvalidGraph, match=told):
        store.put_graphs({H: ("h", content), H + "2": ("i", fact("d", "4") * 3)})
    assert store.dump() == before
    assert store.put_graphs({H: ("h", fact("b", "2") * 3)}) == [H]
    assert values(store) == ["1", "2"]


def test_a_large_load_whose_stream_breaks_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An end that comes early must not be taken for the end."""
    monkeypatch.setattr("kb_api.writing.BULK", 3)

    def broken(graphs: Graphs, _: object) -> Iterator[bytes]:
        for iri, (_, content) in graphs.items():
            yield content.replace(b" .\n", f" <{iri}> .\n".encode())
        raise MemoryError

    store = EmbeddedStore(tmp_path / "store")
    with monkeypatch.context() as patched:
        patched.setattr("kb_api.stream._parts", broken)
        with pytest.raises(MemoryError):
            store.put_graphs({G: ("g", fact("a", "1") * 4)})
    assert store.dump() == b""
    assert store.put_graphs({G: ("g", fact("a", "1") * 4)}) == [G]
    assert values(store) == ["1"]


def test_a_large_load_with_a_line_that_is_not_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read otherwise, though its first and last lines are plain."""
    monkeypatch.setattr("kb_api.writing.BULK", 3)
    monkeypatch.setattr("kb_api.stream._END", 40)
    odd = fact("a", "1") + fact("b", "2").rstrip() + b" # .\n" + fact("c", "3")
    store = EmbeddedStore(tmp_path / "store")
    assert store.put_graphs({G: ("g", odd)}) == [G]
    assert values(store) == ["1", "2", "3"]
    assert store.graphs() == {G: 3}


@pytest.mark.parametrize(
    "content",
    [
        fact("a", "1") + fact("b", "2").rstrip() + b" # . in a comment .\n",
        b"# a head .\n" + fact("b", "2") + b"  \n\t" + fact("a", "1"),
        fact("a", "1").replace(b" ", b"\t") + fact("b", "2").replace(b" .", b"."),
    ],
)
def test_ntriples_are_written_in_many_ways(content: bytes) -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", content)})
    assert store.get_graph(G) in (
        fact("a", "1") + fact("b", "2"),
        fact("b", "2") + fact("a", "1"),
    )
    assert store.graphs() == {G: 2}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'<https://x/a> <https://x/b> "c" <https://x/other> .', "is no N-Triples"),
        (b'<https://x/a> <https://x/b> "c"', "is no N-Triples"),
        (b"<https://kb.example/a> <b .", "is no N-Triples"),
        (b'_:x <https://kb.example/p> "1" .', "blank nodes"),
    ],
)
def test_one_bad_graph_loads_none(content: bytes, told: str) -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", fact("a", "1"))})
    before = store.dump()
    with pytest.raises(InvalidGraph, match=told):
        store.put_graphs({G: ("g", fact("a", "2")), H: ("h", content)})
    assert store.dump() == before


def test_a_graph_is_read_back() -> None:
    store = EmbeddedStore()
    content = fact("a", "1") + fact("b", "2")
    store.put_graphs({G: ("g", content)})
    assert sorted(store.get_graph(G).splitlines()) == content.splitlines()
    assert store.get_graph(H) == b""


def test_no_triple_stands_in_two_graphs() -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", fact("a", "1"))})
    dump = store.dump()
    with pytest.raises(InvalidGraph, match=r"already in graph <\S+/g>; nothing was"):
        store.put_graphs({H: ("h", fact("b", "2") + fact("a", "1"))})
    assert store.dump() == dump
    with pytest.raises(InvalidGraph, match="stands already"):
        store.put_graphs({H: ("h", fact("c", "3")), H + "2": ("i", fact("c", "3"))})
    assert store.dump() == dump


@pytest.mark.parametrize(
    "written", ["<https://kb.example/\\u0061>", "<https://kb.example/a>\t", "# a\n"]
)
def test_a_triple_is_known_however_it_is_written(written: str) -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", fact("a", "1"))})
    head = written if "<" in written else f"{written}<https://kb.example/a>"
    again = f'{head} <https://kb.example/p> "1" .'.encode()
    with pytest.raises(InvalidGraph, match="stands already"):
        store.put_graphs({H: ("h", fact("b", "1") + again)})
    broken = b'<https://kb.example/c> <https://kb.example/p>\n"1"\n.\n'
    with pytest.raises(InvalidGraph, match="is no N-Triples"):
        store.put_graphs({H: ("h", broken)})


def test_a_triple_may_move_to_another_graph_in_one_load() -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", fact("a", "1"))})
    store.put_graphs({G: ("g", fact("b", "2")), H: ("h", fact("a", "1"))})
    assert store.graphs() == {G: 1, H: 1}


def test_text_survives_with_quotes_braces_and_newlines(tmp_path: Path) -> None:
    nasty = 'a"b\\c } GRAPH <x> { \n é'
    line = f"<https://kb.example/a> <https://kb.example/p> {ox.Literal(nasty)} ."
    with open_store(tmp_path / "store", b"") as store:
        store.put_graphs({G: ("g", line.encode())})
    with open_store(tmp_path / "store", b"") as store:
        assert values(store) == [nasty]


def test_a_malformed_query_names_the_place() -> None:
    with pytest.raises(QueryRejected, match="does not parse: error at 1:"):
        EmbeddedStore().query("SELECT * { ?s ?p }")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            "SELECT ?u { ?u a luc:Parcel }",
            "the query does not parse: error at 1:18: the prefix luc: is not declared; "
            "add PREFIX luc: <https://w3id.org/lucerna/ont#> before it",
        ),
        (
            "PREFIX luc: <https://x/> SELECT ?u { ?u a luc:A, my:B }",
            "the prefix my: is not declared; add PREFIX my: <…> before it",
        ),
    ],
)
def test_a_prefix_that_is_not_declared_is_named(query: str, told: str) -> None:
    with pytest.raises(QueryRejected) as refused:
        EmbeddedStore().query(query)
    assert told in str(refused.value)


def test_updates_are_no_queries() -> None:
    with pytest.raises(QueryRejected):
        EmbeddedStore().query("DELETE WHERE { ?s ?p ?o }")


def test_a_second_process_is_told_so(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from kb_api.embedded_store import EmbeddedStore;"
        "from ontology.errors import StoreUnavailable\n"
        "try: EmbeddedStore(pathlib.Path(sys.argv[1]))\n"
        "except StoreUnavailable as error: print(error)"
    )
    with open_store(tmp_path / "store", b""):
        told = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "store")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert f"is held by process {os.getpid()} (" in told
    assert holder_of(tmp_path / "store") is None
    assert holder_of(tmp_path / "store", tmp_path / "no list of locks") is None


def test_a_folder_that_cannot_be_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="choose another folder"):
        EmbeddedStore(tmp_path / "file" / "store")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (PermissionError(13, "Permission denied"), "the right to write there"),
        (OSError("IO error: While open a file: /kb/LOCK: Permission denied"), "right"),
        (
            OSError("IO error: /kb/000005.log: Read-only file system"),
            "the right to wri",
        ),
        (OSError(28, "No space left on device"), "free space on its disk"),
    ],
)
def test_a_store_that_cannot_be_opened_gets_fitting_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, advice: str
) -> None:
    def refuse(path: str) -> None:
        raise error

    monkeypatch.setattr(ox, "Store", refuse)
    with pytest.raises(StoreUnavailable, match=advice):
        EmbeddedStore(tmp_path)


def test_facts_are_added_as_one_change(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store")
    with ThreadPoolExecutor() as threads:
        for number in range(20):
            threads.submit(store.add_to_graph, G, fact(f"s{number}", str(number)))
            threads.submit(store.put_graphs, {H: ("h", fact("h", str(100 + number)))})
    assert store.graphs() == {G: 20, H: 1}
    assert len(values(store)) == 21
    store.close()

"""Files into a knowledge base: each whole, none over another's, all told."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from lucerna.loading import load_files
from lucerna.wiring import open_knowledge_base, open_sink
from ontology.errors import InvalidGraph, KnowledgeError

BASE = "https://kb.example/"


def fact(subject: str, value: str = "1") -> str:
    return f'<https://x/{subject}> <https://x/p> "{value}" .\n'


def written(path: Path, *facts: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(facts))
    return path


def test_the_same_files_again_change_nothing(tmp_path: Path) -> None:
    kb, done = tmp_path / "kb", "no: its graphs are whole already"
    one = written(tmp_path / "one.ttl", fact("a"), fact("b"), fact("b"))
    two = written(tmp_path / "Two (2).nt", fact("c"))
    told = load_files([one], [], open_sink(kb), iri_base=BASE)
    assert told == [
        {
            "file": str(one),
            "loaded": "yes",
            "graphs": 1,
            "triples": 2,
            "graph": [f"{BASE}graph/file/one"],
        }
    ]
    again = load_files([one, two], [], open_sink(kb), iri_base=BASE)
    assert [file["loaded"] for file in again] == [done, "yes"]
    with open_knowledge_base(kb) as base:
        held = base.store.graphs()
    assert held[f"{BASE}graph/file/one"] == 2
    assert held[f"{BASE}graph/file/two-2"] == 1


def test_progress_goes_to_the_end(tmp_path: Path) -> None:
    files = [written(tmp_path / f"{one}.nt", fact(one)) for one in "ab"]
    told: list[tuple[int, int]] = []
    load_files(
        files,
        [],
        open_sink(tmp_path / "kb"),
        iri_base=BASE,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (4000, 4000)
    assert told == sorted(told)


def test_a_graph_gets_the_name_that_is_told(tmp_path: Path) -> None:
    graph, kb = "https://soil.example/graph", tmp_path / "kb"
    file = written(tmp_path / "a.ttl", "<#me> <https://x/p> [] .")
    load_files([file], [], open_sink(kb), iri_base=BASE, graph=graph)
    with open_knowledge_base(kb) as base:
        (line,) = base.get_graph(graph).decode().splitlines()
        rows = base.store.query(
            f"SELECT ?o {{ <{graph}#me> <https://x/p> ?o "
            f'FILTER(STRSTARTS(STR(?o), "{BASE}.well-known/genid/")) }}'
        )
        assert isinstance(rows, ox.QuerySolutions)
        assert line.endswith(f"{next(rows)['o']} .")


@pytest.mark.parametrize(
    ("graph", "told"),
    [
        ("no iri", "--graph 'no iri' is no IRI: "),
        ("https://w3id.org/lucerna/graph/catalogue", "keeps for itself"),
    ],
)
def test_names_that_a_graph_cannot_have(tmp_path: Path, graph: str, told: str) -> None:
    file = written(tmp_path / "a.nt", fact("a"))
    with pytest.raises(KnowledgeError, match=told):
        load_files([file], [], open_sink(tmp_path), iri_base=BASE, graph=graph)
    with pytest.raises(KnowledgeError, match="there are 2 files of RDF; give one"):
        load_files([file] * 2, [], open_sink(tmp_path), iri_base=BASE, graph=f"{BASE}g")


def test_two_files_of_one_graph(tmp_path: Path) -> None:
    kb = tmp_path / "kb"
    same = [written(tmp_path / one / "soil.nt", fact(one)) for one in "ab"]
    with pytest.raises(KnowledgeError, match="have one name"):
        load_files(same, [], open_sink(kb), iri_base=BASE)
    quads = [
        written(
            tmp_path / f"{one}.nq", f'<https://x/{one}> <https://x/p> "" <{BASE}g> .'
        )
        for one in "ab"
    ]
    with pytest.raises(InvalidGraph, match=f"both have facts of graph <{BASE}g>"):
        load_files(quads, [], open_sink(kb), iri_base=BASE)
    assert not kb.exists()


def test_what_shapes_refuse(tmp_path: Path) -> None:
    geometry = (
        '<https://x/g> <http://www.opengis.net/ont/geosparql#asWKT> "POINT (1 2)" .'
    )
    file = written(tmp_path / "a.nt", geometry)
    with pytest.raises(InvalidGraph) as refused:
        load_files([file], [], open_sink(tmp_path / "kb"), iri_base=BASE)
    line = str(refused.value)
    assert line.startswith(f"{file}: the facts break 1 rules: https://x/g: exactly one")
    assert line.endswith("; or load it as it is with --no-check")
    assert not (tmp_path / "kb").exists()
    (told,) = load_files(
        [file], [], open_sink(tmp_path / "kb"), iri_base=BASE, check=False
    )
    assert told["triples"] == 1


def test_a_fact_of_another_graph_names_what_was_loaded(tmp_path: Path) -> None:
    first = written(tmp_path / "first.nt", fact("a"))
    second = written(tmp_path / "second.nt", fact("b"), fact("a"))
    with pytest.raises(InvalidGraph) as refused:
        load_files([first, second], [], open_sink(tmp_path / "kb"), iri_base=BASE)
    line = str(refused.value)
    assert line.startswith(f"{second}: a fact of <https://x/a> stands already in graph")
    assert line.endswith(f"; only these before it were: {first}")
    with open_knowledge_base(tmp_path / "kb") as base:
        assert f"{BASE}graph/file/first" in base.store.graphs()
        assert f"{BASE}graph/file/second" not in base.store.graphs()

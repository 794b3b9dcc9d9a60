"""Files of RDF become named graphs without blank nodes, or one line with the place."""

import gzip
import io
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from etl.rdf_files import StagedGraph, stage_graphs
from ontology.errors import InvalidGraph

G = "https://kb.example/graph/file/soil"
TURTLE = """@prefix : <https://soil.example/> .
:a :ph 6.5 ; :layer [ :depth 10 ; :note "Lehm"@de ], [ :depth 30 ] ; :seen <#here> .
:b :horizons ( "Ah" "Bv" ) .
"""
TERMS = b"<urn:a> <urn:p> " + b"<<( <urn:a> <urn:p> " * 20_000


def staged(path: Path) -> dict[str, StagedGraph]:
    return stage_graphs(
        path,
        io.BytesIO(),
        graph=G,
        skolem=lambda number: ox.NamedNode(f"https://kb.example/genid/{number}"),
    )


@pytest.mark.parametrize(
    ("suffix", "form"),
    [(".ttl", "turtle"), (".nt", "nt"), (".rdf", "xml"), (".jsonld", "json-ld")],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_each_form_says_the_same(
    tmp_path: Path, suffix: str, form: str, zipped: bool
) -> None:
    wanted = Graph().parse(data=TURTLE, format="turtle", publicID=G)
    content = wanted.serialize(format=form, encoding="utf-8")
    path = tmp_path / f"soil{suffix}{'.gz' * zipped}"
    path.write_bytes(gzip.compress(content) if zipped else content)
    graphs = staged(path)
    assert list(graphs) == [G]
    found = graphs[G].read().decode()
    assert "_:" not in found
    assert graphs[G].triples == len(found.splitlines()) == len(wanted)
    back = re.sub(r"<https://kb.example/genid/(\d+)>", r"_:b\1", found)
    assert isomorphic(Graph().parse(data=back, format="nt"), wanted)


def test_named_graphs_of_a_file_stay_apart(tmp_path: Path) -> None:
    quads = """<https://x/a> <https://x/p> "1" <https://x/g> .
<https://x/a> <https://x/p> "2" .
_:n <https://x/p> "3" <https://x/g> .
_:n <https://x/p> "4" _:h .
"""
    path = tmp_path / "soil.nq"
    path.write_text(quads)
    graphs = staged(path)
    told = {iri: one.read().decode().splitlines() for iri, one in graphs.items()}
    node = "<https://kb.example/genid/1>"
    assert told == {
        "https://x/g": [
            '<https://x/a> <https://x/p> "1" .',
            f'{node} <https://x/p> "3" .',
        ],
        G: ['<https://x/a> <https://x/p> "2" .'],
        "https://kb.example/genid/2": [f'{node} <https://x/p> "4" .'],
    }


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.ttl", b"@prefix : <https://x/> .\n:a :b [ :c 1 .", ", line 2, column 14: "),
        ("a.nt", b"<https://x/a> <https://x/b> <c> .", ", line 1, column 29"),
        ("a.nt", b'<https://x/a> <https://x/b> "\xff" .', "line 1, column 30: Invalid"),
        ("a.nq", b"<https://x/a> <https://x/b> .", ", line 1, column "),
        ("a.jsonld", b'{"@id": "https://x/a",\n"https://x/b" 1}', ", line 2, column "),
        ("a.rdf", b"<rdf:RDF>\n<a></b></rdf:RDF>", ", line 2, column "),
        ("a.jsonld", b'{"@context": "https://x/", "@id": "https://x/a"}', "fetched"),
        ("a.ttl", b"# nothing but a comment\n", "holds no facts"),
        ("a.ttl.gz", b"plain", "is damaged: Not a gzipped file"),
        ("a.nt.gz", gzip.compress(b"# long " * 99)[:30], "is damaged: Compressed"),
        ("a.nt", TERMS, " nests brackets deeper than 100 levels; flatten it"),
        ("a.nq.gz", gzip.compress(TERMS), " nests brackets deeper than 100"),
        ("a.jsonld", b'{"a":' * 6_000, " nests objects and arrays deeper than 100"),
        ("a.rdf", b"<a>" * 101, " nests elements deeper than 100 levels"),
        ("a.owl", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', " has a document type (DTD)"),
        ("a.ttl", b'<urn:a> <urn:p> "' + b"a" * 2**24, " a fact of more than 16 MiB"),
        (
            "a.nq",
            b'<https://x/a> <https://x/b> "1" <https://w3id.org/lucerna/graph/x> .',
            "<https://w3id.org/lucerna/graph/x>, a graph that the store keeps",
        ),
        (
            "a.ttl",
            b"<https://x/a> <https://x/b> <<( <https://x/a> <https://x/b> 1 )>> .",
            "a fact of <https://x/a> speaks of a triple",
        ),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidGraph) as refused:
        staged(tmp_path / name)
    line = str(refused.value)
    assert line.startswith(str(tmp_path / name))
    assert told in line
    assert "\n" not in line


@pytest.mark.parametrize("name", ["a.nt", "a.ttl"])
def test_progress_counts_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("etl.rdf_files._BATCH", 2)
    monkeypatch.setattr("etl.rdf_files._PART", 60)
    path = tmp_path / name
    path.write_text("".join(f'<https://x/{i}> <https://x/p> "1" .\n' for i in range(5)))
    told: list[tuple[int, int]] = []
    graphs = stage_graphs(
        path,
        io.BytesIO(),
        graph=G,
        skolem=lambda number: ox.NamedNode(f"https://x/{number}"),
        progress=lambda done, total: told.append((done, total)),
    )
    assert graphs[G].triples == 5
    assert {total for _, total in told} == {path.stat().st_size}
    assert len(told) >= 2
    assert all(0 < done <= total for done, total in told)


@pytest.mark.parametrize(
    "facts",
    [
        b'<https://x/a> <https://x/p> "b" .\n<http://b> <https://x/p> <http://c> .\n',
        b'<https://x/a> <https://x/p> "a \\u00e9" .\n',
        b'<https://x/a>  <https://x/p> "two spaces" .\n',
        b'<https://x/a><https://x/p>"none" .\n',
        b'<https://x/a> <https://x/p> "b" . # .\n',
        b'# a head .\n<https://x/a> <https://x/p> "b" .\n',
        b'<http://a> <https://x/p> "b"^^<http://www.w3.org/2001/XMLSchema#string> .\n',
        b'<https://x/a> <https://x/p> "b" .',
        b'_:a <https://x/p> "b" .\n',
        b'<https://x/a> <https://x/p> "one" .\n\n<https://x/a> <https://x/p> "two" .\n',
    ],
)
def test_ntriples_are_as_pyoxigraph_writes_them(tmp_path: Path, facts: bytes) -> None:
    (tmp_path / "a.nt").write_bytes(facts)
    (tmp_path / "a.ttl").write_bytes(facts)
    copied, parsed = (staged(tmp_path / name)[G] for name in ("a.nt", "a.ttl"))
    assert copied.read() == parsed.read()
    assert copied.triples == parsed.triples == facts.count(b"x/p")

"""Files of RDF by the installed command: the facts that rdflib reads, whole or none."""

import gzip
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from acceptance_refused import assert_refused, content
from acceptance_walk import IRI_BASE, Walk, lucerna, told
from rdflib import RDF, BNode, Graph, Literal, Namespace
from rdflib.compare import isomorphic
from test_acceptance_interrupted import facts, interrupted, written

Refused = Callable[..., str]
FORMS = {"a.ttl": "turtle", "b.nt": "nt", "c.jsonld": "json-ld", "d.rdf": "xml"}
SOIL = Namespace("https://soil.example/")
WHOLE_ALREADY = "no: its graphs are whole already"


def soil(name: str) -> Graph:
    """Some facts, with blank nodes and letters of all kinds."""
    graph = Graph()
    for number in range(40):
        profile, layer = SOIL[f"{name}/{number}"], BNode()
        graph.add((profile, RDF.type, SOIL.Profile))
        graph.add((profile, SOIL.layer, layer))
        graph.add((layer, SOIL.note, Literal(f'"Löß"\\ {{\n}} {number}', lang="de")))
        graph.add((layer, SOIL.depth, Literal(number)))
    return graph


def held(kb: Path) -> Graph:
    """The facts of all files in a base, its skolem IRIs blank nodes again."""
    files = f'FILTER(STRSTARTS(STR(?g), "{IRI_BASE}graph/file/"))'
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} {files} }}"
    done = lucerna("sparql", query, "--kb", kb, "--format", "ntriples", cwd=kb.parent)
    assert done.returncode == 0, done.stderr
    skolem = rf"<{re.escape(IRI_BASE)}\.well-known/genid/([0-9a-f-]+)>"
    return Graph().parse(data=re.sub(skolem, r"_:b\1", done.stdout), format="nt")


def test_each_form_is_loaded_once(tmp_path: Path) -> None:
    wanted = {name: soil(name) for name in FORMS}
    for name, graph in wanted.items():
        text = graph.serialize(format=FORMS[name], encoding="utf-8")
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text))
    files = [f"{name}.gz" for name in FORMS]
    first = told(lucerna("load", *files, "--kb", "kb", "--json", cwd=tmp_path))
    assert [one["loaded"] for one in first] == ["yes"] * 4
    assert [one["triples"] for one in first] == [160] * 4
    assert isomorphic(held(tmp_path / "kb"), sum(wanted.values(), Graph()))
    again = told(lucerna("load", *files, "--kb", "kb", "--json", cwd=tmp_path))
    assert [one["loaded"] for one in again] == [WHOLE_ALREADY] * 4


def test_units_are_loaded_as_a_lift_does(walk: Walk, tmp_path: Path) -> None:
    files = [walk.sample / f"{one}.geojson" for one in ("parcels", "communes")]
    loaded = told(lucerna("load", *files, "--kb", "kb", "--json", cwd=tmp_path))
    assert loaded["loaded"] == "yes"
    lifted = {line for line in facts(walk.kb) if "/graph/units/" in line}
    assert len(lifted) == 2
    assert {
        line for line in facts(tmp_path / "kb") if "/graph/units/" in line
    } == lifted


def test_one_bad_file_loads_none(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "good.nt").write_text('<https://x/a> <https://x/p> "1" .\n')
    (tmp_path / "bad.ttl").write_text(
        "@prefix : <https://x/> .\n:a :b :c .\n:a :b :c :d .\n"
    )
    line = refused("load", "good.nt", "bad.ttl", "--kb", "kb")
    assert line.startswith("error: bad.ttl, line 3, column ")
    (tmp_path / "bad.ttl").write_bytes(gzip.compress(b""))
    assert "bad.ttl, line 1, column 1" in refused("load", "bad.ttl", "--kb", "kb")
    assert "none.ttl" in refused("load", "none.ttl", "good.nt", "--kb", "kb")


def large(path: Path, lines: int) -> None:
    path.write_text(
        "".join(f'<https://x/{path.stem}{i}> <https://p> "" .\n' for i in range(lines))
    )


def test_an_interrupted_load_goes_on(tmp_path: Path) -> None:
    for name in "abcd":
        large(tmp_path / f"{name}.nt", 6_000)
    files = [f"{name}.nt" for name in "abcd"]
    arguments: list[object] = ["load", *files, "--kb", "kb"]
    assert interrupted(arguments, tmp_path, written(tmp_path, "*.log"))
    kept = facts(tmp_path / "kb")
    rest = told(lucerna(*arguments, "--json", cwd=tmp_path))
    whole = facts(tmp_path / "kb")
    assert [one["triples"] for one in rest] == [6_000] * 4
    assert len([line for line in whole if ",6000," in line]) == 4
    there = [f for f in files if f"{IRI_BASE}graph/file/{f[0]}," in "\n".join(kept)]
    assert set(there) == {one["file"] for one in rest if one["loaded"] != "yes"}
    loads = f"{IRI_BASE}graph/file/"
    assert {line for line in kept if line.startswith(loads)} <= set(whole)


def test_a_full_disk(tmp_path: Path) -> None:
    """No room for the log of the transaction; for the files on the way to it."""
    kb, load = tmp_path / "kb", ["load", "a.nt", "--kb", "kb", "--no-check"]
    large(tmp_path / "b.nt", 100)
    told(lucerna("load", "b.nt", "--kb", "kb", "--json", cwd=tmp_path))
    before = facts(kb)
    large(tmp_path / "a.nt", 20_000)
    line = assert_refused(lucerna(*load, cwd=tmp_path, most_blocks=1500))
    assert "kb/store" in line
    assert "disk" in line
    line = assert_refused(lucerna(*load, cwd=tmp_path, most_blocks=10))
    assert f"{tempfile.gettempdir()}: File too large; free space there" in line
    assert facts(kb) == before
    assert [one for one in content(tmp_path) if "/." in one] == []
    assert told(lucerna(*load, "--json", cwd=tmp_path))["triples"] == 20_000

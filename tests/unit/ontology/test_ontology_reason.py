"""The release check: consistent, current, and able to find a contradiction."""

import tempfile
from pathlib import Path

import pytest
from rdflib import Graph, URIRef

from ontology import GEO, LUC, OWL, PREFIXES, PROV, RDFS, SOSA, reason
from ontology.errors import InvalidGraph
from ontology.files import inferred_graph

PREFIX_LINES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())


@pytest.fixture(scope="module")
def inferred() -> Graph:
    return reason.infer()


def with_axioms(text: str) -> Graph:
    return reason.whole_graph().parse(data=PREFIX_LINES + text, format="turtle")


def test_inferred_file_is_current(inferred: Graph) -> None:
    assert reason.turtle(inferred) == reason.INFERRED.read_text("utf-8")
    assert set(inferred) == set(inferred_graph())


def test_hierarchy_holds_indirect_and_outside_superclasses() -> None:
    superclasses = set(inferred_graph().subject_objects(RDFS.subClassOf))
    for below, above in (
        (LUC.ChangeStratum, LUC.UnitObservation),
        (LUC.ChangeStratum, SOSA.ObservationCollection),
        (LUC.Parcel, GEO.Feature),
        (LUC.ChangeResult, PROV.Entity),
        (LUC.Scene, PROV.Activity),
        (LUC.ClassificationResult, LUC.LandCoverResult),
        (LUC.LandCoverStratum, LUC.UnitObservation),
        (LUC.Undo, PROV.Entity),
        (LUC.Patch, GEO.Feature),
    ):
        assert (below, above) in superclasses
    assert (LUC.UnitObservation, PROV.Entity) not in superclasses
    assert all(below != above for below, above in superclasses)


def test_a_geometry_that_is_a_parcel_is_inconsistent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    graph = with_axioms("<https://kb.example/geometry/51d7e0> a luc:Parcel .")
    with pytest.raises(InvalidGraph, match="contradict each other"):
        reason.classify(graph)
    assert list(tmp_path.iterdir()) == []
    assert tempfile.tempdir == str(tmp_path)


def test_an_assessment_is_no_observation_of_its_parcel() -> None:
    graph = with_axioms(
        """<https://kb.example/report/4d2a00000001/assessment/A1>
        sosa:hasFeatureOfInterest
        <https://kb.example/report/4d2a00000001/parcel/A1> ."""
    )
    with pytest.raises(InvalidGraph, match="contradict each other"):
        reason.classify(graph)


def test_a_class_without_possible_members_is_named() -> None:
    graph = with_axioms(
        "luc:Odd a owl:Class ; rdfs:subClassOf luc:Scene, luc:Product ."
    )
    with pytest.raises(InvalidGraph, match=r"no member: \S+ont#Odd$"):
        reason.classify(graph)


def test_an_equivalence_is_found() -> None:
    graph = with_axioms(
        """luc:Tract a owl:Class ; rdfs:subClassOf luc:Parcel .
        luc:Parcel rdfs:subClassOf luc:Tract ."""
    )
    tract = graph.namespace_manager.expand_curie("luc:Tract")
    assert (LUC.Parcel, tract) in reason.classify(graph).equivalences


def test_turtle_is_sorted_and_reads_back() -> None:
    graph = Graph()
    graph.add((LUC.Parcel, RDFS.subClassOf, LUC.UnitVersion))
    graph.add((LUC.Band, OWL.equivalentClass, URIRef(str(SOSA.Result) + "/b")))
    text = reason.turtle(graph)
    assert text.splitlines()[-2:] == [
        "luc:Band owl:equivalentClass <http://www.w3.org/ns/sosa/Result/b> .",
        "luc:Parcel rdfs:subClassOf luc:UnitVersion .",
    ]
    assert set(Graph().parse(data=text, format="turtle")) == set(graph)


def test_check_tells_in_one_line_what_is_out_of_date(
    inferred: Graph,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(reason, "infer", lambda: inferred)
    monkeypatch.setattr(reason, "INFERRED", tmp_path / "inferred.ttl")
    assert reason.main(["--check"]) == 1
    stale = capsys.readouterr()
    assert stale.err == "inferred.ttl is not current; run `make ontology`\n"
    assert reason.main([]) == 0
    assert "309 triples" in capsys.readouterr().out
    assert reason.main(["--check"]) == 0
    (tmp_path / "inferred.ttl").write_text("# older\n")
    assert reason.main(["--check"]) == 1


def test_a_contradiction_is_one_line_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def contradict() -> Graph:
        raise InvalidGraph("they contradict")

    monkeypatch.setattr(reason, "infer", contradict)
    assert reason.main(["--check"]) == 1
    assert capsys.readouterr().err == "they contradict\n"

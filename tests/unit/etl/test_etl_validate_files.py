"""Files are refused for what graphs are refused for, whatever the size of a batch."""

import io

import pyoxigraph as ox
import pytest
from rdflib import Graph

from etl.validate import validate
from etl.validate_files import validate_files
from ontology.errors import InvalidGraph
from ontology.files import example_text

EXAMPLES = (
    "region-invalid-mean-above-maximum",
    "interval-invalid-local-time",
    "result-valid",
)


def written(turtle: str) -> io.BytesIO:
    quads = ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE)
    triples = [quad.triple for quad in quads]
    return io.BytesIO(ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"")


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_file_is_refused_for_what_a_graph_is(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("etl.validate_files.BATCH", 7)
    file = written(example_text(name))
    graph = Graph().parse(data=example_text(name), format="turtle")
    if name.endswith("-valid"):
        validate([graph])
        validate_files([file])
        return
    with pytest.raises(InvalidGraph) as whole:
        validate([graph])
    with pytest.raises(InvalidGraph) as parted:
        validate_files([file])
    assert sorted(parted.value.report.split("\n")) == sorted(
        whole.value.report.split("\n")
    )


def test_a_rule_is_broken_by_two_files_together() -> None:
    observation = """@prefix luc: <https://w3id.org/lucerna/ont#> .
        @prefix sosa: <http://www.w3.org/ns/sosa/> .
        <https://x/{0}> luc:inSlice <https://x/s> ;
            sosa:hasFeatureOfInterest <https://x/u> ."""
    files = [written(observation.format(one)) for one in ("a", "b")]
    for one in files:
        validate_files([one])
    with pytest.raises(InvalidGraph, match="two observations of one unit in one slice"):
        validate_files(files)


def test_facts_that_no_shape_speaks_of_pass() -> None:
    validate_files([io.BytesIO(b"<https://x/a> <https://x/p> <https://x/b> .\n")])


def test_a_class_below_ours_in_the_file_itself_counts() -> None:
    turtle = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix geo: <http://www.opengis.net/ont/geosparql#> .
        <https://x/Plot> rdfs:subClassOf geo:Feature .
        <https://x/1> a <https://x/Plot> ."""
    with pytest.raises(InvalidGraph, match="https://x/1: exactly one geometry"):
        validate_files([written(turtle)])

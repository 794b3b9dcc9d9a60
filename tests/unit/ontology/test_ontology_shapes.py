"""Shapes and set rules against the examples: each fails for the reason it states."""

import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import BNode, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.plugins.sparql import prepareQuery

from ontology import PREFIXES, RDF, SH, SKOS
from ontology.files import (
    example_names,
    example_text,
    rule_texts,
    schemes_graph,
    shapes_graph,
)

VALID = [name for name in example_names() if name.endswith("-valid")]
INVALID = [name for name in example_names() if "-invalid-" in name]
SHAPES = shapes_graph()
RULES = rule_texts()
PREPARED = {record: prepareQuery(text) for record, text in RULES.items()}


def short(term: object) -> str:
    for prefix, namespace in PREFIXES.items():
        if str(term).startswith(namespace):
            return f"{prefix}:{str(term).removeprefix(namespace)}"
    return str(term)


def path_text(path: object, graph: Graph) -> str:
    if isinstance(path, BNode):
        return f"({' '.join(short(step) for step in Collection(graph, path))})"
    return short(path)


def shape_faults(graph: Graph) -> list[str]:
    _, report, _ = pyshacl.validate(graph, shacl_graph=SHAPES)
    return [
        f"{path_text(report.value(fault, SH.resultPath), report)}: "
        f"{report.value(fault, SH.resultMessage)}"
        for fault in report.subjects(RDF.type, SH.ValidationResult)
    ]


def rule_faults_rdflib(graph: Graph) -> list[str]:
    return [
        f"rule {record}: {row.message}"
        for record, query in PREPARED.items()
        for row in graph.query(query)
    ]


def rule_faults_oxigraph(turtle: str) -> list[str]:
    store = ox.Store()
    store.load(turtle.encode(), format=ox.RdfFormat.TURTLE)
    found = []
    for record, text in RULES.items():
        for row in store.query(text):
            assert isinstance(row["focus"], ox.NamedNode)
            found.append(f"rule {record}: {row['message'].value}")
    return found


def expectation(text: str) -> str:
    lines = text.splitlines()
    assert lines[0].startswith("# ")
    marks = [line for line in lines if line.startswith("# expect: ")]
    assert len(marks) == 1
    return marks[0].removeprefix("# expect: ")


def test_every_shape_file_has_a_valid_and_an_invalid_example() -> None:
    records = {
        "assessment", "band", "category", "classification", "context",
        "coverage", "day", "event", "geometry", "index", "interval", "label",
        "land_cover", "load", "model", "month", "night", "observation", "overlap",
        "patch", "prediction", "product", "region", "report", "result", "ruleset",
        "run", "scene", "scheme", "slice", "station", "stratum", "unit", "vegetation",
    }  # fmt: skip
    assert {name.removesuffix("-valid") for name in VALID} == records
    assert {name.split("-invalid-")[0] for name in INVALID} == records
    assert len(VALID) == 34
    assert len(INVALID) == 122


def test_rules_stand_beside_the_shapes_of_their_record() -> None:
    assert set(RULES) == {
        "assessment", "band", "day", "index", "label", "land_cover", "month", "night",
        "observation", "prediction", "ruleset", "scheme", "slice", "stratum",
    }  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_valid_example_has_no_fault(name: str) -> None:
    text = example_text(name)
    assert text.startswith("# ")
    graph = Graph().parse(data=text, format="turtle")
    assert len(graph) > 0
    assert shape_faults(graph) == []
    assert rule_faults_rdflib(graph) == []
    assert rule_faults_oxigraph(text) == []


@pytest.mark.parametrize("name", INVALID)
def test_invalid_example_fails_for_its_stated_reason_only(name: str) -> None:
    text = example_text(name)
    expected = expectation(text)
    graph = Graph().parse(data=text, format="turtle")
    by_shape, by_rule = shape_faults(graph), rule_faults_rdflib(graph)
    faults = by_shape + by_rule
    assert faults, "nothing was found wrong"
    assert [fault for fault in faults if not fault.startswith(expected)] == []
    assert sorted(rule_faults_oxigraph(text)) == sorted(by_rule)


def test_every_rule_and_every_node_shape_refuses_some_example() -> None:
    expected = [expectation(example_text(name)) for name in INVALID]
    messages = [
        line.split('"')[1]
        for text in RULES.values()
        for line in text.splitlines()
        if '"' in line and len(line.split('"')[1]) > 12
    ]
    assert len(messages) == 37
    for message in messages:
        assert any(
            message.startswith(mark.split(": ", 1)[1])
            for mark in expected
            if mark.startswith("rule ")
        ), message
    refused = set()
    for name in INVALID:
        graph = Graph().parse(data=example_text(name), format="turtle")
        _, report, _ = pyshacl.validate(graph, shacl_graph=SHAPES)
        for fault in report.subjects(RDF.type, SH.ValidationResult):
            source = report.value(fault, SH.sourceShape)
            refused |= {source, *SHAPES.subjects(SH.property, source)}
    named = {
        shape
        for shape in SHAPES.subjects(RDF.type, SH.NodeShape)
        if isinstance(shape, URIRef)
    }
    assert len(named) == 51
    assert named - refused == set()


def test_shapes_need_no_sparql_constraint_and_each_has_a_message() -> None:
    assert len(SHAPES) > 500
    assert list(SHAPES.subjects(SH.sparql)) == []
    parts = {*SHAPES.objects(None, SH.property)}
    assert len(parts) > 90
    assert [part for part in parts if not SHAPES.value(part, SH.message)] == []


def test_our_own_schemes_pass_their_shapes_and_rules() -> None:
    graph = schemes_graph()
    assert shape_faults(graph) == []
    assert rule_faults_rdflib(graph) == []


def test_a_utc_time_passes_in_both_spellings() -> None:
    text = example_text("scene-valid").replace(
        'Z"^^xsd:dateTime', '+00:00"^^xsd:dateTime'
    )
    graph = Graph().parse(data=text, format="turtle")
    assert text.count('+00:00"') == 6
    assert shape_faults(graph) == []


def test_bands_at_the_edges_of_a_tenth() -> None:
    """0.57 of 1.9 ha is 0.3 exactly; the last band takes the share of 1.0."""
    text = example_text("band-valid")
    edge = text.replace("luc:noneHa 0.85", "luc:noneHa 1.33").replace(
        "luc:highHa 1.05", "luc:highHa 0.57"
    )
    whole = text.replace("luc:noneHa 0.85", "luc:noneHa 0.0").replace(
        "luc:highHa 1.05", "luc:highHa 1.9"
    )
    stale = ["rule band: the band does not agree with the stored share"]
    for turtle, band, faults in (
        (edge, "0.3", []), (edge, "0.2", stale), (edge, "0.4", stale),
        (whole, "0.9", []), (whole, "0.8", stale),
    ):  # fmt: skip
        data = turtle.replace("luc:bandFrom 0.5", f"luc:bandFrom {band}")
        assert rule_faults_oxigraph(data) == faults
        assert rule_faults_rdflib(Graph().parse(data=data, format="turtle")) == faults


def test_an_unclosed_term_is_caught() -> None:
    graph = Graph().parse(data=example_text("unit-valid"), format="turtle")
    unit = next(graph.subjects(RDF.type, URIRef(PREFIXES["luc"] + "Parcel")))
    graph.add((unit, Namespace(PREFIXES["luc"])["legalha"], SKOS.note))
    faults = shape_faults(graph)
    assert len(faults) == 1
    assert faults[0].startswith("luc:legalha: ")

"""Shapes and rules that every graph passes before anything of it is loaded."""

import logging
from collections.abc import Iterable, Sequence

import pyoxigraph as ox
from pyshacl import validate as run_shacl
from rdflib import Graph

from ontology import RDF, SH
from ontology.errors import InvalidGraph
from ontology.files import ontology_graph, rule_texts, shapes_graph

_SHOWN = 3

_log = logging.getLogger(__name__)


def validate(graphs: Iterable[Graph]) -> None:
    """Check the graphs of one load together; return only when they are sound.

    SHACL looks at each record, the set rules at what records say together.

    Raises:
        InvalidGraph: A shape or rule is broken; `report` lists every fault.

    References:
        Shapes Constraint Language (SHACL), W3C Recommendation 2017.
    """
    whole = Graph()
    for graph in graphs:
        whole += graph
    assert len(whole), "nothing to validate"
    staging = ox.Store()
    staging.load(whole.serialize(format="nt", encoding="utf-8"), ox.RdfFormat.N_TRIPLES)
    faults = shape_faults(whole, shapes_graph(), ontology_graph())
    refuse(sorted(f"{focus}: {told}" for focus, told in faults) + rule_faults(staging))


def refuse(faults: Sequence[str]) -> None:
    """Return only when there are no faults.

    Raises:
        InvalidGraph: There are; the message has the first, `report` every one.
    """
    if not faults:
        return
    for fault in faults:
        _log.info("%s", fault)
    shown = "; ".join(faults[:_SHOWN])
    more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    raise InvalidGraph(
        f"the facts break {len(faults)} rules: {shown}{more}; nothing was loaded; "
        "correct the input (LUCERNA_LOG_LEVEL=INFO lists every fault)",
        "\n".join(faults),
    )


def shape_faults(graph: Graph, shapes: Graph, ontology: Graph) -> list[tuple[str, str]]:
    """Each node that a shape refuses, with the message of the shape."""
    conforms, report, _ = run_shacl(
        graph, shacl_graph=shapes, ont_graph=ontology, inplace=False
    )
    if conforms:
        return []
    assert isinstance(report, Graph)
    results = list(report.subjects(RDF.type, SH.ValidationResult))
    assert results, "a report that does not conform names no result"
    return [
        (str(report.value(one, SH.focusNode)), str(report.value(one, SH.resultMessage)))
        for one in results
    ]


def rule_faults(staging: ox.Store) -> list[str]:
    """What breaks a set rule in the default graph of a store, one line a fault."""
    faults = []
    for text in rule_texts().values():
        rows = staging.query(text)
        assert isinstance(rows, ox.QuerySolutions)
        faults += [f"{row['focus'].value}: {row['message'].value}" for row in rows]
    return sorted(faults)

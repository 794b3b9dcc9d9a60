"""What ran, with what, when: runs and their agents and parameters (PROV-O)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rdflib import Graph, Literal, URIRef

from etl.iris import Iris
from etl.literals import moment
from mining.change.record import ChangeRecord
from ontology import LUC, PROV, RDF, RDFS


def run_graph(iris: Iris, record: ChangeRecord) -> Graph:
    """The run that made a change raster: times, products, agent, parameters."""
    return activity_graph(
        iris,
        record.run,
        label="change detection",
        used=[
            iris.product(record.before.product_id),
            iris.product(record.after.product_id),
        ],
        times=(record.started, record.ended),
        code_version=record.code_version,
        parameters=record.parameters,
    )


def activity_graph(
    iris: Iris,
    run: str,
    *,
    label: str,
    used: Sequence[URIRef],
    times: tuple[datetime, datetime],
    code_version: str,
    parameters: dict[str, Any],
) -> Graph:
    """A run: what it did, with which things, when, by which agent and parameters.

    Args:
        iris: Mints the IRIs.
        run: Identifier of the run.
        label: What it did, in English.
        used: What it worked on: products, a model.
        times: When it began and ended, aware.
        code_version: Of the software.
        parameters: As they become canonical JSON.

    References:
        PROV-O: The PROV Ontology, W3C Recommendation 2013, sections 3.1 and 3.3.
    """
    graph = Graph()
    node, plan = iris.run(run), iris.plan(run)
    graph.add((node, RDF.type, LUC.Run))
    graph.add((node, RDFS.label, Literal(label, lang="en")))
    graph.add((node, PROV.startedAtTime, moment(times[0])))
    graph.add((node, PROV.endedAtTime, moment(times[1])))
    for one in used:
        graph.add((node, PROV.used, one))
    graph.add((node, PROV.wasAssociatedWith, iris.agent(code_version)))
    graph.add((node, PROV.qualifiedAssociation, plan))
    graph.add((plan, RDF.type, PROV.Association))
    graph.add((plan, PROV.agent, iris.agent(code_version)))
    graph.add((plan, PROV.hadPlan, iris.parameters(run)))
    graph.add((iris.parameters(run), RDF.type, LUC.ParameterSet))
    text = canonical_json(parameters)
    graph.add((iris.parameters(run), LUC.parameters, Literal(text)))
    return graph


def lift_graph(
    iris: Iris, run: str, territory: str, code_version: str, context: URIRef | None
) -> Graph:
    """What the facts of a territory were made from, and by which software.

    The graph of facts is the entity. Units are named by their graph, whose SHA-256
    the catalogue keeps; the threshold scheme is the result's.
    """
    graph = Graph()
    facts, lift = iris.facts_graph(run, territory), iris.lift(run, territory)
    graph.add((facts, PROV.wasGeneratedBy, lift))
    graph.add((lift, RDF.type, PROV.Activity))
    graph.add((lift, RDFS.label, Literal(f"lift of {territory}", lang="en")))
    graph.add((lift, PROV.wasAssociatedWith, iris.agent(code_version)))
    graph.add((lift, PROV.used, iris.result(run)))
    graph.add((lift, PROV.used, iris.units_graph(territory)))
    if context is not None:
        graph.add((lift, PROV.used, context))
    return graph


def agent_graph(iris: Iris, code_version: str) -> Graph:
    """This software, in one version."""
    graph = Graph()
    agent = iris.agent(code_version)
    graph.add((agent, RDF.type, PROV.SoftwareAgent))
    graph.add((agent, LUC.codeVersion, Literal(code_version)))
    return graph


def canonical_json(parameters: dict[str, Any]) -> str:
    """Parameters as JSON with sorted keys and no spaces.

    >>> canonical_json({"b": 1, "a": [0.5]})
    '{"a":[0.5],"b":1}'
    """
    return json.dumps(parameters, sort_keys=True, separators=(",", ":"))

"""Events that do damage, and reports on what they did, as facts."""

import hashlib

from rdflib import XSD, Graph, Literal, URIRef

from etl.iris import Iris
from etl.literals import add_geometry, decimal, moment, truth
from etl.provenance import canonical_json
from etl.scheme import LEVEL_WORDS
from imagery.scene_record import iso_time
from mining.damage.assessment import Assessment, Event
from mining.damage.parcels import Parcel, ParcelProblem
from mining.damage.report import DamageReport
from ontology import DCTERMS, GRADE, KEY, LUC, PERIL, PROV, RDF, RDFS, TSN, VARIABLE


def event_key(event: Event) -> str:
    """The name of an event in IRIs; other times, peril or title give another name.

    >>> from datetime import UTC, datetime
    >>> night = datetime(2017, 4, 26, 18, tzinfo=UTC), datetime(2017, 4, 27, tzinfo=UTC)
    >>> event_key(Event("frost-2017-04-27", "frost", *night))
    'frost-2017-04-27-7d3048'
    """
    told = [event.peril, iso_time(event.begins), iso_time(event.ends)]
    text = "\n".join([*told, event.title or ""])
    return f"{event.id}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def event_graph(iris: Iris, event: Event) -> Graph:
    """An event; it stands in `Iris.event_graph`, since several reports may share it."""
    graph = Graph()
    node = iris.event(event_key(event))
    graph.add((node, RDF.type, LUC.Event))
    graph.add((node, DCTERMS.identifier, Literal(event.id)))
    graph.add((node, LUC.peril, PERIL[event.peril]))
    graph.add((node, LUC.beginsAt, moment(event.begins)))
    graph.add((node, LUC.endsAt, moment(event.ends)))
    if event.title is not None:
        graph.add((node, RDFS.label, Literal(event.title)))
    return graph


def report_graph(iris: Iris, report: DamageReport) -> Graph:
    """A report, its parcels, what it says of each, and the problems of rows.

    The facts stand in `Iris.report_graph`; event, rules, change result, stations and
    agent in graphs of their own.
    """
    graph = Graph()
    node = iris.report(report.id)
    graph.add((node, RDF.type, LUC.Report))
    graph.add((node, LUC.event, iris.event(event_key(report.event))))
    graph.add((node, LUC.ruleSet, URIRef(report.rules_iri)))
    graph.add((node, LUC.changeResult, URIRef(report.result)))
    graph.add((node, PROV.wasAttributedTo, iris.agent(report.code_version)))
    graph.add((node, DCTERMS.issued, moment(report.issued)))
    graph.add((node, LUC.beginsAt, moment(report.before_time)))
    graph.add((node, LUC.endsAt, moment(report.after_time)))
    graph.add((node, LUC.simulated, truth(report.simulated)))
    graph.add((node, LUC.rows, Literal(report.rows)))
    for term, text in (
        (LUC.runId, report.run),
        (LUC.method, report.method),
        (LUC.codeVersion, report.code_version),
        (LUC.beforeProduct, report.before_product),
        (LUC.afterProduct, report.after_product),
        (LUC.parcelsFile, report.parcels_name),
        (LUC.parcelsSha256, report.parcels_sha256),
        (LUC.eventSha256, report.event_sha256),
        (LUC.changeSha256, report.change_sha256),
        (LUC.qualitySha256, report.quality_sha256),
        (LUC.parameters, canonical_json(report.parameters)),
    ):
        if text is not None:
            graph.add((node, term, Literal(text)))
    for order, assessment in enumerate(report.assessments, 1):
        _add_parcel(graph, iris, report.id, assessment.parcel)
        _add_assessment(graph, iris, report.id, order, assessment)
    for order, problem in enumerate(report.problems, 1):
        _add_problem(graph, iris, report.id, order, problem)
    return graph


def _add_parcel(graph: Graph, iris: Iris, report: str, parcel: Parcel) -> None:
    node = iris.assessed_parcel(report, parcel.id)
    graph.add((node, RDF.type, LUC.AssessedParcel))
    graph.add((node, LUC.report, iris.report(report)))
    graph.add((node, TSN.hasIdentifier, Literal(parcel.id)))
    for term, text in (
        (TSN.hasName, parcel.name),
        (LUC.crop, parcel.crop),
        (LUC.holding, parcel.holding),
    ):
        if text is not None:
            graph.add((node, term, Literal(text)))
    if parcel.sum_insured is not None:
        graph.add((node, LUC.sumInsured, decimal(parcel.sum_insured)))
    add_geometry(graph, iris, node, parcel.geometry)


def _add_assessment(
    graph: Graph, iris: Iris, report: str, order: int, one: Assessment
) -> None:
    node = iris.assessment(report, one.parcel.id)
    graph.add((node, RDF.type, LUC.Assessment))
    graph.add((node, LUC.report, iris.report(report)))
    graph.add((node, LUC.about, iris.assessed_parcel(report, one.parcel.id)))
    graph.add((node, LUC.order, Literal(order)))
    graph.add((node, LUC.grade, GRADE[one.grade]))
    graph.add((node, LUC.weatherKey, KEY[one.weather_key]))
    graph.add((node, LUC.cropKey, KEY[one.crop_key]))
    graph.add((node, LUC.reason, Literal(one.reason, lang="en")))
    graph.add((node, LUC.validPixels, Literal(one.valid_pixels)))
    graph.add((node, LUC.cloudyPixels, Literal(one.cloudy_pixels)))
    graph.add((node, LUC.totalPixels, Literal(one.total_pixels)))
    numbers: list[tuple[URIRef, float | None]] = [
        (LUC.areaHa, one.area_ha),
        (LUC.observedHa, one.observed_ha),
        (LUC.affectedHa, one.affected_ha),
        (LUC.shareAffected, one.share),
        (LUC.mean, one.mean_score),
        (LUC.nightValue, one.night_value),
    ]
    for word, area in zip(LEVEL_WORDS, one.level_ha, strict=True):
        numbers.append((LUC[f"{word}Ha"], area))
    for term, number in numbers:
        if number is not None:
            graph.add((node, term, decimal(number)))
    _add_weather(graph, iris, node, one)


def _add_weather(graph: Graph, iris: Iris, node: URIRef, one: Assessment) -> None:
    """The station that speaks for the parcel, and the night that decides."""
    if one.station is not None:
        graph.add((node, LUC.station, URIRef(one.station)))
    if one.station_name is not None:
        graph.add((node, LUC.stationName, Literal(one.station_name)))
    if one.station_km is not None:
        distance_m = round(one.station_km * 1000, 1)
        graph.add((node, LUC.stationDistanceM, decimal(distance_m)))
    if one.night_variable is not None:
        graph.add((node, LUC.variable, VARIABLE[one.night_variable]))
    if one.night is not None:
        day = Literal(one.night.isoformat(), datatype=XSD.date)
        graph.add((node, LUC.nightOf, day))
        night = None if one.station is None else iris.night_at(one.station, one.night)
        if night is not None:
            graph.add((node, LUC.evidence, night))


def _add_problem(
    graph: Graph, iris: Iris, report: str, order: int, problem: ParcelProblem
) -> None:
    node = iris.row_problem(report, order)
    graph.add((node, RDF.type, LUC.RowProblem))
    graph.add((node, LUC.report, iris.report(report)))
    graph.add((node, LUC.order, Literal(order)))
    graph.add((node, LUC.fileRow, Literal(problem.row)))
    graph.add((node, LUC.problem, Literal(problem.problem)))
    graph.add((node, LUC.action, Literal(problem.action)))
    if problem.id is not None:
        graph.add((node, TSN.hasIdentifier, Literal(problem.id)))

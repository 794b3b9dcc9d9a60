"""Events and damage reports as facts: every field told, two keys apart."""

import dataclasses
import datetime
from decimal import Decimal

import pytest
from rdflib import RDFS, XSD, Graph, Literal, URIRef
from shapely.geometry import box

from etl.damage.facts import event_graph, event_key, report_graph
from etl.iris import Iris
from etl.provenance import agent_graph
from etl.validate import validate
from mining.damage.assessment import Assessment, Event
from mining.damage.parcels import Parcel, ParcelProblem
from mining.damage.report import DamageReport
from ontology import DCTERMS, GEO, GRADE, KEY, LUC, PERIL, PROV, RDF, TSN, VARIABLE
from ontology.errors import InvalidGraph

IRIS = Iris("https://kb.example/")
UTC = datetime.UTC
EVENT = Event(
    "frost-2017-04-27",
    "frost",
    datetime.datetime(2017, 4, 26, 18, tzinfo=UTC),
    datetime.datetime(2017, 4, 27, 8, tzinfo=UTC),
    "Frost of April",
)
P1 = Parcel("A 1", "Clos", "vine", "Holding <7>", 12000.5, box(-0.3, 44.8, -0.2, 44.9))
P2 = Parcel("row-2", None, None, None, None, box(-0.1, 44.8, 0.0, 44.9))
DAMAGED = Assessment(
    parcel=P1,
    grade="damaged",
    weather_key="met",
    crop_key="met",
    area_ha=2.0,
    observed_ha=1.9,
    affected_ha=1.2,
    share=1.2 / 1.9,
    level_ha=(0.5, 0.2, 0.15, 1.05),
    mean_score=0.61,
    valid_pixels=190,
    cloudy_pixels=10,
    total_pixels=200,
    station="https://kb.example/station/S%201",
    station_name="Airport",
    station_km=7.4123,
    night=datetime.date(2017, 4, 27),
    night_variable="ground_minimum_c",
    night_value=-4.1,
    reason="Ground minimum -4.1 °C.",
)
UNSEEN = Assessment(
    parcel=P2,
    grade="notAssessed",
    weather_key="notObserved",
    crop_key="notObserved",
    area_ha=2.0,
    observed_ha=0.0,
    affected_ha=0.0,
    share=None,
    level_ha=(0.0, 0.0, 0.0, 0.0),
    mean_score=None,
    valid_pixels=0,
    cloudy_pixels=200,
    total_pixels=200,
    station=None,
    station_name=None,
    station_km=None,
    night=None,
    night_variable=None,
    night_value=None,
    reason="No pixel of 200 is valid on both dates.",
)
REPORT = DamageReport(
    id="4d2a00000001",
    event=EVENT,
    rules_iri="https://w3id.org/lucerna/scheme/damage-rules/frost/1",
    assessments=(DAMAGED, UNSEEN),
    problems=(
        ParcelProblem(3, "A1", "identifier of row 1 again", "renamed"),
        ParcelProblem(4, None, "has no geometry", "left out"),
    ),
    parcels_name="policies.geojson",
    parcels_sha256="1" * 64,
    rows=4,
    event_sha256=None,
    result="https://kb.example/result/7c0e41",
    run="7c0e41",
    change_sha256="2" * 64,
    quality_sha256="3" * 64,
    before_time=datetime.datetime(2017, 4, 19, 10, 56, 21, tzinfo=UTC),
    after_time=datetime.datetime(2017, 4, 29, 10, 56, 51, tzinfo=UTC),
    before_product="ONE",
    after_product="TWO",
    method="spectral-angle",
    code_version="0.1.0",
    issued=datetime.datetime(2026, 1, 14, 10, tzinfo=UTC),
    parameters={"b": 1, "a": [0.5]},
    simulated=True,
)
NODE = IRIS.report("4d2a00000001")
FIRST = IRIS.assessment("4d2a00000001", "A 1")
SECOND = IRIS.assessment("4d2a00000001", "row-2")


def number(graph: Graph, node: URIRef, term: URIRef) -> Decimal:
    return Decimal(str(graph.value(node, term)))


def test_the_report_names_its_inputs() -> None:
    graph = report_graph(IRIS, REPORT)
    told = {
        LUC.event: IRIS.event(event_key(EVENT)),
        LUC.ruleSet: URIRef(REPORT.rules_iri),
        LUC.changeResult: URIRef(REPORT.result),
        LUC.runId: Literal("7c0e41"),
        LUC.parcelsFile: Literal("policies.geojson"),
        LUC.parcelsSha256: Literal("1" * 64),
        LUC.changeSha256: Literal("2" * 64),
        LUC.qualitySha256: Literal("3" * 64),
        LUC.beforeProduct: Literal("ONE"),
        LUC.afterProduct: Literal("TWO"),
        LUC.method: Literal("spectral-angle"),
        LUC.codeVersion: Literal("0.1.0"),
        LUC.parameters: Literal('{"a":[0.5],"b":1}'),
        LUC.rows: Literal(4),
        LUC.simulated: Literal("true", datatype=XSD.boolean),
        PROV.wasAttributedTo: IRIS.agent("0.1.0"),
    }
    assert {term: graph.value(NODE, term) for term in told} == told
    times = [graph.value(NODE, term) for term in (LUC.beginsAt, LUC.endsAt)]
    assert list(map(str, times)) == ["2017-04-19T10:56:21Z", "2017-04-29T10:56:51Z"]
    assert str(graph.value(NODE, DCTERMS.issued)) == "2026-01-14T10:00:00Z"
    assert graph.value(NODE, LUC.eventSha256) is None


def test_an_assessment_keeps_grade_and_both_keys_with_their_numbers() -> None:
    graph = report_graph(IRIS, REPORT)
    assert graph.value(FIRST, LUC.grade) == GRADE.damaged
    assert graph.value(FIRST, LUC.weatherKey) == KEY.met
    assert graph.value(FIRST, LUC.cropKey) == KEY.met
    expected = {
        LUC.order: "1", LUC.areaHa: "2", LUC.observedHa: "1.9", LUC.affectedHa: "1.2",
        LUC.shareAffected: "0.6316", LUC.noneHa: "0.5", LUC.lowHa: "0.2",
        LUC.middleHa: "0.15", LUC.highHa: "1.05", LUC.mean: "0.61",
        LUC.validPixels: "190", LUC.cloudyPixels: "10", LUC.totalPixels: "200",
        LUC.stationDistanceM: "7412.3", LUC.nightValue: "-4.1",
    }  # fmt: skip
    assert {term: number(graph, FIRST, term) for term in expected} == {
        term: Decimal(text) for term, text in expected.items()
    }
    assert str(graph.value(FIRST, LUC.stationName)) == "Airport"
    assert str(graph.value(FIRST, LUC.nightOf)) == "2017-04-27"
    assert graph.value(FIRST, LUC.variable) == VARIABLE.ground_minimum_c
    night = URIRef("https://kb.example/night/S%201/2017-04-27")
    assert graph.value(FIRST, LUC.evidence) == night
    assert night == IRIS.night("S 1", datetime.date(2017, 4, 27))


def test_what_was_not_seen_is_absent_and_has_a_reason() -> None:
    graph = report_graph(IRIS, REPORT)
    assert graph.value(SECOND, LUC.grade) == GRADE.notAssessed
    absent = (
        LUC.shareAffected, LUC.mean, LUC.station, LUC.stationName,
        LUC.stationDistanceM, LUC.nightOf, LUC.variable, LUC.nightValue,
        LUC.evidence,
    )  # fmt: skip
    assert [graph.value(SECOND, term) for term in absent] == [None] * 9
    reason = graph.value(SECOND, LUC.reason)
    assert str(reason) == "No pixel of 200 is valid on both dates."


def test_the_parcels_of_the_file_with_their_shape() -> None:
    graph = report_graph(IRIS, REPORT)
    parcel = graph.value(FIRST, LUC.about)
    assert parcel == URIRef("https://kb.example/report/4d2a00000001/parcel/A%201")
    told = {
        TSN.hasIdentifier: "A 1", TSN.hasName: "Clos", LUC.crop: "vine",
        LUC.holding: "Holding <7>", LUC.sumInsured: "12000.5",
    }  # fmt: skip
    assert {term: str(graph.value(parcel, term)) for term in told} == told
    shape = graph.value(graph.value(parcel, GEO.hasDefaultGeometry), GEO.asWKT)
    assert str(shape).startswith("POLYGON ((-0.2 44.8,")
    bare = graph.value(SECOND, LUC.about)
    assert graph.value(bare, LUC.sumInsured) is None


def test_no_row_of_the_file_is_dropped_in_silence() -> None:
    graph = report_graph(IRIS, REPORT)
    rows = {
        (
            int(str(graph.value(node, LUC.order))),
            int(str(graph.value(node, LUC.fileRow))),
            str(graph.value(node, TSN.hasIdentifier, default="")),
            str(graph.value(node, LUC.action)),
        )
        for node in graph.subjects(RDF.type, LUC.RowProblem)
    }
    assert rows == {(1, 3, "A1", "renamed"), (2, 4, "", "left out")}


def test_an_event_stands_in_a_graph_of_its_own_under_its_content() -> None:
    graph = event_graph(IRIS, EVENT)
    node = IRIS.event(event_key(EVENT))
    assert graph.value(node, LUC.peril) == PERIL.frost
    assert str(graph.value(node, DCTERMS.identifier)) == "frost-2017-04-27"
    assert str(graph.value(node, LUC.beginsAt)) == "2017-04-26T18:00:00Z"
    assert str(graph.value(node, RDFS.label)) == "Frost of April"
    for changes in ({"peril": "hail"}, {"title": None}, {"ends": REPORT.after_time}):
        other = dataclasses.replace(EVENT, **changes)  # type: ignore[arg-type]
        assert event_key(other) != event_key(EVENT)
    east = datetime.timezone(datetime.timedelta(hours=2))
    same = dataclasses.replace(EVENT, begins=EVENT.begins.astimezone(east))
    assert event_key(same) == event_key(EVENT)


def test_all_of_it_is_sound_and_no_triple_stands_twice() -> None:
    graphs = [
        event_graph(IRIS, EVENT),
        report_graph(IRIS, REPORT),
        agent_graph(IRIS, "0.1.0"),
    ]
    validate(graphs)
    assert sum(map(len, graphs)) == len(set().union(*map(set, graphs)))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"grade": "ruined"}, "exactly one grade of the scheme"),
        ({"reason": ""}, "exactly one reason"),
        ({"share": 0.3}, "the affected share does not agree"),
        ({"crop_key": "notObserved"}, "grade and crop key do not agree"),
        ({"station": None}, "a weather key without station"),
        ({"night_variable": None}, "a weather key without station"),
        ({"night_variable": "snow_mm"}, "at most one weather variable"),
    ],
)
def test_what_contradicts_itself_is_not_loaded(
    changes: dict[str, object], told: str
) -> None:
    wrong = dataclasses.replace(DAMAGED, **changes)  # type: ignore[arg-type]
    report = dataclasses.replace(REPORT, assessments=(wrong,), problems=())
    with pytest.raises(InvalidGraph, match=told):
        validate([report_graph(IRIS, report)])

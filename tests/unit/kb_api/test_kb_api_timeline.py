"""What happened at one unit, against the hand-made base and hand-written facts."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from rdflib import Graph

from etl.validate import validate
from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore

BASE = Path(__file__).parents[2] / "small_base.ttl"
P01 = "https://lucerna.example/unit/parcel/P01@2017"
MORE = """
@prefix luc: <https://w3id.org/lucerna/ont#> .
@prefix sosa: <http://www.w3.org/ns/sosa/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://lucerna.example/> .
<unit/parcel/P01@2017> luc:nearestStation <station/S1> ; luc:stationDistanceM 4321.9 .
<month/S1/2017-12> a luc:StationMonth ; luc:station <station/S1> ;
  luc:monthOf "2017-12"^^xsd:gYearMonth ; luc:airMeanC 3.5 ; luc:rainMm 61.0 .
<seen/1> a luc:CoverageObservation ; luc:ofScene <scene/before> ;
  sosa:hasFeatureOfInterest <unit/parcel/P01@2017> ;
  luc:validPixels 75 ; luc:cloudyPixels 25 ; luc:totalPixels 110 ;
  luc:coveredShare 0.9 ; luc:cloudsKnown true .
<seen/2> a luc:CoverageObservation ; luc:ofScene <scene/after> ;
  sosa:hasFeatureOfInterest <unit/parcel/P01@2017> ;
  luc:validPixels 110 ; luc:cloudyPixels 0 ; luc:totalPixels 110 ;
  luc:coveredShare 1.0 ; luc:cloudsKnown false .
<index/1> a luc:IndexObservation ; luc:ofScene <scene/before> ;
  sosa:hasFeatureOfInterest <unit/parcel/P01@2017> ;
  luc:vegetationScheme <https://w3id.org/lucerna/scheme/threshold/ndvi/1> ;
  luc:mean 0.6 ; luc:p10 0.4 ; luc:p50 0.62 ; luc:p90 0.8 ; luc:observedHa 1.9 ;
  luc:lowVegetationHa 0.6 ; luc:middleVegetationHa 1.05 ; luc:highVegetationHa 0.25 .
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    store = EmbeddedStore()
    for name, graph in (("facts", Graph().parse(BASE)), ("more", parsed(MORE))):
        content = graph.serialize(format="nt", encoding="utf-8")
        store.put_graphs({f"https://x/{name}": (name, content)})
    folder = tmp_path_factory.mktemp("none")
    return TestClient(create_app(store, version="1", quicklook_folder=folder))


def parsed(turtle: str) -> Graph:
    return Graph().parse(data=turtle, format="turtle")


def ask(client: TestClient, unit: str) -> Any:  # noqa: ANN401
    return client.get("/api/v1/timeline", params={"unit": unit})


def test_a_unit_has_its_weather_images_change_and_vegetation(
    client: TestClient,
) -> None:
    told = ask(client, P01).json()
    assert (told["identifier"], told["name"]) == ("P01", "Clos du Tertre")
    assert told["level"] == "parcel"
    assert told["station"] == {"name": "Simulated station", "distanceKm": 4.32}
    night, month = told["weather"]
    assert (night["kind"], night["begins"], night["ends"]) == (
        "night",
        "2017-04-26T12:00:00Z",
        "2017-04-27T12:00:00Z",
    )
    assert (night["groundMinimumC"], night["airMinimumC"]) == (-4.1, -2.3)
    assert (night["rainMm"], night["airMeanC"]) == (0, None)
    assert (month["begins"], month["ends"]) == (
        "2017-12-01T00:00:00Z",
        "2018-01-01T00:00:00Z",
    )
    assert (month["airMeanC"], month["rainMm"]) == (3.5, 61)
    assert [(one["time"], one["cloud"]) for one in told["images"]] == [
        ("2017-04-19T10:56:21Z", 0.25),
        ("2017-04-29T10:56:51Z", None),
        ("2017-04-30T17:57:00Z", None),
    ]
    assert [(one["method"], one["highShare"]) for one in told["change"]] == [
        ("change-vector", 0.5),
        ("spectral-angle", 0.9),
    ]
    assert [(one["time"], one["mean"], one["p90"]) for one in told["vegetation"]] == [
        ("2017-04-19T10:56:21Z", 0.6, 0.8)
    ]


def test_the_facts_asked_about_are_such_as_are_loaded() -> None:
    validate([parsed(MORE)])


def test_a_unit_without_station_has_no_weather(client: TestClient) -> None:
    told = ask(client, P01.replace("P01", "P02")).json()
    assert told["station"] is None
    assert told["weather"] == told["vegetation"] == []
    assert [one["highShare"] for one in told["change"]] == [0.4, 0.6]


def test_what_is_no_unit_is_told(client: TestClient) -> None:
    nobody = ask(client, "https://lucerna.example/unit/parcel/none")
    assert nobody.status_code == 404
    assert "/unit/parcel/none; /api/v1/places" in nobody.json()["detail"]
    assert ask(client, "a b").status_code == 400

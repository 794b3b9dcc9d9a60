"""Parts of an answer, its files and its SPARQL, against the hand-made base."""

import csv
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient
from rdflib import Graph
from shapely.geometry import shape

from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.held_answers import HeldAnswers
from ontology.files import inferred_graph, schemes_graph

BASE = Path(__file__).parents[2] / "small_base.ttl"
CHANGED = "/api/v1/questions/changed_units"
# Identifier and share of level high of small_base.ttl, by hand, strongest first.
SHARES = [
    ("P01", 0.9),
    ("P02", 0.6),
    ("P01", 0.5),
    ("P03", 0.45),
    ("P02", 0.4),
    ("P04", 0.3),
]


def small_store() -> EmbeddedStore:
    store = EmbeddedStore()
    graphs = {"facts": Graph().parse(BASE), "schemes": schemes_graph()}
    graphs["inferred"] = inferred_graph()
    store.put_graphs(
        {
            f"https://x/{name}": (name, graph.serialize(format="nt", encoding="utf-8"))
            for name, graph in graphs.items()
        }
    )
    return store


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("pictures")
    app = create_app(small_store(), version="1", quicklook_folder=folder)
    with TestClient(app) as client:
        yield client


def shares(answer: httpx.Response) -> list[tuple[str, float]]:
    return [(one["identifier"], one["share"]) for one in answer.json()["rows"]]


def test_pages_of_an_answer_are_the_answer_and_the_count_is_of_all(
    client: TestClient,
) -> None:
    found = []
    for offset in (0, 4, 8):
        answer = client.get(CHANGED, params={"limit": 4, "offset": offset})
        assert answer.json()["count"] == 6
        assert answer.json()["offset"] == offset
        found.append(shares(answer))
    assert found == [SHARES[:4], SHARES[4:], []]
    none = client.get(CHANGED, params={"limit": 0}).json()
    assert (none["rows"], none["count"]) == ([], 6)
    assert shares(client.get(CHANGED)) == SHARES


def test_rows_come_in_another_order_and_with_fewer_columns(client: TestClient) -> None:
    asked = {"sort": "share", "columns": "identifier,share", "limit": "3"}
    answer = client.get(CHANGED, params=asked).json()
    assert answer["rows"] == [
        {"identifier": "P04", "share": 0.3},
        {"identifier": "P02", "share": 0.4},
        {"identifier": "P03", "share": 0.45},
    ]
    assert [one["name"] for one in answer["columns"]] == ["identifier", "share"]
    named = client.get(CHANGED, params={"sort": "-identifier"}).json()
    assert [one["identifier"] for one in named["rows"]][:2] == ["P04", "P03"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("limit=many", "limit='many': give a whole number"),
        ("offset=-1", "offset='-1': give a whole number"),
        ("limit=²", "give a whole number"),
        ("sort=-size", "has no column 'size'; it has: unit, identifier"),
        ("columns=unit,size", "has no column 'size'"),
        ("include_unassessable=maybe", "'maybe': give yes or no"),
        ("place=Atlantis", "no unit of the base has that name"),
    ],
)
def test_a_part_that_makes_no_sense_is_told(
    client: TestClient, asked: str, told: str
) -> None:
    answer = client.get(f"{CHANGED}?{asked}")
    assert answer.status_code == 400
    assert told in answer.json()["detail"]


def test_a_place_bounds_an_answer(client: TestClient) -> None:
    west = client.get(CHANGED, params={"place": "Simulated commune 1"})
    assert shares(west) == [one for one in SHARES if one[0] in ("P01", "P02")]
    one = client.get(CHANGED, params={"place": "P03", "include_unassessable": "yes"})
    assert shares(one) == [("P03", 0.45)]


def test_an_answer_is_a_csv_file_as_a_whole(client: TestClient) -> None:
    answer = client.get(f"{CHANGED}/answer.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    disposition = answer.headers["content-disposition"]
    assert disposition == 'attachment; filename="changed_units.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(one["identifier"], float(one["share"])) for one in rows] == SHARES
    assert rows[0]["assessable"] == "yes"


def test_an_answer_is_a_geojson_file_with_the_outline_of_its_units(
    client: TestClient,
) -> None:
    answer = client.get(f"{CHANGED}/answer.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    features = json.loads(answer.text)["features"]
    assert [one["properties"]["identifier"] for one in features] == [
        name for name, _ in SHARES
    ]
    # The corners of P01 as small_base.ttl writes them.
    assert shape(features[0]["geometry"]).bounds == (-0.16, 44.806, -0.1546, 44.8096)
    assert features[0]["id"] == "https://lucerna.example/unit/parcel/P01@2017"


def test_a_file_has_only_the_columns_and_rows_wanted(client: TestClient) -> None:
    asked = {"columns": "share,identifier", "sort": "share", "limit": "2"}
    table = client.get(f"{CHANGED}/answer.csv", params=asked)
    assert table.status_code == 200
    assert list(csv.reader(io.StringIO(table.text))) == [
        ["share", "identifier"], ["0.3", "P04"], ["0.4", "P02"],
    ]  # fmt: skip
    shapes = client.get(f"{CHANGED}/answer.geojson", params=asked)
    first, second = shapes.json()["features"]
    assert first["properties"] == {"identifier": "P04", "share": 0.3}
    # The unit is no column wanted, and yet the place of the row.
    assert second["id"] == "https://lucerna.example/unit/parcel/P02@2017"
    assert second["geometry"]["type"] == "Polygon"
    refused = client.get(f"{CHANGED}/answer.csv", params={"columns": "size"})
    assert refused.status_code == 400


def test_a_column_of_wkt_is_the_geometry(client: TestClient) -> None:
    path = "/api/v1/questions/labelled_patches"
    rows = client.get(path).json()["rows"]
    features = client.get(f"{path}/answer.geojson").json()["features"]
    assert len(features) == len(rows) > 0
    assert all(one["geometry"]["type"] == "Polygon" for one in features)
    assert "outline" not in features[0]["properties"]


def test_an_answer_without_places_is_refused_as_geojson(client: TestClient) -> None:
    answer = client.get("/api/v1/questions/image_pairs/answer.geojson")
    assert answer.status_code == 400
    assert "take it as CSV" in answer.json()["detail"]


def test_the_sparql_of_a_question_gives_its_rows_elsewhere(client: TestClient) -> None:
    asked = {"least": "0.5", "kind": "Vineyards"}
    text = client.get(f"{CHANGED}/sparql", params=asked)
    assert text.headers["content-type"].startswith("application/sparql-query")
    answer = client.post("/sparql", data={"query": text.text})
    rows = answer.json()["results"]["bindings"]
    found = [(one["identifier"]["value"], float(one["share"]["value"])) for one in rows]
    assert found == [one for one in SHARES if one[1] >= 0.5]


def test_an_answer_too_large_to_be_held_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kb_api.held_answers.MOST_ROWS", 5)
    answers = HeldAnswers(small_store())
    small = answers.ask("image_pairs", {})
    large = answers.ask("changed_units", {})
    assert (len(small.rows), len(large.rows)) == (2, 6)
    assert answers.ask("image_pairs", {}) is small
    assert answers.ask("changed_units", {}) is not large


def test_who_has_waited_ends_no_turn_but_its_own() -> None:
    store = small_store()
    later = threading.Lock()

    class Overtaken:
        def query(self, text: str) -> object:
            if text.startswith("# title"):
                # Another has finished meanwhile, and one who came later has begun.
                (key,) = answers._turns
                answers._turns[key] = later
            return store.query(text)

    answers = HeldAnswers(Overtaken())  # type: ignore[arg-type]
    answers.ask("image_pairs", {})
    assert list(answers._turns.values()) == [later]


def test_the_store_is_asked_once_until_something_is_loaded() -> None:
    store = small_store()
    asked: list[str] = []

    class Counting:
        def query(self, text: str) -> object:
            if text.startswith("# title"):
                asked.append(text)
            return store.query(text)

    answers = HeldAnswers(Counting())  # type: ignore[arg-type]
    first = answers.ask("image_pairs", {})
    assert answers.ask("image_pairs", {}) is first
    answers.ask("image_pairs", {"method": "none"})
    assert len(asked) == 2
    more = ox.Triple(
        ox.NamedNode("https://x/a"), ox.NamedNode("https://x/b"), ox.Literal(1)
    )
    store.put_graphs({"https://x/more": ("more", f"{more} .".encode())})
    answers.ask("image_pairs", {})
    assert len(asked) == 3

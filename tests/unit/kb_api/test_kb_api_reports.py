"""Files of a report made from hand-made facts; routes that refuse what they should."""

import base64
import csv
import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from rdflib import Graph, Literal, URIRef
from shapely.geometry import box

from etl.damage.plan import damage_graphs
from etl.iris import Iris
from etl.validate import validate
from kb_api.app import create_app
from kb_api.embedded_store import EmbeddedStore
from kb_api.reports import routes
from kb_api.reports.facts import damage_report, summary
from kb_api.reports.files import report_files
from kb_api.reports.tables import cell
from mining.damage.assessment import Assessment, Event
from mining.damage.parcels import Parcel, ParcelProblem
from mining.damage.report import DamageReport
from ontology import LUC
from ontology.errors import QueryRejected
from ontology.files import inferred_graph, schemes_graph

IRIS = Iris("https://kb.example/")
MARKUP = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://elsewhere.example")'
REPORT = str(IRIS.report("0123456789ab"))


def assessment(
    name: str, grade: str, affected: float | None, **told: str | None
) -> Assessment:
    observed = 0.0 if affected is None else 2.0
    share = None if affected is None else affected / 2
    west = len(name) / 100
    outline = box(west, 44.0, west + 0.005, 44.005)
    return Assessment(
        parcel=Parcel(
            name,
            told.get("title"),
            told.get("crop"),
            None,
            1000.0 if affected else None,
            outline,
        ),
        grade=grade,
        weather_key="notObserved",
        crop_key="notObserved" if affected is None else "met",
        area_ha=2.0,
        observed_ha=observed,
        affected_ha=affected or 0.0,
        share=share,
        level_ha=(observed - (affected or 0), 0.0, 0.0, affected or 0.0),
        mean_score=share,
        valid_pixels=0 if affected is None else 200,
        cloudy_pixels=200 if affected is None else 0,
        total_pixels=200,
        station=None,
        station_name=None,
        station_km=None,
        night=None,
        night_variable=None,
        night_value=None,
        reason="Measured by hand.",
    )


def made() -> DamageReport:
    hours = [datetime(2017, 4, day, 11, tzinfo=UTC) for day in (19, 26, 28, 29)]
    return DamageReport(
        id="0123456789ab",
        event=Event("frost-2017-04-26", "frost", hours[1], hours[2], MARKUP),
        rules_iri="https://w3id.org/lucerna/scheme/damage-rules/frost/1",
        assessments=(
            assessment("A", "damaged", 1.0, crop="vine", title=FORMULA),
            assessment(MARKUP, "destroyed", 1.8, crop=MARKUP),
            assessment("-C1", "notAssessed", None),
        ),
        problems=(
            ParcelProblem(4, MARKUP, "has no geometry that can be read", "left out"),
        ),
        parcels_name="parcels.geojson",
        parcels_sha256="a" * 64,
        rows=4,
        event_sha256=None,
        result="https://kb.example/result/0d9e3c7a61f5",
        run="0d9e3c7a61f5",
        change_sha256="b" * 64,
        quality_sha256="c" * 64,
        before_time=hours[0],
        after_time=hours[3],
        before_product="S2A_BEFORE",
        after_product="S2A_AFTER",
        method="spectral-angle",
        code_version="0.1.0",
        issued=datetime(2026, 1, 14, 10, tzinfo=UTC),
        parameters={
            "affected_from": 50.0,
            "grades": {"destroyed": 0.8, "damaged": 0.3, "possiblyDamaged": 0.1},
            "least_valid_share": 0.5,
            "least_valid_pixels": 10,
            "weather": [],
            "weather_nights": 0,
            "weather_sha256": "d" * 64,
            "clouds_known": True,
            "resolution_m": 10.0,
        },
        simulated=True,
    )


def pictures() -> Graph:
    """Where the pictures of the change result lie: around the parcels."""
    graph, result = Graph(), URIRef(made().result)
    graph.add((result, LUC.quicklookBefore, Literal("before.png")))
    graph.add((result, LUC.quicklookAfter, Literal("after.png")))
    graph.add((result, LUC.quicklookBounds3857, Literal("0 5465000 4000 5468000")))
    return graph


def held(report: DamageReport) -> EmbeddedStore:
    graphs = damage_graphs(IRIS, report)
    validate(one.facts for one in graphs.values())
    known = {str(iri): one.facts for iri, one in graphs.items()}
    known["https://kb.example/graph/result"] = pictures()
    known["https://kb.example/graph/meaning"] = schemes_graph() + inferred_graph()
    opened = EmbeddedStore()
    opened.put_graphs(
        {
            iri: (iri, facts.serialize(format="nt", encoding="utf-8"))
            for iri, facts in known.items()
        }
    )
    return opened


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    return held(made())


@pytest.fixture(scope="module")
def files(store: EmbeddedStore) -> dict[str, bytes]:
    return report_files(store, REPORT, {"after": b"\x89PNG picture"})


class Page(HTMLParser):
    """Elements with their attributes, and all text, of a page."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_sums_by_grade_are_those_of_the_parcels(store: EmbeddedStore) -> None:
    found = {one["name"]: one for one in summary(damage_report(store, REPORT))}
    assert list(found) == [
        "destroyed",
        "damaged",
        "possiblyDamaged",
        "noVisibleDamage",
        "notAssessed",
    ]
    assert [one["parcels"] for one in found.values()] == [1, 1, 0, 0, 1]
    assert found["destroyed"]["affected_ha"] == 1.8
    assert found["damaged"]["sum_insured"] == 1000


def test_the_page_escapes_markup_and_loads_nothing(files: dict[str, bytes]) -> None:
    page = Page(files["report.html"])
    assert not [tag for tag, _ in page.elements if tag in ("script", "link", "iframe")]
    assert page.text.count(MARKUP) >= 5  # title twice, parcel, crop, row left out
    addresses = [
        value
        for _, told in page.elements
        for name, value in told.items()
        if name in ("src", "href", "action") and value
    ]
    picture = "data:image/png;base64," + base64.b64encode(b"\x89PNG picture").decode()
    assert sorted(addresses) == ["#picture-after", "#picture-after", picture]
    assert "Simulated data" in page.text
    assert "of 4 rows" not in page.text
    assert "has 4 rows; 3 became parcels, 1 were left out" in page.text
    assert "areas count whole pixels whose centre lies in the parcel" in page.text
    assert "may slightly exceed the area of its outline" in page.text
    drawn = [told for tag, told in page.elements if tag == "path" and "fill" in told]
    assert {"#3B0F00", "#EC7014", "url(#hatch)"} <= {one["fill"] for one in drawn}


def test_weather_is_told_by_its_variable_and_not_by_the_reason() -> None:
    rule = {"label": "air minimum", "unit": "°C", "asked": "below 0 °C"}
    parameters = made().parameters | {"weather": [{**rule, "max_distance_km": 30.0}]}
    first, second, third = made().assessments
    weather = {
        "weather_key": "met",
        "station": "https://kb.example/station/S1",
        "station_name": "Airport",
        "station_km": 7.4,
        "night": date(2017, 4, 27),
    }
    gust = {**weather, "night_variable": "gust_ms", "night_value": -1.5}
    cold = {**weather, "night_variable": "air_minimum_c", "night_value": -1.5}
    assessed = (
        dataclasses.replace(first, **gust, reason="It measured a ground minimum of 9."),
        dataclasses.replace(second, **cold, reason="Two of three."),
        third,
    )
    report = dataclasses.replace(made(), assessments=assessed, parameters=parameters)
    made_files = report_files(held(report), REPORT, {})
    text = Page(made_files["report.html"]).text
    assert "air minimum below 0 °C within 30 km" in text
    assert "air minimum -1.5 °C" in text
    assert "strongest gust -1.5 m/s" in text
    rows = list(csv.DictReader(io.StringIO(made_files["parcels.csv"].decode())))
    assert [(one["night_variable"], one["night_unit"]) for one in rows] == [
        ("gust_ms", "m/s"),
        ("air_minimum_c", "°C"),
        ("", ""),
    ]
    told = json.loads(made_files["parcels.geojson"])["features"]
    labels = [one["properties"]["night_label"] for one in told]
    assert labels == ["strongest gust", "air minimum", None]


def test_the_table_runs_no_formula(files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["parcels.csv"].decode())))
    assert [one["identifier"] for one in rows] == ["A", MARKUP, "'-C1"]
    assert rows[0]["name"] == "'" + FORMULA
    assert [one["grade"] for one in rows] == ["damaged", "destroyed", "notAssessed"]
    assert [one["share"] for one in rows] == ["0.5", "0.9", ""]
    assert rows[0]["before"] == "2017-04-19T11:00:00Z"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A1", "\t=1", " =1"])
def test_cells_of_formulas_get_an_apostrophe(text: str) -> None:
    assert cell(text) == "'" + text


def test_features_are_rfc_7946(files: dict[str, bytes]) -> None:
    told = json.loads(files["parcels.geojson"])
    assert "crs" not in told
    (first, second, third) = told["features"]
    west, north = first["geometry"]["coordinates"][0][0]
    assert (round(west, 3), round(north, 3)) == (0.015, 44.0)
    assert second["properties"]["identifier"] == MARKUP
    assert third["properties"]["grade"] == "notAssessed"
    assert third["properties"]["share"] is None
    assert first["id"] == str(IRIS.assessment("0123456789ab", "A"))


def test_the_manifest_states_every_digest(files: dict[str, bytes]) -> None:
    told = json.loads(files["manifest.json"])
    for one in told["files"]:
        assert one["sha256"] == hashlib.sha256(files[one["name"]]).hexdigest()
    assert {one["name"] for one in told["files"]} == {
        "report.html",
        "parcels.csv",
        "parcels.geojson",
    }
    digests = {one["role"]: one["sha256"] for one in told["inputs"]}
    assert digests["parcels"] == "a" * 64
    assert digests["change raster"] == "b" * 64
    assert digests["quality raster"] == "c" * 64
    assert digests["weather facts"] == "d" * 64
    assert told["software"]["version"] == "0.1.0"
    assert told["parameters"]["grades"]["damaged"] == 0.3
    assert told["rules"].endswith("/frost/1")
    assert told["simulated"] is True


def test_the_archive_holds_the_same_files(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(files["report.zip"])) as archive:
        packed = {Path(one).name: archive.read(one) for one in archive.namelist()}
    assert packed == {k: v for k, v in files.items() if k != "report.zip"}


def test_the_same_facts_give_the_same_bytes(
    store: EmbeddedStore, files: dict[str, bytes]
) -> None:
    assert report_files(store, REPORT, {"after": b"\x89PNG picture"}) == files


def test_an_unknown_report_is_told(store: EmbeddedStore) -> None:
    with pytest.raises(QueryRejected, match="no damage report"):
        damage_report(store, str(IRIS.report("ffffffffffff")))


class Maker:
    """A maker of reports that knows one report and keeps what it was sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent: list[tuple[str, bytes]] = []
        self.asked: list[tuple[str, Mapping[str, str], str | None]] = []

    def check(self, name: str, content: bytes) -> dict[str, Any]:
        self.sent.append((name, content))
        return {"upload": "0" * 12}

    def outlines(self, upload: str) -> bytes | None:
        return b"{}" if upload == "0" * 12 else None

    def start(
        self, upload: str, event: Mapping[str, str], result: str | None
    ) -> dict[str, Any]:
        self.asked.append((upload, event, result))
        return {"id": "0123456789ab", "state": "running"}

    def state(self, report: str) -> dict[str, Any] | None:
        return {"id": report, "state": "done"} if report == "0123456789ab" else None


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    folder = tmp_path / "reports" / "0123456789ab"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<p>page</p>")
    (tmp_path / "secret.txt").write_text("secret")
    return Maker(tmp_path / "reports")


@pytest.fixture
def client(store: EmbeddedStore, maker: Maker) -> Iterator[TestClient]:
    app = create_app(store, version="0", quicklook_folder=maker.folder, damage=maker)
    with TestClient(app, base_url="http://here.example") as one:
        yield one


def test_an_upload_reaches_the_maker(client: TestClient, maker: Maker) -> None:
    sent = {"file": ("../../etc/a.geojson", b"{}")}
    answer = client.post("/api/v1/damage/parcels", files=sent)
    assert answer.json() == {"upload": "0" * 12}
    assert maker.sent == [("../../etc/a.geojson", b"{}")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://here.example"}, 200),
    ],
)
def test_other_sites_may_not_send(
    client: TestClient, maker: Maker, headers: dict[str, str], status: int
) -> None:
    sent = {"file": ("a.geojson", b"{}")}
    answer = client.post("/api/v1/damage/parcels", files=sent, headers=headers)
    assert answer.status_code == status
    assert bool(maker.sent) == (status == 200)


def test_uploads_have_a_limit(
    client: TestClient, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MAX_UPLOAD_BYTES", 2**20)
    sent = {"file": ("a.geojson", b"x" * 2**20)}
    answer = client.post("/api/v1/damage/parcels", files=sent)
    assert (answer.status_code, maker.sent) == (413, [])
    assert "1 MB" in answer.json()["detail"]


def test_a_report_is_started_by_json_only(client: TestClient, maker: Maker) -> None:
    asked = {"upload": "0" * 12, "peril": "frost", "begins": "b", "ends": "e"}
    plain = client.post(
        "/api/v1/damage/reports",
        content=json.dumps(asked),
        headers={"Content-Type": "text/plain"},
    )
    assert plain.status_code in (400, 415)
    assert not maker.asked
    answer = client.post("/api/v1/damage/reports", json=asked)
    assert answer.status_code == 202
    assert maker.asked == [
        (
            "0" * 12,
            {"peril": "frost", "begins": "b", "ends": "e", "title": ""},
            None,
        )
    ]
    wrong = client.post("/api/v1/damage/reports", json={**asked, "upload": "../x"})
    assert wrong.status_code == 400


def test_a_finished_report_is_told_with_its_sums(client: TestClient) -> None:
    told = client.get("/api/v1/damage/reports/0123456789ab").json()
    assert told["about"]["event_title"] == MARKUP
    assert told["totals"]["affected_ha"] == pytest.approx(2.8)
    assert told["problems"][0]["row"] == 4
    (listed,) = client.get("/api/v1/damage/reports").json()
    assert (listed["id"], listed["parcels"]) == ("0123456789ab", 3)


@pytest.mark.parametrize(
    "path",
    [
        "0123456789ab/manifest.json",
        "0123456789ab/..%2f..%2fsecret.txt",
        "0123456789ab/secret.txt",
        "..%2f/secret.txt",
        "ffffffffffff/report.html",
        "ffffffffffff",
    ],
)
def test_only_files_of_reports_are_served(client: TestClient, path: str) -> None:
    assert client.get(f"/api/v1/damage/reports/{path}").status_code == 404


def test_the_page_is_served_without_scripts(client: TestClient) -> None:
    answer = client.get("/api/v1/damage/reports/0123456789ab/report.html")
    assert answer.text == "<p>page</p>"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_without_a_maker_the_routes_say_so(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    app = create_app(store, version="0", quicklook_folder=tmp_path)
    with TestClient(app) as client:
        answer = client.get("/api/v1/damage/reports/0123456789ab")
    assert answer.status_code == 404
    assert "makes no damage reports" in answer.json()["detail"]

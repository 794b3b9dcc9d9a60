"""An insurer sends parcels, sees what is wrong with them, and fetches the report."""

import contextlib
import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect
from search_visits import cells

from etl.pipelines import detect_change, lift
from etl.weather.reading import weather_files
from imagery.synthetic import Sample
from kb_api.app import create_app
from lucerna.damage.service import DamageService
from lucerna.wiring import open_knowledge_base
from lucerna.workers import Workers
from ui.app import mount_ui

IRI_BASE = "https://kb.example/"
ROWS = 40
EVIL = "<img src=/nowhere onerror=alert(1)>"
GRADES = {"destroyed", "damaged", "possiblyDamaged", "noVisibleDamage", "notAssessed"}


@pytest.fixture(scope="module")
def service(
    sample: Sample,
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[[FastAPI], AbstractContextManager[str]],
) -> Iterator[str]:
    """Address of a service with a change result, weather and damage reports."""
    folder = tmp_path_factory.mktemp("damage")
    detect_change(
        sample.before, sample.after, folder / "change.tif", method="spectral-angle"
    )
    with open_knowledge_base(folder / "kb") as base, Workers(1) as workers:
        lift(
            folder / "change.tif",
            (),
            lambda: contextlib.nullcontext(base),
            iri_base=IRI_BASE,
            weather=weather_files(sample.weather),
        )
        app = create_app(
            base.store,
            version="0",
            quicklook_folder=base.pictures,
            damage=DamageService(base, workers, IRI_BASE),
        )
        mount_ui(app)
        with serve(app) as address:
            yield address


@pytest.fixture(scope="module")
def parcels(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty parcels of the sample; row 2 has no outline, row 3 the name of row 1."""
    told = json.loads(sample.parcels.read_text("utf-8"))
    kept = told["features"][-ROWS:]
    for number, one in enumerate(kept, start=1):
        one.pop("id", None)
        one["properties"] = {"id": f"P{number}", "crop": "vine", "sum_insured": 1000}
    kept[1]["geometry"] = None
    kept[2]["properties"]["id"] = "P1"
    kept[3]["properties"]["id"] = EVIL
    path = tmp_path_factory.mktemp("insurer") / "policy.geojson"
    path.write_text(json.dumps({**told, "features": kept}), encoding="utf-8")
    return path


def fetch(visit: Page, name: str) -> bytes:
    with visit.expect_download() as download:
        visit.get_by_role("link", name=name, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_parcels_become_a_report(visit: Page, service: str, parcels: Path) -> None:
    visit.goto(f"{service}/damage")
    chart = visit.locator(".map")
    visit.locator(".map[data-before$='before.png']").wait_for()
    visit.locator("input[type=file]").set_input_files(parcels)
    expect(visit.get_by_text(f"38 of {ROWS} rows are parcels")).to_be_visible()
    expect(chart).to_have_attribute("data-units", "38")
    assert cells(visit, "Row") == ["2", "3"]
    assert cells(visit, "Action") == ["left out", "left out"]

    visit.get_by_label("From (UTC)").fill("2017-04-26 18:00")
    visit.get_by_label("To (UTC)").fill("2017-04-28 08:00")
    visit.get_by_label("Title (optional)").fill(f"Frost {EVIL}")
    visit.get_by_role("button", name="Make the report").click()
    expect(visit.get_by_role("link", name="GeoJSON", exact=True)).to_be_visible()
    visit.wait_for_url("**/damage?report=*")
    expect(visit.get_by_text(f"Frost {EVIL}").first).to_be_visible()
    visit.locator(".map[data-ready]").wait_for()
    expect(chart).to_have_attribute("data-units", "38")

    handle = visit.get_by_role("slider", name="Before and after")
    before = int(str(handle.get_attribute("aria-valuenow")))
    handle.focus()
    visit.keyboard.press("Shift+ArrowRight")
    expect(chart).to_have_attribute("data-split", str(before + 10))
    visit.keyboard.press("Home")
    expect(chart).to_have_attribute("data-split", "0")

    visit.get_by_role("button", name="Next row").click()
    visit.locator(f".map[data-selected^='{IRI_BASE}report/']").wait_for()
    worst = cells(visit, "Identifier")[0]
    expect(visit.get_by_text(f"{worst}: ")).to_be_visible()

    rows = list(csv.DictReader(fetch(visit, "CSV").decode().splitlines()))
    told = json.loads(fetch(visit, "GeoJSON"))
    assert len(rows) == len(told["features"]) == 38
    assert rows[1]["identifier"] == EVIL
    assert {one["grade"] for one in rows} <= GRADES
    # The frost lay over these parcels: the last village of the sample is in the valley.
    assert any(one["grade"] in ("damaged", "destroyed") for one in rows)
    for one in rows:
        coldest = float(one["night_value"])
        assert one["weather_key"] == ("met" if coldest < -2 else "notMet"), one
    manifest = json.loads(fetch(visit, "Manifest"))
    digests = {one["role"]: one["sha256"] for one in manifest["inputs"]}
    assert digests["parcels"] == hashlib.sha256(parcels.read_bytes()).hexdigest()

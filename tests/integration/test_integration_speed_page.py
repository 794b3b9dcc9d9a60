"""`make bench` in small: it measures everything that the page tells, and tells it."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import geosparql_speed
import speed_page
import speed_postgis
import speed_store
import speed_units
from speed_page import Line

PARCELS = 2_000
UNITS = 240


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Line]:
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as small:
        small.setattr(speed_store, "TURNS", 1)
        small.setattr(speed_postgis, "programs", lambda: None)
        found = geosparql_speed.of_parcels(folder, PARCELS, 1)
        found += geosparql_speed.of_service(folder, UNITS, 1.0)
    assert len({one.name for one in found}) == len(found)
    return {one.name: one for one in found}


def test_every_row_of_the_page_is_measured(lines: dict[str, Line]) -> None:
    assert set(lines) == set(speed_page.ROWS) - {"postgis load"}
    assert all(one.value > 0 for one in lines.values() if "errors" not in one.name)


def test_the_index_pays_in_every_way_of_asking(lines: dict[str, Line]) -> None:
    for way in ("process", "pool", "http"):
        assert 3 * lines[f"window {way}"].value < lines["window unindexed"].value


def test_all_clients_are_answered_also_beside_a_hostile_query(
    lines: dict[str, Line],
) -> None:
    assert (lines["errors"].value, lines["errors hostile"].value) == (0, 0)
    assert lines["requests"].value >= 8


def test_units_are_copied_with_all_that_is_said_of_them(tmp_path: Path) -> None:
    file = tmp_path / "units.nt"
    copies = speed_units.write(file, 1_200)
    text = file.read_text("utf-8")
    assert copies == 100
    assert text.count("<https://w3id.org/lucerna/ont#Parcel> .") == 1_200
    assert text.count("<https://w3id.org/lucerna/ont#Commune> .") == 2 * 4
    # The shares of copy 50 are those of the small base; of copy 49 nothing changed.
    for copy, hectares in ((50, "0.9"), (49, "0.0")):
        subject = f"observation/a1/parcel/P01-{copy}@2017>"
        assert f'{subject} <https://w3id.org/lucerna/ont#highHa> "{hectares}"' in text
    assert "<https://lucerna.example/geometry/p01-50>" in text


def test_a_number_that_misses_its_target_is_said_to() -> None:
    told = [
        Line("window http", 10_000, 0.0014, postgis=0.0001),
        Line("window pool", 10_000, 0.0014, postgis=0.0002),
        Line("join process", 100_000, 0.61),
        Line("join process", 1_000_000, 1.49),
        Line("unchecked rate", 10_000, 0.74),
        Line("restart", 10_000, 0.2),
        Line("restart", 1_000_000, 2.9),
        Line("p95 ratio", 100_000, 2.5),
    ]
    text = speed_page.page(told, [10_000], 1.0, "not installed")
    missed = text.partition("## Missed targets\n\n")[2].partition("\n\n##")[0]
    assert missed.splitlines() == [
        "- window, over HTTP, 10 000: 1.4 ms (14.0 times PostGIS), "
        "target ≤ 1.5 ms, ≤ 10 times PostGIS",
        "- join with 1 000 zones, 100 000: 610 ms, target ≤ 600 ms",
        "- rate of that load, times the bare rate, 10 000: 0.74, target ≥ 0.75",
        "- 95 % beside it, times that alone, 100 000: 2.5, target ≤ 2",
    ]
    assert text.count("**no**") == 4
    assert "| restart to the first window | 10 000 | 0.2 s |  |  |  |" in text

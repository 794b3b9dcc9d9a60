"""From the laptop's store to a SPARQL server, by settings alone."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from acceptance_walk import Walk, lucerna, told

QUESTIONS = (
    ("rank_units", "kind="),
    ("weather_before_change", "least=0.001"),
    ("land_cover_of_change",),
)


def of_method(rows: list[dict[str, Any]], method: str) -> list[dict[str, Any]]:
    return [row for row in rows if row.get("method", method) == method]


@pytest.fixture(params=["oxigraph", "virtuoso"])
def settings(
    request: pytest.FixtureRequest,
    start_sparql_server: Callable[..., AbstractContextManager[str]],
) -> Iterator[str]:
    """Settings that name a SPARQL server, of each kind in turn."""
    if request.param == "virtuoso":
        address = request.getfixturevalue("virtuoso")
        yield f"LUCERNA_SPARQL={address}\nLUCERNA_SPARQL_UPDATE={address}\n"
        return
    with start_sparql_server("--union-default-graph") as address:
        yield (
            f"LUCERNA_SPARQL={address}/query\nLUCERNA_SPARQL_UPDATE={address}/update\n"
        )


def test_a_server_gives_the_answers_of_the_folder(
    walk: Walk, tmp_path: Path, settings: str
) -> None:
    units = walk.sample / "communes.geojson"
    context = ("--land-cover", walk.sample / "land_cover.tif")
    weather = ("--weather", walk.sample / "weather", "--json")
    raster = walk.raster("spectral-angle")
    (tmp_path / ".env").write_text(settings)
    lift = ("lift", raster, "--units", units, *context, *weather)
    first = told(lucerna(*lift, cwd=tmp_path))
    assert first["graphs changed"] == first["graphs"]
    again = told(lucerna(*lift, cwd=tmp_path))
    assert again["graphs changed"] == 0
    for question in QUESTIONS:
        asked = ("ask", *question, "unit_level=ul:commune", "--json")
        rows = told(lucerna(*asked, cwd=tmp_path))
        assert rows
        assert rows == of_method(told(walk.run(*asked)), "spectral-angle")
    # No store was made in the folder, only pictures and evidence.
    held = {one.name for one in (tmp_path / "lucerna-kb").iterdir()}
    assert held == {"quicklooks", "evidence"}
    counted = told(lucerna("stats", "--json", cwd=tmp_path))
    lifted = [one for one in counted["loads"] if "/overlaps/" not in one["graph"]]
    assert len(lifted) == first["graphs"] + 1
    assert counted["server"]["software"].split("/")[0] in ("Oxigraph", "Virtuoso")


def test_a_server_that_is_gone_is_told(
    tmp_path: Path,
    start_sparql_server: Callable[..., AbstractContextManager[str]],
) -> None:
    with start_sparql_server("--union-default-graph") as address:
        (tmp_path / ".env").write_text(f"LUCERNA_SPARQL={address}/query\n")
    gone = lucerna("ask", "rank_units", cwd=tmp_path)
    assert gone.returncode == 1
    [line] = gone.stderr.splitlines()
    assert f"{address}/query does not answer" in line
    assert "LUCERNA_SPARQL" in line

"""Change crossed with land cover that a model gave, against independent numbers."""

from pathlib import Path

import pytest
import rasterio
from acceptance_walk import Walk, lucerna, told
from expected_facts import Facts
from expected_ground import pixel_ha
from expected_units import observe, read_classes

METHOD = "spectral-angle"
VINES = 221


@pytest.fixture(scope="module")
def crossed(walk: Walk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train, classify the earlier scenes, lift the change with the classes."""
    folder = tmp_path_factory.mktemp("crossed")
    before, _ = walk.scenes
    radar = walk.sample / "radar_before.tif"
    both = ["--optical", before, "--radar", radar, "--kb", "kb", "--json"]
    samples = [walk.sample / "points.geojson", "--name", "land", "--scheme", "clc"]
    told(lucerna("train", *samples, *both, cwd=folder))
    given = ["--model", "land@1", "-o", "classes.tif"]
    told(lucerna("classify", *given, *both, cwd=folder))
    units = ["--units", walk.sample / "communes.geojson", "--kb", "kb", "--json"]
    told(lucerna("lift", "classes.tif", *units, cwd=folder))
    cover = ["--land-cover", "classes.tif"]
    told(lucerna("lift", walk.raster(METHOD), *units, *cover, cwd=folder))
    return folder


def test_ranks_by_the_classes_of_the_model(crossed: Path, facts: Facts) -> None:
    grid = facts.before.grid
    expected = {
        unit.id: round(sum(seen.strata.get(VINES, (0, 0, 0, 0))[2:]), 4)
        for unit, seen in observe(
            [one for one in facts.units if one.level == "commune"],
            facts.comparisons[METHOD],
            grid,
            pixel_ha(grid),
            read_classes(crossed / "classes.tif", grid),
        ).items()
    }
    asked = ("ask", "rank_units", "kind=Vineyards", "--kb", "kb", "--json")
    found = told(lucerna(*asked, cwd=crossed))
    assert len(found) >= 2
    assert {one["identifier"] for one in found} == {
        name for name, hectares in expected.items() if hectares > 0
    }
    for one in found:
        hectares = expected[one["identifier"]]
        assert one["hectares"] == pytest.approx(hectares, abs=3e-4)


def test_the_model_finds_the_vines_of_the_sample(
    crossed: Path, facts: Facts, walk: Walk
) -> None:
    with rasterio.open(crossed / "classes.tif") as raster:
        given = raster.read(1)
    truth = read_classes(walk.sample / "land_cover.tif", facts.before.grid)
    both = (truth > 0) & (given > 0)
    vines = both & (truth == VINES)
    assert (given[both] == truth[both]).mean() > 0.7
    assert (given[vines] == VINES).mean() > 0.7


def test_one_class_is_one_concept(crossed: Path) -> None:
    query = """
    PREFIX luc: <https://w3id.org/lucerna/ont#>
    SELECT DISTINCT ?class ?kind {
      ?slice luc:landCover ?class . ?part luc:inSlice ?slice ; a ?kind }"""
    asked = ("sparql", query, "--kb", "kb", "--format", "json")
    rows = told(lucerna(*asked, cwd=crossed))["results"]["bindings"]
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kind = row["kind"]["value"].rpartition("#")[2]
        kinds.setdefault(row["class"]["value"], set()).add(kind)
    vines = "https://w3id.org/lucerna/scheme/clc/221"
    assert kinds[vines] == {"ChangeStratum", "LandCoverStratum"}

"""The labelling loop on real patches: 13 bands, simulated answers, by the service."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from acceptance_service import label, served
from acceptance_walk import lucerna, told

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"
PATCHES = DATA / "eurosat-ms"
BANDS = "B01,B02,B03,B04,B05,B06,B07,B08,B09,B10,B11,B12,B8A"
CATEGORIES = ("Forest", "Industrial", "SeaLake", "Residential")
BATCHES = 2

pytestmark = pytest.mark.skipif(
    not PATCHES.is_dir(), reason=f"no test data: {PATCHES}; see LUCERNA_TEST_DATA"
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All 216 patches, each a small scene, described and cut by command."""
    folder = tmp_path_factory.mktemp("eurosat")
    names = []
    for file in sorted(PATCHES.glob("*/*.tif")):
        shutil.copyfile(file, folder / file.name)
        names.append(file.name)
    assert len(names) == 216
    options = ["--sensor", "sentinel-2-l1c", "--bands", BANDS, "--scale", "0.0001"]
    when = ["--datetime", "2017-01-01/2018-12-31", "--note", "date not known"]
    done = lucerna("describe", *names, *options, *when, cwd=folder)
    assert done.returncode == 0, done.stderr
    added = told(lucerna("patches", *names, "--kb", "kb", "--json", cwd=folder))
    assert (added["scenes"], added["patches"]) == (216, 216)
    again = told(lucerna("patches", *names[:3], "--kb", "kb", "--json", cwd=folder))
    assert again["patches"] == 0
    return folder / "kb"


@pytest.fixture(scope="module")
def client(kb: Path) -> Iterator[httpx.Client]:
    """The service over the catalogue."""
    with served(kb) as client:
        yield client


def showing(name: str) -> Callable[[str], bool]:
    """Whether a patch is of a class, by the name of its file."""
    return lambda patch: name in patch


def test_the_loop_finds_a_category_better_than_random_labelling(
    client: httpx.Client,
) -> None:
    found = {"diverse": 0, "random": 0}
    for name in CATEGORIES:
        for strategy in found:
            title = f"{name} by {strategy}"
            added = client.post("/labelling/categories", json={"title": title}).json()
            state = label(client, added["name"], strategy, showing(name), BATCHES)
            assert sum(state["counters"][one] for one in ("positive", "negative")) == 48
            found[strategy] += state["counters"]["positive"]
    print(f"positives found with 48 labels a category: {found}")  # noqa: T201
    assert found["diverse"] > 1.5 * found["random"]

"""The page on real data runs as it stands, where the data are."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"
PLACE = DATA / "s2-barkbeetle-czechia-2019-2020"
CHMI = DATA / "weather-stations" / "czechia-chmi-monthly"


@pytest.mark.skipif(not DATA.is_dir(), reason="test data are not beside the checkout")
def test_the_page_tells_the_truth(tmp_path: Path) -> None:
    files = {
        "2019.tif": PLACE / "2019-09" / "S2_208748.tif",
        "2020.tif": PLACE / "2020-09" / "S2_208748.tif",
        "forest.tif": PLACE / "forest" / "forest_208748.tif",
        "okresy.geojson": DATA / "admin-units" / "czechia" / "okresy.geojson",
    }
    for name, source in files.items():
        shutil.copyfile(source, tmp_path / name)
    (tmp_path / "chmi").mkdir()
    for source in CHMI.glob("*.csv"):
        shutil.copyfile(source, tmp_path / "chmi" / source.name)
    path = ROOT / "tests" / "integration" / "console_blocks.py"
    spec = importlib.util.spec_from_file_location("console_blocks", path)
    assert spec is not None
    assert spec.loader is not None
    console_blocks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(console_blocks)
    assert console_blocks.run_page(ROOT / "docs" / "real-data.md", tmp_path) == 10

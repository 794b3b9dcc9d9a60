"""Real Sentinel-2 metadata are read as an independent reader reads them."""

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from imagery.bands import SENTINEL2_BANDS
from imagery.sentinel2 import read_product_metadata

DATA = Path(os.environ.get("LUCERNA_TEST_DATA", "../shared")) / "data/s2-safe-metadata"
PRODUCTS = sorted(DATA.glob("*/MTD_MSIL2A.xml"))


@pytest.mark.skipif(not DATA.is_dir(), reason="test data are not beside the checkout")
def test_real_metadata_agree_with_the_stac_items_beside_them() -> None:
    assert len(PRODUCTS) == 3
    offsets = set()
    for path in PRODUCTS:
        metadata = read_product_metadata(path)
        item = json.loads((path.parent / "expected_output.json").read_text("utf-8"))
        properties = item["properties"]
        expected_id = properties["s2:product_uri"].removesuffix(".SAFE")
        assert metadata.product_id == expected_id
        assert metadata.begins == datetime.fromisoformat(properties["datetime"])
        assert metadata.platform == properties["platform"].lower()
        assert metadata.relative_orbit == properties["sat:relative_orbit"]
        assert metadata.baseline == properties["s2:processing_baseline"]
        assert metadata.cloud_percent == pytest.approx(properties["eo:cloud_cover"])
        checked = 0
        for asset in item["assets"].values():
            bands = [band["name"] for band in asset.get("eo:bands", [])]
            if len(bands) != 1 or bands[0] not in SENTINEL2_BANDS:
                continue
            (stated,) = asset["raster:bands"]
            scale, offset = metadata.scaling(bands[0])
            assert (scale, offset) == (stated["scale"], stated["offset"])
            offsets.add(offset)
            href = asset["href"].removeprefix("./").rpartition(".")[0]
            assert href in {image.rpartition(".")[0] for image in metadata.images}
            checked += 1
        assert checked >= 9
    assert offsets == {0.0, -0.1}

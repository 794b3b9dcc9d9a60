"""Class rasters: with and without an item."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from imagery.context import read_context
from imagery.errors import UnreadableProduct
from imagery.stac import describe_raster, parse_datetime, read_item, sidecar, write_item
from imagery.synthetic import Sample


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    path = tmp_path / "forest.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=2,
        width=2,
        dtype="uint8",
        nodata=0,
        crs="EPSG:3857",
        transform=Affine(10, 0, 0, 0, -10, 0),
    ) as target:
        target.write(np.array([[[0, 1], [2, 3]]], np.uint8))
    return path


def test_a_raster_without_an_item_is_undocumented(classes: Path) -> None:
    context = read_context(classes)
    assert context.scheme is None
    assert context.classes == {}
    assert (context.begins, context.ends) == (None, None)
    assert context.note == "classes undocumented; date not stated"
    assert context.nodata == 0
    assert not context.simulated
    assert context.sha256 == hashlib.sha256(classes.read_bytes()).hexdigest()


def test_a_described_raster_tells_its_time_and_classes(classes: Path) -> None:
    begins, ends = parse_datetime("2022-01-01/2022-12-31")
    describe_raster(
        classes,
        sensor="context",
        begins=begins,
        ends=ends,
        note="later than the event",
        classes={1: "Spruce, old", 2: "Pine"},
    )
    context = read_context(classes)
    assert context.classes == {1: "Spruce, old", 2: "Pine"}
    assert (context.begins, context.ends) == (begins, ends)
    assert context.note == "later than the event"
    assert (context.scheme, context.nodata) == (None, 0)
    asset = read_item(sidecar(classes))["assets"]["data"]
    assert asset["classification:classes"][0] == {
        "value": 1,
        "name": "Spruce-old",
        "title": "Spruce, old",
    }
    assert "raster:scale" not in asset["bands"][0]


def test_scores_of_change_are_no_classes(classes: Path) -> None:
    begins, ends = parse_datetime("2022-01-01")
    describe_raster(classes, sensor="context", begins=begins, ends=ends)
    item = read_item(sidecar(classes))
    item["properties"]["lucerna:kind"] = "change"
    sidecar(classes).write_text(json.dumps(item), encoding="utf-8")
    with pytest.raises(UnreadableProduct, match="holds scores of change, no classes"):
        read_context(classes)


def test_land_cover_of_the_sample(sample: Sample) -> None:
    context = read_context(sample.land_cover)
    assert context.scheme == "clc"
    assert context.classes[221] == "Vineyards"
    assert context.simulated
    assert context.begins == datetime(2012, 1, 1, tzinfo=UTC)
    with rasterio.open(sample.land_cover) as raster:
        values = raster.read(1)
    assert set(np.unique(values).tolist()) == set(context.classes)


def test_a_class_raster_of_another_kind_is_read_by_its_item(tmp_path: Path) -> None:
    path = tmp_path / "map.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        height=1,
        width=3,
        dtype="uint16",
        nodata=0,
        crs="EPSG:32630",
        transform=Affine(10, 0, 0, 0, -10, 0),
    ) as target:
        target.write(np.array([[[0, 221, 511]]], np.uint16))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    values = [
        {"value": 221, "name": "vineyards", "title": "Vineyards"},
        {"value": 511, "name": "water"},
    ]
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "map",
        "properties": {
            "datetime": "2017-04-18T17:57:00Z",
            "lucerna:kind": "classification",
            "lucerna:scheme": "clc",
            "lucerna:simulated": True,
        },
        "assets": {
            "confidence": {"href": "./map-confidence.tif"},
            "data": {
                "href": "./map.tif",
                "bands": [{"name": "class", "nodata": 0}],
                "classification:classes": values,
                "file:checksum": "1220" + digest,
            },
        },
    }
    write_item(sidecar(path), item)
    context = read_context(path)
    assert (context.scheme, context.nodata, context.sha256) == ("clc", 0, digest)
    assert context.classes == {221: "Vineyards", 511: "water"}
    assert context.begins == context.ends == datetime(2017, 4, 18, 17, 57, tzinfo=UTC)
    assert context.simulated


def test_no_raster_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableProduct):
        read_context(tmp_path / "missing.tif")

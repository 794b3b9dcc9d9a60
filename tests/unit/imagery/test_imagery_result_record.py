"""Runs that stay what they were, and records that are held only when sound."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rasterio
import shapely
from affine import Affine

from imagery.errors import ImageryError, UnreadableProduct
from imagery.result_record import (
    checked_raster,
    checked_run,
    held_record,
    raster_asset,
    read_as,
    result_item,
    run_digest,
)
from imagery.scene import BandFile, Scene, files_sha256


def write(path: Path) -> None:
    """Two bands of which the first has a name."""
    options = {"nodata": 255, "crs": "+proj=laea +lat_0=45", "dtype": "uint8"}
    with rasterio.open(
        path, "w", driver="GTiff", count=2, height=3, width=4,
        transform=Affine(10, 0, 500, 0, -10, 900), **options,
    ) as target:  # fmt: skip
        target.set_band_description(1, "score")


def scene(name: str, quantity: str = "reflectance") -> Scene:
    moment = datetime(2017, 4, 1, tzinfo=UTC)
    return Scene(
        id=name,
        product_id=name,
        sensor="sentinel-2-l2a",
        platform="sentinel-2a",
        level="L2A",
        begins=moment,
        ends=moment,
        footprint=shapely.box(0, 0, 1, 1),
        bands={"B02": BandFile(Path("a.tif"), 1, 1e-4, -0.1, 0, quantity)},
        classification=None,
        tile=None,
        relative_orbit=None,
        cloud_percent=None,
        baseline=None,
        simulated=False,
        sha256="a" * 64,
        note=None,
    )


def test_a_scene_is_its_pixels_and_how_they_are_read() -> None:
    plain = read_as(scene("a"), quantity=False)
    assert plain == {
        "product": "a",
        "sha256": "a" * 64,
        "times": ["2017-04-01T00:00:00Z", "2017-04-01T00:00:00Z"],
        "bands": {
            "B02": [
                1,
                1e-4,
                -0.1,
                "0",
            ]
        },
        "classification": False,
    }
    told = read_as(scene("a", "backscatter"), quantity=True)
    assert told == plain | {"bands": {"B02": [1, 1e-4, -0.1, "0", "backscatter"]}}


def test_a_run_is_the_digest_of_sorted_json() -> None:
    """`printf '{"a":[1,2.5],"b":"x"}' | sha256sum`."""
    assert run_digest({"b": "x", "a": [1, 2.5]}) == "5cefae54a95b"
    assert checked_run("0123456789ab") == "0123456789ab"
    for wrong in ("0123456789a", "0123456789AB", "0123456789ab\n"):
        with pytest.raises(ValueError, match="is no run"):
            checked_run(wrong)


def test_a_raster_must_be_what_its_asset_says(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    told = {"beside": "class raster", "command": "lucerna classify"}
    write(path)
    digest = files_sha256([path])
    asset = raster_asset(path, digest)
    assert checked_raster(path, asset, **told) == digest
    path.write_bytes(b"others")
    with pytest.raises(UnreadableProduct, match="has changed since"):
        checked_raster(path, asset, **told)
    path.unlink()
    with pytest.raises(
        UnreadableProduct, match=r"beside the class raster: .*`lucerna classify`"
    ):
        checked_raster(path, asset, **told)


def test_an_asset_tells_grid_bands_and_meaning(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write(path)
    asset = raster_asset(path, "ab", kept_as="b.tif", classes={1: "not seen"})
    assert asset == {
        "href": "./b.tif",
        "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        "roles": ["data"],
        "bands": [
            {"name": "score", "data_type": "uint8", "nodata": 255},
            {"name": "a", "data_type": "uint8", "nodata": 255},
        ],
        "proj:shape": [3, 4],
        "proj:transform": [10, 0, 500, 0, -10, 900],
        "file:checksum": "1220ab",
        "file:size": path.stat().st_size,
        "classification:classes": [
            {"value": 1, "name": "not-seen", "title": "not seen"}
        ],
    }


def test_an_item_stands_where_its_raster_is(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write(path)
    item = result_item(
        path,
        identifier="a",
        begins=datetime(2020, 1, 1, tzinfo=UTC),
        ends=datetime(2020, 1, 2, tzinfo=UTC),
        properties={"lucerna:kind": "test"},
        assets={"data": raster_asset(path, "ab")},
    )
    properties = item["properties"]
    assert "LAMBERT AZIMUTHAL" in properties.pop("proj:wkt2").upper()
    assert properties == {
        "datetime": None,
        "start_datetime": "2020-01-01T00:00:00Z",
        "end_datetime": "2020-01-02T00:00:00Z",
        "lucerna:kind": "test",
    }
    west, south, east, north = item["bbox"]
    assert (west, south) == pytest.approx((500 / 78_847, 45 + 870 / 111_132), rel=1e-3)
    assert (east, north) == pytest.approx((540 / 78_847, 45 + 900 / 111_132), rel=1e-3)
    named = [one.split("/")[3] for one in item["stac_extensions"]]
    assert named == ["projection", "file"]


@dataclass(frozen=True)
class _Record:
    run: str


def test_a_record_is_held_for_its_run_alone(tmp_path: Path) -> None:
    out = tmp_path / "a.tif"

    def read(path: Path) -> _Record:
        if path.read_bytes() != b"sound":
            raise ImageryError("damaged")
        return _Record("one")

    assert held_record(out, "one", read) is None
    out.write_bytes(b"sound")
    assert held_record(out, "one", read) is None
    (tmp_path / "a.json").touch()
    assert held_record(out, "one", read) == _Record("one")
    assert held_record(out, "two", read) is None
    out.write_bytes(b"damaged")
    assert held_record(out, "one", read) is None

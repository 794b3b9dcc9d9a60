"""Patches of a raster whose pixels are known; then in the catalogue."""

import io
import logging
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from pyproj import Transformer
from rasterio.transform import from_origin

from imagery.errors import ImageryError
from imagery.scene import Scene, open_scene
from imagery.stac import describe_raster
from lucerna.database import open_catalogue
from mining.catalogue.descriptors import describe, descriptor_names
from mining.catalogue.filling import Added, add_scenes
from mining.catalogue.patches import CutPatch, cut_patches

WEST, NORTH = 600_000.0, 5_000_000.0


def write_raster(folder: Path, height: int, width: int, name: str = "place") -> Path:
    """Three bands whose numbers tell row and column; the upper right has no data."""
    rows, columns = np.mgrid[:height, :width]
    values = np.stack([1000 + rows, 1000 + columns, 1000 + rows + columns])
    values[:, :40, 64:] = 0
    path = folder / f"{name}.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height,
        width=width,
        count=3,
        dtype="uint16",
        nodata=0,
        crs="EPSG:32630",
        transform=from_origin(WEST, NORTH, 10, 10),
    ) as out:
        out.write(values.astype(np.uint16))
    moment = datetime(2020, 6, 1, tzinfo=UTC)
    describe_raster(
        path,
        sensor="sentinel-2-l2a",
        begins=moment,
        ends=moment,
        bands=["B04", "B03", "B02"],
        scale=0.0001,
    )
    return path


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    """150 x 200 pixels: three patches of 64 above, three below, and a rest."""
    return write_raster(tmp_path, 150, 200)


@pytest.fixture
def scene(raster: Path) -> Scene:
    return open_scene(raster)


def cut(scene: Scene, size: int = 64) -> list[CutPatch | None]:
    return list(cut_patches(scene, size))


def test_patches_tile_the_grid_and_empty_ones_are_passed_over(scene: Scene) -> None:
    found = cut(scene)
    assert len(found) == 6
    whole = [one for one in found if one is not None]
    places = {(one.patch.row, one.patch.column) for one in whole}
    assert places == {(0, 0), (1, 0), (1, 1), (1, 2)}, "40 of 64 rows lack data above"
    assert {one.patch.id for one in whole} == {
        f"{scene.id}-64-{row}-{column}" for row, column in places
    }
    assert {one.patch.valid_share for one in whole} == {1.0}


def test_pixels_and_outline_are_those_of_the_place(scene: Scene) -> None:
    (lower_right,) = [
        one for one in cut(scene) if one and (one.patch.row, one.patch.column) == (1, 2)
    ]
    assert lower_right.pixels.shape == (3, 64, 64)
    blue, green, red = lower_right.pixels[:, 0, 0]
    assert red == pytest.approx(0.1064)
    assert green == pytest.approx(0.1128)
    assert blue == pytest.approx(0.1192)
    to_map = Transformer.from_crs("OGC:CRS84", "EPSG:32630", always_xy=True)
    x, y = to_map.transform(*lower_right.patch.geometry.exterior.coords.xy)
    assert min(x) == pytest.approx(WEST + 1280, abs=0.02)
    assert max(x) == pytest.approx(WEST + 1920, abs=0.02)
    assert max(y) == pytest.approx(NORTH - 640, abs=0.02)
    assert min(y) == pytest.approx(NORTH - 1280, abs=0.02)


def test_half_a_patch_of_data_is_enough(scene: Scene) -> None:
    shares = {
        (one.patch.row, one.patch.column): one.patch.valid_share
        for one in cut(scene, 72)
        if one
    }
    assert shares == {
        (0, 0): pytest.approx(1 - 40 * 8 / 72**2),
        (1, 0): 1.0,
        (1, 1): 1.0,
    }, "of (0, 1) 40 of 72 rows lack data"


def test_blocks_do_not_change_patches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = open_scene(write_raster(tmp_path, 130, 200))
    whole = {one.patch.id: one for one in cut(scene, 32) if one}
    monkeypatch.setattr("mining.catalogue.patches._BLOCK_PX", 64)
    parts = {one.patch.id: one for one in cut(scene, 32) if one}
    assert parts.keys() == whole.keys()
    for name, one in parts.items():
        assert one.patch == whole[name].patch
        assert np.array_equal(one.pixels, whole[name].pixels, equal_nan=True)


def test_a_scene_smaller_than_a_patch_is_refused(scene: Scene) -> None:
    with pytest.raises(ImageryError, match="200 x 150 pixels, too few"):
        cut(scene, 160)


def test_a_scene_comes_into_the_catalogue_once(raster: Path, database_url: str) -> None:
    calls: list[tuple[int, int]] = []
    with open_catalogue(database_url) as catalogue:
        added = add_scenes(
            catalogue, [raster], progress=lambda *steps: calls.append(steps)
        )
        assert added == Added(scenes=1, patches=4, passed_over=2, already=0)
        assert calls == [(done, 6) for done in range(1, 7)]
        assert add_scenes(catalogue, [raster]) == Added(0, 0, 0, 1)
        assert add_scenes(catalogue, [raster], size=32) == Added(1, 20, 4, 0)
        (descriptor_set,) = catalogue.descriptor_sets()
        bands = ("B02", "B03", "B04")
        assert catalogue.names(descriptor_set) == descriptor_names(bands)
        ids, vectors = catalogue.vectors(descriptor_set)
        (known,) = [
            one for one in cut(open_scene(raster)) if one and one.patch.row == 0
        ]
        stored = vectors[ids.index(known.patch.id)]
        assert np.array_equal(stored, describe(known.pixels, bands))
        picture = catalogue.thumbnail(known.patch.id)
        assert picture is not None
        with Image.open(io.BytesIO(picture)) as image:
            assert image.size == (64, 64)
            assert np.asarray(image)[..., 3].min() == 255


def test_an_interrupted_cut_is_taken_up_again(
    raster: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mining.catalogue.filling._STORED_AT_ONCE", 2)

    def interrupt(done: int, _: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with open_catalogue(database_url) as catalogue:
        with pytest.raises(KeyboardInterrupt):
            add_scenes(catalogue, [raster], progress=interrupt)
        assert sum(catalogue.descriptor_sets().values()) == 2
        assert add_scenes(catalogue, [raster]).patches == 4
        assert sum(catalogue.descriptor_sets().values()) == 4


def test_a_scene_without_data_is_warned_of(
    tmp_path: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_raster(tmp_path, 64, 128, "empty")
    with rasterio.open(path, "r+") as raster:
        raster.write(np.zeros((3, 64, 128), np.uint16))
    path.with_suffix(".json").unlink()
    moment = datetime(2020, 6, 1, tzinfo=UTC)
    describe_raster(
        path,
        sensor="sentinel-2-l2a",
        begins=moment,
        ends=moment,
        bands=["B04", "B03", "B02"],
        scale=0.0001,
    )
    with (
        open_catalogue(database_url) as catalogue,
        caplog.at_level(logging.WARNING, "mining"),
    ):
        assert add_scenes(catalogue, [path]) == Added(1, 0, 2, 0)
    assert "gave no patch: in none of its 2 squares of 64 pixels" in caplog.text


def test_too_small_a_size_is_refused(raster: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    with (
        open_catalogue(url) as catalogue,
        pytest.raises(ImageryError, match="at least 16"),
    ):
        add_scenes(catalogue, [raster], size=8)

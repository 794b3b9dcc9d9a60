"""Windows read with scale, offset and nodata; COGs."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from imagery.errors import GridMismatch, UnreadableProduct
from imagery.grid import common_grid
from imagery.raster import (
    open_raster,
    open_reflectance,
    open_values,
    write_cog,
)
from imagery.scene import BandFile

WEST, NORTH = 700_000, 5_000_000
WriteTif = Callable[..., Path]


@pytest.fixture
def write_tif(tmp_path: Path) -> WriteTif:
    def write(
        name: str, array: NDArray[np.generic], metres: float = 10, west: float = WEST
    ) -> Path:
        path = tmp_path / name
        bands, height, width = array.shape
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            count=bands,
            height=height,
            width=width,
            dtype=array.dtype,
            crs="EPSG:32630",
            transform=Affine(metres, 0, west, 0, -metres, NORTH),
        ) as target:
            target.write(array)
        return path

    return write


def pixels(
    bands: Sequence[BandFile], geobox: GeoBox, window: Window
) -> NDArray[np.float32]:
    with open_reflectance(bands, geobox) as read:
        return read(window)


def ten_metres(
    rows: int, columns: int, west: float = WEST, north: float = NORTH
) -> GeoBox:
    return GeoBox((rows, columns), Affine(10, 0, west, 0, -10, north), "EPSG:32630")


def test_reflectance_takes_nodata_out_before_the_offset(write_tif: WriteTif) -> None:
    path = write_tif("a.tif", np.array([[[0, 1000, 2500]]], np.uint16))
    band = BandFile(path, 1, 1e-4, -0.1, 0)
    values = pixels([band], ten_metres(1, 3), Window(0, 0, 3, 1))
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, [[[np.nan, 0.0, 0.15]]], atol=1e-7)


def test_nan_nodata_and_bands_of_one_file_in_any_order(write_tif: WriteTif) -> None:
    stack = np.array([[[1, np.nan]], [[3, 4]]], np.float32)
    path = write_tif("f.tif", stack)
    bands = [BandFile(path, 2, 2.0, 0.0, np.nan), BandFile(path, 1, 1.0, 1.0, np.nan)]
    values = pixels(bands, ten_metres(1, 2), Window(0, 0, 2, 1))
    np.testing.assert_array_equal(values, [[[6, 8]], [[2, np.nan]]])


def test_twenty_metre_band_is_replicated_exactly(write_tif: WriteTif) -> None:
    coarse = np.arange(1, 13, dtype=np.uint16).reshape(1, 3, 4)
    path = write_tif("c.tif", coarse, metres=20)
    band = BandFile(path, 1, 1.0, 0.0, None)
    whole = pixels([band], ten_metres(6, 8), Window(0, 0, 8, 6))
    np.testing.assert_array_equal(whole[0], np.kron(coarse[0], np.ones((2, 2))))
    odd = pixels([band], ten_metres(6, 8), Window(3, 1, 4, 3))
    np.testing.assert_array_equal(odd, whole[:, 1:4, 3:7])


def test_a_shifted_common_grid_reads_the_same_ground(write_tif: WriteTif) -> None:
    fine = np.arange(1, 61, dtype=np.uint16).reshape(1, 6, 10)
    coarse = np.arange(101, 116, dtype=np.uint16).reshape(1, 3, 5)
    fine_band = BandFile(write_tif("fine.tif", fine), 1, 1.0, 0.0, 0)
    coarse_band = BandFile(write_tif("coarse.tif", coarse, metres=20), 1, 1.0, 0.0, 0)
    shared = common_grid(ten_metres(6, 10), ten_metres(6, 10, WEST + 30, NORTH - 10))
    values = pixels([fine_band, coarse_band], shared, Window(0, 0, 7, 5))
    np.testing.assert_array_equal(values[0], fine[0, 1:, 3:])
    replicated = np.kron(coarse[0], np.ones((2, 2)))
    np.testing.assert_array_equal(values[1], replicated[1:, 3:])


def test_a_pixel_takes_the_file_pixel_under_its_centre(write_tif: WriteTif) -> None:
    path = write_tif("a.tif", np.array([[[1, 2, 3, 4]]], np.uint8), west=WEST - 6)
    band = BandFile(path, 1, 1.0, 0.0, None)
    # centres lie 5, 15 and 25 m east of WEST, so 11, 21 and 31 m into the file
    values = pixels([band], ten_metres(1, 3), Window(0, 0, 3, 1))
    assert values.tolist() == [[[2, 3, 4]]]


def test_outside_a_file_is_nan_or_the_fill_value(write_tif: WriteTif) -> None:
    path = write_tif("a.tif", np.full((1, 2, 2), 5, np.uint8))
    band = BandFile(path, 1, 1.0, 0.0, None)
    around = ten_metres(4, 4, WEST - 10, NORTH + 10)
    expected = np.full((4, 4), np.nan)
    expected[1:3, 1:3] = 5
    values = pixels([band], around, Window(0, 0, 4, 4))
    np.testing.assert_array_equal(values[0], expected)
    far = pixels([band], around, Window(3, 0, 1, 4))
    assert np.isnan(far).all()
    with open_values([band], around, fill=9) as read:
        stored = read(Window(0, 0, 4, 4))
    assert stored.dtype == np.uint8
    np.testing.assert_array_equal(stored[0], np.nan_to_num(expected, nan=9))


def test_windows_put_together_are_the_whole(write_tif: WriteTif) -> None:
    array = np.random.default_rng(3).integers(0, 9000, (2, 23, 31)).astype(np.uint16)
    path = write_tif("a.tif", array)
    bands = [BandFile(path, number, 1e-4, 0.0, 0) for number in (1, 2)]
    geobox = ten_metres(23, 31)
    whole = pixels(bands, geobox, Window(0, 0, 31, 23))
    expected = np.where(array == 0, np.nan, array.astype(np.float32) * np.float32(1e-4))
    np.testing.assert_array_equal(whole, expected)
    with open_reflectance(bands, geobox) as read:
        for row in range(0, 23, 7):
            for column in range(0, 31, 9):
                window = Window(column, row, min(9, 31 - column), min(7, 23 - row))
                rows, columns = window.toslices()
                np.testing.assert_array_equal(read(window), whole[:, rows, columns])


def test_another_crs_is_refused(write_tif: WriteTif) -> None:
    band = BandFile(write_tif("a.tif", np.ones((1, 2, 2), np.uint8)), 1, 1.0, 0.0, None)
    other = GeoBox((2, 2), Affine(10, 0, 0, 0, -10, 0), "EPSG:3857")
    with pytest.raises(GridMismatch, match="EPSG:32630 and the grid in EPSG:3857"):
        pixels([band], other, Window(0, 0, 2, 2))


def test_open_raster_refuses_what_is_no_georeferenced_raster(tmp_path: Path) -> None:
    text = tmp_path / "a.tif"
    text.write_text("no raster")
    with (
        pytest.raises(UnreadableProduct, match=r"not a readable raster: .*a\.tif"),
        open_raster(text),
    ):
        pass
    bare = tmp_path / "bare.tif"
    with rasterio.open(
        bare, "w", driver="GTiff", height=2, width=2, count=1, dtype="uint8"
    ) as target:
        target.write(np.ones((1, 2, 2), np.uint8))
    with pytest.raises(UnreadableProduct, match="without a CRS"), open_raster(bare):
        pass


def test_cog_keeps_pixels_and_has_overviews(
    write_tif: WriteTif, tmp_path: Path
) -> None:
    array = np.random.default_rng(5).integers(0, 255, (1, 700, 1100)).astype(np.uint8)
    source = write_tif("a.tif", array)
    write_cog(tmp_path / "one.tif", source)
    write_cog(tmp_path / "two.tif", source)
    with rasterio.open(tmp_path / "one.tif") as cog:
        np.testing.assert_array_equal(cog.read(), array)
        assert cog.overviews(1) == [2, 4]
        assert cog.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert cog.block_shapes == [(512, 512)]
    assert (tmp_path / "one.tif").read_bytes() == (tmp_path / "two.tif").read_bytes()


def test_an_interrupted_cog_leaves_the_older_file(
    write_tif: WriteTif, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_tif("source.tif", np.ones((1, 4, 4), np.uint8))
    target = tmp_path / "cog.tif"
    target.write_bytes(b"older")

    def stop_halfway(_source: object, part: Path, **_options: str) -> None:
        part.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("rasterio.shutil.copy", stop_halfway)
    with pytest.raises(KeyboardInterrupt):
        write_cog(target, source)
    assert target.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cog.tif", "source.tif"]


def test_cog_of_a_missing_source_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableProduct):
        write_cog(tmp_path / "a.tif", tmp_path / "missing.tif")
    assert list(tmp_path.iterdir()) == []

"""Backscatter on another grid: exact, seam-free, in power."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.windows import Window
from scipy.ndimage import map_coordinates

from imagery.backscatter import open_backscatter
from imagery.errors import ImageryError
from imagery.raster import open_reflectance
from imagery.scene import BandFile

WEST, NORTH = 700_000, 5_000_000
WriteTif = Callable[..., Path]
POWER = np.random.default_rng(3).gamma(4.4, 0.02, (2, 40, 50)).astype(np.float32)
HOLED = np.where(np.random.default_rng(4).random(POWER.shape) < 0.1, np.nan, POWER)


def write_tif(
    path: Path, array: NDArray[np.generic], transform: Affine | None = None
) -> Path:
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
        transform=transform or Affine(10, 0, WEST, 0, -10, NORTH),
    ) as target:
        target.write(array)
    return path


def linear(path: Path, index: int = 1) -> BandFile:
    return BandFile(path, index, 1.0, 0.0, np.nan, "backscatter")


def grid(
    rows: int,
    columns: int,
    west: float = WEST,
    north: float = NORTH,
    metres: float = 10,
) -> GeoBox:
    corner = Affine(metres, 0, west, 0, -metres, north)
    return GeoBox((rows, columns), corner, "EPSG:32630")


def read(
    bands: list[BandFile], geobox: GeoBox, window: Window | None = None
) -> NDArray[np.float32]:
    height, width = geobox.shape
    with open_backscatter(bands, geobox) as read_power:
        return read_power(window or Window(0, 0, width, height))


def test_on_its_own_grid_it_is_the_file_to_the_last_bit(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", HOLED.astype(np.float32))
    power = read([linear(path, 2), linear(path, 1)], grid(40, 50))
    assert power.dtype == np.float32
    np.testing.assert_array_equal(power, HOLED[::-1].astype(np.float32))
    moved = read([linear(path)], grid(20, 30, WEST + 70, NORTH - 90))
    np.testing.assert_array_equal(moved[0], HOLED[0, 9:29, 7:37].astype(np.float32))


def test_a_quarter_of_a_pixel_by_hand(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", np.array([[[1, 2, 4, 8]]], np.float32))
    # a centre 2.5 m east of the file's takes 3/4 of it and 1/4 of the next; the last
    # has no next
    power = read([linear(path)], grid(1, 4, WEST + 2.5))
    assert power.tolist() == [[[1.25, 2.5, 5.0, 8.0]]]
    # and 2.5 m west of it 1/4 of the one before
    power = read([linear(path)], grid(1, 4, WEST - 2.5))
    assert power.tolist() == [[[1.0, 1.75, 3.5, 7.0]]]


def test_pixels_without_data_get_no_weight(tmp_path: Path) -> None:
    path = write_tif(
        tmp_path / "a.tif", np.array([[[1, np.nan, 4], [3, 5, 6]]], np.float32)
    )
    power = read([linear(path)], grid(2, 3, WEST + 2.5, NORTH - 2.5))
    # weights 9/16, 3/16, 3/16, 1/16 of the pixel, right, below, right below
    first = (9 * 1 + 3 * 3 + 1 * 5) / 13
    right = (9 * 4 + 3 * 6) / 12
    expected = [[first, np.nan, right], [(12 * 3 + 4 * 5) / 16, (15 + 6) / 4, 6]]
    np.testing.assert_allclose(power[0], expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("west", "north", "metres"), [(3.75, -6.25, 10), (21.3, -14.7, 4), (12, -8, 23)]
)
def test_it_equals_scipy_on_other_phases_and_resolutions(
    tmp_path: Path, west: float, north: float, metres: float
) -> None:
    path = write_tif(tmp_path / "a.tif", POWER)
    geobox = grid(15, 18, WEST + west, NORTH + north, metres)
    rows = (-north + (np.arange(15) + 0.5) * metres) / 10 - 0.5
    columns = (west + (np.arange(18) + 0.5) * metres) / 10 - 0.5
    places = np.meshgrid(rows, columns, indexing="ij")
    expected = [map_coordinates(p.astype(float), places, order=1) for p in POWER]
    power = read([linear(path), linear(path, 2)], geobox)
    np.testing.assert_allclose(power, expected, rtol=1e-6)


@pytest.mark.parametrize("turned", [False, True])
def test_it_equals_scipy_across_crs_and_on_turned_files(
    tmp_path: Path, turned: bool
) -> None:
    transform = Affine(10, 0, WEST, 0, -10, NORTH)
    if turned:
        transform = transform @ Affine.rotation(20)
    path = write_tif(tmp_path / "a.tif", POWER, transform)
    to_other = Transformer.from_crs(32630, 32631, always_xy=True)
    x, y = to_other.transform(*(transform @ (24, 19)))
    crs, corner = "EPSG:32631", Affine(9, 0, x - 60, 0, -9, y + 50)
    if turned:
        x, y = transform @ (24, 19)
        crs, corner = "EPSG:32630", Affine(9, 0, x - 60, 0, -9, y + 50)
    columns, rows = np.meshgrid(np.arange(12) + 0.5, np.arange(11) + 0.5)
    map_x, map_y = columns * 9 + corner.c, rows * -9 + corner.f
    if not turned:
        back = Transformer.from_crs(32631, 32630, always_xy=True)
        map_x, map_y = back.transform(map_x, map_y)
    place_x, place_y = ~transform @ (map_x, map_y)
    expected = map_coordinates(
        POWER[0].astype(float), [place_y - 0.5, place_x - 0.5], order=1
    )
    power = read([linear(path)], GeoBox((11, 12), corner, crs))
    np.testing.assert_allclose(power[0], expected, rtol=1e-5)


@settings(max_examples=25, deadline=None)
@given(
    row=st.integers(-6, 40),
    column=st.integers(-6, 50),
    height=st.integers(1, 30),
    width=st.integers(1, 30),
    crs=st.sampled_from(["EPSG:32630", "EPSG:32631"]),
)
def test_a_pixel_has_the_same_bytes_in_every_window(
    holed: Path, row: int, column: int, height: int, width: int, crs: str
) -> None:
    x, y = (
        (WEST + 3.7, NORTH - 2.9)
        if crs == "EPSG:32630"
        else Transformer.from_crs(32630, 32631, always_xy=True).transform(WEST, NORTH)
    )
    geobox = GeoBox((45, 55), Affine(9.5, 0, x, 0, -9.5, y), crs)
    bands = [linear(holed), linear(holed, 2)]
    part = read(bands, geobox, Window(column, row, width, height))
    whole = read(bands, geobox, Window(-6, -6, 90, 80))
    rows, columns = (
        slice(row + 6, row + 6 + height),
        slice(column + 6, column + 6 + width),
    )
    assert part.tobytes() == whole[:, rows, columns].tobytes()
    assert np.isfinite(whole).mean() > 0.2


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("holed") / "a.tif"
    return write_tif(path, HOLED.astype(np.float32))


def test_amplitude_and_decibels_become_power(tmp_path: Path) -> None:
    numbers = np.array([[[0, 500, 2000, 14125]]], np.uint16)
    amplitude = write_tif(tmp_path / "dn.tif", numbers)
    decibels = 20 * np.log10([500, 2000, 14125]) - 83
    stored = np.array([[[np.nan, *decibels]]], np.float32)
    db = write_tif(tmp_path / "db.tif", stored)
    power = read(
        [
            BandFile(amplitude, 1, 10 ** (-83 / 20), 0.0, 0, "backscatter_amplitude"),
            BandFile(db, 1, 1.0, 0.0, np.nan, "backscatter_db"),
        ],
        grid(1, 4),
    )
    expected = 10 ** (decibels / 10)
    assert np.isnan(power[:, 0, 0]).all()
    np.testing.assert_allclose(power[:, 0, 1:], [expected, expected], rtol=1e-6)
    # DN 14125 lies at 20 * 4.15 - 83 = 0 dB
    assert power[0, 0, 3] == pytest.approx(1.0, rel=1e-4)


def test_interpolation_is_in_power_not_in_decibels(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "db.tif", np.array([[[-20, 0]]], np.float32))
    band = BandFile(path, 1, 1.0, 0.0, None, "backscatter_db")
    power = read([band], grid(1, 1, WEST + 2.5))
    assert power.item() == pytest.approx(0.75 * 0.01 + 0.25 * 1.0)


def test_power_of_the_border_is_no_measurement(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", np.array([[[0, -1e-4, 2, 4]]], np.float32))
    power = read([linear(path)], grid(1, 4, WEST - 2.5))
    np.testing.assert_array_equal(power, [[[np.nan, np.nan, 2, 3.5]]])


def test_bands_of_two_files_with_grids_of_their_own(tmp_path: Path) -> None:
    vv = write_tif(tmp_path / "vv.tif", POWER[:1])
    shifted = Affine(10, 0, WEST + 40, 0, -10, NORTH - 20)
    vh = write_tif(tmp_path / "vh.tif", POWER[1:], shifted)
    power = read([linear(vh), linear(vv)], grid(10, 10))
    np.testing.assert_array_equal(power[1], POWER[0, :10, :10])
    np.testing.assert_array_equal(power[0, 2:, 4:], POWER[1, :8, :6])
    assert np.isnan(power[0, :2]).all()
    assert np.isnan(power[0, :, :4]).all()


def test_far_from_the_file_there_is_nothing(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", POWER)
    assert np.isnan(read([linear(path)], grid(3, 3, WEST + 10_000))).all()


def test_reflectance_and_backscatter_are_not_mixed_up(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", POWER)
    with (
        pytest.raises(ImageryError, match=r"reflectance and no backscatter; give"),
        open_backscatter([BandFile(path, 1, 1.0, 0.0, None)], grid(1, 1)),
    ):
        pass
    with (
        pytest.raises(ImageryError, match="backscatter and no reflectance; give"),
        open_reflectance([linear(path)], grid(1, 1)),
    ):
        pass

"""Streamed equals whole, and nothing is left of an interrupted run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from imagery.errors import ImageryError
from imagery.raster import open_reflectance
from imagery.scene import BandFile
from imagery.stream import Output, map_windows

SHAPE = (61, 83)
GRID = GeoBox(SHAPE, Affine(10, 0, 700_000, 0, -10, 5_000_000), "EPSG:32630")
A = np.random.default_rng(1).normal(size=(3, *SHAPE)).astype(np.float32)
B = np.random.default_rng(2).normal(size=SHAPE).astype(np.float32)


def read_a(window: Window) -> NDArray[np.float32]:
    return A[(slice(None), *window.toslices())]


def read_b(window: Window) -> NDArray[np.float32]:
    return B[window.toslices()]


def angle_and_sign(
    a: NDArray[np.float32], b: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    return np.sqrt((a * a).sum(axis=0)) * b, (b > 0).astype(np.uint8)


def run(folder: Path, block: int) -> tuple[Path, Path]:
    outputs = [
        Output(folder / "strength.tif", "float32", -1.0, {"METHOD": "test"}),
        Output(folder / "sign.tif", "uint8", 255),
    ]
    map_windows(angle_and_sign, [read_a, read_b], outputs, GRID, block=block)
    return outputs[0].path, outputs[1].path


def test_streamed_equals_whole(tmp_path: Path) -> None:
    strength, sign = run(tmp_path, 16)
    expected_strength, expected_sign = angle_and_sign(A, B)
    with rasterio.open(strength) as raster:
        np.testing.assert_array_equal(raster.read(1), expected_strength)
        assert raster.dtypes == ("float32",)
        assert raster.nodata == -1
        assert raster.tags()["METHOD"] == "test"
        assert raster.transform == GRID.affine
        assert raster.crs.to_epsg() == 32630
    with rasterio.open(sign) as raster:
        np.testing.assert_array_equal(raster.read(1), expected_sign)
        assert raster.dtypes == ("uint8",)
        assert raster.nodata == 255
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "sign.tif",
        "strength.tif",
    ]


@settings(max_examples=12, deadline=None)
@given(block=st.integers(5, 120))
def test_bytes_are_the_same_for_any_block_size(
    tmp_path_factory: pytest.TempPathFactory, block: int
) -> None:
    one = run(tmp_path_factory.mktemp("one"), block)
    other = run(tmp_path_factory.mktemp("other"), 512)
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def mean_of_25(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean of the known pixels of 5 x 5, without the two outermost rows and columns."""
    height, width = values.shape[-2] - 4, values.shape[-1] - 4
    shape = (*values.shape[:-2], height, width)
    total, count = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for row, column in np.ndindex(5, 5):
        part = values[..., row : row + height, column : column + width]
        total += np.where(np.isfinite(part), part, np.float32(0))
        count += np.isfinite(part)
    return total / count


@pytest.fixture(scope="module")
def wide_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A, on a file of its own."""
    path = tmp_path_factory.mktemp("wide") / "a.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=3,
        height=SHAPE[0],
        width=SHAPE[1],
        dtype="float32",
        crs="EPSG:32630",
        transform=GRID.affine,
    ) as target:
        target.write(A)
    return path


@settings(max_examples=12, deadline=None)
@given(block=st.integers(3, 90), margin=st.sampled_from([0, 1, 4]))
def test_streamed_with_a_halo_equals_whole(
    tmp_path_factory: pytest.TempPathFactory, wide_file: Path, block: int, margin: int
) -> None:
    rows, columns = SHAPE[0] - 2 * margin, SHAPE[1] - 2 * margin
    inner = GRID[margin : margin + rows, margin : margin + columns]
    bands = [BandFile(wide_file, index, 1.0, 0.0, None) for index in (1, 2, 3)]
    path = tmp_path_factory.mktemp("halo") / "mean.tif"
    names = ("first", "second", "third")
    output = Output(path, "float32", np.nan, bands=3, descriptions=names)
    with open_reflectance(bands, inner) as read:
        map_windows(
            lambda a: [mean_of_25(a)], [read], [output], inner, block=block, halo=2
        )
    # beyond the grid stand the file's own pixels, beyond the file none
    padded = np.pad(A, ((0, 0), (2, 2), (2, 2)), constant_values=np.nan)
    expected = mean_of_25(padded)[:, margin : margin + rows, margin : margin + columns]
    with rasterio.open(path) as raster:
        assert raster.read().tobytes() == expected.tobytes()
        assert raster.descriptions == names
        assert raster.transform == inner.affine


def test_a_function_that_keeps_its_halo_is_a_bug(tmp_path: Path) -> None:
    def read(window: Window) -> NDArray[np.float32]:
        return np.zeros((int(window.height), int(window.width)), np.float32)

    output = Output(tmp_path / "b.tif", "float32", None)
    with pytest.raises(AssertionError, match=r"shape \(65, 87\) for a window of"):
        map_windows(lambda b: [b], [read], [output], GRID, halo=2)
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_windows(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    map_windows(
        lambda b: [b],
        [read_b],
        [Output(tmp_path / "b.tif", "float32", None)],
        GRID,
        block=50,
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    output = Output(tmp_path / "new" / "b.tif", "float32", None)
    with pytest.raises(KeyboardInterrupt):
        map_windows(
            lambda b: [b], [read_b], [output], GRID, block=20, progress=interrupt
        )
    assert list((tmp_path / "new").iterdir()) == []


def test_a_failed_run_keeps_the_older_output(tmp_path: Path) -> None:
    def fail(_values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        raise ValueError("no")

    path = tmp_path / "b.tif"
    path.write_bytes(b"older")
    with pytest.raises(ValueError, match="no"):
        map_windows(fail, [read_b], [Output(path, "float32", None)], GRID)
    assert [(item.name, item.read_bytes()) for item in tmp_path.iterdir()] == [
        ("b.tif", b"older")
    ]


def test_a_function_with_too_few_results_is_an_error(tmp_path: Path) -> None:
    outputs = [Output(tmp_path / name, "float32", None) for name in ("a.tif", "b.tif")]
    with pytest.raises(ValueError, match="shorter"):
        map_windows(lambda b: [b], [read_b], outputs, GRID)
    assert list(tmp_path.iterdir()) == []


NOISE = np.random.default_rng(3).integers(0, 256, (1024, 1024), np.uint8)
ROOM = [3, 900, 400_000, 1_048_000, 1_049_500, 1_060_000, 1_300_000]
"""Bytes a file may have: to 1.05 million the uncompressed part fails, then the COG."""


@pytest.mark.parametrize("first", [True, False])
def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, first: bool, most_bytes: Callable[..., Any]
) -> None:
    """Also where GDAL says nothing, as when it closes a file."""
    grid = GeoBox(NOISE.shape, GRID.affine, "EPSG:32630")
    output = Output(tmp_path / "noise.tif", "uint8", None, {"METHOD": "test"})

    def run(progress: Callable[[int, int], None]) -> None:
        source = [lambda window: NOISE[window.toslices()]]
        map_windows(lambda x: [x], source, [output], grid, progress=progress)

    run(lambda *_: None)
    whole = output.path.read_bytes()
    output.path.unlink()
    for most in [*ROOM, len(whole) - 1]:
        with most_bytes(most) as limit:
            if first:
                limit()
            with pytest.raises(ImageryError, match=r"noise\.tif could not be written"):
                run(lambda done, total: limit() if done == total else None)
        assert list(tmp_path.iterdir()) == [], most
    with most_bytes(len(whole)) as limit:
        run(lambda *_: limit())
    assert output.path.read_bytes() == whole

"""Areas and confidence of classes against plain numpy and geodesic areas."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Geod, Transformer
from rasterio.transform import from_origin
from shapely.geometry import Polygon, box

from imagery.errors import GridMismatch
from mining.zonal.classes import ClassShare, class_statistics

WEST, NORTH = 700_000.0, 4_970_000.0
SHAPE = (30, 40)


def write(path: Path, values: np.ndarray, west: float = WEST) -> Path:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=values.shape[1],
        height=values.shape[0],
        count=1,
        dtype=values.dtype,
        crs="EPSG:32630",
        transform=from_origin(west, NORTH, 10, 10),
    ) as out:
        out.write(values, 1)
    return path


def cells(column: int, row: int, columns: int, rows: int) -> Polygon:
    """A block of pixels in CRS84."""
    west, north = WEST + 10 * column, NORTH - 10 * row
    shape = box(west, north - 10 * rows, west + 10 * columns, north)
    to_crs84 = Transformer.from_crs("EPSG:32630", "OGC:CRS84", always_xy=True)
    return shapely.transform(shape, to_crs84.transform, interleaved=False)


def geodesic_ha(shape: Polygon) -> float:
    return abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 10_000


@pytest.fixture
def arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Class numbers, confidence and basis, by chance but for a block of class 211."""
    rng = np.random.default_rng(4)
    classes = rng.choice(np.array([0, 112, 311, 65534], np.uint16), SHAPE)
    classes[:10, :10] = 211
    confidence = rng.integers(0, 101, SHAPE).astype(np.uint8)
    basis = rng.integers(1, 4, SHAPE).astype(np.uint8)
    basis[:10, :10] = 1
    confidence[classes == 0], basis[classes == 0] = 255, 0
    return classes, confidence, basis


@pytest.fixture
def rasters(
    arrays: tuple[np.ndarray, np.ndarray, np.ndarray], tmp_path: Path
) -> tuple[Path, Path, Path]:
    classes, confidence, basis = arrays
    return (
        write(tmp_path / "classes.tif", classes),
        write(tmp_path / "confidence.tif", confidence),
        write(tmp_path / "basis.tif", basis),
    )


def test_one_class_fills_a_block(
    rasters: tuple[Path, Path, Path],
    arrays: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    shape = cells(0, 0, 10, 10)
    (seen,) = class_statistics([shape], *rasters)
    mean = arrays[1][:10, :10].mean() / 100
    hectares = pytest.approx(geodesic_ha(shape), rel=1e-6)
    assert (seen.total_pixels, seen.valid_pixels) == (100, 100)
    assert seen.observed_ha == hectares
    assert seen.confidence == pytest.approx(mean)
    assert seen.classes == {
        211: ClassShare(hectares, pytest.approx(mean), hectares, 0, 0)
    }
    assert abs(geodesic_ha(shape) - 1.0) > 1e-4, "UTM square metres would pass unseen"


def test_all_classes_against_plain_numpy(
    rasters: tuple[Path, Path, Path],
    arrays: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    shape = cells(5, 3, 30, 20)
    (seen,) = class_statistics([shape], *rasters)
    classes, confidence, basis = (one[3:23, 5:35] for one in arrays)
    pixel = geodesic_ha(shape) / 600
    assert set(seen.classes) == {112, 211, 311, 65534}
    assert seen.total_pixels == 600
    assert seen.valid_pixels == (classes != 0).sum()
    assert seen.confidence == pytest.approx(confidence[classes != 0].mean() / 100)
    for value, share in seen.classes.items():
        one = classes == value
        assert share.confidence == pytest.approx(confidence[one].mean() / 100)
        by_basis = (share.optical_ha, share.radar_ha, share.both_ha)
        for number, hectares in enumerate(by_basis, start=1):
            expected = (one & (basis == number)).sum() * pixel
            assert hectares == pytest.approx(expected, rel=1e-4)
        assert share.hectares == pytest.approx(sum(by_basis))
    total = sum(share.hectares for share in seen.classes.values())
    assert seen.observed_ha == pytest.approx(total)


def test_without_a_class_or_off_the_raster_nothing_is_observed(tmp_path: Path) -> None:
    rasters = (
        write(tmp_path / "classes.tif", np.zeros(SHAPE, np.uint16)),
        write(tmp_path / "confidence.tif", np.full(SHAPE, 255, np.uint8)),
        write(tmp_path / "basis.tif", np.zeros(SHAPE, np.uint8)),
    )
    inside, off = class_statistics(
        [cells(35, 25, 10, 10), cells(200, 200, 5, 5)], *rasters
    )
    assert (inside.total_pixels, off.total_pixels) == (25, 0)
    for seen in (inside, off):
        assert (seen.valid_pixels, seen.observed_ha) == (0, 0)
        assert (seen.confidence, seen.classes) == (None, {})


def test_rasters_of_two_grids_are_refused(
    rasters: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    shifted = write(tmp_path / "shifted.tif", np.ones(SHAPE, np.uint8), WEST + 10)
    with pytest.raises(GridMismatch, match="is not on the grid of"):
        class_statistics([cells(0, 0, 1, 1)], *rasters[:2], shifted)


def test_progress_ends_at_all(rasters: tuple[Path, Path, Path]) -> None:
    calls: list[tuple[int, int]] = []
    class_statistics(
        [cells(0, 0, 1, 1)] * 2, *rasters, progress=lambda *call: calls.append(call)
    )
    assert calls == [(1, 2), (2, 2)]

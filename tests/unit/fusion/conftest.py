"""A small place seen by both sensors, with four fields and points in them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import Transformer

from fusion.classifier import Classifier
from fusion.features import FeatureSet
from fusion.registry import load_model
from fusion.stack import FusedStack, fuse
from fusion.training import train
from fusion.training_record import TrainingRun
from imagery.scene import BandFile, Scene, open_scene
from imagery.stac import describe_raster

SIDE = 64
AFFINE = Affine(10, 0, 500_000, 0, -10, 5_000_000)
BANDS = ("B03", "B04", "B08", "B11")
SPECTRA = {
    1: (0.05, 0.04, 0.40, 0.20),
    2: (0.08, 0.10, 0.20, 0.30),
    3: (0.05, 0.04, 0.40, 0.20),
    4: (0.06, 0.04, 0.01, 0.01),
}
"""Classes 1 and 3 look the same to Sentinel-2, 1 and 2 to Sentinel-1."""
POWER = {1: (0.10, 0.02), 2: (0.10, 0.02), 3: (0.50, 0.20), 4: (0.01, 0.001)}
NAMES = {1: "crop", 2: "bare", 3: "forest", 4: "water"}


@dataclass(frozen=True)
class Place:
    """The written place: class of each pixel, scenes, points."""

    truth: NDArray[np.int64]
    optical: Scene
    radar: Scene
    points: Path

    def stack(self, *sensors: str) -> FusedStack:
        given = sensors or ("optical", "radar")
        return fuse(
            self.optical if "optical" in given else None,
            self.radar if "radar" in given else None,
        )


def write_raster(path: Path, bands: NDArray[Any], **more: object) -> Path:
    """A GeoTIFF of (band, y, x) on the place's grid, or another one given."""
    profile = {"crs": "EPSG:32630", "transform": AFFINE} | more
    with rasterio.open(
        path, "w", driver="GTiff", count=len(bands), height=bands.shape[1],
        width=bands.shape[2], dtype=bands.dtype.name, **profile,
    ) as target:  # fmt: skip
        target.write(bands)
    return path


def write_points(path: Path, points: list[tuple[float, float, object]]) -> Path:
    """GeoJSON of (row, column, class) at pixel positions of the place's grid."""
    to_crs84 = Transformer.from_crs("EPSG:32630", "OGC:CRS84", always_xy=True)
    features = [
        {
            "type": "Feature",
            "properties": {"class": label},
            "geometry": {
                "type": "Point",
                "coordinates": to_crs84.transform(*(AFFINE @ (column, row))),
            },
        }
        for row, column, label in points
    ]
    text = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(text), encoding="utf-8")
    return path


def _truth() -> NDArray[np.int64]:
    """Fields of 8 x 8 pixels, classes in diagonals."""
    rows, columns = np.indices((SIDE, SIDE)) // 8
    return (rows + columns) % 4 + 1


def _planes(
    truth: NDArray[np.int64], values: dict[int, tuple[float, ...]], seed: int
) -> NDArray[np.float32]:
    table = np.array([values[one] for one in sorted(values)])
    noise = np.random.default_rng(seed).normal(1, 0.08, (table.shape[1], *truth.shape))
    return (np.moveaxis(table[truth - 1], -1, 0) * noise).astype(np.float32)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The place. Do not write into its folder."""
    folder = tmp_path_factory.mktemp("place")
    truth = _truth()
    seen = datetime(2020, 5, 1, 10, tzinfo=UTC)
    heard = datetime(2020, 5, 3, 6, tzinfo=UTC)
    optical = write_raster(folder / "optical.tif", _planes(truth, SPECTRA, 1))
    describe_raster(
        optical, sensor="sentinel-2-l2a", begins=seen, ends=seen, bands=BANDS,
        scale=1.0, nodata=float("nan"),
    )  # fmt: skip
    radar = write_raster(folder / "radar.tif", _planes(truth, POWER, 2))
    describe_raster(
        radar, sensor="sentinel-1-grd", begins=heard, ends=heard, bands=("VV", "VH"),
        quantity="linear",
    )  # fmt: skip
    rows, columns = np.indices((SIDE, SIDE)).reshape(2, -1)
    inner = np.flatnonzero((rows % 8 % 4 == 2) & (columns % 8 % 4 == 2))
    points = [
        (rows[i] + 0.5, columns[i] + 0.5, int(truth[rows[i], columns[i]]))
        for i in inner
    ]
    return Place(
        truth, open_scene(optical), open_scene(radar),
        write_points(folder / "points.geojson", points),
    )  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def few_trees() -> Iterator[None]:
    """Forests of 20 trees: enough for four fields, and quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fusion.forest.TREES", 20)
        yield


@pytest.fixture(scope="session")
def models(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model `fields`, version 1, a forest of both sensors."""
    folder = tmp_path_factory.mktemp("models")
    train(
        place.stack(), place.points, name="fields", folder=folder, class_names=NAMES,
        feature_set=FeatureSet(BANDS, ("VV", "VH"), 3),
    )  # fmt: skip
    return folder


@pytest.fixture
def with_clouds(tmp_path: Path) -> Callable[[Scene, NDArray[np.uint8]], Scene]:
    """A function that gives an optical scene a scene classification."""

    def classified(scene: Scene, scl: NDArray[np.uint8]) -> Scene:
        path = write_raster(tmp_path / "scl.tif", scl[None])
        return replace(scene, classification=BandFile(path, 1, 1.0, 0.0, None))

    return classified


@pytest.fixture(scope="session")
def loaded(models: Path) -> tuple[TrainingRun, Classifier]:
    """The model `fields` with its record."""
    return load_model(models, "fields")


@pytest.fixture
def fields(loaded: tuple[TrainingRun, Classifier]) -> TrainingRun:
    """The record of the model `fields`."""
    return loaded[0]

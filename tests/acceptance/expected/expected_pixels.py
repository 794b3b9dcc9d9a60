"""Change scores of a pair of SAFE folders, worked out with numpy and rasterio alone.

Nothing of the product is imported here. Constants and classes are those that the
product documents: the fixed map of each method to 0..100, and which scene classes
are clear or cloudy.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from defusedxml import ElementTree
from numpy.typing import NDArray
from rasterio.crs import CRS

BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
ALL_BANDS = (
    "B01", "B02", "B03", "B04", "B05", "B06", "B07",
    "B08", "B8A", "B09", "B10", "B11", "B12",
)  # fmt: skip
FULL = {"spectral-angle": 0.561, "cva": 0.150}
CLEAR_CLASSES = (4, 5, 6, 7, 11)
CLOUDY_CLASSES = (3, 8, 9, 10)
CLEAR, CLOUDY, MISSING = 0, 1, 2
NODATA = 255
TIE = 1e-3
"""Scores this near to a half may be rounded either way."""

Plane = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Where pixels lie: shape in rows and columns, transform, CRS."""

    shape: tuple[int, int]
    transform: Affine
    crs: CRS


@dataclass(frozen=True)
class Acquisition:
    """One date: what its metadata tell, and its pixels on the 10 m grid."""

    product_id: str
    begins: datetime
    ends: datetime
    begins_text: str
    ends_text: str
    reflectance: Plane
    quality: NDArray[np.uint8]
    grid: Grid


@dataclass(frozen=True)
class Comparison:
    """Scores of one method before and after rounding, and the common quality."""

    exact: Plane
    scores: NDArray[np.uint8]
    quality: NDArray[np.uint8]

    def doubtful(self) -> NDArray[np.bool_]:
        """Pixels whose score is so near to a half that it may be rounded either way."""
        tie = np.abs(self.exact - np.floor(self.exact) - 0.5) < TIE
        return tie & (self.scores != NODATA)


def read_safe(folder: Path) -> Acquisition:
    """One SAFE folder; bands at 20 m are repeated 2 x 2."""
    root = ElementTree.parse(folder / "MTD_MSIL2A.xml").getroot()
    quantification = float(_texts(root, "BOA_QUANTIFICATION_VALUE")[0])
    offsets = dict.fromkeys(ALL_BANDS, 0.0)
    for node in root.iter("BOA_ADD_OFFSET"):
        offsets[ALL_BANDS[int(node.attrib["band_id"])]] = float(node.text)
    images = {}
    for text in _texts(root, "IMAGE_FILE"):
        name, metres = re.search(r"_(B\w\w|SCL)_(\d\d)m$", text).groups()
        held = images.get(name, (None, 99))
        images[name] = min(held, (folder / f"{text}.jp2", int(metres)), key=_metres)
    with rasterio.open(images["B02"][0]) as finest:
        grid = Grid(finest.shape, finest.transform, finest.crs)
    stored = np.stack([_on_grid(images[name][0], grid) for name in BANDS])
    added = np.array([offsets[name] for name in BANDS])[:, None, None]
    reflectance = (stored.astype(np.float64) + added) / quantification
    reflectance[stored == 0] = np.nan
    begins, ends = (
        _texts(root, name)[0] for name in ("PRODUCT_START_TIME", "PRODUCT_STOP_TIME")
    )
    return Acquisition(
        product_id=_texts(root, "PRODUCT_URI")[0].removesuffix(".SAFE"),
        begins=datetime.fromisoformat(begins),
        ends=datetime.fromisoformat(ends),
        begins_text=begins,
        ends_text=ends,
        reflectance=reflectance,
        quality=_quality(_on_grid(images["SCL"][0], grid)),
        grid=grid,
    )


def compare(before: Acquisition, after: Acquisition, method: str) -> Comparison:
    """Scores 0..100, 255 where either date is cloudy or has no data."""
    quality = joint_quality(before.quality, after.quality)
    return compare_arrays(before.reflectance, after.reflectance, quality, method)


def compare_arrays(
    before: Plane, after: Plane, quality: NDArray[np.uint8], method: str
) -> Comparison:
    """The same from reflectances (band, y, x), NaN without data."""
    exact = 100.0 * magnitude(method, before, after) / FULL[method]
    missing = np.isnan(exact)
    quality = np.where(missing, MISSING, quality).astype(np.uint8)
    rounded = np.rint(np.minimum(np.where(missing, 0.0, exact), 100.0))
    scores = np.where(quality == CLEAR, rounded, NODATA).astype(np.uint8)
    return Comparison(exact, scores, quality)


def magnitude(method: str, before: Plane, after: Plane) -> Plane:
    """Spectral angle in radians, or root mean square of the differences."""
    if method == "cva":
        return np.sqrt(np.mean((after - before) ** 2, axis=0))
    product = np.einsum("byx,byx->yx", before, after)
    lengths = np.linalg.norm(before, axis=0) * np.linalg.norm(after, axis=0)
    return np.arccos(np.clip(product / lengths, -1.0, 1.0))


def joint_quality(
    one: NDArray[np.uint8], other: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """No data on either date wins over cloud on either date."""
    cloudy = (one == CLOUDY) | (other == CLOUDY)
    missing = (one == MISSING) | (other == MISSING)
    return np.where(missing, MISSING, np.where(cloudy, CLOUDY, CLEAR)).astype(np.uint8)


def _quality(classes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    clear, cloudy = np.isin(classes, CLEAR_CLASSES), np.isin(classes, CLOUDY_CLASSES)
    return np.select([clear, cloudy], [CLEAR, CLOUDY], MISSING).astype(np.uint8)


def _on_grid(path: Path, grid: Grid) -> NDArray[np.uint16]:
    with rasterio.open(path) as band:
        values = band.read(1)
        assert (band.crs, band.transform.c, band.transform.f) == (
            grid.crs, grid.transform.c, grid.transform.f,
        )  # fmt: skip
    times = grid.shape[0] // values.shape[0]
    return values.repeat(times, axis=0).repeat(times, axis=1)


def _texts(root: ElementTree, name: str) -> list[str]:
    return [str(node.text) for node in root.iter(name)]


def _metres(image: tuple[Path | None, int]) -> int:
    return image[1]

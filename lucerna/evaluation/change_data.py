"""Pairs with known change: Czech bark beetle and Californian wildfires."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from imagery.errors import UnreadableProduct
from imagery.indices import nbr
from imagery.raster import open_raster
from mining.change.methods import COMPARED_BANDS

Half = Literal["develop", "report"]

_PLACES = "s2-barkbeetle-czechia-2019-2020"
_FIRES = "ca-wildfire-s2"
_PLACE_BANDS = (
    "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12",
)  # fmt: skip
_FIRE_NIR, _FIRE_SWIR = 4, 5


@dataclass(frozen=True)
class KnownChange:
    """A pair of dates with the pixels that are known to have changed.

    Attributes:
        name: Of the place or event.
        before: Values `(band, y, x) float32`, NaN for nodata: reflectance of
            `COMPARED_BANDS`, or NBR alone.
        after: The same later.
        changed: `(y, x)`, True where the reference says change.
    """

    name: str
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    changed: NDArray[np.bool_]


def bark_beetle_places(data: Path, half: Half) -> list[str]:
    """Names of the places of one half.

    Raises:
        UnreadableProduct: The file of splits is missing.
    """
    return _half(data / "splits" / "barkbeetle.csv", "id", half)


def wildfires(data: Path, half: Half) -> list[str]:
    """Names of the events of one half.

    Raises:
        UnreadableProduct: The file of splits is missing.
    """
    return _half(data / "splits" / "wildfire.csv", "event", half)


def read_bark_beetle(data: Path, place: str) -> KnownChange:
    """September 2019 and 2020 of one place, with the mask of damage.

    Raises:
        UnreadableProduct: A raster is missing.
    """
    folder = data / _PLACES
    bands = [_PLACE_BANDS.index(band) + 1 for band in COMPARED_BANDS]

    def reflectance(month: str) -> NDArray[np.float32]:
        stored = _read(folder / month / f"S2_{place}.tif", bands)
        return np.where(stored == 0, np.float32(np.nan), stored / np.float32(10_000))

    mask = _read(folder / "mask" / f"mask_{place}.tif", [1])[0]
    return KnownChange(place, reflectance("2019-09"), reflectance("2020-09"), mask > 0)


def read_wildfire(data: Path, event: str) -> KnownChange:
    """NBR before and after a fire, with its perimeter.

    NBR after comes from the bands after the fire; NBR before is that plus the
    published difference, since the bands before are not given.

    Raises:
        UnreadableProduct: A raster is missing.
    """
    folder = data / _FIRES
    nir, swir = _read(folder / f"{event}_post.tif", [_FIRE_NIR, _FIRE_SWIR])
    after = nbr(nir.astype(np.float32), swir.astype(np.float32))[None]
    drop = _read(folder / f"{event}_dnbr.tif", [1]).astype(np.float32)
    mask = _read(folder / f"{event}_mask.tif", [1])[0]
    return KnownChange(event, after + drop, after, mask > 0)


def padded(values: NDArray[np.float32], halo: int) -> NDArray[np.float32]:
    """Values `(band, y, x)` with `halo` unknown pixels on all four sides."""
    rim = (halo, halo)
    return np.pad(values, ((0, 0), rim, rim), constant_values=np.nan)


def _half(splits: Path, column: str, half: Half) -> list[str]:
    if not splits.is_file():
        raise UnreadableProduct(f"{splits} is missing; give the folder that holds it")
    with splits.open(encoding="utf-8") as rows:
        names = [row[column] for row in csv.DictReader(rows) if row["part"] == half]
    assert names, f"{splits} has no {half} half"
    return names


def _read(path: Path, bands: Sequence[int]) -> NDArray[Any]:
    with open_raster(path) as dataset:
        values: NDArray[Any] = dataset.read(list(bands))
    return values

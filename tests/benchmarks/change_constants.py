"""Prints the constants of the change methods from the develop half of real pairs.

Score 100 stands for the 99th percentile of the magnitude over damaged pixels. The
quantiles of the other pixels are printed beside it, to see how far apart they are; the
report half is not read.
"""

import csv
import os
import sys
from pathlib import Path

import numpy as np
import rasterio

from mining.change_methods import COMPARED_BANDS, change_methods

DATA = Path(os.environ.get("LUCERNA_TEST_DATA", "../shared")) / "data"
PAIRS = DATA / "s2-barkbeetle-czechia-2019-2020"
BANDS = ("B01", *COMPARED_BANDS[:8], "B09", *COMPARED_BANDS[8:])
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def develop_places() -> list[str]:
    """Identifiers of the places that parameters may be chosen on."""
    with (DATA / "splits" / "barkbeetle.csv").open(encoding="utf-8") as rows:
        return [row["id"] for row in csv.DictReader(rows) if row["part"] == "develop"]


def read_reflectance(path: Path) -> np.ndarray:
    """(band, y, x) float32 reflectance of the compared bands; NaN where no data."""
    with rasterio.open(path) as dataset:
        numbers = dataset.read([BANDS.index(one) + 1 for one in COMPARED_BANDS])
    return np.where(numbers == 0, np.nan, numbers / np.float32(10_000))


def main() -> None:
    """Print one line a method and group of pixels."""
    places = develop_places()
    assert len(places) > 50, f"only {len(places)} develop places in {DATA}"
    magnitudes: dict[str, list[np.ndarray]] = {name: [] for name in change_methods()}
    damaged = []
    for place in places:
        before = read_reflectance(PAIRS / "2019-09" / f"S2_{place}.tif")
        after = read_reflectance(PAIRS / "2020-09" / f"S2_{place}.tif")
        with rasterio.open(PAIRS / "mask" / f"mask_{place}.tif") as dataset:
            damaged.append(dataset.read(1).ravel() > 0)
        for name, method in change_methods().items():
            magnitudes[name].append(method.magnitude(before, after).ravel())
    mask = np.concatenate(damaged)
    out = sys.stdout
    out.write(
        f"{len(places)} develop places, {mask.size} pixels, {mask.mean():.3f} damaged\n"
    )
    for name, method in change_methods().items():
        values = np.concatenate(magnitudes[name])
        for title, member in (("damaged", mask), ("other", ~mask)):
            told = np.nanquantile(values[member], QUANTILES)
            quantiles = "  ".join(
                f"q{100 * q:.0f} {value:.4f}"
                for q, value in zip(QUANTILES, told, strict=True)
            )
            out.write(f"{name:15} {title:8} {quantiles}\n")
        full = np.nanquantile(values[mask], 0.99)
        out.write(f"{name:15} full     {full:.4f} measured, {method.full} shipped\n")


if __name__ == "__main__":
    main()

"""Prints the constants of the change methods from the develop half of real pairs.

Score 100 stands for the 99th percentile of the magnitude over damaged pixels. The
quantiles of the other pixels are printed beside it, to see how far apart they are. For
rbr the mean F1 against fire perimeters is printed for ratios where level middle could
begin. The report halves are not read.
"""

import os
import sys
from pathlib import Path

import numpy as np

from lucerna.evaluation.change import FULL_QUANTILE, with_pair_offset
from lucerna.evaluation.change_data import (
    bark_beetle_places,
    padded,
    read_bark_beetle,
    read_wildfire,
    wildfires,
)
from mining.change.methods import COMPARED_BANDS, change_methods

DATA = Path(os.environ.get("LUCERNA_TEST_DATA", "../shared")) / "data"
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
RATIOS = (0.05, 0.06, 0.07, 0.08, 0.09, 0.10, 0.11, 0.12, 0.14, 0.16)


def forest() -> None:
    """Print one line a method of reflectances and group of pixels."""
    places = bark_beetle_places(DATA, "develop")
    assert len(places) > 50, f"only {len(places)} develop places in {DATA}"
    methods = [
        one
        for one in change_methods().values()
        if not one.bands or COMPARED_BANDS in one.bands
    ]
    magnitudes: dict[str, list[np.ndarray]] = {one.name: [] for one in methods}
    damaged = []
    for place in places:
        pair = read_bark_beetle(DATA, place)
        damaged.append(pair.changed.ravel())
        for one in methods:
            seen = (padded(date, one.halo) for date in (pair.before, pair.after))
            magnitudes[one.name].append(one.magnitude(*seen).ravel())
    mask = np.concatenate(damaged)
    out = sys.stdout
    out.write(
        f"{len(places)} develop places, {mask.size} pixels, {mask.mean():.3f} damaged\n"
    )
    for one in methods:
        values = np.concatenate(magnitudes[one.name])
        for title, member in (("damaged", mask), ("other", ~mask)):
            told = np.nanquantile(values[member], QUANTILES)
            quantiles = "  ".join(
                f"q{100 * q:.0f} {value:.4f}"
                for q, value in zip(QUANTILES, told, strict=True)
            )
            out.write(f"{one.name:15} {title:8} {quantiles}\n")
        full = np.nanquantile(values[mask], FULL_QUANTILE)
        out.write(f"{one.name:15} full     {full:.4f} measured, {one.full} shipped\n")


def fire() -> None:
    """Print the mean F1 of the burn ratio for each bound, and its quantiles."""
    events = [read_wildfire(DATA, event) for event in wildfires(DATA, "develop")]
    assert len(events) > 5, f"only {len(events)} develop events in {DATA}"
    method, ratios, out = change_methods()["rbr"], [], sys.stdout
    for event in events:
        seen = (padded(date, method.halo) for date in (event.before, event.after))
        ratios.append(with_pair_offset(method, event).magnitude(*seen))
    for bound in RATIOS:
        found = []
        for event, ratio in zip(events, ratios, strict=True):
            burnt = np.nan_to_num(ratio, nan=-np.inf) >= bound
            right = 2 * (burnt & event.changed).sum()
            found.append(right / (burnt.sum() + event.changed.sum()))
        out.write(
            f"rbr             from {bound:.2f} mean F1 {np.mean(found):.3f} "
            f"over {len(events)} develop events\n"
        )
    burnt = np.concatenate(
        [one[event.changed] for event, one in zip(events, ratios, strict=True)]
    )
    high, full = np.nanquantile(burnt, [0.5, FULL_QUANTILE])
    out.write(f"rbr             inside perimeters: median {high:.3f} full {full:.3f}\n")


if __name__ == "__main__":
    forest()
    fire()

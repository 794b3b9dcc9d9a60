"""Trains the change encoder and writes its weights; prints what they are worth.

No label is read for training. The constant `full` of the score map is measured on the
develop half of the bark-beetle pairs, and printed for `mining/change/methods.toml`.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from imagery.raster import open_raster
from lucerna.evaluation.change import full_of
from lucerna.evaluation.change_data import (
    KnownChange,
    bark_beetle_places,
    padded,
    read_bark_beetle,
)
from mining.change.encoder import HALO, Encoder, feature_angle, write_encoder
from mining.change.encoder_training import train_encoder, untrained_encoder
from mining.change.methods import COMPARED_BANDS

DATA = Path(os.environ.get("LUCERNA_TEST_DATA", "../shared")) / "data"
WEIGHTS = Path("mining/change/encoder.npz")
PARANA = ("20231217.tif", "20240101.tif")
PARANA_OFFSET = 1000.0
EUROSAT_BANDS = (
    "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B09", "B10", "B11",
    "B12", "B8A",
)  # fmt: skip


def parana() -> Iterator[np.ndarray]:
    """Both dates of the Parana, reflectance `(band, y, x)`."""
    for name in PARANA:
        with open_raster(DATA / "s2-parana-2023-2024" / name) as dataset:
            bands = [dataset.descriptions.index(band) + 1 for band in COMPARED_BANDS]
            stored = dataset.read(bands)
        yield ((stored - PARANA_OFFSET) / 10_000).astype(np.float32)


def eurosat() -> Iterator[np.ndarray]:
    """The patches of EuroSAT, top-of-atmosphere reflectance `(band, y, x)`."""
    bands = [EUROSAT_BANDS.index(band) + 1 for band in COMPARED_BANDS]
    for path in sorted((DATA / "eurosat-ms").glob("*/*.tif")):
        with open_raster(path) as dataset:
            stored = dataset.read(bands)
        yield (stored / 10_000).astype(np.float32)


def measured(encoder: Encoder, pairs: list[KnownChange]) -> float:
    """The angle that score 100 stands for."""
    return full_of(
        lambda pair: feature_angle(
            padded(pair.before, HALO), padded(pair.after, HALO), encoder
        ),
        pairs,
    )


def main() -> None:
    """Train, write, print."""
    places = bark_beetle_places(DATA, "develop")
    assert len(places) > 50, f"only {len(places)} develop places in {DATA}"
    pairs = [read_bark_beetle(DATA, place) for place in places]
    images = [one for pair in pairs for one in (pair.before, pair.after)]
    images += [*parana(), *eurosat()]
    out = sys.stdout
    out.write(
        f"{len(images)} images, {sum(one[0].size for one in images)} pixels of "
        f"{len(COMPARED_BANDS)} bands\n"
    )
    trained = train_encoder(images, COMPARED_BANDS)
    write_encoder(trained.encoder, WEIGHTS)
    out.write(f"loss {trained.losses[0]:.3f} to {np.mean(trained.losses[-20:]):.4f}\n")
    for title, encoder in (
        ("trained", trained.encoder),
        ("untrained", untrained_encoder(COMPARED_BANDS)),
    ):
        out.write(f"full {measured(encoder, pairs):.4f} {title}\n")
    out.write(f"{WEIGHTS}: {WEIGHTS.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()

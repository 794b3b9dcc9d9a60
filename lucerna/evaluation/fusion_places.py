"""Fusion scores on mapped places: one date of both sensors, in spatial blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fusion.accuracy import Accuracy, assess
from fusion.features import (
    DEFAULT_CONTEXT_PX,
    OPTICAL_BANDS,
    FeatureSet,
    optical_features,
    radar_features,
)
from imagery.raster import open_raster
from lucerna.evaluation.fusion_methods import SENSORS, Table, baseline, ours
from lucerna.evaluation.scores import Role, Score

_BLOCKS_A_SIDE = 8
_FOLDS = 4
_MOST_PIXELS = 5000
_TERRAMESH_BANDS = (
    "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12",
)  # fmt: skip
_SEN1FLOODS_BANDS = (
    "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11",
    "B12",
)  # fmt: skip


@dataclass(frozen=True)
class _Place:
    """A mapped place.

    Attributes:
        name: For the table.
        folder: Folder in the data, and stem of the files.
        files: Ends of the names of radar, optical and label file.
        bands: Names of the optical bands in file order.
        folds: Folds that are reported.
        unlabelled: Labels that mean none, or that too few pixels have to be scored.
    """

    name: str
    folder: str
    files: tuple[str, str, str]
    bands: tuple[str, ...]
    folds: tuple[int, ...]
    unlabelled: tuple[int, ...]


_TERRAMESH = ("S1RTC.tif", "S2L2A.tif", "LULC.tif")
_PLACES = (
    _Place(
        "TerraMesh Chile, land cover, folds 1-3",
        "terramesh-s1s2/433D_629L_3_1_", _TERRAMESH, _TERRAMESH_BANDS, (1, 2, 3),
        (0, 3),
    ),
    _Place(
        "TerraMesh Tanzania, land cover",
        "terramesh-s1s2/38D_378R_2_3_", _TERRAMESH, _TERRAMESH_BANDS,
        (0, 1, 2, 3), (0,),
    ),
    _Place(
        "Sen1Floods11 Spain, water",
        "sen1floods11/Spain_7370579_", ("S1Hand.tif", "S2Hand.tif", "LabelHand.tif"),
        _SEN1FLOODS_BANDS, (0, 1, 2, 3), (-1,),
    ),
)  # fmt: skip


def place_scores(data: Path, *, quick: bool) -> Iterator[Score]:
    """Scores of baseline and ours, pooled over held-out blocks.

    Blocks and folds are those of the data's split. Training pixels nearer to a test
    block than the local window of our features are dropped for both, and at most 5000
    of the rest are drawn. Fold 0 of Chile was used to choose the parameters and is not
    reported. Quick: one fold of Chile, forests only.

    Raises:
        UnreadableProduct: The data cannot be read.
    """
    for place in _PLACES[: 1 if quick else None]:
        yield from _scored(place, data, quick)


def _scored(place: _Place, data: Path, quick: bool) -> Iterator[Score]:
    radar, optical, labels = (_read(data, place, end) for end in place.files)
    seen = np.asarray(np.isfinite(radar).all(axis=0) & (optical > 0).any(axis=0), bool)
    named = seen & ~np.isin(labels[0], place.unlabelled)
    truth = labels[0].astype(np.int64).ravel()
    decibel = radar.astype(np.float32)
    reflectance = optical.astype(np.float32) / np.float32(10_000)
    raw = Table(_rows(reflectance), _rows(decibel))
    features = _features(place, reflectance, decibel, seen)
    divisions = [
        _division(named, fold) for fold in (place.folds[:1] if quick else place.folds)
    ]
    for sensors in SENSORS:
        yield _pooled(
            f"{place.name}, {sensors}", "forest on bands", "baseline",
            [baseline(raw, truth, *one, sensors) for one in divisions],
        )  # fmt: skip
    for kind in ("forest",) if quick else ("forest", "network"):
        found = [ours(kind, features, truth, *one) for one in divisions]
        for sensors in SENSORS:
            yield _pooled(
                f"{place.name}, {sensors}",
                f"{kind} on features",
                "ours, default" if kind == "forest" else "ours",
                [one[sensors] for one in found],
            )


def _read(data: Path, place: _Place, end: str) -> NDArray[np.float64]:
    path = data / f"{place.folder}{end}"
    with open_raster(path) as dataset:
        return np.asarray(dataset.read(), np.float64)


def _features(
    place: _Place,
    reflectance: NDArray[np.float32],
    decibel: NDArray[np.float32],
    seen: NDArray[np.bool_],
) -> Table:
    feature_set = FeatureSet(OPTICAL_BANDS, ("VV", "VH"), DEFAULT_CONTEXT_PX)
    halo = feature_set.halo
    around = ((0, 0), (halo, halo), (halo, halo))
    chosen = [place.bands.index(band) for band in OPTICAL_BANDS]
    bands = np.pad(reflectance[chosen], around, constant_values=np.nan)
    power = np.pad(np.power(10, decibel / 10), around, constant_values=np.nan)
    return Table(
        _rows(optical_features(bands, np.pad(seen, halo), feature_set)),
        _rows(radar_features(power, feature_set)),
    )


def _rows(bands: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(bands.reshape(len(bands), -1).T)


def _division(
    named: NDArray[np.bool_], fold: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pixels to fit on and to assess on, each (pixel,)."""
    from scipy.ndimage import binary_dilation

    height, width = named.shape
    size = height // _BLOCKS_A_SIDE
    rows, columns = np.arange(height) // size, np.arange(width) // size
    block = rows[:, None] * _BLOCKS_A_SIDE + columns[None, :]
    folds = np.random.default_rng(0).permutation(_BLOCKS_A_SIDE**2) % _FOLDS
    test = folds[block] == fold
    reach = 2 * DEFAULT_CONTEXT_PX - 1
    near = binary_dilation(test, np.ones((reach, reach), bool))
    free = np.flatnonzero(named & ~near)
    drawn = np.random.default_rng(fold).permutation(free)[:_MOST_PIXELS]
    train = np.zeros(named.size, bool)
    train[drawn] = True
    return train, (test & named).ravel()


def _pooled(
    data: str, method: str, role: Role, accuracies: Sequence[Accuracy]
) -> Score:
    """Scores of all held-out pixels together."""
    classes = sorted({value for one in accuracies for value in one.classes})
    truth: list[int] = []
    given: list[int] = []
    for one in accuracies:
        for value, row in zip(one.classes, one.confusion, strict=True):
            for called, count in zip(one.classes, row, strict=True):
                truth += [value] * count
                given += [called] * count
    whole = assess(truth, given, classes)
    values = {"OA": whole.overall, "mean F1": whole.macro_f1}
    if classes == [0, 1]:
        f1 = whole.by_class[1].f1
        values = {"OA": whole.overall, "F1": f1, "IoU": f1 / (2 - f1)}
    return Score(data, method, role, values)

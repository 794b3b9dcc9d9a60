"""Fusion scores on the WorldCereal points: a year of both sensors at each place."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fusion.accuracy import Accuracy
from fusion.features import FeatureSet, optical_features, radar_features
from imagery.errors import ImageryError
from lucerna.evaluation.fusion_methods import SENSORS, Table, baseline, ours
from lucerna.evaluation.scores import Role, Score

if TYPE_CHECKING:
    import pandas as pd

_MONTHS = 12
_NODATA = 65535
_PERCENTILES = (10, 25, 50, 75, 90)
_BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
_ALL = "12 months"
_TESTS = (
    ("worldcover7", "7 classes", _ALL),
    ("annual_crop", "annual crop", _ALL),
    ("worldcover7", "7 classes", "2 clear months"),
    ("annual_crop", "annual crop", "2 clear months"),
)
"""Column of the split, its name in the table, months with optical data."""

Series: TypeAlias = NDArray[np.float32]
"""(band, month, place); NaN for nodata."""


def series_scores(data: Path, *, quick: bool) -> Iterator[Score]:
    """Scores of baseline and ours in five folds, repeats 1 and 2 of the split.

    Repeat 0 was used to choose the parameters and is not reported. Quick: one target
    and one fold, forests only.

    Raises:
        ImageryError: The data cannot be read.
    """
    frame, split = _tables(data)
    optical = _series(frame, "OPTICAL", _BANDS) / np.float32(10_000)
    decibel = 20 * np.log10(_series(frame, "SAR", ("VV", "VH"))) - 83
    for target, title, months in _TESTS[: 1 if quick else None]:
        seen = optical if months == _ALL else _clear_months(optical, split)
        raw = Table(_statistics(seen), _statistics(decibel))
        features = Table(*_feature_statistics(seen, decibel))
        name = f"WorldCereal, {title}, {months}"
        yield from _scored(name, raw, features, split, target, quick)


def _scored(
    name: str,
    raw: Table,
    features: Table,
    split: "pd.DataFrame",
    target: str,
    quick: bool,
) -> Iterator[Score]:
    words = split[target].to_numpy(dtype=object)
    known = np.array([isinstance(word, str) for word in words])
    labels = np.zeros(len(words), np.int64)
    _, labels[known] = np.unique(words[known].astype(str), return_inverse=True)
    divisions = []
    for repeat in (1,) if quick else (1, 2):
        folds = split[f"{target}_repeat{repeat}_fold"].to_numpy()
        for fold in (0,) if quick else range(5):
            divisions.append((known & (folds != fold), known & (folds == fold)))
    for sensors in SENSORS:
        yield _mean(
            f"{name}, {sensors}", "forest on bands", "baseline",
            [baseline(raw, labels, *one, sensors) for one in divisions],
        )  # fmt: skip
    found = {
        kind: [ours(kind, features, labels, *one) for one in divisions]
        for kind in (("forest",) if quick else ("forest", "network"))
    }
    for kind, by_division in found.items():
        for sensors in SENSORS:
            yield _mean(
                f"{name}, {sensors}",
                f"{kind} on features",
                "ours, default" if kind == "forest" else "ours",
                [one[sensors] for one in by_division],
            )


def _mean(data: str, method: str, role: Role, accuracies: Sequence[Accuracy]) -> Score:
    """Mean over folds, as the published baselines are."""
    values = {
        "OA": np.mean([one.overall for one in accuracies]),
        "mean F1": np.mean([one.macro_f1 for one in accuracies]),
    }
    return Score(data, method, role, {k: float(v) for k, v in values.items()})


def _tables(data: Path) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    import pandas as pd

    samples = data / "worldcereal-s1s2" / "samples.parquet"
    split = data / "splits" / "worldcereal.csv"
    try:
        tables = pd.read_parquet(samples), pd.read_csv(split)
    except (OSError, ImportError, ValueError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ImageryError(
            f"{samples} and {split} cannot be read ({reason}); "
            "give the folder of data, and install pyarrow"
        ) from error
    assert len(tables[0]) == len(tables[1]), "the split numbers the samples"
    return tables


def _series(frame: "pd.DataFrame", sensor: str, bands: Sequence[str]) -> Series:
    """Stored numbers as (band, month, place) float32, NaN for nodata."""
    stored = np.stack(
        [
            np.stack(
                [_column(frame, f"{sensor}-{band}-ts{m}-") for m in range(_MONTHS)]
            )
            for band in bands
        ]
    )
    return np.where(stored == _NODATA, np.nan, stored).astype(np.float32)


def _column(frame: "pd.DataFrame", prefix: str) -> NDArray[np.float64]:
    (name,) = [one for one in frame.columns if one.startswith(prefix)]
    return np.asarray(frame[name], np.float64)


def _clear_months(optical: Series, split: "pd.DataFrame") -> Series:
    """The same series with all but two months of each place without data."""
    seen = np.full_like(optical, np.nan)
    for place, months in enumerate(split["two_clear_months"]):
        kept = [int(month) for month in str(months).split()]
        seen[:, kept, place] = optical[:, kept, place]
    return seen


def _feature_statistics(
    optical: Series, decibel: Series
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Our features of each date, then their statistics over time."""
    feature_set = FeatureSet(_BANDS, ("VV", "VH"), 1)
    clear = np.ones(optical.shape[1:], np.bool_)
    power = np.power(10, decibel / 10)
    return (
        _statistics(optical_features(optical, clear, feature_set)),
        _statistics(radar_features(power, feature_set)),
    )


def _statistics(series: Series) -> NDArray[np.float32]:
    """(place, 6 x band): percentiles and standard deviation over time, NaN left out."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice|Degrees of freedom")
        parts = [*np.nanpercentile(series, _PERCENTILES, axis=1)]
        parts.append(np.nanstd(series, axis=1))
    return np.concatenate(parts).T.astype(np.float32)

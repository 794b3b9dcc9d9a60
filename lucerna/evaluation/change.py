"""Accuracy of change methods on real pairs, beside simple baselines."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.scheme import level_scheme
from lucerna.console import Progress
from lucerna.evaluation.change_baselines import (
    joint_scaling,
    moisture_drop,
    otsu,
    smoothed,
)
from lucerna.evaluation.change_data import (
    KnownChange,
    bark_beetle_places,
    padded,
    read_bark_beetle,
    read_wildfire,
    wildfires,
)
from lucerna.evaluation.scores import Role, Score
from mining.change.burn_ratio import scene_offset
from mining.change.encoder import HALO, feature_angle
from mining.change.methods import (
    COMPARED_BANDS,
    NODATA,
    ChangeMethod,
    change_methods,
    score,
)

FULL_QUANTILE = 0.99
"""Of the magnitude over damaged pixels of the develop half: what score 100 means."""

_QUICK_PLACES, _QUICK_FIRES = 8, 2


@dataclass(frozen=True)
class _Contender:
    """A way to give each pixel of a pair a number, and where it is cut.

    Attributes:
        method: Name in the table.
        role: Part in the comparison.
        measure: From a pair to `(y, x)`, NaN where nothing is known.
        cut: Pixels from this value on are change; None for Otsu's threshold.
    """

    method: str
    role: Role
    measure: Callable[[KnownChange], NDArray[Any]]
    cut: float | None


def evaluate(
    data: Path, *, quick: bool = False, progress: Progress | None = None
) -> list[Score]:
    """Scores of our methods and of simple baselines, on the halves given.

    Bark beetle: the report half, all pixels pooled. Wildfires: the mean over the
    events of the report half, and over all. Constants come from the develop halves.
    Ours are cut at level middle of the threshold scheme, where regions begin.

    Args:
        data: Folder with `splits/` and the data that they name.
        quick: A few places and events, and no untrained network.
        progress: Called with places and events read, and all of them.

    Raises:
        UnreadableProduct: A file is missing.
    """
    first = _QUICK_PLACES if quick else None
    basis = bark_beetle_places(data, "develop")[:first]
    places = bark_beetle_places(data, "report")[:first]
    fires = wildfires(data, "report")[: _QUICK_FIRES if quick else None]
    others = [] if quick else wildfires(data, "develop")
    count = len(basis) + len(places) + len(fires) + len(others)
    told = iter(range(1, count + 1))

    def read(
        reader: Callable[[Path, str], KnownChange], names: Sequence[str]
    ) -> Iterator[KnownChange]:
        for name in names:
            yield reader(data, name)
            if progress is not None:
                progress(next(told), count)

    contenders = _forest_contenders(list(read(read_bark_beetle, basis)), quick)
    scores = _pooled(contenders, list(read(read_bark_beetle, places)))
    burnt, rest = list(read(read_wildfire, fires)), list(read(read_wildfire, others))
    scores += _mean_over_events("report half", burnt)
    if rest:
        scores += _mean_over_events("all", [*burnt, *rest])
    return scores


def with_pair_offset(method: ChangeMethod, pair: KnownChange) -> ChangeMethod:
    """The method as users get it for this pair, all of whose pixels are sampled."""
    if method.difference is None:
        return method
    return method.with_offset(scene_offset(method.difference(pair.before, pair.after)))


def full_of(
    measure: Callable[[KnownChange], NDArray[Any]], pairs: Sequence[KnownChange]
) -> float:
    """The magnitude that score 100 stands for, chosen on some pairs.

    Args:
        measure: From a pair to magnitudes `(y, x)`.
        pairs: Of the develop half.
    """
    magnitudes = np.concatenate([measure(pair)[pair.changed] for pair in pairs])
    return float(np.nanquantile(magnitudes, FULL_QUANTILE))


def _forest_contenders(develop: Sequence[KnownChange], quick: bool) -> list[_Contender]:
    methods, scaling = change_methods(), joint_scaling(develop)
    return [
        _ours(methods["spectral-angle"], "ours, default"),
        _ours(methods["cva"], "ours"),
        _ours(methods["encoder"], "ours"),
        *(
            []
            if quick
            else [_mapped("encoder before training", "ours", _untrained(), develop)]
        ),
        _mapped(
            "cosine of jointly scaled bands",
            "baseline",
            scaling.cosine_distance,
            develop,
        ),
        _Contender(
            "CVA, Otsu",
            "baseline",
            lambda pair: methods["cva"].magnitude(pair.before, pair.after),
            None,
        ),
        _Contender("NDMI drop, Otsu", "baseline", moisture_drop, None),
    ]


def _fire_contenders() -> list[_Contender]:
    def drop(pair: KnownChange) -> NDArray[np.float32]:
        drop: NDArray[np.float32] = (pair.before - pair.after)[0]
        return drop

    return [
        _ours(change_methods()["rbr"], "ours, default"),
        _Contender("dNBR from 0.10", "baseline", drop, 0.10),
        _Contender("dNBR from 0.27", "baseline", drop, 0.27),
        _Contender("dNBR, Otsu for each event", "baseline", drop, None),
        _Contender(
            "dNBR, Gaussian of 2 px, Otsu for each event",
            "baseline",
            lambda pair: smoothed(drop(pair), 2),
            None,
        ),
    ]


def _ours(method: ChangeMethod, role: Role) -> _Contender:
    """Scores as users get them, cut where level middle begins."""

    def measure(pair: KnownChange) -> NDArray[Any]:
        fitted = with_pair_offset(method, pair)
        scores = fitted.score(
            padded(pair.before, method.halo), padded(pair.after, method.halo)
        )
        return np.where(scores == NODATA, np.nan, scores.astype(np.float64))

    return _Contender(method.name, role, measure, level_scheme().region_from)


def _mapped(
    title: str,
    role: Role,
    magnitude: Callable[[KnownChange], NDArray[Any]],
    develop: Sequence[KnownChange],
) -> _Contender:
    """A magnitude mapped to scores by the rule of ours, and cut as they are."""
    full = full_of(magnitude, develop)

    def measure(pair: KnownChange) -> NDArray[Any]:
        scores = score(magnitude(pair), full)
        return np.where(scores == NODATA, np.nan, scores.astype(np.float64))

    return _Contender(title, role, measure, level_scheme().region_from)


def _untrained() -> Callable[[KnownChange], NDArray[Any]]:
    from mining.change.encoder_training import untrained_encoder

    encoder = untrained_encoder(COMPARED_BANDS)
    return lambda pair: feature_angle(
        padded(pair.before, HALO), padded(pair.after, HALO), encoder
    )


def _pooled(
    contenders: Sequence[_Contender], pairs: Sequence[KnownChange]
) -> list[Score]:
    """One table: all known pixels of all pairs together."""
    from sklearn.metrics import (
        average_precision_score,
        precision_recall_curve,
        roc_auc_score,
    )

    changed = np.concatenate([pair.changed.ravel() for pair in pairs])
    title = (
        f"bark beetle, report half: {len(pairs)} places, {changed.size} pixels, "
        f"{changed.mean():.1%} damaged"
    )
    scores = []
    for one in contenders:
        values = np.concatenate([one.measure(pair).ravel() for pair in pairs])
        known = np.isfinite(values)
        truth, told = changed[known], values[known]
        precision, recall, _ = precision_recall_curve(truth, told)
        both = precision + recall
        scores.append(
            Score(
                title,
                one.method,
                one.role,
                {
                    "AUC": float(roc_auc_score(truth, told)),
                    "AP": float(average_precision_score(truth, told)),
                    "F1": _f1(told, truth, one.cut),
                    "best F1": float(
                        np.max(2 * precision * recall / np.where(both > 0, both, 1))
                    ),
                },
            )
        )
    return scores


def _mean_over_events(part: str, events: Sequence[KnownChange]) -> list[Score]:
    """One table: each event on its own, then the mean."""
    scores = []
    for one in _fire_contenders():
        found = [_f1(one.measure(event), event.changed, one.cut) for event in events]
        scores.append(
            Score(
                f"wildfires, {part}: {len(events)} events",
                one.method,
                one.role,
                {
                    "mean F1": float(np.mean(found)),
                    "median F1": float(np.median(found)),
                    "least F1": float(np.min(found)),
                },
            )
        )
    return scores


def _f1(values: NDArray[Any], changed: NDArray[np.bool_], cut: float | None) -> float:
    """F1 of the pixels from the cut on; unknown pixels are told as no change."""
    found = np.nan_to_num(values, nan=-np.inf) >= (otsu(values) if cut is None else cut)
    return float(2 * (found & changed).sum() / (found.sum() + changed.sum()))

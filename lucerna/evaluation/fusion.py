"""Accuracy of the fusion classifiers beside a simple baseline, on given splits."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from lucerna.console import Progress
from lucerna.evaluation.fusion_places import place_scores
from lucerna.evaluation.fusion_series import series_scores
from lucerna.evaluation.scores import Score

_SCORES = 63
_QUICK_SCORES = 12


def evaluate(
    data: Path,
    *,
    quick: bool = False,
    progress: Progress | None = None,
) -> list[Score]:
    """Our classifiers and a random forest on raw bands, computed on the same folds.

    The class weights of our forest were chosen on repeat 0 of the WorldCereal split,
    its local window and texture on fold 0 of TerraMesh Chile. Neither is in the
    scores; the other repeats are drawn from the same 350 points. The network was
    tuned on none of this data. One model of ours is fitted for all three choices of
    sensors; the baseline is fitted for each.

    Args:
        data: Folder of the reference data, with `splits/` in it.
        quick: A part that takes less than 30 s.
        progress: Called with scores done and scores in all.

    Raises:
        ImageryError: The data cannot be read.
    """
    total = _QUICK_SCORES if quick else _SCORES
    scores: list[Score] = []
    for score in _all_scores(data, quick):
        scores.append(score)
        if progress is not None:
            progress(len(scores), total)
    return scores


def _all_scores(data: Path, quick: bool) -> Iterator[Score]:
    return chain(series_scores(data, quick=quick), place_scores(data, quick=quick))

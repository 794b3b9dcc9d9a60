"""Our defaults on real patches are at least as good as the simple baselines."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from lucerna.evaluation.mining import evaluate
from lucerna.evaluation.scores import Role, Score

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"

pytestmark = pytest.mark.skipif(
    not (DATA / "eurosat-rgb").is_dir(),
    reason=f"no test data: {DATA / 'eurosat-rgb'}; see LUCERNA_TEST_DATA",
)


@pytest.fixture(scope="module")
def scores() -> list[Score]:
    """The quick evaluation: a quarter of the patches, three classes, one seed."""
    return evaluate(DATA, quick=True)


def values(scores: list[Score], role: Role, measure: str) -> Mapping[str, float]:
    """Method to value of a measure, of those that have it."""
    found = {
        one.method: one.values[measure]
        for one in scores
        if one.role == role and measure in one.values
    }
    assert found
    return found


def test_the_descriptors_tell_classes_better_than_statistics(
    scores: list[Score],
) -> None:
    (ours,) = values(scores, "ours, default", "accuracy").values()
    (simple,) = values(scores, "baseline", "accuracy").values()
    assert ours > simple + 0.03


def test_feedback_finds_more_than_the_simple_ways(scores: list[Score]) -> None:
    for rounds in (5, 10):
        measure = f"recall@26 after {rounds} rounds"
        (ours,) = values(scores, "ours, default", measure).values()
        simple = values(scores, "baseline", measure)
        assert len(simple) == 3
        assert ours > max(simple.values())

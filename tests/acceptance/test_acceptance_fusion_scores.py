"""The accuracy table of fusion on real data: ours beside the simple baseline."""

import os
from pathlib import Path

import pytest

from lucerna.evaluation.fusion_places import place_scores

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LUCERNA_TEST_DATA", ROOT.parent / "shared")) / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no test data: {DATA}")


def test_our_default_is_at_least_as_good_as_the_baseline() -> None:
    scores = list(place_scores(DATA, quick=True))
    assert {one.data.rsplit(", ")[-1] for one in scores} == {"S2", "S1", "S1+S2"}
    for data in {one.data for one in scores}:
        ours, baseline = (
            next(s for s in scores if (s.data, s.role) == (data, role)).values
            for role in ("ours, default", "baseline")
        )
        assert ours["OA"] >= baseline["OA"], data
        assert ours["mean F1"] >= baseline["mean F1"], data

"""Tables of scores print whatever measures their rows have."""

import pytest

from lucerna.evaluation.run import print_tables
from lucerna.evaluation.scores import Score


def test_a_row_may_lack_a_measure(capsys: pytest.CaptureFixture[str]) -> None:
    print_tables(
        [
            Score("place", "ours", "ours, default", {"OA": 0.91, "macro F1": 0.905}),
            Score("place", "theirs", "published", {"OA": 0.986}),
        ]
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "place"
    assert lines[2].split() == ["method", "role", "OA", "macro", "F1"]
    assert lines[4].split() == ["ours", "ours,", "default", "0.910", "0.905"]
    assert lines[5].split()[:3] == ["theirs", "published", "0.986"]

"""One line of an accuracy table: a method, its part in the comparison, its scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["ours", "ours, default", "baseline", "published"]


@dataclass(frozen=True)
class Score:
    """What a method reaches on some data.

    Attributes:
        data: Name of the data and the part of it that is scored.
        method: The method; of a published score, also its source.
        role: Whether it is ours, our default, a simple baseline run beside it, or a
            score that others published.
        values: Name of a measure to its value.
    """

    data: str
    method: str
    role: Role
    values: Mapping[str, float]


def tables(scores: Sequence[Score]) -> dict[str, list[dict[str, str | float]]]:
    """The scores by data, each as rows to print; order as given.

    >>> tables([Score("place", "angle", "ours", {"AUC": 0.85})])
    {'place': [{'method': 'angle', 'role': 'ours', 'AUC': 0.85}]}
    """
    found: dict[str, list[dict[str, str | float]]] = {}
    for score in scores:
        row: dict[str, str | float] = {"method": score.method, "role": score.role}
        found.setdefault(score.data, []).append(row | dict(score.values))
    return found

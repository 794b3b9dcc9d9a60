"""One evaluation by name, and its tables on stdout."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from imagery.errors import UnreadableProduct
from lucerna.console import Progress, print_rows
from lucerna.evaluation.scores import Score, tables


def evaluate_subject(
    subject: str, data: Path, *, quick: bool, progress: Progress | None
) -> list[Score]:
    """The scores of one subject.

    Args:
        subject: "change", "fusion" or "mining".
        data: Folder of the reference data, with `splits/` in it.
        quick: Only a part of it.
        progress: Called with steps done and steps in all.

    Raises:
        UnreadableProduct: The folder holds no reference data.
    """
    if not (data / "splits").is_dir():
        raise UnreadableProduct(
            f"{data}: no reference data here, for it has no folder splits; "
            "docs/accuracy.md names the data and how they are laid out"
        )
    module = importlib.import_module(f"lucerna.evaluation.{subject}")
    scores: list[Score] = module.evaluate(data, quick=quick, progress=progress)
    assert scores, f"nothing was evaluated in {data}"
    return scores


def print_tables(scores: Sequence[Score]) -> None:
    """One table for each data set, measures with three decimals."""
    for name, rows in tables(scores).items():
        sys.stdout.write(f"\n{name}\n")
        columns = list(dict.fromkeys(key for row in rows for key in row))
        shown = [{key: _shown(row.get(key)) for key in columns} for row in rows]
        print_rows(columns, shown)


def _shown(value: str | float | None) -> str | None:
    return f"{value:.3f}" if isinstance(value, float) else value

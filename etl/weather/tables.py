"""Files of delimited text as tables of text, and their cells as numbers."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from etl.weather.mapping import TableForm
from ontology.errors import KnowledgeError


def read_table(path: Path, form: TableForm) -> pd.DataFrame:
    """The rows of a file as text; the index is the line of each.

    Raises:
        KnowledgeError: The file cannot be read or decoded, has no row, or a row with
            more or fewer cells than columns.
    """
    try:
        lines = list(csv.reader(_lines(path, form), delimiter=form.delimiter))
    except csv.Error as error:
        raise KnowledgeError(
            f"{path}: weather that is no table ({error}); a quote may be left open"
        ) from error
    rows = [(i, row) for i, row in enumerate(lines, 1) if any(map(str.strip, row))]
    rows = rows[form.skip :]
    if not rows:
        raise KnowledgeError(f"{path}: holds no rows; give a table of weather")
    if form.names is None:
        (_, header), *rows = rows
        names = [one.strip() for one in header]
    else:
        names = list(form.names)
    for i, row in rows:
        if len(row) != len(names):
            raise KnowledgeError(
                f"{path}: line {i} has {len(row)} cells and there are {len(names)} "
                f"columns ({_some(names)}); correct the line, or the delimiter"
            )
    twice = [one for one in names if names.count(one) > 1]
    if twice:
        raise KnowledgeError(f"{path}: two columns are named {twice[0]!r}; rename one")
    return pd.DataFrame(
        [row for _, row in rows], index=[i for i, _ in rows], columns=names, dtype=str
    )


def check_columns(path: Path, table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a table without one of the columns.

    Raises:
        KnowledgeError: One is missing.
    """
    missing = [one for one in columns if one not in table.columns]
    if missing:
        raise KnowledgeError(
            f"{path}: lacks the column {', '.join(missing)}; it has "
            f"{_some(list(table.columns))}: rename or add it, or change the mapping"
        )


def numbers(
    path: Path, column: "pd.Series[str]", form: TableForm
) -> "pd.Series[float]":
    """The numbers of a column of text, NaN where nothing was measured.

    Args:
        path: Of the file, for messages.
        column: Its cells; the index is the line of each.
        form: Tells the decimal mark, and what stands for a missing value.

    Raises:
        KnowledgeError: A cell is no number; the line is told.
    """
    text = column.str.strip()
    absent = (text == "") | text.isin(form.missing)
    plain = text.str.replace(",", ".", regex=False) if form.decimal == "," else text
    found = pd.to_numeric(plain.mask(absent), errors="coerce").astype(float)
    wrong = (found.isna() | np.isinf(found)) & ~absent
    if form.decimal == ",":
        wrong |= text.str.contains(".", regex=False) & ~absent
    if wrong.any():
        cell = text[wrong].iloc[0]
        raise KnowledgeError(
            f"{path}: line {wrong[wrong].index[0]}: {column.name} holds {cell!r}, "
            f"which is no number with the decimal mark {form.decimal!r}; correct it, "
            "or declare it missing in the mapping"
        )
    for one in form.missing:
        try:
            number = float(one)
        except ValueError:
            continue
        found = found.mask(found == number)
    return found


def _lines(path: Path, form: TableForm) -> list[str]:
    """The lines of a file; those of comments are empty, so that lines keep their count.

    Raises:
        KnowledgeError: The file is absent or in another encoding.
    """
    encoding = (
        "utf-8-sig" if form.encoding.lower() in ("utf-8", "utf8") else form.encoding
    )
    try:
        lines = path.read_text(encoding).split("\n")
    except UnicodeDecodeError as error:
        raise KnowledgeError(
            f"{path}: is not in {form.encoding} (byte {error.start}); name its "
            "encoding in the mapping, such as cp1250"
        ) from error
    except OSError as error:
        raise KnowledgeError(
            f"{path}: weather that cannot be read ({error.strerror}); name a CSV file "
            "or a folder of such"
        ) from error
    if form.comment is None:
        return lines
    return ["" if one.lstrip().startswith(form.comment) else one for one in lines]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return f"{', '.join(names[:6])}{more}"

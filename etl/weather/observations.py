"""Weather files of any form, by a mapping, as one long table of observations."""

from collections import defaultdict
from pathlib import Path

import pandas as pd

from etl.weather.file_numbers import Span, file_numbers
from etl.weather.mapping import Element, Mapping
from ontology.errors import KnowledgeError


def read_observations(path: Path, mapping: Mapping, span: Span) -> pd.DataFrame:
    """What stations measured, a row a number (`file_numbers.COLUMNS`).

    Args:
        path: A folder of data files, or one of them.
        mapping: Tells how they are written.
        span: Days and months out of it are left out; hours are all given.

    Returns:
        value in our own units, NaN where the file says that nothing was measured;
        when in UTC for hours, midnight of the first day without a zone otherwise.

    Raises:
        KnowledgeError: A file, a column, a time or a number is not as it is mapped, or
            two numbers of one station and time differ.
    """
    elements: dict[Path, list[Element]] = defaultdict(list)
    for element in mapping.element:
        for file in _files_of(path, mapping, element):
            elements[file].append(element)
    parts = [
        part
        for file, held in elements.items()
        for part in file_numbers(file, mapping, held, span)
    ]
    if not parts:
        raise KnowledgeError(
            f"{path}: holds no column of the mapping in that time; give weather of it, "
            "or correct the mapping"
        )
    return _once(pd.concat(parts, ignore_index=True))


def _files_of(path: Path, mapping: Mapping, element: Element) -> list[Path]:
    form = element.files or mapping.table.files
    if not path.exists():
        raise KnowledgeError(f"{path}: no such folder or file of weather; correct it")
    if path.is_file():
        return [path] if element.files is None or path.match(form) else []
    found = [
        one
        for one in sorted(path.glob(form))
        if one.is_file() and one.name != mapping.station_file.file
    ]
    if not found and not element.optional:
        raise KnowledgeError(
            f"{path}: holds no file {form} of {element.variable}; add one, or correct "
            "the mapping"
        )
    return found


def _once(table: pd.DataFrame) -> pd.DataFrame:
    """Each number once; files that overlap must agree.

    Raises:
        KnowledgeError: Two numbers of one station, time and variable differ.
    """
    key = ["station", "when", "variable"]
    rows = table.drop_duplicates([*key, "value"])
    known = rows[rows["value"].notna()]
    twice = known[known.duplicated(key)]
    if len(twice):
        first = twice.iloc[0]
        raise KnowledgeError(
            f"{first['file']}: station {first['station']} has two different rows for "
            f"{first['when'].isoformat()}; keep one of them"
        )
    return rows.sort_values([*key, "value"]).drop_duplicates(key)

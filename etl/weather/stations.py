"""Where weather stations stand: from a file of them, or from the mapping."""

import math
from pathlib import Path

import pandas as pd

from etl.weather.mapping import Mapping, StationFile, StationOf
from etl.weather.records import Station
from etl.weather.tables import check_columns, numbers, read_table
from ontology.errors import KnowledgeError


def read_stations(path: Path, mapping: Mapping) -> dict[str, Station]:
    """Identifier to station.

    Args:
        path: A folder of data files, or one of them. A single file may hold the
            columns of the station file itself.
        mapping: Tells the station, or the columns of the file of stations.

    Raises:
        KnowledgeError: The file or a column is missing, or a position makes no sense.
    """
    if mapping.station.id is not None:
        station = _fixed(mapping.station)
        return {station.id: station}
    form = mapping.station_file
    file = (path if path.is_dir() else path.parent) / form.file
    columns = [
        one
        for one in (form.id, form.name, form.lon, form.lat, form.altitude_m)
        if one is not None
    ]
    table = None
    if path.is_file():
        table = read_table(path, mapping.table)
        if set(columns) <= set(table.columns):
            file, table = path, table.drop_duplicates(columns)
        else:
            table = None
    if table is None:
        if not file.exists():
            raise KnowledgeError(
                f"{file}: no such file of stations, and the weather has no positions; "
                f"add it with the columns {', '.join(columns)}"
            )
        table = read_table(file, form)
        check_columns(file, table, columns)
    return _stations(file, table, form)


def _stations(file: Path, table: pd.DataFrame, form: StationFile) -> dict[str, Station]:
    ids = table[form.id].str.strip()
    names = ids if form.name is None else table[form.name].str.strip()
    lon, lat = (numbers(file, table[one], form) for one in (form.lon, form.lat))
    heights = [math.nan] * len(table)
    if form.altitude_m is not None:
        heights = numbers(file, table[form.altitude_m], form).tolist()
    found: dict[str, Station] = {}
    rows = zip(table.index, ids, names, lon, lat, heights, strict=True)
    for line, station, name, x, y, height in rows:
        altitude_m = None if math.isnan(height) else height
        one = Station(station, name or station, x, y, altitude_m)
        if found.setdefault(station, one) != one:
            raise KnowledgeError(
                f"{file}: line {line}: station {station} is told twice and "
                "differently; keep one of them"
            )
    return found


def _fixed(told: StationOf) -> Station:
    assert told.id is not None
    assert told.lon is not None
    assert told.lat is not None
    return Station(told.id, told.name or told.id, told.lon, told.lat, told.altitude_m)


def check_positions(path: Path, stations: list[Station]) -> None:
    """Refuse stations at places that cannot be meant.

    Raises:
        KnowledgeError: A position is missing, out of range, or 0, 0.
    """
    for one in stations:
        where = f"{path}: station {one.id} lies at lon {one.lon}, lat {one.lat}"
        if not (-180 <= one.lon <= 180 and -90 <= one.lat <= 90):
            swapped = -180 <= one.lat <= 180 and -90 <= one.lon <= 90
            hint = "lon and lat may be swapped" if swapped else "give degrees, CRS84"
            raise KnowledgeError(f"{where}; {hint}")
        if one.lon == 0 and one.lat == 0:
            raise KnowledgeError(f"{where}, which is the open sea; add its position")

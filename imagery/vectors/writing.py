"""Tables with shapes as files: GeoJSON, GeoPackage, GeoParquet, CSV; all in CRS84."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from imagery.errors import ImageryError
from imagery.files import replaced

SUFFIXES = (".geojson", ".json", ".gpkg", ".parquet", ".csv")

Row = Mapping[str, Any]
_LARGEST_INTEGER = 2**63


def check_vector_output(path: Path, inputs: Sequence[Path] = ()) -> None:
    """Refuse a file that cannot be written, before anything is computed.

    Args:
        path: The file to write.
        inputs: Files and folders that are read: the file may lie in none of them.

    Raises:
        ImageryError: Its suffix names no format, its folder does not exist, it is a
            folder itself, or it lies in an input.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ImageryError(
            f"{path}: no format has this suffix; name it {', '.join(SUFFIXES[:-1])} or "
            f"{SUFFIXES[-1]}"
        )
    if not path.parent.is_dir():
        raise ImageryError(f"{path}: the folder does not exist; make it first")
    if path.is_dir():
        raise ImageryError(f"{path} is a folder; give the name of a file")
    for one in inputs:
        if path.resolve().is_relative_to(one.resolve()):
            raise ImageryError(
                f"{path} is an input or lies in one; give the output another name"
            )


def write_features(
    path: Path,
    columns: Sequence[str],
    rows: Sequence[Row],
    shapes: Sequence[BaseGeometry | None],
) -> None:
    """Write rows with their shapes in the format of the suffix, whole or not at all.

    Args:
        path: Ends in one of `SUFFIXES`.
        columns: The columns, in their order.
        rows: Plain values, None where there is none.
        shapes: One a row, in CRS84; CSV gets them as WKT in a last column `wkt`, and
            text unchanged, also what a spreadsheet would run.

    Raises:
        ImageryError: The suffix names no format.
        OSError: The file cannot be written.
    """
    check_vector_output(path)
    with replaced(path) as part:
        match path.suffix.lower():
            case ".geojson" | ".json":
                _write_geojson(part, columns, rows, shapes)
            case ".csv":
                _write_csv(part, columns, rows, shapes)
            case ".parquet":
                frame = _frame(columns, rows, shapes)
                with part.open("wb") as file:
                    frame.to_parquet(file, index=False)
            case _:
                frame = _frame(columns, rows, shapes)
                part.write_bytes(_package(path.stem, frame))


def _write_geojson(
    part: Path,
    columns: Sequence[str],
    rows: Sequence[Row],
    shapes: Sequence[BaseGeometry | None],
) -> None:
    outlines = shapely.to_geojson(np.array(shapes, dtype=object))
    with part.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        for place, (row, outline) in enumerate(zip(rows, outlines, strict=True)):
            told = json.dumps({one: row[one] for one in columns}, ensure_ascii=False)
            file.write(
                f'{"," if place else ""}\n{{"type": "Feature", "geometry": '
                f'{outline or "null"}, "properties": {told}}}'
            )
        file.write("\n]}\n")


def _write_csv(
    part: Path,
    columns: Sequence[str],
    rows: Sequence[Row],
    shapes: Sequence[BaseGeometry | None],
) -> None:
    outlines = shapely.to_wkt(
        np.array(shapes, dtype=object), rounding_precision=-1, trim=True
    )
    with part.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([*columns, "wkt"])
        for row, outline in zip(rows, outlines, strict=True):
            lines.writerow([*(row[one] for one in columns), outline])


def _package(layer: str, frame: gpd.GeoDataFrame) -> bytes:
    """A GeoPackage; made in memory, as GDAL keeps silent when no room is left."""
    made = io.BytesIO()
    mixed = frame.empty or frame.geom_type.nunique(dropna=False) > 1
    kind = {"geometry_type": "Unknown"} if mixed else {}
    frame.to_file(made, driver="GPKG", layer=layer, **kind)
    return made.getvalue()


def _frame(
    columns: Sequence[str], rows: Sequence[Row], shapes: Sequence[BaseGeometry | None]
) -> gpd.GeoDataFrame:
    """Rows with one type a column, and gaps where there is no value."""
    table = {one: _typed([row[one] for row in rows]) for one in columns}
    outlines = gpd.GeoSeries(list(shapes), crs="OGC:CRS84")
    return gpd.GeoDataFrame(table, geometry=outlines, crs="OGC:CRS84")


def _typed(values: Sequence[Any]) -> "pd.Series[Any]":
    kinds = {type(one) for one in values if one is not None}
    if kinds == {bool}:
        return pd.Series(values, dtype="boolean")
    if kinds == {int} and all(abs(one or 0) < _LARGEST_INTEGER for one in values):
        return pd.Series(values, dtype="Int64")
    if kinds and kinds <= {int, float}:
        return pd.Series(values, dtype="float64")
    texts = [None if one is None else str(one) for one in values]
    return pd.Series(texts, dtype="object")

"""Tables with places in them: CSV and TSV with WKT or lon and lat, GeoParquet."""

import csv
import json
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import shapely

from imagery.errors import InvalidUnits
from imagery.vectors.containers import MAX_UNPACKED_BYTES, WANTED, one_line
from imagery.vectors.place import named_crs
from imagery.vectors.wkb import MOST_LEVELS, nests_too_deep, wkt_nests_too_deep

_WKT = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "wkt_geometry", "shape")
_LON = ("lon", "longitude", "lng", "long")
_LAT = ("lat", "latitude")
_PREFIX = r"(?s)^\s*(?:SRID=(?P<srid>\d+)\s*;|<(?P<iri>[^>]*)>)?\s*(?P<wkt>.*)$"


def is_table(head: bytes) -> bool:
    """Whether the beginning of a file is a line of column names with a separator."""
    if b"\0" in head:
        return False
    first = head.decode("utf-8-sig", errors="replace").partition("\n")[0]
    named = {one.strip(' "\r').lower() for one in first.split(_separator(first))}
    return bool(named & set(_WKT) or (named & set(_LON) and named & set(_LAT)))


def read_table(path: Path) -> gpd.GeoDataFrame:
    """Rows of a CSV or TSV, all text, with points or outlines and the stated CRS.

    Columns `lon` and `lat` state longitude and latitude by their names. WKT states a
    CRS by `SRID=…;`, or by `<…>` with the axis order of its authority; else none.

    Raises:
        InvalidUnits: No UTF-8 table, a row with more cells than the head, whose WKT or
            number is none, or several CRS.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            separator = _separator(file.readline())
        frame = _cells(path, separator)
    except pd.errors.ParserWarning as error:
        raise InvalidUnits(
            f"{path}: has rows with more cells than the head names; correct the head, "
            "or quote cells that hold a separator"
        ) from error
    except (ValueError, UnicodeDecodeError, csv.Error, pd.errors.ParserError) as error:
        raise InvalidUnits(
            f"{path}: cannot be read as a table ({one_line(error)}); write it as CSV "
            "in UTF-8"
        ) from error
    plain = {str(one).strip().lower(): one for one in reversed(frame.columns)}
    wkt = next((plain[one] for one in _WKT if one in plain), None)
    if wkt is not None:
        return _from_wkt(path, frame, wkt)
    lon = next(plain[one] for one in _LON if one in plain)
    lat = next(plain[one] for one in _LAT if one in plain)
    points = gpd.points_from_xy(_degrees(path, frame, lon), _degrees(path, frame, lat))
    return gpd.GeoDataFrame(
        frame.drop(columns=[lon, lat]), geometry=points, crs="OGC:CRS84"
    )


def read_parquet(path: Path) -> gpd.GeoDataFrame:
    """Rows of a GeoParquet file; no CRS in its metadata is CRS84, null is none.

    Raises:
        InvalidUnits: Damaged, without valid `geo` metadata, too large, or with shapes
            nested without end.
    """
    try:
        about = pq.read_metadata(path)
        size = sum(
            about.row_group(i).total_byte_size for i in range(about.num_row_groups)
        )
        if size > MAX_UNPACKED_BYTES:
            raise InvalidUnits(
                f"{path}: unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MB; "
                "split it"
            )
        geo = json.loads((about.metadata or {}).get(b"geo", b"null"))
        if geo is None:
            raise InvalidUnits(
                f"{path}: is Parquet without geo metadata; write it as GeoParquet"
            )
        with path.open("rb") as file:
            _check_wkb(path, pq.ParquetFile(file), geo)
        with path.open("rb") as file:
            return gpd.read_parquet(file)
    except InvalidUnits:
        raise
    except Exception as error:  # geopandas raises many kinds for damaged files
        raise InvalidUnits(
            f"{path}: cannot be read as GeoParquet ({one_line(error)}); {WANTED}"
        ) from error


def _check_wkb(path: Path, file: pq.ParquetFile, geo: dict[str, Any]) -> None:
    """Refuse shapes that would overrun the stack of their reader."""
    encodings = {name: about["encoding"] for name, about in geo["columns"].items()}
    columns = [name for name in file.schema_arrow.names if encodings.get(name) == "WKB"]
    for batch in file.iter_batches(columns=columns):
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            for shape in column.to_pylist():
                if shape is not None and (
                    not isinstance(shape, bytes) or nests_too_deep(shape)
                ):
                    raise InvalidUnits(
                        f"{path}: {name!r} holds what is no WKB, or shapes nested "
                        f"deeper than {MOST_LEVELS} levels; {WANTED}"
                    )


def _cells(path: Path, separator: str) -> pd.DataFrame:
    """The cells of a table as text, empty ones missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            path,
            sep=separator,
            index_col=False,  # the first column is none, however long the rows are
            dtype=str,
            encoding="utf-8-sig",
            keep_default_na=False,
            na_values=[""],
        )


def _separator(line: str) -> str:
    return max("\t;,", key=line.count)


def _degrees(path: Path, frame: pd.DataFrame, column: str) -> "pd.Series[float]":
    numbers = pd.to_numeric(frame[column], errors="coerce")
    wrong = np.flatnonzero(numbers.isna())
    if len(wrong):
        raise InvalidUnits(
            f"{path}: row {wrong[0] + 1} has no number in {column!r} "
            f"({str(frame[column].iloc[wrong[0]])[:40]!r}); correct it"
        )
    return numbers


def _from_wkt(path: Path, frame: pd.DataFrame, column: str) -> gpd.GeoDataFrame:
    parts = frame[column].str.extract(_PREFIX)
    nested = parts["wkt"].fillna("").map(wkt_nests_too_deep)
    texts = parts["wkt"].mask(nested).fillna("").to_numpy(dtype=object)
    try:
        shapes = shapely.from_wkt(texts, on_invalid="ignore")
    except NotImplementedError as error:
        raise InvalidUnits(
            f"{path}: holds curves in {column!r} ({one_line(error)}); draw them as "
            "straight lines, for example with ogr2ogr -nlt CONVERT_TO_LINEAR"
        ) from error
    wrong = np.flatnonzero(shapely.is_missing(shapes) & frame[column].notna())
    if len(wrong):
        shown = str(frame[column].iloc[wrong[0]])[:40]
        raise InvalidUnits(
            f"{path}: row {wrong[0] + 1} has no WKT in {column!r} ({shown!r}); "
            "correct it"
        )
    told = parts["srid"].radd("EPSG:").fillna(parts["iri"])[frame[column].notna()]
    stated = sorted(set(told.fillna("none")))
    if len(stated) > 1:
        raise InvalidUnits(
            f"{path}: the rows of {column!r} state several CRS: "
            f"{', '.join(stated[:3])}; write one into all"
        )
    crs = None
    if stated and stated != ["none"]:
        crs = named_crs(path, stated[0], "SRID=31370;")
        by_authority = not stated[0].startswith("EPSG:")
        if by_authority and crs.axis_info[0].direction in ("north", "south"):
            shapes = shapely.transform(shapes, lambda places: places[:, ::-1])
    return gpd.GeoDataFrame(frame.drop(columns=column), geometry=shapes, crs=crs)

"""Given territory (parcels, communes, districts), checked on reading."""

import datetime
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from imagery.errors import InvalidUnits

ID_COLUMNS = ("id", "code", "identifier", "insee", "parcel_id", "nutslau", "nuts_id")
NAME_COLUMNS = ("name", "nom", "nazev", "label", "libelle")

_LEVEL = re.compile(r"^[a-z][a-z0-9-]*$")
_LARGEST = 1e9
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unit:
    """One version of a territorial unit.

    Attributes:
        id: The identifier given by its register.
        level: What kind of unit it is, a lower-case word such as `parcel`.
        name: What people call it; the identifier where the file has no names.
        geometry: Polygon or multipolygon in CRS84, valid.
        valid_from: The day from which this version holds; None when not stated.
        legal_ha: Area in the register, hectares.
        altitude_m: Height above sea level.
    """

    id: str
    level: str
    name: str
    geometry: BaseGeometry
    valid_from: datetime.date | None = None
    legal_ha: float | None = None
    altitude_m: float | None = None


def read_units(
    path: Path,
    *,
    level: str | None = None,
    id_column: str | None = None,
    name_column: str | None = None,
) -> list[Unit]:
    """The units of a vector file, in its order.

    Args:
        path: Any vector file that GDAL reads, with polygons and a CRS.
        level: Kind of unit; default is the column `level`, else `unit`.
        id_column: Column with the identifiers; default is the first of `ID_COLUMNS`
            that the file has, else its first column without gaps and repetitions.
        name_column: Column with the names; default is the first of `NAME_COLUMNS`.

    Raises:
        InvalidUnits: No readable file, no CRS, no units, no polygon, no identifiers,
            repeated identifiers, or a geometry that cannot be repaired.
    """
    frame = _read(path)
    ids = _text(frame, _id_column(path, frame, id_column))
    repeated = sorted(set(ids[ids.duplicated()]))
    if repeated:
        listed = ", ".join(repeated[:5])
        raise InvalidUnits(
            f"{path}: {len(repeated)} identifiers stand more than once: {listed}; "
            "give each unit its own, or another column with --unit-id"
        )
    shapes = _polygons(path, ids, _to_crs84(path, frame))
    names = _text(frame, _name_column(path, frame, name_column)).fillna(ids)
    levels = _levels(path, frame, level)
    days = _days(path, frame)
    hectares = _numbers(path, frame, "legal_ha")
    altitudes = _numbers(path, frame, "altitude_m")
    return [
        Unit(
            id=ids.iloc[i],
            level=levels[i],
            name=names.iloc[i],
            geometry=shapes[i],
            valid_from=days[i],
            legal_ha=hectares[i],
            altitude_m=altitudes[i],
        )
        for i in range(len(frame))
    ]


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.exists():
        raise InvalidUnits(f"{path}: there is no such file; check the path of --units")
    try:
        frame = gpd.read_file(path)
    except Exception as error:  # pyogrio raises many kinds for unreadable files
        raise InvalidUnits(
            f"{path}: no vector file that can be read ({error}); "
            "give GeoJSON or GeoPackage"
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise InvalidUnits(f"{path}: holds no units; give a file with polygons")
    if frame.crs is None:
        raise InvalidUnits(f"{path}: states no CRS; write it into the file first")
    return frame


def _to_crs84(path: Path, frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    shapes = frame.geometry.force_2d().to_crs("OGC:CRS84")
    west, south, east, north = shapes.total_bounds
    known = not shapes.is_empty.all() and shapes.notna().any()
    if known and not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidUnits(
            f"{path}: coordinates leave the Earth in {frame.crs.name}; "
            "state the CRS that they are in"
        )
    return shapes


def _id_column(path: Path, frame: gpd.GeoDataFrame, wanted: str | None) -> str:
    columns = [str(one) for one in frame.columns if one != frame.geometry.name]
    if wanted is not None:
        if wanted not in columns:
            raise InvalidUnits(_no_column(path, wanted, columns, "--unit-id"))
        chosen = wanted
    else:
        plain = {one.lower(): one for one in columns}
        known = [plain[one] for one in ID_COLUMNS if one in plain]
        unique = [
            one
            for one in columns
            if not pd.api.types.is_float_dtype(frame[one])
            and _text(frame, one).is_unique
        ]
        if not known and not unique:
            raise InvalidUnits(
                f"{path}: no column identifies the units; name one with --unit-id"
            )
        chosen = (known or unique)[0]
        _log.info("%s: units are identified by %r", path, chosen)
    gaps = int(_text(frame, chosen).isna().sum())
    if gaps:
        raise InvalidUnits(
            f"{path}: {gaps} units have no value in {chosen!r}; fill them, or name "
            "another column with --unit-id"
        )
    return chosen


def _name_column(path: Path, frame: gpd.GeoDataFrame, wanted: str | None) -> str | None:
    columns = [str(one) for one in frame.columns if one != frame.geometry.name]
    if wanted is not None:
        if wanted not in columns:
            raise InvalidUnits(_no_column(path, wanted, columns, "--unit-name"))
        return wanted
    plain = {one.lower(): one for one in columns}
    return next((plain[one] for one in NAME_COLUMNS if one in plain), None)


def _no_column(path: Path, wanted: str, columns: Sequence[str], option: str) -> str:
    listed = ", ".join(columns)
    return f"{path}: has no column {wanted!r}; choose one of {listed} with {option}"


def _text(frame: gpd.GeoDataFrame, column: str | None) -> "pd.Series[str]":
    if column is None:
        return pd.Series([None] * len(frame), index=frame.index, dtype="object")
    text: pd.Series[str] = frame[column].map(_word, na_action="ignore")
    return text


def _word(value: object) -> str | None:
    """A value as an identifier: whole numbers without the point that a gap brings."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST:
        return str(int(value))
    return str(value).strip() or None


def _levels(path: Path, frame: gpd.GeoDataFrame, level: str | None) -> list[str]:
    if level is None and "level" in frame.columns:
        levels = ["" if pd.isna(one) else str(one) for one in frame["level"]]
    else:
        levels = [level or "unit"] * len(frame)
    wrong = sorted({one for one in levels if not _LEVEL.fullmatch(one)})
    if wrong:
        raise InvalidUnits(
            f"{path}: {wrong[0]!r} is no unit level; give a lower-case word such as "
            "parcel or commune with --unit-level"
        )
    return levels


def _polygons(
    path: Path, ids: "pd.Series[str]", geometries: gpd.GeoSeries
) -> list[BaseGeometry]:
    shapes: list[BaseGeometry] = []
    repaired: list[str] = []
    for unit_id, shape in zip(ids, geometries, strict=True):
        if shape is None or shape.is_empty:
            raise InvalidUnits(f"{path}: unit {unit_id} has no geometry; remove it")
        whole = shape
        if not shape.is_valid:
            repaired.append(unit_id)
            whole = shapely.make_valid(shape)
        parts = [one for one in shapely.get_parts(whole) if one.area > 0]
        polygons = [
            part
            for one in parts
            for part in shapely.get_parts(one)
            if part.geom_type == "Polygon"
        ]
        if not polygons:
            raise InvalidUnits(
                f"{path}: unit {unit_id} is a {shape.geom_type} without area; "
                "give polygons"
            )
        shapes.append(
            polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
        )
    if repaired:
        listed = ", ".join(repaired[:5])
        _log.warning("%s: %d broken outlines repaired: %s", path, len(repaired), listed)
    return shapes


def _days(path: Path, frame: gpd.GeoDataFrame) -> list[datetime.date | None]:
    if "valid_from" not in frame.columns:
        return [None] * len(frame)
    text = frame["valid_from"].map(_day, na_action="ignore")
    try:
        stamps = pd.to_datetime(text, format="%Y-%m-%d")
    except ValueError as error:
        raise InvalidUnits(
            f"{path}: valid_from holds what is no day; write it as YYYY-MM-DD"
        ) from error
    return [None if pd.isna(one) else one.date() for one in stamps]


def _day(value: object) -> str:
    """The day of a date, a text or the number of a year."""
    text = str(value)[:10]
    year = re.fullmatch(r"(\d{4})(\.0)?", text)
    return f"{year[1]}-01-01" if year else text


def _numbers(path: Path, frame: gpd.GeoDataFrame, column: str) -> list[float | None]:
    if column not in frame.columns:
        return [None] * len(frame)
    try:
        values = [
            None if pd.isna(one) else float(one) for one in pd.to_numeric(frame[column])
        ]
    except (ValueError, TypeError) as error:
        raise InvalidUnits(
            f"{path}: {column} holds what is no number ({error}); correct the column"
        ) from error
    if any(one is not None and abs(one) > _LARGEST for one in values):
        raise InvalidUnits(f"{path}: {column} holds an absurd number; correct it")
    return values

"""Given territory (parcels, communes, districts), checked on reading."""

import datetime
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import GeometryType
from shapely.geometry.base import BaseGeometry

from imagery.errors import InvalidUnits
from imagery.vectors.features import read_features

ID_COLUMNS = ("id", "code", "identifier", "insee", "parcel_id", "nutslau", "nuts_id")
NAME_COLUMNS = ("name", "nom", "nazev", "label", "libelle")

_LEVEL = re.compile(r"^[a-z][a-z0-9-]*$")
_NUMBER = r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?"
_LARGEST = 1e9
_EXACT = 2**53
"""Up to here a floating-point number holds every whole one."""

_MOST_LISTED = 20
_LEVEL_UNKNOWN = "unit"
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
        repaired: The outline was broken in the file and is mended.
    """

    id: str
    level: str
    name: str
    geometry: BaseGeometry
    valid_from: datetime.date | None = None
    legal_ha: float | None = None
    altitude_m: float | None = None
    repaired: bool = False


def read_units(
    path: Path,
    *,
    level: str | None = None,
    id_column: str | None = None,
    name_column: str | None = None,
    crs: str | None = None,
    layer: str | None = None,
) -> list[Unit]:
    """The units of a vector file, in its order.

    Args:
        path: Vector file of polygons; see `read_features`.
        level: Kind of unit; default is the column `level`, else `unit`.
        id_column: Column with the identifiers; default is the first of `ID_COLUMNS`
            that the file has, else its first column without gaps and repetitions
            that holds no measured numbers.
        name_column: Column with the names; default is the first of `NAME_COLUMNS`.
        crs: CRS of the coordinates, for a file that states none.
        layer: Layer of a GeoPackage with several.

    Raises:
        InvalidUnits: No readable file, no CRS or coordinates outside of it, no units,
            no identifiers, repeated ones, or a unit that is no polygon with an area.
    """
    found = read_features(path, crs=crs, layer=layer, option="--units")
    frame = found.frame
    ids = _text(frame, _id_column(path, frame, id_column))
    repeated = sorted(set(ids[ids.duplicated()]))
    if repeated:
        listed = ", ".join(repeated[:5])
        raise InvalidUnits(
            f"{path}: {len(repeated)} identifiers stand more than once: {listed}; "
            "give each unit its own, or another column with --unit-id"
        )
    shapes, repaired = _polygons(path, ids, found.in_crs84())
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
            repaired=bool(repaired[i]),
        )
        for i in range(len(frame))
    ]


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
            if not _measures(frame[one])
            and _text(frame, one).notna().all()
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
    if (
        pd.api.types.is_float_dtype(frame[chosen])
        and (frame[chosen].abs() > _EXACT).any()
    ):
        raise InvalidUnits(
            f"{path}: {chosen!r} holds whole numbers whose last digits the file has "
            "lost; write them as text, or name another column with --unit-id"
        )
    return chosen


def _measures(column: "pd.Series[Any]") -> bool:
    """Whether a column holds measured numbers: some with a fraction, and no words."""
    if pd.api.types.is_float_dtype(column):
        return True
    text = column.dropna().astype(str).str.strip()
    fractions = text.str.contains(".", regex=False) | text.str.contains(",")
    return bool(text.str.fullmatch(_NUMBER).all() and fractions.any())


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
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return str(int(value))
    return str(value).strip() or None


def _levels(path: Path, frame: gpd.GeoDataFrame, level: str | None) -> list[str]:
    if level is None and "level" in frame.columns:
        levels = ["" if pd.isna(one) else str(one) for one in frame["level"]]
    else:
        levels = [level or _LEVEL_UNKNOWN] * len(frame)
        if level is None:
            _log.warning(
                "%s: no column `level` and no --unit-level, so its units are of level "
                "%r; ask with unit_level=ul:%s",
                *(path, _LEVEL_UNKNOWN, _LEVEL_UNKNOWN),
            )
    wrong = sorted({one for one in levels if not _LEVEL.fullmatch(one)})
    if wrong:
        raise InvalidUnits(
            f"{path}: {wrong[0]!r} is no unit level; give a lower-case word such as "
            "parcel or commune with --unit-level"
        )
    return levels


def _polygons(
    path: Path, ids: "pd.Series[str]", geometries: gpd.GeoSeries
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Valid polygons and multipolygons, and which of them were repaired."""
    given = geometries.to_numpy()
    shapes = given.copy()
    nowhere = shapely.is_missing(given) | shapely.is_empty(given)
    _refuse(path, ids, nowhere, given, "has no geometry; remove it")
    kinds = shapely.get_type_id(shapes)
    areal = np.isin(kinds, (GeometryType.POLYGON, GeometryType.MULTIPOLYGON))
    _refuse(path, ids, ~areal, given, "is a {}, no polygon; give polygons")
    repaired = ~shapely.is_valid(shapes)
    shapes[repaired] = [_areas_of(one) for one in shapely.make_valid(shapes[repaired])]
    without = shapely.is_empty(shapes) | (shapely.area(shapes) == 0)
    _refuse(path, ids, without, given, "is a {} without area; remove it")
    single = (shapely.get_type_id(shapes) == GeometryType.MULTIPOLYGON) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    if repaired.any():
        listed = ids[repaired].tolist()
        told = ", ".join(listed[:_MOST_LISTED])
        if len(listed) > _MOST_LISTED:
            told += f" and {len(listed) - _MOST_LISTED} more"
        _log.warning("%s: %d broken outlines repaired: %s", path, len(listed), told)
    return shapes, repaired


def _refuse(
    path: Path,
    ids: "pd.Series[str]",
    wrong: NDArray[np.bool_],
    shapes: NDArray[np.object_],
    what: str,
) -> None:
    for place in np.flatnonzero(wrong)[:1]:
        told = what.format(getattr(shapes[place], "geom_type", ""))
        raise InvalidUnits(f"{path}: unit {ids.iloc[place]} {told}")


def _areas_of(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape, lines and points dropped."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon([one for one in parts if one.geom_type == "Polygon"])


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

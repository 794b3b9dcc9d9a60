"""Parcels of an insurer: every row of the file is a parcel or a listed problem."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from imagery.errors import InvalidUnits
from imagery.vectors.features import read_features, vector_sha256

Action = Literal["left out", "repaired", "renamed"]

COLUMNS = {
    "id": (
        "id", "parcel_id", "parcel", "code", "identifier", "reference", "ref",
        "id_parcel", "id_parcelle", "parcelle", "num_parcelle", "numero",
    ),
    "name": ("name", "parcel_name", "nom", "nom_parcelle", "label", "libelle"),
    "crop": ("crop", "crop_type", "culture", "code_cultu", "type_culture", "cepage"),
    "holding": ("holding", "farm", "exploitation", "exploitant", "assure", "siret"),
    "sum_insured": (
        "sum_insured", "insured_sum", "insured_value", "capital_assure",
        "valeur_assuree", "somme_assuree", "montant_assure", "capital",
    ),
}  # fmt: skip
"""Names that a column may have, lower case without accents, the first one found."""

MAX_ROWS = 100_000
MAX_TEXT = 120
"""Characters that an identifier may have."""

_MOST_VERTICES = 2_000_000


@dataclass(frozen=True)
class Parcel:
    """One insured parcel.

    Attributes:
        id: As the file gives it, or `row-N` where it gives none.
        name: What people call it; None where the file has no names.
        crop: As written in the file.
        holding: Whose it is, as written in the file.
        sum_insured: As a number, in the file's currency.
        geometry: Polygon or multipolygon in CRS84, valid.
    """

    id: str
    name: str | None
    crop: str | None
    holding: str | None
    sum_insured: float | None
    geometry: BaseGeometry


@dataclass(frozen=True)
class ParcelProblem:
    """What is wrong with one row, and what was done about it.

    Attributes:
        row: Counted from 1 in the order of the file.
        id: Identifier of the row; None where it has none.
        problem: In plain words.
        action: `left out`, `repaired` or `renamed`.
    """

    row: int
    id: str | None
    problem: str
    action: Action


@dataclass(frozen=True)
class ParcelCheck:
    """A checked file of parcels.

    Attributes:
        parcels: Those that can be assessed, in the order of the file.
        problems: In the order of rows; a row that is a parcel may have one too.
        rows: Rows of the file.
        sha256: Of the file's content.
    """

    parcels: tuple[Parcel, ...]
    problems: tuple[ParcelProblem, ...]
    rows: int
    sha256: str


def check_parcels(path: Path) -> ParcelCheck:
    """The parcels of a file and what is wrong with its rows.

    Of rows with the same identifier the first that has a usable outline is a parcel,
    the others are left out. Broken outlines are repaired where that leaves an area.
    Columns are found by their names (`COLUMNS`).

    Args:
        path: Vector file; see `read_features`.

    Raises:
        InvalidUnits: The file as a whole cannot be used: no vector file, no CRS, no
            rows, too many rows.

    Memory: the whole file.
    """
    frame = read_features(path).frame
    if len(frame) > MAX_ROWS:
        raise InvalidUnits(
            f"{path.name}: has {len(frame)} rows, more than {MAX_ROWS}; split the file"
        )
    if int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()) > (
        _MOST_VERTICES
    ):
        raise InvalidUnits(
            f"{path.name}: has more than {_MOST_VERTICES} vertices; split it"
        )
    reader = _Reader(frame)
    for row in range(len(frame)):
        reader.take(row)
    return ParcelCheck(
        tuple(reader.parcels),
        tuple(reader.problems),
        len(frame),
        vector_sha256(path),
    )


class _Reader:
    """Turns rows into parcels or problems, one after the other."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self.parcels: list[Parcel] = []
        self.problems: list[ParcelProblem] = []
        self._given = frame.geometry.to_numpy()
        self._placed = _to_crs84(frame)
        self._crs = frame.crs.name
        found = {key: find_column(frame.columns, key) for key in COLUMNS}
        self._cells = {
            key: [None] * len(frame) if name is None else frame[name].tolist()
            for key, name in found.items()
        }
        self._taken: dict[str, int] = {}
        self._used = {_clean(one) for one in self._cells["id"]} - {None}

    def take(self, row: int) -> None:
        """Make the row a parcel, or say why it is none."""
        number = row + 1
        given = _clean(self._cells["id"][row])
        outline = self._outline(number, row, given)
        if outline is None:
            return
        name = self._identifier(number, given, self._cells["id"][row])
        if name is None:
            return
        self.parcels.append(
            Parcel(
                id=name,
                name=_clean(self._cells["name"][row]),
                crop=_clean(self._cells["crop"][row]),
                holding=_clean(self._cells["holding"][row]),
                sum_insured=self._sum(number, name, self._cells["sum_insured"][row]),
                geometry=outline,
            )
        )

    def _tell(self, number: int, name: str | None, what: str, action: Action) -> None:
        self.problems.append(ParcelProblem(number, name, what, action))

    def _outline(self, number: int, row: int, name: str | None) -> BaseGeometry | None:
        """The polygon of a row in CRS84, or None with a problem told."""
        given, placed = self._given[row], self._placed[row]
        if given is None or placed is None or given.is_empty:
            self._tell(number, name, "has no geometry that can be read", "left out")
            return None
        if not _on_earth(placed):
            x, y = shapely.get_coordinates(given)[0]
            what = f"lies off the Earth in {self._crs}: it begins at {x:g}, {y:g}"
            self._tell(number, name, what, "left out")
            return None
        if given.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection"):
            what = f"is a {given.geom_type}, no polygon"
            self._tell(number, name, what, "left out")
            return None
        why = "" if placed.is_valid else str(shapely.is_valid_reason(placed))
        why = why.partition("[")[0].lower()
        whole = polygons_of(shapely.make_valid(placed) if why else placed)
        if whole is None:
            what = f"encloses no area ({why})" if why else "encloses no area"
            self._tell(number, name, what, "left out")
            return None
        if given.geom_type == "GeometryCollection" and not why:
            what = "points and lines of the outline are dropped"
            self._tell(number, name, what, "repaired")
        if why:
            what = f"the outline was broken ({why}) and is mended"
            self._tell(number, name, what, "repaired")
        return whole

    def _identifier(
        self, number: int, given: str | None, written: object
    ) -> str | None:
        """The row's own identifier, a new one, or None where it is taken."""
        if given is not None and len(given) > MAX_TEXT:
            what = f"the identifier has {len(given)} characters, more than {MAX_TEXT}"
            return self._rename(number, given[:MAX_TEXT] + "…", what)
        if given is None:
            return self._rename(number, None, "has no identifier")
        if given in self._taken:
            first = self._taken[given]
            what = f"the identifier stands in row {first} already, which is assessed"
            self._tell(number, given, what, "left out")
            return None
        if isinstance(written, str) and given != written.strip():
            what = "the identifier had characters that cannot be shown"
            self._tell(number, given, what, "renamed")
        self._taken[given] = number
        return given

    def _rename(self, number: int, given: str | None, why: str) -> str:
        name, turn = f"row-{number}", 1
        while name in self._used:
            turn += 1
            name = f"row-{number}-{turn}"
        self._used.add(name)
        self._taken[name] = number
        self._tell(number, given, f"{why}; it is called {name}", "renamed")
        return name

    def _sum(self, number: int, name: str, written: object) -> float | None:
        if _missing(written):
            return None
        try:
            value = float(
                re.sub(r"[\s'\u00a0\u202f]", "", str(written)).replace(",", ".")
            )
        except ValueError:
            value = float("nan")
        if 0 <= value < 1e12:
            return value
        shown = (_clean(written) or "")[:40]
        what = f"the sum insured {shown!r} is no amount; it counts as not stated"
        self._tell(number, name, what, "repaired")
        return None


def find_column(columns: Sequence[object], key: str) -> str | None:
    """The column that a name of `COLUMNS` stands for, by order of those names.

    >>> find_column(["ID_Parcelle", "Capital assuré", "geometry"], "sum_insured")
    'Capital assuré'
    """
    plain: dict[str, str] = {}
    for one in columns:
        folded = unicodedata.normalize("NFKD", str(one)).encode("ascii", "ignore")
        word = re.sub(r"[^a-z0-9]+", "_", folded.decode().lower()).strip("_")
        plain.setdefault(word, str(one))
    return next((plain[one] for one in COLUMNS[key] if one in plain), None)


def polygons_of(shape: BaseGeometry) -> BaseGeometry | None:
    """The polygons of a shape as one, lines and points dropped; None without area."""
    parts = [shape]
    while any(hasattr(one, "geoms") for one in parts):
        parts = [
            inner
            for one in parts
            for inner in (one.geoms if hasattr(one, "geoms") else (one,))
        ]
    flat = [one for one in parts if one.geom_type == "Polygon" and one.area > 0]
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else shapely.union_all(flat)


def _to_crs84(frame: gpd.GeoDataFrame) -> list[BaseGeometry | None]:
    shapes = frame.geometry.force_2d().to_crs("OGC:CRS84")
    return list(shapes.to_numpy())


def _on_earth(shape: BaseGeometry) -> bool:
    places = shapely.get_coordinates(shape)
    inside = np.isfinite(places).all() and (np.abs(places) <= (180, 90)).all()
    return bool(inside)


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value


def _clean(value: object) -> str | None:
    """A cell as text: whole numbers without a point, no control characters."""
    if _missing(value):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    shown = "".join(
        " " if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one
        for one in str(value)
    )
    return shown.strip() or None

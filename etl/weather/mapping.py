"""A mapping file: how weather files are written, and what their columns mean."""

import re
import tomllib
import zoneinfo
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from etl.weather.variables import QUANTITY, VARIABLES
from ontology.errors import KnowledgeError

GROUPS = ("station", "year", "month", "day")
"""What the names of wide columns may tell."""

_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableForm(_Part):
    """How a file of rows is written.

    Attributes:
        encoding: Of its text; a byte order mark is passed over.
        delimiter: Between two cells.
        decimal: The decimal mark.
        comment: Lines that begin with it say nothing.
        skip: Lines before the header, or the first row, comments not counted.
        names: Of the columns, where there is no header.
        missing: What stands where nothing was measured, beside nothing at all.
    """

    encoding: str = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."
    comment: str | None = Field(None, min_length=1)
    skip: int = Field(0, ge=0)
    names: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_encoding(self) -> Self:
        try:
            "".encode(self.encoding)
        except LookupError as error:
            raise ValueError(f"{error}; such as utf-8 or cp1250") from error
        return self


class Files(TableForm):
    """The data files: their names, beside how they are written."""

    files: str = "*.csv"


class Times(_Part):
    """Where the time of a row stands.

    Attributes:
        columns: Joined by spaces, they are its text.
        format: As Python's strptime; ISO 8601 without one.
        zone: IANA name or offset of stamps without one of their own, hours only.
    """

    columns: tuple[str, ...] = ()
    format: str | None = None
    zone: str | None = None

    @model_validator(mode="after")
    def _known_zone(self) -> Self:
        if self.zone is None or _OFFSET.fullmatch(self.zone):
            return self
        try:
            zoneinfo.ZoneInfo(self.zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                f"no time zone {self.zone!r}; such as Europe/Prague, UTC or +01:00"
            ) from error
        return self


class StationOf(_Part):
    """The station of a row: a column, or the one station of all files."""

    column: str | None = None
    id: str | None = None
    name: str | None = None
    lon: float | None = None
    lat: float | None = None
    altitude_m: float | None = None

    @model_validator(mode="after")
    def _one_or_column(self) -> Self:
        fixed = (self.id, self.lon, self.lat)
        if self.column is not None and any(one is not None for one in fixed):
            raise ValueError("give column, or id, lon and lat of one station")
        if self.column is None and 0 < sum(one is not None for one in fixed) < 3:
            raise ValueError("one station needs id, lon and lat")
        return self


class StationFile(TableForm):
    """The file of stations beside the data files, and its columns."""

    file: str = "stations.csv"
    id: str = "station"
    name: str | None = "name"
    lon: str = "lon"
    lat: str = "lat"
    altitude_m: str | None = "altitude_m"


class Element(_Part):
    """One variable: where its numbers stand and in which unit.

    Attributes:
        variable: One of ours.
        unit: Of the numbers in the file.
        column: Of the numbers, a row a time.
        columns: Or an expression whose groups tell station, year, month or day from
            the name of each column that holds numbers.
        files: Names of the files that hold it, where not all do.
        station: Column of the station in those.
        optional: Files may lack it.
    """

    variable: str
    unit: str
    column: str | None = None
    columns: re.Pattern[str] | None = None
    files: str | None = None
    station: str | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.variable not in QUANTITY:
            raise ValueError(
                f"no variable {self.variable!r}; choose {', '.join(QUANTITY)}"
            )
        known = QUANTITY[self.variable].units
        if self.unit not in known:
            raise ValueError(
                f"no unit {self.unit!r} of {self.variable}; choose {', '.join(known)}"
            )
        if (self.column is None) == (self.columns is None):
            raise ValueError(f"{self.variable} needs column or columns, one of them")
        if self.columns is not None and (
            not self.columns.groupindex or set(self.columns.groupindex) - set(GROUPS)
        ):
            raise ValueError(
                f"columns of {self.variable} names other groups than "
                f"{', '.join(GROUPS)}: {self.columns.pattern}"
            )
        return self

    @property
    def told_by_name(self) -> frozenset[str]:
        """What the names of its columns tell."""
        return frozenset(() if self.columns is None else self.columns.groupindex)


class Mapping(_Part):
    """All of a mapping file; the first element chooses the nearest stations."""

    title: str = ""
    resolution: Literal["hour", "day", "month"]
    table: Files = Files()
    time: Times = Times()
    station: StationOf = StationOf()
    station_file: StationFile = StationFile()
    element: tuple[Element, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [one.variable for one in self.element]
        for name in names:
            if name not in VARIABLES[self.resolution]:
                choose = ", ".join(VARIABLES[self.resolution])
                raise ValueError(
                    f"{name} is no variable of the resolution "
                    f"{self.resolution}; choose {choose}"
                )
            if names.count(name) > 1:
                raise ValueError(f"{name} is mapped twice; keep one")
        if self.time.zone is not None and self.resolution != "hour":
            raise ValueError(f"a {self.resolution} has no time zone; leave zone out")
        if not self.table.names and self.table.names is not None:
            raise ValueError("names is empty; name every column, or leave it out")
        for one in self.element:
            self._check_place(one)
        return self

    def _check_place(self, one: Element) -> None:
        """Each number must have a station and a time."""
        told = one.told_by_name
        station = self.station
        if not (one.station or station.column or station.id or "station" in told):
            raise ValueError(f"nothing tells the station of {one.variable}")
        if not self.time.columns:
            needed = {"year", "month"} | (
                {"day"} if self.resolution == "day" else set()
            )
            if self.resolution == "hour" or not needed <= told:
                raise ValueError(f"nothing tells the time of {one.variable}")


def ready_mappings() -> dict[str, str]:
    """Name to text of the mappings that come with Lucerna."""
    found = {
        entry.name.removesuffix(".toml"): entry.read_text("utf-8")
        for entry in (files("etl.weather") / "ready").iterdir()
        if entry.name.endswith(".toml")
    }
    assert found, "no mappings in etl/weather/ready: the package is incomplete"
    return dict(sorted(found.items()))


def read_mapping(name: str) -> Mapping:
    """The mapping of a TOML file, or a ready one by its name.

    Raises:
        KnowledgeError: There is neither, or it makes no sense.
    """
    path, ready = Path(name), ready_mappings()
    if path.is_file():
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise KnowledgeError(
                f"{name}: mapping that cannot be read ({error}); give TOML in UTF-8"
            ) from error
    elif name in ready:
        text = ready[name]
    else:
        raise KnowledgeError(
            f"{name}: neither a mapping file nor a ready mapping; ready are "
            f"{', '.join(ready)}"
        )
    return parse_mapping(name, text)


def parse_mapping(name: str, text: str) -> Mapping:
    """The mapping of a TOML text.

    Raises:
        KnowledgeError: It is no TOML (the line is told) or makes no sense.
    """
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        message = f"{name}: mapping that is no TOML: {error}; correct it"
        raise KnowledgeError(message) from error
    except ValidationError as error:
        more = len(error.errors()) - 1
        told = next(_faults(error)) + (f" (and {more} more)" if more else "")
        raise KnowledgeError(
            f"{name}: {told}; docs/weather.md shows all keys"
        ) from error


def _faults(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False):
        place = ".".join(str(part) for part in one["loc"])
        told = one["msg"].removeprefix("Value error, ")
        yield f"{place}: {told}" if place else told

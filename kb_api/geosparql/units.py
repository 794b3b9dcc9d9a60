"""Units of measure by IRI: lengths, angles and areas."""

import functools
import math
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pyproj.database import get_units_map

from kb_api.geosparql.places import reference

Kind: TypeAlias = Literal["length", "angle", "area"]

UOM = "http://www.opengis.net/def/uom/OGC/1.0/"

_LENGTHS_M = {
    "metre": 1.0, "meter": 1.0, "M": 1.0,
    "millimetre": 0.001, "millimeter": 0.001, "MilliM": 0.001,
    "centimetre": 0.01, "centimeter": 0.01, "CentiM": 0.01,
    "kilometre": 1000.0, "kilometer": 1000.0, "KiloM": 1000.0,
    "foot": 0.3048, "FT": 0.3048,
    "yard": 0.9144, "YD": 0.9144,
    "mile": 1609.344, "statuteMile": 1609.344, "MI": 1609.344,
    "surveyFoot": 1200 / 3937, "FT_US": 1200 / 3937,
    "nauticalMile": 1852.0, "MI_N": 1852.0,
}  # fmt: skip
_ANGLES_RAD = {
    "radian": 1.0, "RAD": 1.0,
    "microradian": 1e-6, "MicroRAD": 1e-6,
    "degree": math.pi / 180, "DEG": math.pi / 180,
    "minute": math.pi / 10_800, "ARCMIN": math.pi / 10_800,
    "second": math.pi / 648_000, "ARCSEC": math.pi / 648_000,
    "grad": math.pi / 200, "gradian": math.pi / 200, "GRAD": math.pi / 200,
}  # fmt: skip
_AREAS_M2 = {
    "squareMetre": 1.0, "squareMeter": 1.0, "M2": 1.0,
    "squareKilometre": 1e6, "squareKilometer": 1e6, "KiloM2": 1e6,
    "hectare": 1e4, "HA": 1e4,
    "acre": 4046.8564224, "AC": 4046.8564224,
}  # fmt: skip
_TABLES: dict[Kind, dict[str, float]] = {
    "length": _LENGTHS_M,
    "angle": _ANGLES_RAD,
    "area": _AREAS_M2,
}
_NAMED = re.compile(
    r"(?:https?://www\.opengis\.net/def/uom/OGC/1\.0/|urn:ogc:def:uom:OGC:(?:1\.0)?:|"
    r"https?://qudt\.org/vocab/unit[/#])(\w+)"
)
_EPSG = re.compile(
    r"(?:https?://www\.opengis\.net/def/uom/EPSG/[\d.]+/|urn:ogc:def:uom:EPSG:"
    r"[\d.]*:)(\d{4,5})"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure.

    Attributes:
        kind: Of what.
        size: How many metres, radians or square metres it is.
    """

    kind: Kind
    size: float


@functools.lru_cache(256)
def unit_of(iri: str) -> Unit:
    """The unit that an IRI of the OGC, of QUDT or of the EPSG register names.

    Raises:
        ValueError: It names none that we know.

    >>> unit_of("http://www.opengis.net/def/uom/OGC/1.0/kilometre")
    Unit(kind='length', size=1000.0)
    """
    if found := _NAMED.fullmatch(iri):
        for kind, table in _TABLES.items():
            if found[1] in table:
                return Unit(kind, table[found[1]])
    if found := _EPSG.fullmatch(iri):
        kinds: dict[str, Kind] = {"linear": "length", "angular": "angle"}
        for category, kind in kinds.items():
            for unit in get_units_map("EPSG", category).values():
                if unit.code == found[1]:
                    return Unit(kind, unit.conv_factor)
    raise ValueError(f"the unit {iri[:100]} is unknown; name one such as {UOM}metre")


@functools.lru_cache(256)
def unit_of_coordinates(crs: str) -> Unit:
    """The unit of the coordinates of a reference system."""
    system = reference(crs)
    factor = float(system.axis_info[0].unit_conversion_factor)
    return Unit("angle" if system.is_geographic else "length", factor)

"""A base of many units, copied from the small one that is written by hand."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

BASE = "https://lucerna.example/"
_SMALL = Path(__file__).parents[1] / "small_base.ttl"
_PARCELS = 12
_ACROSS = 100
"""Copies in a row from west to east."""

_A_COMMUNE = 33
"""Copies of the parcels in a copy of the two communes, about 400 parcels."""

_CHANGED = 50
"""One copy in so many shows the change of the small base, the others none."""

_NAME = re.compile(r"P\d\d(?=[@\"])|p\d\d(?=>)|SIM0\d(?=[@\"])|c\d(?=>)")
_POINT = re.compile(r"(-?\d+\.\d+) (\d+\.\d+)")
_CLOUDY = re.compile(rf"<{BASE}observation/\w+/parcel/P11")
_AREA = re.compile(r'(ont#(?:none|low|middle|high)Ha> )"[^"]*"')


def write(path: Path, units: int) -> int:
    """A file of N-Triples with so many parcels or a few more; how many copies."""
    copies = -(-units // _PARCELS)
    lines = [
        f"{quad.triple} .\n"
        for quad in ox.parse(path=_SMALL, format=ox.RdfFormat.TURTLE, base_iri=BASE)
    ]
    parcels = [one for one in lines if _is_of(one, "parcel", "p")]
    communes = [one for one in lines if _is_of(one, "commune", "c")]
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)
        for copy in range(1, copies):
            of = parcels if copy % _CHANGED == 0 else _unchanged(parcels)
            file.writelines(_copied(of, copy))
            if copy % _A_COMMUNE == 0:
                file.writelines(_copied(communes, copy))
    return copies


def parcel(copy: int) -> str:
    """The identifier of the seventh parcel of a copy."""
    return f"P07-{copy}" if copy else "P07"


def commune(copy: int) -> str:
    """The identifier of the first commune of a copy."""
    number = copy // _A_COMMUNE * _A_COMMUNE
    return f"SIM01-{number}" if number else "SIM01"


def window(copy: int) -> str:
    """WKT of a box around the parcels of a copy."""
    east, north = _shift(copy)
    west, south, far, top = (
        -0.161 + east,
        44.805 + north,
        -0.1355 + east,
        44.8205 + north,
    )
    return (
        f"POLYGON(({west:.4f} {south:.4f}, {far:.4f} {south:.4f}, {far:.4f} {top:.4f}, "
        f"{west:.4f} {top:.4f}, {west:.4f} {south:.4f}))"
    )


def _is_of(line: str, level: str, letter: str) -> bool:
    """Whether a fact is of a unit of a level: itself, its shape, what was observed.

    Of the two change results one is copied.
    """
    subject = line.split(" ", 1)[0].removeprefix(f"<{BASE}")
    return bool(
        re.match(rf"unit/{level}/(P|SIM)|geometry/{letter}\d", subject)
        or re.match(rf"observation/(a1|c3)/{level}/(P|SIM)", subject)
    )


def _unchanged(lines: list[str]) -> list[str]:
    """The same where nothing changed, and one parcel was not looked at."""
    kept = [one for one in lines if "ont#inBand>" not in one and not _CLOUDY.match(one)]
    return [_AREA.sub(rf'\1"{1.0 if "noneHa" in one else 0.0}"', one) for one in kept]


def _copied(lines: list[str], copy: int) -> Iterator[str]:
    east, north = _shift(copy)
    commune = copy // _A_COMMUNE * _A_COMMUNE

    def named(found: re.Match[str]) -> str:
        number = commune if found[0][0] in "Sc" else copy
        return f"{found[0]}-{number}" if number else found[0]

    def moved(found: re.Match[str]) -> str:
        return f"{float(found[1]) + east:.4f} {float(found[2]) + north:.4f}"

    for one in lines:
        line = _NAME.sub(named, one)
        yield _POINT.sub(moved, line) if "asWKT" in line else line


def _shift(copy: int) -> tuple[float, float]:
    return copy % _ACROSS * 0.03, copy // _ACROSS * 0.02

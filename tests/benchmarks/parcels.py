"""Generated parcels in communes, eight triples each, and boxes over some of them."""

import functools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely

EX = "https://kb.example/"
GEO = "http://www.opengis.net/ont/geosparql#"
PREFIXES = (
    f"PREFIX ex: <{EX}> PREFIX geo: <{GEO}> "
    "PREFIX geof: <http://www.opengis.net/def/function/geosparql/> "
    "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
)
_XSD = "http://www.w3.org/2001/XMLSchema#"
A_COMMUNE = 400
_ROW = 20


@functools.lru_cache(4)
def commune(number: int) -> list[shapely.Polygon]:
    """400 parcels of 5 to 20 corners on a jittered lattice, somewhere in France."""
    random = np.random.default_rng([1, number])
    south_west = random.uniform([-4, 43], [8, 50])
    made = []
    for at in range(A_COMMUNE):
        row, column = divmod(at, _ROW)
        centre = random.normal(
            south_west + np.array([column * 0.002, row * 0.0015]), 1e-4
        )
        corners = int(random.integers(5, 21))
        angle = np.sort(random.uniform(0, 2 * np.pi, corners))
        radius = random.uniform(4e-4, 9e-4, corners)
        ring = np.column_stack([radius * np.cos(angle), radius * np.sin(angle) * 0.7])
        made.append(shapely.Polygon(centre + ring))
    return made


def shape(at: int) -> shapely.Polygon:
    """The outline of a parcel."""
    return commune(at // A_COMMUNE)[at % A_COMMUNE]


def text(at: int) -> str:
    """The outline of a parcel as WKT."""
    return texts(at // A_COMMUNE)[at % A_COMMUNE]


@functools.lru_cache(4)
def texts(number: int) -> list[str]:
    """The outlines of a commune as WKT."""
    made: list[str] = shapely.to_wkt(commune(number), rounding_precision=7).tolist()
    return made


def ntriples(count: int) -> Iterator[str]:
    """The parcels as N-Triples, eight lines each in one text."""
    for at in range(count):
        one, geometry = f"<{EX}p/{at}>", f"<{EX}p/{at}/g>"
        day = f'"2017-04-{1 + at % 28:02}"^^<{_XSD}date>'
        yield (
            f"{one} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EX}Parcel> .\n"
            f'{one} <{EX}crop> "{at % 7}" .\n'
            f"{one} <{EX}day> {day} .\n"
            f'{one} <{EX}value> "{at % 1000 / 1000}"^^<{_XSD}decimal> .\n'
            f'{one} <{EX}sensor> "{at % 3}" .\n'
            f"{one} <{EX}commune> <{EX}c/{at // A_COMMUNE}> .\n"
            f"{one} <{GEO}hasDefaultGeometry> {geometry} .\n"
            f'{geometry} <{GEO}asWKT> "{text(at)}"^^<{GEO}wktLiteral> .\n'
        )


def zone(number: int, count: int, of: int) -> shapely.Polygon:
    """A box over about ten parcels."""
    x, y = shape(number * of // count).centroid.coords[0]
    return shapely.box(x - 0.003, y - 0.0022, x + 0.003, y + 0.0022)


def zones(count: int, of: int) -> Iterator[str]:
    """Boxes over about ten parcels each, as N-Triples."""
    for number in range(count):
        wkt = zone(number, count, of).wkt
        one, geometry = f"<{EX}z/{number}>", f"<{EX}z/{number}/g>"
        yield (
            f"{one} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EX}Zone> .\n"
            f"{one} <{GEO}hasDefaultGeometry> {geometry} .\n"
            f'{geometry} <{GEO}asWKT> "{wkt}"^^<{GEO}wktLiteral> .\n'
        )


def write(path: Path, count: int, zone_count: int) -> None:
    """The parcels and zones as a file of N-Triples."""
    with path.open("w") as file:
        file.writelines(ntriples(count))
        file.writelines(zones(zone_count, count))


def window_box(at: int, share: float = 0.5) -> shapely.Polygon:
    """A box over about a hundred parcels of a commune, times a share."""
    x, y = shape(at * A_COMMUNE).centroid.coords[0]
    return shapely.box(x, y, x + 0.04 * share, y + 0.03 * share)


def window(at: int, share: float = 0.5) -> str:
    """The same as a literal."""
    return f'"{window_box(at, share).wkt}"^^geo:wktLiteral'


_PLACE = "?p geo:hasDefaultGeometry ?g . ?g geo:asWKT ?w ."


def window_query(at: int) -> str:
    """All parcels that meet a box, about a hundred."""
    test = f"geof:sfIntersects(?w, {window(at)})"
    return f"{PREFIXES} SELECT ?p ?c {{ ?p ex:crop ?c . {_PLACE} FILTER({test}) }}"


def attribute_query(at: int) -> str:
    """Parcels of a commune by place, day and crop; about ten of four hundred."""
    test = f"geof:sfIntersects(?w, {window(at, 1.0)})"
    days = '?day >= "2017-04-10"^^xsd:date && ?day <= "2017-04-16"^^xsd:date'
    return (
        f'{PREFIXES} SELECT ?p ?day {{ ?p ex:crop "3" ; ex:day ?day . {_PLACE} '
        f"FILTER({days}) FILTER({test}) }}"
    )


def join_query(limit: str = "") -> str:
    """Each zone with the parcels that meet it; about ten a zone."""
    return (
        f"{PREFIXES} SELECT ?z ?p {{ {limit} "
        "?z a ex:Zone ; geo:hasDefaultGeometry ?h . "
        f"?h geo:asWKT ?v . ?p a ex:Parcel . {_PLACE} "
        "FILTER(geof:sfIntersects(?v, ?w)) }"
    )

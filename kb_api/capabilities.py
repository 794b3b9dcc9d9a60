"""What a query needs of a SPARQL server beyond SPARQL, and how to ask for it."""

import functools
import re
from collections.abc import Mapping

import pyoxigraph as ox

from kb_api.evaluation import run_text
from kb_api.geosparql.functions import AGGREGATE_LABELS, GEOF, LABELS
from kb_api.geosparql.tokens import Doubt, parts_of
from kb_api.outcome import Faults
from ontology.errors import QueryRejected

_GEO = "http://www.opengis.net/ont/geosparql#"
_WKT = f"^^<{_GEO}wktLiteral>"
_AREA = f'"POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))"{_WKT}'
_INNER = f'"POLYGON((1 1, 2 1, 2 2, 1 2, 1 1))"{_WKT}'
_SHAPES = (
    _AREA,
    _INNER,
    f'"POLYGON((2 2, 6 2, 6 6, 2 6, 2 2))"{_WKT}',
    f'"POLYGON((4 0, 8 0, 8 4, 4 4, 4 0))"{_WKT}',
    f'"POLYGON((20 20, 21 20, 21 21, 20 20))"{_WKT}',
    f'"POLYGON((0 0, 4 0, 4 1, 0 1, 0 0))"{_WKT}',
    f'"LINESTRING(-1 -1, 2 2)"{_WKT}',
    f'"LINESTRING(-1 3, 5 3)"{_WKT}',
    f'"POINT(9 9)"{_WKT}',
)
_METRE = "<http://www.opengis.net/def/uom/OGC/1.0/metre>"
_CRS84 = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
_FALSE = '"false"^^<http://www.w3.org/2001/XMLSchema#boolean>'
_DEEP = f'"POINT Z (1 2 3)"{_WKT}'
_EMPTY = re.compile(r"\"\"\^\^|''\^\^|\bEMPTY\b|[\"']<[^>]*>\s*[\"']")
_SYSTEM = re.compile(r"[\"']\s*<(https?|urn):")

CRS84 = f'"{_CRS84} POINT(1 1)"{_WKT}'
"""A geometry literal that names its reference system."""

EMPTY = f'""{_WKT}'
"""A geometry literal of nothing (OGC 22-047r1, Requirement 13)."""

_LITERALS = {
    "geometry literals in a reference system of their own": (
        f'"<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(3 1)"{_WKT}',
        f'"POLYGON((0 2, 2 2, 2 4, 0 4, 0 2))"{_WKT}',
    ),
    "GML literals": (
        '"<gml:Point srsName=\\"http://www.opengis.net/def/crs/OGC/1.3/CRS84\\" '
        'xmlns:gml=\\"http://www.opengis.net/ont/gml\\"><gml:pos>1 1</gml:pos>'
        f'</gml:Point>"^^<{_GEO}gmlLiteral>',
        _AREA,
    ),
    "GeoJSON literals": (
        '"{\\"type\\": \\"Point\\", \\"coordinates\\": [1, 1]}"'
        f"^^<{_GEO}geoJSONLiteral>",
        _AREA,
    ),
    "empty geometries": (f'"POLYGON EMPTY"{_WKT}', f'"POLYGON EMPTY"{_WKT}'),
}


def needs_of(query: str) -> Mapping[str, str]:
    """What a query needs, each with an ASK that only a server answers yes that has it.

    Args:
        query: SPARQL 1.1 that the embedded store takes.
    """
    if GEOF not in query:
        return {}
    try:
        parts = parts_of(query)
    except Doubt:
        names = set(re.findall(r"[:/]([A-Za-z0-9]+)", query))
        literals = query
    else:
        names = {
            part.value.removeprefix(GEOF)
            for part in parts
            if part.kind == "iri" and part.value.startswith(GEOF)
        }
        literals = "\n".join(part.text for part in parts if part.kind == "literal")
    needed = {}
    for name in sorted(names):
        if (probe := _function_probe(name)) is not None:
            needed[f"geof:{name}"] = probe
    if needed:
        for kind in _kinds(literals):
            one, other = _LITERALS[kind]
            holds = "sfEquals" if kind.startswith("empty") else "sfIntersects"
            needed[kind] = f"ASK {{ FILTER(<{GEOF}{holds}>({one}, {other})) }}"
    return needed


def _kinds(literals: str) -> list[str]:
    """The kinds of geometry that literals of a query are of, beside plain WKT."""
    found = [False] * 4
    for line in literals.splitlines():
        found[0] |= bool(_SYSTEM.search(line))
        found[1] |= "gmlLiteral" in line
        found[2] |= "geoJSONLiteral" in line
        found[3] |= bool(_EMPTY.search(line))
    return [kind for kind, is_there in zip(_LITERALS, found, strict=True) if is_there]


@functools.cache
def _function_probe(name: str) -> str | None:
    """An ASK that is true here and false without the function; None for no function.

    Of a relation it takes shapes that stand in it, of any other shapes that have it.
    """
    iri = f"<{GEOF}{name}>"
    if GEOF + name in AGGREGATE_LABELS:
        counted = f"SELECT ({iri}(?w) AS ?v) {{ VALUES ?w {{ {_AREA} {_INNER} }} }}"
        return f"ASK {{ {{ {counted} }} FILTER(BOUND(?v)) }}"
    if GEOF + name not in LABELS:
        return None
    pairs = [f"{one}, {other}" for one in _SHAPES for other in _SHAPES]
    more = [f"{_AREA}, 2, {_METRE}", f"{_AREA}, 1", f"{_AREA}, {_CRS84}", _AREA, _DEEP]
    with_unit = [f"{_AREA}, {_SHAPES[-1]}, {_METRE}", f"{_AREA}, {_METRE}"]
    matrix = [f'{_AREA}, {_INNER}, "T********"']
    candidates = [*more, *with_unit, *matrix, *pairs]
    # A boolean is true where some shapes give that; else a value is enough.
    for condition in (f"COALESCE(?v != {_FALSE}, true)", "true"):
        for arguments in candidates:
            bound = f"BIND({iri}({arguments}) AS ?v)"
            probe = f"ASK {{ {bound} FILTER(BOUND(?v) && {condition}) }}"
            if _holds_here(probe):
                return probe
    return None


def _holds_here(probe: str) -> bool:
    try:
        return bool(run_text(ox.Store(), probe, Faults()))
    except QueryRejected:
        return False

"""Rows of a query as GeoJSON (RFC 7946): a feature a row, its first WKT the shape."""

import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyoxigraph as ox
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from kb_api.endpoint.row_cap import within
from kb_api.terms import Value, to_value
from kb_api.wkt import shape_of
from ontology.errors import QueryRejected

GEOJSON = "application/geo+json"

_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_LITERAL = re.compile(r"\s*(?:<(?P<crs>[^>]*)>)?\s*(?P<wkt>.*)", re.S)
_CRS = re.compile(
    r"https?://www\.opengis\.net/def/crs/(?P<authority>\w+)/[\w.]+/(?P<code>\w+)"
)
Row = Sequence[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]


def render_rows(results: ox.QuerySolutions, most_rows: int | None = None) -> bytes:
    """A FeatureCollection in CRS84, two coordinates a point. Memory: all rows.

    The geometry is the first column, in the order of the SELECT, that has a
    `geo:wktLiteral` in any row; the other columns are properties. A row whose shape
    is missing, empty or invalid has null, and the member `rowsWithoutGeometry` counts
    them. Shapes in another CRS are transformed, in the axis order of their CRS.

    Raises:
        QueryRejected: No column has WKT, or a CRS is not known.
        TooManyRows: There are more than that.
    """
    names = [variable.value for variable in results.variables]
    rows: list[Row] = [
        [solution[name] for name in names] for solution in within(results, most_rows)
    ]
    place = next(
        (i for i in range(len(names)) if any(_is_wkt(row[i]) for row in rows)), None
    )
    if rows and place is None:
        raise QueryRejected(
            f"no column of the answer has WKT (its columns are {', '.join(names)}); "
            "select a geo:asWKT, or take the answer in another form"
        )
    features = [_feature(names, row, place) for row in rows]
    missing = sum(feature["geometry"] is None for feature in features)
    document = {
        "type": "FeatureCollection",
        "rowsWithoutGeometry": missing,
        "features": features,
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def _feature(names: Sequence[str], row: Row, place: int | None) -> dict[str, object]:
    shape = None if place is None else _shape(row[place])
    properties = {
        name: _property(term)
        for i, (name, term) in enumerate(zip(names, row, strict=True))
        if i != place
    }
    geometry = None if shape is None else json.loads(shapely.to_geojson(shape))
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _property(
    term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None,
) -> Value:
    """A JSON value; the text itself of what no JSON number can say."""
    value = to_value(term)
    if isinstance(value, float) and not math.isfinite(value):
        assert isinstance(term, ox.Literal)
        return term.value
    return value


def _is_wkt(term: object) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value == _WKT


def _shape(term: object) -> BaseGeometry | None:
    """The valid shape of a WKT literal in CRS84; None where it has none.

    Raises:
        QueryRejected: Its CRS is not known.
    """
    if not isinstance(term, ox.Literal) or not _is_wkt(term):
        return None
    match = _LITERAL.fullmatch(term.value)
    assert match is not None, "the pattern takes every text"
    shape = shapely.force_2d(shape_of(match["wkt"]))
    if shape is None:
        return None
    if match["crs"] not in (None, _CRS84):
        shape = _in_crs84(shape, match["crs"])
    if shape.is_empty or not shape.is_valid:
        return None
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return None
    return shapely.orient_polygons(shape)


def _in_crs84(shape: BaseGeometry, crs: str) -> BaseGeometry:
    transformer = _transformer(crs)

    def move(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return shapely.transform(shape, move)


@lru_cache(maxsize=32)
def _transformer(crs: str) -> pyproj.Transformer:
    named = _CRS.fullmatch(crs)
    try:
        if named is None:
            raise pyproj.exceptions.CRSError("no CRS of the OGC's register")
        source = pyproj.CRS.from_authority(named["authority"], named["code"])
        return pyproj.Transformer.from_crs(source, "OGC:CRS84", always_xy=False)
    except pyproj.exceptions.ProjError as error:
        raise QueryRejected(
            f"a shape is in <{crs}>, which is no known CRS, so it has no place in "
            "GeoJSON; take the answer in another form"
        ) from error

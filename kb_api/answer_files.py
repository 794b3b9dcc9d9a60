"""An answer as a file: CSV, and GeoJSON of the things that its rows are about."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence, Set

import pyoxigraph as ox

from kb_api.features import collection
from kb_api.questions import Column
from kb_api.reports.tables import cell
from kb_api.store import Store
from kb_api.terms import Value
from ontology.errors import QueryRejected

CSV = "text/csv; charset=utf-8"
Row = Mapping[str, Value]

_AT_ONCE = 500
_OUTLINES = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
SELECT ?thing ?wkt WHERE {{
  VALUES ?thing {{ {things} }}
  ?thing geo:hasDefaultGeometry ?geometry .
  ?geometry geo:asWKT ?wkt .
}}"""


def render_csv(columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
    """All columns of all rows (RFC 4180, UTF-8), a spreadsheet's formulas disarmed."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([column.name for column in columns])
    for row in rows:
        lines.writerow([cell(row[column.name]) for column in columns])
    return out.getvalue().encode()


def render_geojson(
    store: Store, columns: Sequence[Column], rows: Sequence[Row], *, wanted: Set[str]
) -> bytes:
    """A feature a row, in CRS84, with the columns wanted as properties.

    The geometry is a column of WKT, or that of the first column whose things have one
    in the store; null for a row whose thing has none.

    Raises:
        QueryRejected: No row of the answer has a place.
    """
    things, shapes = places_of(store, columns, rows)
    if rows and not any(shapes):
        listed = ", ".join(column.name for column in columns)
        raise QueryRejected(
            f"nothing in the answer has a place (its columns are {listed}); "
            "take it as CSV"
        )
    placed = (
        {"iri": thing, "wkt": shape}
        for thing, shape in zip(things, shapes, strict=True)
    )
    wkt = {column.name for column in columns if column.unit == "wkt"}
    kept = ({k: v for k, v in row.items() if k in wanted - wkt} for row in rows)
    return collection(placed, "iri", kept)


def places_of(
    store: Store, columns: Sequence[Column], rows: Sequence[Row]
) -> tuple[list[Value], list[Value]]:
    """What each row is about, and its WKT; None where it has no place."""
    iris = [column.name for column in columns if column.unit == "iri"]
    for column in columns:
        if column.unit == "wkt":
            about = iris[0] if iris else column.name
            return [row[about] for row in rows], [row[column.name] for row in rows]
    for name in iris:
        found = outlines(store, {str(row[name]) for row in rows if row[name]})
        if found:
            shapes: list[Value] = [found.get(str(row[name])) for row in rows]
            return [row[name] for row in rows], shapes
    return [None] * len(rows), [None] * len(rows)


def outlines(store: Store, things: Iterable[str]) -> dict[str, str]:
    """The default geometry, as WKT, of each thing that has one."""
    found: dict[str, str] = {}
    nodes = [str(ox.NamedNode(one)) for one in sorted(things)]
    for start in range(0, len(nodes), _AT_ONCE):
        text = _OUTLINES.format(things=" ".join(nodes[start : start + _AT_ONCE]))
        solutions = store.query(text)
        assert isinstance(solutions, ox.QuerySolutions)
        found.update({one["thing"].value: one["wkt"].value for one in solutions})
    return found

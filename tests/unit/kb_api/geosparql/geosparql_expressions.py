"""One expression at a time, as a query of an empty store evaluates it."""

import pyoxigraph as ox

from kb_api.embedded_store import EmbeddedStore

PREFIXES = """
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
PREFIX unit: <http://qudt.org/vocab/unit/>
PREFIX epsg: <http://www.opengis.net/def/crs/EPSG/0/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""

_STORE = EmbeddedStore()


def evaluate(expression: str, *wkt: str) -> tuple[str | None, list[str]]:
    """Value of an expression, and the faults; `{0}` stands for the first WKT."""
    literals = [f'"{one}"^^geo:wktLiteral' for one in wkt]
    text = f"{PREFIXES} SELECT ({expression.format(*literals)} AS ?v) {{}}"
    outcome = _STORE.run(text)
    assert isinstance(outcome.results, ox.QuerySolutions)
    (row,) = outcome.results
    value = row["v"]
    assert outcome.faults.count == sum(outcome.faults.told.values())
    told = list(outcome.faults.told)
    return (None if value is None else value.value), told


def number(expression: str, *wkt: str) -> float:
    """A number, computed without a fault."""
    value, told = evaluate(expression, *wkt)
    assert told == []
    assert value is not None
    return float(value)

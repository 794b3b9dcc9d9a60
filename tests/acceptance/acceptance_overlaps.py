"""The overlaps of a base, as the command tells them, beside those of its shapes."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from expected_overlaps import Pair, Row, overlaps

PREFIXES = """PREFIX luc: <https://w3id.org/lucerna/ont#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX sosa: <http://www.w3.org/ns/sosa/>
"""
SHAPED = "?t geo:hasDefaultGeometry ?geometry . ?geometry geo:asWKT ?wkt"
THINGS = f"""{PREFIXES} SELECT ?t ?kind ?group ?wkt {{ GRAPH ?g {{
{{ VALUES (?c ?kind) {{ (luc:Station "Station") (luc:Region "Region")
   (luc:Patch "Patch") }} ?t a ?c }}
UNION {{ ?t luc:unitLevel ?level . BIND("Unit" AS ?kind) }}
UNION {{ ?s a luc:Scene ; sosa:hasFeatureOfInterest ?t . BIND("Footprint" AS ?kind) }}
{SHAPED} }}
BIND(CONCAT(STR(?g), " ", COALESCE(STR(?level), "")) AS ?group) }}"""
MEET = f"{PREFIXES} SELECT ?a ?b {{ ?a geo:sfIntersects ?b }}"
WITHIN = f"{PREFIXES} SELECT ?a ?b {{ ?a geo:sfWithin ?b }}"
SHARED = f"""{PREFIXES} SELECT ?a ?b ?m {{ ?o a luc:Overlap ; luc:overlapOf ?a ;
luc:overlapWith ?b ; geo:hasMetricArea ?m }}"""

Ask = Callable[[str], Sequence[Mapping[str, str]]]


def assert_overlaps(ask: Ask) -> tuple[set[Pair], set[Pair], dict[Pair, float]]:
    """What a base says of its things is what their shapes give; that.

    Args:
        ask: The rows that `lucerna sparql` has for a query.
    """
    rows: list[Row] = [
        (row["t"], row["kind"], row["group"], row["wkt"]) for row in ask(THINGS)
    ]
    assert len({name for name, *_ in rows}) == len(rows) > 0
    expected = overlaps(rows)
    meet, within = (
        [(row["a"], row["b"]) for row in ask(one)] for one in (MEET, WITHIN)
    )
    shared = [((row["a"], row["b"]), float(row["m"])) for row in ask(SHARED)]
    assert (len(meet), len(within)) == (len(set(meet)), len(set(within)))
    assert (set(meet), set(within)) == expected[:2]
    large = {pair for pair, area in expected[2].items() if area > 0.01}
    assert large <= {pair for pair, _ in shared} <= expected[2].keys()
    for pair, area in shared:
        assert area == pytest.approx(expected[2][pair], rel=1e-3, abs=0.01), pair
    return expected

"""Fields as facts, and rows of queries about them with the index and without."""

import pyoxigraph as ox

from kb_api.embedded_store import EmbeddedStore
from kb_api.evaluation import evaluate
from kb_api.outcome import Prepared

G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"
GEO = "http://www.opengis.net/ont/geosparql#"
HEAD = (
    "PREFIX ex: <https://kb.example/> "
    f"PREFIX geo: <{GEO}> "
    "PREFIX geof: <http://www.opengis.net/def/function/geosparql/> "
)
WINDOW = '"POLYGON((0 0, 10 0, 10 10, 0 10, 0 0))"^^geo:wktLiteral'
INSIDE = f"geof:sfIntersects(?w, {WINDOW})"
ORIGIN = '"POINT(0 0)"^^geo:wktLiteral'
ESCAPED = INSIDE.replace("POLY", r"P\u004FLY")


def facts(*lines: str) -> bytes:
    """N-Triples of lines in Turtle."""
    text = HEAD.replace("PREFIX", "@prefix").replace("> ", "> . ") + "\n".join(lines)
    triples = ox.parse(text, format=ox.RdfFormat.TURTLE)
    return "".join(f"{one.triple} .\n" for one in triples).encode()


def feature(name: str, wkt: str, datatype: str = "wktLiteral") -> str:
    return (
        f"ex:{name} a ex:Field ; geo:hasDefaultGeometry ex:{name}-g . "
        f'ex:{name}-g geo:asWKT "{wkt}"^^geo:{datatype} .'
    )


def rows_of(store: EmbeddedStore, query: str, *, indexed: bool) -> list[str]:
    """The rows with the local names of their terms, sorted; the same without index."""
    text = HEAD + query
    found = store.run(text)
    assert found.indexed is indexed, store.prepare(text).text
    plain = evaluate(store._store, Prepared(text)).results
    if isinstance(found.results, ox.QueryBoolean):
        assert bool(found.results) == bool(plain)
        return [str(bool(found.results))]
    told, expected = (
        sorted(" ".join(_name(term) for term in row) for row in rows)
        for rows in (found.results, plain)
        if isinstance(rows, ox.QuerySolutions)
    )
    assert told == expected
    return told


def _name(term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return term.value.rpartition("/")[2]
    return term.value if isinstance(term, ox.Literal) else "-"

"""SPARQL results in the form asked for: rows and truth values, or graphs."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pyoxigraph as ox

from kb_api.endpoint.row_cap import CappedOutput, within
from kb_api.outcome import QueryResult
from kb_api.rows_geojson import GEOJSON, render_rows
from ontology import PREFIXES
from ontology.errors import QueryRejected

RESULTS_JSON = "application/sparql-results+json"
RESULTS_XML = "application/sparql-results+xml"
CSV = "text/csv"
TSV = "text/tab-separated-values"
TURTLE = "text/turtle"
N_TRIPLES = "application/n-triples"
RDF_XML = "application/rdf+xml"
JSON_LD = "application/ld+json"

FORMS: Mapping[str, str] = MappingProxyType(
    {
        "json": RESULTS_JSON,
        "xml": RESULTS_XML,
        "csv": CSV,
        "tsv": TSV,
        "geojson": GEOJSON,
        "turtle": TURTLE,
        "ntriples": N_TRIPLES,
        "jsonld": JSON_LD,
        "rdfxml": RDF_XML,
    }
)
"""The short name of each form and its media type."""

_ROWS = {
    RESULTS_JSON: ox.QueryResultsFormat.JSON,
    RESULTS_XML: ox.QueryResultsFormat.XML,
    CSV: ox.QueryResultsFormat.CSV,
    TSV: ox.QueryResultsFormat.TSV,
}
_GRAPHS = {
    TURTLE: ox.RdfFormat.TURTLE,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    RDF_XML: ox.RdfFormat.RDF_XML,
}


GRAPH_FORMS = (TURTLE, N_TRIPLES, JSON_LD, RDF_XML)
"""The forms of a graph, the default first."""

_SPACES = {
    **PREFIXES,
    "formats": "http://www.w3.org/ns/formats/",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "void": "http://rdfs.org/ns/void#",
}


def offered_for(results: QueryResult) -> list[str]:
    """The media types that these results can be written in, the default first."""
    if isinstance(results, ox.QueryTriples):
        return list(GRAPH_FORMS)
    if isinstance(results, ox.QueryBoolean):
        return list(_ROWS)
    return [*_ROWS, GEOJSON]


def serialise(
    results: QueryResult, media_type: str, most_rows: int | None = None
) -> bytes:
    """The results in a form that `offered_for` names, UTF-8. Memory: all of them.

    Turtle has those prefixes of the ontology that are used.

    Raises:
        QueryRejected: GeoJSON of rows without WKT, or in a CRS that is not known; a
            graph that the form has no words for.
        TooManyRows: There are more rows or triples than that.
    """
    if isinstance(results, ox.QueryTriples):
        return write_graph(list(within(results, most_rows)), media_type)
    if media_type == GEOJSON:
        assert isinstance(results, ox.QuerySolutions), "a truth value has no place"
        return render_rows(results, most_rows)
    output = CappedOutput(_ROWS[media_type], most_rows)
    results.serialize(output, format=_ROWS[media_type])
    return output.getvalue()


def write_graph(triples: Sequence[ox.Triple], media_type: str) -> bytes:
    """Triples in one of `GRAPH_FORMS`, UTF-8.

    Raises:
        QueryRejected: JSON-LD of a statement about a statement.
    """
    if media_type == JSON_LD:
        return _json_ld(triples)
    prefixes = _used_prefixes(triples) if media_type == TURTLE else None
    content = ox.serialize(triples, format=_GRAPHS[media_type], prefixes=prefixes)
    assert content is not None, "written to bytes, not to a file"
    return content


def _used_prefixes(triples: Sequence[ox.Triple]) -> dict[str, str]:
    names = {name for triple in triples for name in _names(triple)}
    return {
        prefix: space
        for prefix, space in _SPACES.items()
        if any(one.startswith(space) for one in names)
    }


def _names(triple: ox.Triple) -> list[str]:
    terms = [triple.subject, triple.predicate, triple.object]
    terms += [term.datatype for term in terms if isinstance(term, ox.Literal)]
    return [term.value for term in terms if isinstance(term, ox.NamedNode)]


def _json_ld(triples: Sequence[ox.Triple]) -> bytes:
    """JSON-LD in its expanded form, which keeps each literal as it was written.

    Raises:
        QueryRejected: A statement about a statement, which JSON-LD cannot say.
    """
    try:
        content = ox.serialize(triples, format=ox.RdfFormat.JSON_LD)
    except OSError as error:
        raise QueryRejected(
            f"the graph cannot be written as {JSON_LD} ({error}); ask for {TURTLE}"
        ) from error
    assert content is not None, "written to bytes, not to a file"
    return content

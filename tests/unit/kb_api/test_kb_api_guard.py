"""The guard knows strings, IRIs, names and comments, and tells where it stopped."""

import threading
import time

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_api.guard import MAX_TOKENS, check_query, tokens
from ontology.errors import QueryRejected

ALLOWED = [
    'SELECT * { ?s ?p "SERVICE <http://x> {}" }',
    "SELECT * { ?s ?p '''DROP\n'' ALL''' }",
    "SELECT * { ?s <http://x/service#LOAD> ?o } # SERVICE <x> {}",
    "SELECT ?service ?load { ?service ?load ?insert }",
    "PREFIX x: <http://x/> SELECT * { ?s x:service x:load . ?s x:a.b x:drop }",
    'SELECT * { ?s ?p "a"@en-GB FILTER(?s<?p && ?o>1) }',
    r'SELECT * { ?s ?p "\u0053ERVICE" }',
    "SELECT * { <http://x/a'b> ?p 'c' }",
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
]

REFUSED = [
    ("SELECT * { SERVICE <http://x> { ?s ?p ?o } }", "SERVICE"),
    ("SELECT * {\n  serVice silent <http://x> { ?s ?p ?o } }", "line 2, column 3"),
    ("PREFIX : <http://x> SELECT * { SERVICE:{ ?s ?p ?o } }", "SERVICE"),
    ("PREFIX S: <http://x> SELECT * { SERVICES:{ ?s ?p ?o } }", "SERVICE"),
    ("SELECT * { ?s ?p trueSERVICE<http://x> { ?s ?p ?o } }", "SERVICE"),
    ("SELECT * { ?s ?p 1SERVICE<http://x> { ?s ?p ?o } }", "SERVICE"),
    ("PREFIX : <x> SELECT * { ?s ?p true.SERVICE:{ ?s ?p ?o } }", "SERVICE"),
    ("SELECT * { FILTER(?a<1)SERVICE?v#>\n{ ?s ?p ?o } }", "SERVICE"),
    (r"SELECT * { S\u0045RVICE <http://x> { ?s ?p ?o } }", "escape"),
    ("SELECT * { ?s ?p '\\'' } SERVICE <x> {}", "SERVICE"),
    ("LOAD <http://x>", "LOAD"),
    ("insert data { <a> <b> <c> }", "INSERT"),
    ("DELETE WHERE { ?s ?p ?o }", "DELETE"),
    ("CLEAR ALL", "CLEAR"),
    ("DROP ALL", "DROP"),
    ("CREATE GRAPH <x>", "CREATE"),
    ("COPY <a> TO <b>", "COPY"),
    ("MOVE <a> TO <b>", "MOVE"),
    ("ADD <a> TO <b>", "ADD"),
    ("WITH <a> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "DELETE"),
    ("SELECT * FROM <http://g> { ?s ?p ?o }", "FROM"),
]


@pytest.mark.parametrize("query", ALLOWED)
def test_a_query_that_only_reads_passes_and_parses(query: str) -> None:
    check_query(query)
    ox.Store().query(query)


@pytest.mark.parametrize(("query", "named"), REFUSED)
def test_what_reaches_out_or_writes_is_refused_by_name(query: str, named: str) -> None:
    with pytest.raises(QueryRejected, match=named):
        check_query(query)


def test_tokens_have_their_kind_and_place() -> None:
    query = "SELECT ?a {\n ?a x:b 'c'@en , <d> , 1.5e3 . } # e"
    assert [(one.kind, one.text, one.start) for one in tokens(query)] == [
        ("word", "SELECT", 0),
        ("variable", "?a", 7),
        ("mark", "{", 10),
        ("variable", "?a", 13),
        ("name", "x:b", 16),
        ("string", "'c'", 20),
        ("language", "@en", 23),
        ("mark", ",", 27),
        ("iri", "<d>", 29),
        ("mark", ",", 33),
        ("number", "1.5e3", 35),
        ("mark", ".", 41),
        ("mark", "}", 43),
    ]


@given(st.text(alphabet="aS:.<>\"'\\#\n ?{}()SERVICE", max_size=60))
def test_no_character_is_lost_but_space_and_comments(text: str) -> None:
    found = list(tokens(text))
    end = 0
    for one in found:
        gap = text[end : one.start]
        assert all(part.strip() == "" for part in _without_comments(gap))
        assert text[one.start : one.start + len(one.text)] == one.text
        end = one.start + len(one.text)


@pytest.mark.parametrize("piece", ["a.", '"""', "\\", "<", "a", "'", '\\"""', "x:"])
def test_a_long_text_is_scanned_in_time_that_grows_with_its_length(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    begun = time.perf_counter()
    for _ in tokens(text):
        if time.perf_counter() - begun > 10:
            pytest.fail("the scanner takes more than 10 s for 300 kB")


def _without_comments(gap: str) -> list[str]:
    return [line.partition("#")[0] for line in gap.splitlines()]


@pytest.mark.parametrize(
    "query",
    [
        "ASK " + "{" * 3000,
        "ASK { FILTER(" + "(" * 10_000 + "true" + ")" * 10_000 + ") }",
        "ASK { FILTER(" + "!" * 10_000 + "true) }",
        "SELECT * { " + "FILTER EXISTS { " * 2500 + "}" * 2501,
        "ASK { ?s ?p " + "[ <p> " * 500 + "]" * 500 + " }",
    ],
)
def test_what_would_overrun_the_parser_is_refused(query: str) -> None:
    with pytest.raises(QueryRejected, match="nests deeper than 100 levels"):
        check_query(query)


@pytest.mark.parametrize(
    ("begin", "piece", "end"),
    [
        ("SELECT ((1", "+1", ") AS ?x) {}"),
        ("ASK { FILTER(?a", "||?a", ") }"),
        ("ASK { {}", " UNION {}", " }"),
        ("ASK { ", "MINUS{}", " }"),
        ("ASK { ", "OPTIONAL{}", " }"),
        ("ASK { ", "FILTER(?a) ", " }"),
        ("ASK { ?s <x:a>", "|<x:a>", " ?o }"),
    ],
)
def test_long_chains_are_refused_before_they_overrun_the_parser(
    begin: str, piece: str, end: str
) -> None:
    with pytest.raises(QueryRejected, match="more than 5000 words and signs"):
        check_query(begin + piece * 20_000 + end)
    # The longest chain that passes does not overrun a thread of the service.
    size = len(list(tokens(piece)))
    longest = begin + piece * ((MAX_TOKENS - 12) // size) + end
    check_query(longest)
    ended: list[bool] = []
    thread = threading.Thread(
        target=lambda: ended.append(ox.Store().query(longest) is not None)
    )
    thread.start()
    thread.join()
    assert ended == [True]


def test_an_honest_depth_passes() -> None:
    check_query("ASK " + "{" * 100 + "}" * 100)
    check_query("SELECT * { " + "{ ?s ?p ?o } UNION " * 300 + "{ ?s ?p ?o } }")

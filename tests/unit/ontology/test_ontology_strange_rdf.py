"""RDF that would overrun the stack or the memory is refused before it is parsed."""

import io

import pyoxigraph as ox
import pytest

from ontology.strange_rdf import check_rdf

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HEAD = f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="https://x/">'


def within(depth: int, comment: str = "") -> str:
    """A triple whose object is a triple term, and so on."""
    begin = f"<<( <urn:a> <urn:p> {comment}"
    return f"<urn:a> <urn:p> {begin * depth}<urn:o>{' )>>' * depth} ."


def lists(count: int, depth: int) -> str:
    """Lists beside and within one another; what stands in these hides brackets."""
    hiding = """<a:)> ") \\" )" # ) ' "\n '''' ) ''' a:b\\) ')' \"\"\"") \"\"\" """
    begin, end = f"( {hiding}" * depth, ")" * depth
    return f"@prefix a: <a:> . <a:> <a:> {'(), ' * count}{begin}{end} ."


def objects(depth: int) -> str:
    return '{"https://x/p":' * depth + "1" + "}" * depth


def elements(depth: int) -> str:
    pairs = (depth - 1) // 2
    return f"{HEAD}{'<e:a><e:p>' * pairs}{'</e:p></e:a>' * pairs}</rdf:RDF>"


@pytest.mark.parametrize(
    ("form", "fits", "too_deep", "told"),
    [
        (ox.RdfFormat.N_TRIPLES, within(100), within(101), "brackets"),
        (ox.RdfFormat.N_QUADS, within(100), within(20_000), "brackets"),
        (ox.RdfFormat.TURTLE, within(100), within(101, "# ) > )>> \"'\n"), "brackets"),
        (
            ox.RdfFormat.TURTLE,
            within(100),
            within(101).replace("<urn:a> <urn:p> <<", "[ # )>>\n ]a<<"),
            "brackets",
        ),
        (ox.RdfFormat.TURTLE, lists(100_000, 100), lists(100_000, 101), "brackets"),
        (ox.RdfFormat.JSON_LD, objects(100), objects(101), "objects and arrays"),
        (
            ox.RdfFormat.JSON_LD,
            '{"https://x/p": "' + "[" * 999 + '\\"{"}',
            '{"https://x/\\\\":' + "[" * 100 + "]" * 100 + "}",
            "objects and arrays",
        ),
        (ox.RdfFormat.RDF_XML, elements(99), elements(101), "elements"),
    ],
)
def test_what_nests_deeper_than_anybody_writes_is_refused(
    form: ox.RdfFormat, fits: str, too_deep: str, told: str
) -> None:
    check_rdf(io.BytesIO(fits.encode()), form)
    assert sum(1 for _ in ox.parse(fits, form)) > 0
    with pytest.raises(ValueError, match=f"{told} deeper than 100 levels; flatten it"):
        check_rdf(io.BytesIO(too_deep.encode()), form)


def test_many_triple_terms_beside_one_another_are_no_nesting() -> None:
    term = "<<( <urn:a> <urn:p> 'it\\'s' )>>"
    many = "".join(f"<urn:{at}> <urn:p> {term} .\n" for at in range(60_000))
    code = '<urn:a> <urn:p> "' + "cout <<(1) \\t" * 500 + '" .'
    check_rdf(io.BytesIO((many + code).encode()), ox.RdfFormat.TURTLE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_xml_are_refused(encoding: str) -> None:
    grown = "".join(f'<!ENTITY a{at + 1} "&a{at};&a{at};">' for at in range(40))
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        f'<!DOCTYPE rdf:RDF [<!ENTITY a0 "x">{grown}]>{HEAD}<e:a>&a40;</e:a></rdf:RDF>'
    )
    with pytest.raises(ValueError, match="a document type"):
        check_rdf(io.BytesIO(text.encode(encoding)), ox.RdfFormat.RDF_XML)
    with pytest.raises(SyntaxError, match=r"not well-formed \(invalid token\)") as told:
        check_rdf(
            io.BytesIO(b"<!-- a --\n b -->" + text.encode()), ox.RdfFormat.RDF_XML
        )
    assert told.value.lineno == 1

"""Facts are compared, counted and hashed as the store gives them back."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb_api.embedded_store import EmbeddedStore
from kb_api.spelling import spelled
from ontology.errors import InvalidGraph

XSD = "http://www.w3.org/2001/XMLSchema#"
G, H = "https://kb.example/graph/g", "https://kb.example/graph/h"
TYPES = [
    "integer", "decimal", "double", "float", "boolean", "date", "dateTime", "gYear",
    "gYearMonth", "time", "int", "string", "anyURI", "duration", "dateTimeStamp",
]  # fmt: skip


def of_store(content: str) -> list[bytes]:
    """The facts as a store gives them back, without any of our code."""
    store = ox.Store()
    store.load(content.encode(), ox.RdfFormat.N_TRIPLES)
    return sorted(f"{quad.triple} .".encode() for quad in store)


def fact(value: str, kind: str) -> str:
    return f'<https://x/a> <https://x/n> "{value}"^^<{XSD}{kind}> .\n'


@given(
    st.lists(
        st.tuples(
            st.from_regex(
                r"[+-]?[0-9]{0,18}(\.[0-9]{0,18})?(e-?[0-9]{1,2})?", fullmatch=True
            )
            | st.from_regex(
                r"-?[0-9]{4,5}(-[0-9]{2}(-[0-9]{2}(T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]"
                r"(\.[0-9]{1,12})?)?)?)?(Z|[+-][01][0-9]:[0-5][0-9])?",
                fullmatch=True,
            )
            | st.floats().map(repr)
            | st.sampled_from(
                ["true", "1", "INF", "NaN", "P12M", "PT60M", "24:00:00", ""]
            ),
            st.sampled_from(TYPES),
        ),
        max_size=8,
    )
)
@example([("01", "integer"), ("+1", "integer"), ("1", "int"), ("1", "integer")])
@example([("1.0", "decimal"), ("1", "decimal"), ("0.30000000000000004", "double")])
@example([("2017-04-19T00:00:00.000Z", "dateTime"), ("1e-5", "double")])
def test_facts_are_spelled_as_a_store_gives_them_back(
    literals: list[tuple[str, str]],
) -> None:
    content = "".join(fact(value, kind) for value, kind in literals)
    assert spelled(G, content.encode()) == of_store(content)


@pytest.mark.parametrize(
    "line",
    [
        '<https://x/a>  <https://x/p> "c"@EN .',
        '<https://x/a> <https://x/p> "it\\\'s \\u0041".',
        '<https://x/a> <https://x/p> "c" . # "d" .',
        "<https://x/a> <https://x/p> <https://x/c> .# <https://x/d> .",
        f'<https://x/a> <https://x/p> "say \\"01"^^<{XSD}integer> .',
        f'<urn:a> <urn:p> <<( <urn:a> <urn:p> "01"^^<{XSD}int> )>> .',
        "<https://x/a> <https://x/p> <<(<https://x/a> <https://x/p> <https://x/c>)>> .",
        '<https://x/a>\t<https://x/p> "a\tb # c _:d" .',
        "# nothing .",
    ],
)
def test_a_line_may_be_written_in_many_ways(line: str) -> None:
    assert spelled(G, line.encode()) == of_store(line)


def test_one_number_in_two_spellings_is_one_fact_of_one_graph() -> None:
    store = EmbeddedStore()
    store.put_graphs({G: ("g", fact("1", "integer").encode())})
    before = store.dump()
    twice = fact("01", "integer") + fact("+1", "integer")
    with pytest.raises(InvalidGraph, match=f"stands already in graph <{G}>"):
        store.put_graphs({H: ("h", twice.encode())})
    assert store.dump() == before
    assert store.put_graphs({G: ("g", twice.encode())}) == []
    with pytest.raises(InvalidGraph, match="stands already"):
        store.put_graphs(
            {
                H: ("h", fact("2", "int").encode()),
                H + "2": ("i", fact("02", "byte").encode()),
            }
        )
    store.put_graphs({G: ("g", b""), H: ("h", twice.encode())})
    assert store.graphs()[H] == 1
    rows = store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{H}> {{ ?s ?p ?o }} }}")
    assert [row["n"].value for row in rows] == ["1"]


def test_a_large_load_is_counted_and_compared_as_the_store_spells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb_api.writing.BULK", 3)
    store = EmbeddedStore(tmp_path / "store")
    numbers = "".join(fact(one, "integer") for one in ("01", "+1", "1", "2"))
    assert store.put_graphs({G: ("g", numbers.encode())}) == [G]
    assert store.graphs() == {G: 2}
    again = "".join(fact(one, "int") for one in ("3", "04", "2"))
    with pytest.raises(InvalidGraph, match="stands already"):
        store.put_graphs({H: ("h", again.encode())})
    assert store.graphs() == {G: 2}
    assert (
        sum(quad.endswith(f"<{G}> .".encode()) for quad in store.dump().splitlines())
        == 2
    )


@pytest.mark.parametrize(
    "value",
    [
        "_:b",
        "<<( _:b <urn:q> <urn:o> )>>",
        "<<( <urn:b> <urn:q> <<( <urn:b> <urn:q> _:b )>> )>>",
    ],
)
def test_a_blank_node_is_refused_wherever_it_stands(value: str) -> None:
    store = EmbeddedStore()
    with pytest.raises(InvalidGraph, match=f"graph {G} has blank nodes; give them"):
        store.put_graphs({G: ("g", f"<urn:a> <urn:p> {value} .".encode())})
    assert store.graphs() == {}


def test_a_fact_larger_than_a_parser_takes_is_told() -> None:
    store = EmbeddedStore()
    for text in (b'"' + b"a" * 2**24 + b'"', b'"' + b"a" * 2**24 + b'"@EN'):
        with pytest.raises(
            InvalidGraph, match="a fact of more than 16 MiB; shorten it"
        ):
            store.put_graphs({G: ("g", b"<urn:a> <urn:p> " + text + b" .")})

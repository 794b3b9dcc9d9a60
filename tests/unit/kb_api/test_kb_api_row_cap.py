"""An answer may have as many rows as it may, and not one more, in every form."""

import random
from contextlib import nullcontext

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_api.endpoint.row_cap import CappedOutput
from kb_api.result_forms import FORMS, serialise
from ontology.errors import TooManyRows

ROWS = [FORMS[name] for name in ("json", "xml", "csv", "tsv")]
FORMATS = ("JSON", "XML", "CSV", "TSV")
TRIPLES = [FORMS[name] for name in ("turtle", "ntriples", "jsonld", "rdfxml")]
VALUE = st.text(alphabet='a"\\,{}[]<>\r\n\t:result', max_size=12)


def table(values: list[list[str | None]]) -> str:
    """A query whose rows are these, None being unbound."""
    names = " ".join(f"?v{i}" for i in range(len(values[0])))
    rows = " ".join(
        "(" + " ".join("UNDEF" if one is None else str(ox.Literal(one)) for one in row)
        + ")" for row in values
    )  # fmt: skip
    return f"SELECT * {{ VALUES ({names}) {{ {rows} }} }}"


@st.composite
def tables(draw: st.DrawFn) -> list[list[str | None]]:
    width = draw(st.integers(1, 3))
    row = st.lists(st.none() | VALUE, min_size=width, max_size=width)
    return draw(st.lists(row, min_size=1, max_size=30))


@given(tables())
@settings(max_examples=60, deadline=None)
def test_rows_are_counted_exactly_whatever_they_hold(
    values: list[list[str | None]],
) -> None:
    store, query = ox.Store(), table(values)
    for form in ROWS:
        whole = serialise(store.query(query), form)
        assert serialise(store.query(query), form, len(values)) == whole
        with pytest.raises(TooManyRows, match=f"more than {len(values) - 1} rows"):
            serialise(store.query(query), form, len(values) - 1)


@given(tables(), st.randoms())
@settings(max_examples=60, deadline=None)
def test_rows_are_counted_wherever_the_pieces_end(
    values: list[list[str | None]], random: random.Random
) -> None:
    for form in (getattr(ox.QueryResultsFormat, name) for name in FORMATS):
        whole = ox.Store().query(table(values)).serialize(format=form)
        assert whole is not None
        for most in (len(values), len(values) - 1):
            output, begin = CappedOutput(form, most), 0
            with pytest.raises(TooManyRows) if most < len(values) else nullcontext():
                while begin < len(whole):
                    end = begin + random.choice([1, 2, 3, 20, 200])
                    output.write(whole[begin:end])
                    begin = end


def test_an_answer_without_end_is_stopped_at_the_cap() -> None:
    digits = "VALUES ?{0} {{ 0 1 2 3 4 5 6 7 8 9 }}"
    joined = " ".join(digits.format(name) for name in "abcdefghijkl")
    for form in ROWS:  # 10^12 rows, of which none binds what is selected
        with pytest.raises(TooManyRows):
            serialise(ox.Store().query(f"SELECT ?none {{ {joined} }}"), form, 1000)


@pytest.mark.parametrize("form", TRIPLES)
def test_triples_are_counted_too(form: str) -> None:
    values = " ".join(f"<https://kb.example/{i}>" for i in range(7))
    query = f"CONSTRUCT {{ ?s a ?s }} {{ VALUES ?s {{ {values} }} }}"
    store = ox.Store()
    assert serialise(store.query(query), form, 7) == serialise(store.query(query), form)
    with pytest.raises(TooManyRows, match="more than 6 rows"):
        serialise(store.query(query), form, 6)


def test_features_are_counted_too() -> None:
    wkt = '"POINT (1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
    query, form = f"SELECT ?w {{ VALUES ?w {{ {wkt} {wkt} }} }}", FORMS["geojson"]
    store = ox.Store()
    assert serialise(store.query(query), form, 2).count(b'"Feature"') == 2
    with pytest.raises(TooManyRows):
        serialise(store.query(query), form, 1)


def test_a_truth_value_has_no_rows() -> None:
    for form in ROWS:
        assert b"true" in serialise(ox.Store().query("ASK {}"), form, 0)

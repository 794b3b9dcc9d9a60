"""IRIs: the same input gives the same IRI, and no text breaks one."""

import datetime

import rdflib
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from etl.iris import Iris
from etl.keys import geometry_key, slug

IRIS = Iris("https://kb.example/")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_identifier_gives_a_valid_ascii_iri(text: str) -> None:
    iri = IRIS.unit("parcel", text, datetime.date(2017, 1, 1))
    assert str(iri).isascii()
    assert rdflib.URIRef(iri).n3() == f"<{iri}>"
    assert iri == IRIS.unit("parcel", text, datetime.date(2017, 1, 1))


@given(st.text(min_size=1), st.text(min_size=1))
def test_different_identifiers_give_different_iris(one: str, other: str) -> None:
    encodable = all(not 0xD800 <= ord(char) < 0xE000 for char in one + other)
    if encodable and one != other:
        assert IRIS.scene(one) != IRIS.scene(other)


def test_versions_are_named_by_year_or_day() -> None:
    assert str(IRIS.unit("parcel", "A", datetime.date(2017, 1, 1))).endswith("A@2017")
    assert str(IRIS.unit("parcel", "A", datetime.date(2017, 3, 2))).endswith(
        "A@2017-03-02"
    )
    assert str(IRIS.unit("parcel", "A", None)).endswith("A@undated")


def test_the_key_of_a_shape_does_not_depend_on_where_its_ring_begins() -> None:
    ring = [(0, 0), (1, 0), (1, 1), (0, 1)]
    turned = Polygon(ring[2:] + ring[:2])
    moved = Polygon([(0.001, 0), *ring[1:]])
    assert geometry_key(Polygon(ring)) == geometry_key(turned)
    assert geometry_key(Polygon(ring)) != geometry_key(moved)


def test_slugs_are_short_plain_words() -> None:
    assert slug("Okresy České (2019).final") == "okresy-ceske-2019-final"
    assert slug("…") == "file"
    assert slug("общини") != slug("парцели")

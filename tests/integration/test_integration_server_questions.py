"""The questions of the library on SPARQL servers: the rows of the embedded store."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import shapely

from kb_api.answers import ask
from kb_api.embedded_store import EmbeddedStore
from kb_api.questions import find_question, questions
from kb_api.remote_store import RemoteStore
from ontology.errors import QueryRejected
from ontology.files import inferred_graph, ontology_graph, schemes_graph

BASE = Path(__file__).parents[1] / "unit" / "ontology" / "conftest.py"
UNITS = "https://kb.example/unit"
A1, C1, C2 = f"{UNITS}/parcel/A1", f"{UNITS}/commune/C1", f"{UNITS}/commune/C2"
SQUARE = "POLYGON((-0.35 44.7, -0.25 44.7, -0.25 44.9, -0.35 44.9, -0.35 44.7))"
MAY = "since=2017-05-01; until=2017-05-31; reference_since=2016-05-01; "
MAY += "reference_until=2016-05-31"
FACTS = "https://kb.example/graph/all"

# name of a question, values, and how many rows it has
CASES = [
    ("assessed_parcels", "", 4),
    ("assessed_parcels", "grade=damaged", 1),
    ("best_pair", f"unit={A1}; day=2017-04-27", 4),
    ("best_pair", f"unit={A1}; day=2017-04-27; days=8", 4),
    ("best_pair", f"unit={A1}; day=2017-04-29; cloud_below=51", 2),
    ("changed_units", "", 1),
    ("changed_units", "kind=", 2),
    ("changed_units", f"kind=; place={C1}", 1),
    ("changed_units", "kind=; least_clear=0.951", 1),
    ("changed_units", "since=2017-04-19; until=2017-04-29", 1),
    ("changed_units", "since=2017-04-20", 0),
    ("changed_units", "include_unassessable=yes", 2),
    ("changed_units", "unit_level=ul:commune; least=0.15", 1),
    ("changed_without_weather", "ground_below=-5", 1),
    ("changed_without_weather", "days=1", 1),
    ("changed_without_weather", "", 0),
    ("image_pairs", "", 2),
    ("image_pairs", "method=cva; since=2017-04-19", 1),
    ("labelled_patches", "", 4),
    ("labelled_patches", "kind=clc:22", 3),
    # Three patches meet the place: one is said to, one has it for a corner, one both.
    ("labelled_patches", f"place={C1}", 4),
    ("labelled_patches", f"kind=clc:22; place={C1}; since=2017-04-20", 2),
    ("labelled_patches", f"place={A1}", 3),
    ("labelled_patches", f"place={A1}; since=2017-04-30", 0),
    ("land_cover_of_change", "", 5),
    ("land_cover_of_units", "", 2),
    ("low_vegetation", MAY, 1),
    ("low_vegetation", f"{MAY}; unit_level=ul:commune", 1),
    ("low_vegetation", f"{MAY}; place={C2}", 0),
    ("not_assessable", "", 3),
    ("rank_units", "", 3),
    ("rank_units", "kind=; level=lvl:high", 2),
    ("regions_of_unit", f"unit={C1}", 2),
    ("regions_of_unit", f"unit={A1}; until=2017-04-29", 1),
    ("regions_of_unit", f"unit={UNITS}/parcel/A2; since=2017-04-20", 0),
    ("scenes_of_unit", f"unit={A1}", 5),
    ("scenes_of_unit", f"unit={A1}; since=2017-05-01; include_unknown=yes", 1),
    ("unit_record", f"unit={A1}; since=2017-04-26; until=2017-04-27", 48),
    ("unit_record", f"unit={A1}; since=2016-03-01; until=2016-03-31", 11),
    ("unit_record", f"unit={UNITS}/parcel/A3", 51),
    ("weather_before_change", "", 3),
    ("weather_before_change", "days=1", 1),
]

ServerStore = Callable[[str], AbstractContextManager[RemoteStore]]


@pytest.fixture(scope="module")
def facts() -> dict[str, tuple[str, bytes]]:
    """The base of the tests of the questions, each fact once."""
    spec = importlib.util.spec_from_file_location("vineyard_base", BASE)
    assert spec is not None
    assert spec.loader is not None
    base = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(base)
    lines = {
        f"{quad.triple} .\n"
        for text in base.vineyard_graphs().values()
        for quad in ox.parse(base.HEAD + text, format=ox.RdfFormat.TURTLE)
    }
    meaning = ontology_graph() + schemes_graph() + inferred_graph()
    schemes = meaning.serialize(format="nt", encoding="utf-8")
    content = "".join(sorted(lines)).encode()
    return {
        FACTS: ("facts", content),
        "https://kb.example/graph/schemes": ("schemes", schemes),
    }


@pytest.fixture(scope="module")
def embedded(facts: dict[str, tuple[str, bytes]]) -> EmbeddedStore:
    store = EmbeddedStore()
    store.put_graphs(facts)
    return store


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def store(
    request: pytest.FixtureRequest,
    server_store: ServerStore,
    facts: dict[str, tuple[str, bytes]],
) -> Iterator[RemoteStore]:
    with server_store(request.param) as opened:
        assert opened.put_graphs(facts) == list(facts)
        yield opened


def comparable(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with shapes as shapely writes them: servers leave out spaces and zeros."""
    return [
        {
            name: shapely.from_wkt(value).wkt
            if name in ("outline", "wkt", "shape")
            else value
            for name, value in row.items()
        }
        for row in found
    ]


@pytest.mark.parametrize(("name", "values", "count"), CASES)
def test_a_question_has_the_rows_of_the_embedded_store(
    store: RemoteStore, embedded: EmbeddedStore, name: str, values: str, count: int
) -> None:
    given = dict(part.split("=") for part in values.split("; ") if part)
    found = ask(store, name, given).rows
    expected = ask(embedded, name, given).rows
    assert len(expected) == count
    assert comparable(found) == comparable(expected)
    truths = [one.name for one in find_question(name).columns if one.unit == "boolean"]
    assert all(type(row[one]) is bool for row in found for one in truths)


def test_no_question_is_left_out() -> None:
    assert {name for name, *_ in CASES} == {one.name for one in questions()}


def test_a_question_with_a_shape_needs_a_function(
    store: RemoteStore, embedded: EmbeddedStore
) -> None:
    for name in ("changed_units", "labelled_patches"):
        given = {"shape": SQUARE}
        if store.can.is_virtuoso:
            with pytest.raises(QueryRejected, match=r"lacks geof:sfIntersects, which"):
                ask(store, name, given)
        else:
            expected = ask(embedded, name, given).rows
            assert comparable(ask(store, name, given).rows) == comparable(expected)

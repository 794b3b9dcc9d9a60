"""An answer without rows is told what the base lacks."""

from pathlib import Path

import pytest
from rdflib import Graph

from kb_api.embedded_store import EmbeddedStore
from kb_api.hints import why_empty
from ontology.files import inferred_graph, schemes_graph

BASE = Path(__file__).parents[2] / "small_base.ttl"


def store_of(*graphs: Graph) -> EmbeddedStore:
    store = EmbeddedStore()
    for number, graph in enumerate(graphs):
        content = graph.serialize(format="nt", encoding="utf-8")
        store.put_graphs({f"https://kb.example/graph/{number}": ("g", content)})
    return store


def test_a_base_that_has_all_gives_no_reason() -> None:
    store = store_of(Graph().parse(BASE), schemes_graph() + inferred_graph())
    assert why_empty(store, "changed_units", {"least": "1"}) == []
    assert why_empty(store, "weather_before_change", {}) == []


def test_a_level_that_the_base_has_not_is_named_with_those_it_has() -> None:
    store = store_of(Graph().parse(BASE), schemes_graph() + inferred_graph())
    assert why_empty(store, "rank_units", {"unit_level": "ul:district"}) == [
        "the base has no units of level district; it has commune, parcel: "
        "give unit_level=ul:commune"
    ]


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        (
            "changed_units",
            {},
            [
                "the base has no units of level parcel; it has none: lift with --units",
                "the base has no land cover; give kind= for all land, or lift with "
                "--land-cover",
            ],
        ),
        (
            "land_cover_of_units",
            {"unit_level": ""},
            ["the base has no land cover; lift with --land-cover"],
        ),
        (
            "weather_before_change",
            {"unit_level": ""},
            ["the base has no weather; lift with --weather"],
        ),
        ("image_pairs", {}, []),
    ],
)
def test_an_empty_base_says_what_to_lift(
    name: str, values: dict[str, str], told: list[str]
) -> None:
    assert why_empty(store_of(schemes_graph()), name, values) == told

"""Places are found by what people type, without accents and in any case."""

import time

import pyoxigraph as ox
import pytest

from kb_api.embedded_store import EmbeddedStore
from kb_api.places import Places, fold

LUC = "https://w3id.org/lucerna/ont#"
TSN = "http://purl.org/net/tsn#"
SIZE = 100_000
LEVEL = "https://w3id.org/lucerna/scheme/unit-level/"

COMMUNES = {"SIM06": "Les Épures", "SIM04": "Fausserive", "SIM05": "Saint-Épire"}
PARCELS = {"P1": "Épure basse", "P2": "La Combe", "P3": "Fausse", "P4": "Le Faussé"}


def unit(level: str, identifier: str, name: str, wider: str = "") -> str:
    node = f"<https://x/{level}/{identifier}>"
    lines = [
        f"{node} <{LUC}unitLevel> <{LEVEL}{level}> .",
        f"{node} <{TSN}hasIdentifier> {ox.Literal(identifier)} .",
        f"{node} <{TSN}hasName> {ox.Literal(name)} .",
    ]
    if wider:
        lines.append(f"{node} <{LUC}partOf> <https://x/{wider}> .")
    return "\n".join(lines)


@pytest.fixture
def store() -> EmbeddedStore:
    store = EmbeddedStore()
    communes = [unit("commune", *one) for one in COMMUNES.items()]
    parcels = [unit("parcel", *one, "commune/SIM04") for one in PARCELS.items()]
    text = "\n".join(communes + parcels).encode()
    store.put_graphs({"https://x/units": ("units", text)})
    return store


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # Names that begin with it, then words that do; communes, being fewer, first.
        ("epur", ["Épure basse", "Les Épures"]),
        ("ÉPURES", ["Les Épures"]),
        ("faus", ["Fausserive", "Fausse", "Le Faussé"]),
        ("fausse", ["Fausse", "Fausserive", "Le Faussé"]),
        ("epi", ["Saint-Épire"]),
        ("sim0", ["Fausserive", "Les Épures", "Saint-Épire"]),
        ("sim04", ["Fausserive"]),
        ("https://x/commune/SIM06", ["Les Épures"]),
        ("ombe", ["La Combe"]),
        ("saint epire", ["Saint-Épire"]),
        ("SAINT-ÉP", ["Saint-Épire"]),
        ("la-combe", ["La Combe"]),
        ("t epi", ["Saint-Épire"]),
        ("-", []),
        ("nowhere", []),
        (" ", []),
    ],
)
def test_places_are_found_by_name_best_first(
    store: EmbeddedStore, text: str, names: list[str]
) -> None:
    found, count = Places(store).find(text, 10)
    assert [one.name for one in found] == names
    assert count == len(names)


def test_a_place_tells_what_it_is_part_of_and_how_many_there_are(
    store: EmbeddedStore,
) -> None:
    places = Places(store)
    found, count = places.find("a", 2)
    assert (len(found), count) == (2, 6)
    ((combe,), _) = places.find("la combe", 5)
    assert combe.wider == "Fausserive"
    assert combe.level == "parcel"
    assert combe.iri == "https://x/parcel/P2"


def test_a_load_brings_its_places(store: EmbeddedStore) -> None:
    places = Places(store)
    assert places.find("neuve", 5) == ([], 0)
    more = unit("commune", "SIM09", "Ville-Neuve").encode()
    store.put_graphs({"https://x/more": ("more", more)})
    assert [one.name for one in places.find("neuve", 5)[0]] == ["Ville-Neuve"]


def test_a_hundred_thousand_places_are_searched_while_typing() -> None:
    store = EmbeddedStore()
    text = "\n".join(unit("parcel", f"P{n}", f"Clos {n:06}") for n in range(SIZE))
    store.put_graphs({"https://x/many": ("many", text.encode())})
    places = Places(store)
    places.find("clos", 10)
    begun = time.perf_counter()
    found, count = places.find("clos 09999", 10)
    seconds = time.perf_counter() - begun
    assert [one.identifier for one in found] == [f"P{n}" for n in range(99_990, SIZE)]
    assert count == 10
    assert seconds < 0.5


def test_other_alphabets_are_folded() -> None:
    assert fold("Ærø ĐURĐEVAC Žďár") == "æro durdevac zdar"

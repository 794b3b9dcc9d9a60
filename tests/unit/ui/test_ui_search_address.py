"""The state of the Search page goes into its address and comes back whole."""

import pytest

from ui.search.address import LONGEST, pack, unpack

LONG = "SELECT ?unit WHERE { ?unit ?p ?o }\n" * 100


@pytest.mark.parametrize(
    "state",
    [
        {"question": "rank_units", "kind": "", "page": "3"},
        {"question": "a", "shape": "POLYGON((0 44, 1 44, 1 45, 0 44))", "sort": "-b"},
        {"query": 'ASK { ?é ?p "&=+" }'},
        {"query": LONG, "selected": "https://x/é"},
    ],
)
def test_an_address_holds_the_whole_state(state: dict[str, str]) -> None:
    search = pack(state)
    assert search.startswith("?")
    assert len(search) <= LONGEST
    assert unpack(search) == state


def test_a_query_too_long_for_an_address_is_left_out() -> None:
    noise = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(20_000))
    assert pack({"query": noise, "page": "2"}) == "?page=2"


@pytest.mark.parametrize("packed", ["", "%00", "AAAA", "eJwrSS0u", "é"])
def test_what_was_not_packed_is_no_query(packed: str) -> None:
    assert unpack(f"?page=2&packed={packed}") == {"page": "2"}

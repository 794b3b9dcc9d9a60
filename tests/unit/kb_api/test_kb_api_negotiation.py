"""Which media type a client gets, worked out by hand from RFC 9110, 12.5.1."""

import pytest

from kb_api.negotiation import choose_media_type

JSON, CSV = "application/sparql-results+json", "text/csv"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV; charset=utf-8", CSV),
        ("text/*", CSV),
        ("application/*", JSON),
        (f"{JSON};q=0.2, {CSV};q=0.3", CSV),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        (f"*/*, {JSON};q=0", CSV),
        ("text/*;q=0.5, text/csv;q=0.1, */*;q=0.2", JSON),
        ("application/xml", None),
        ("text/csv;q=0", None),
        ("text/csv;q=much", None),
    ],
)
def test_the_best_liked_offer_is_chosen(accept: str | None, chosen: str | None) -> None:
    assert choose_media_type(accept, [JSON, CSV]) == chosen

"""What the editor completes, and where it marks an error."""

import pytest

from ui.api_records import Concept
from ui.search.query_panel import QueryPanel, vocabulary

VINEYARDS: Concept = {
    "iri": "https://w3id.org/lucerna/scheme/clc/221",
    "scheme": "https://w3id.org/lucerna/scheme/clc",
    "schemeLabel": None,
    "notation": "221",
    "label": "Vineyards",
    "broader": [],
    "colour": None,
    "order": None,
}


def test_our_own_names_are_completed() -> None:
    known = {one["label"]: one for one in vocabulary([VINEYARDS])}
    assert known["luc:Region"]["type"] == "class"
    assert known["luc:observedHa"]["type"] == "property"
    assert known["geo:"]["detail"] == "http://www.opengis.net/ont/geosparql#"
    assert known["clc:221"]["detail"] == "Vineyards"
    assert "SELECT" in known


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("the query does not parse: error at 3:12: expected }", (3, 12)),
        ("SERVICE is refused: … only (at line 2, column 4)", (2, 4)),
        ("the query took too long", None),
    ],
)
def test_an_error_is_marked_where_the_service_says(
    message: str, place: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "ui.search.query_panel.bundle_address"
    monkeypatch.setattr(address, lambda name: "assets/none.js")
    panel = QueryPanel()
    panel.refuse("ASK {", message)
    error = panel.editor.error
    found = (error["line"], error["column"]) if "line" in error else None
    assert found == place
    assert error["message"] == message
    assert panel.query == "ASK {"

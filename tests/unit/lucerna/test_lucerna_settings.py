"""Settings: documented one by one, and refused with the variable's name."""

import re
from pathlib import Path

import pytest

from lucerna.settings import Settings, load_settings
from ontology.errors import KnowledgeError

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
ROW = re.compile(r"^\| `LUCERNA_(\w+)` \| `([^`]+)` \| (.+) \|$", re.M)


def test_every_setting_stands_in_the_operations_page() -> None:
    documented = {
        name.lower(): (default, text)
        for name, default, text in ROW.findall(OPERATIONS.read_text("utf-8"))
    }
    actual = {
        name: (str(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }
    assert documented == actual
    assert 0 < len(actual) < 15


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCERNA_KB", "elsewhere")
    monkeypatch.setenv("LUCERNA_PORT", "1234")
    settings = load_settings()
    assert (settings.kb, settings.port) == (Path("elsewhere"), 1234)


@pytest.mark.parametrize(
    ("name", "value"),
    [("LUCERNA_PORT", "many"), ("LUCERNA_IRI_BASE", "https://kb.example")],
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(KnowledgeError, match=f"^{name}=") as caught:
        load_settings()
    assert "\n" not in str(caught.value)

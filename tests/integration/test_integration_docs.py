"""README and walk: every command runs and prints what the page shows."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location(
    "console_blocks", Path(__file__).with_name("console_blocks.py")
)
assert SPEC is not None
assert SPEC.loader is not None
console_blocks = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(console_blocks)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("README.md", 4),
        ("docs/walk.md", 8),
        ("docs/own-images.md", 8),
        ("docs/weather.md", 6),
    ],
)
def test_the_page_tells_the_truth(name: str, least: int, tmp_path: Path) -> None:
    assert console_blocks.run_page(ROOT / name, tmp_path) >= least


def test_the_two_commands_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    promised = re.findall(r"^make (\w+)", text, re.M)
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert promised == ["demo", "test"]
    assert set(promised) <= set(targets)


def test_links_of_the_pages_lead_somewhere() -> None:
    pages = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted(ROOT.glob("docs/**/*.md")),
    ]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
        if not link.startswith("https://")
    ]
    assert len(links) >= 5
    missing = [
        (page.name, link) for page, link in links if not (page.parent / link).exists()
    ]
    assert missing == []


def test_the_pictures_of_the_pages_are_shown_and_small() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    shown = re.findall(
        r"!\[[^\]]+\]\(pictures/([^)]+)\)",
        (ROOT / "docs" / "pages.md").read_text("utf-8"),
    )
    assert len(pictures) >= 8
    assert sorted(shown) == [one.name for one in pictures]
    assert [one.name for one in pictures if one.stat().st_size > 200_000] == []

"""SAFE XML: safe to parse, plain to read."""

from pathlib import Path

import pytest

from imagery.errors import UnreadableProduct
from imagery.safe import find_optional_text, find_text, find_texts, read_xml

BOMB = """<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]>
<a>&y;</a>"""
DOCUMENT = (
    """<n:a xmlns:n="urn:x"><b id="1"> one </b><c><b id="2">two</b></c><d/></n:a>"""
)


def written(folder: Path, text: str) -> Path:
    path = folder / "MTD.xml"
    path.write_text(text, encoding="utf-8")
    return path


def test_texts_are_found_at_any_depth(tmp_path: Path) -> None:
    path = written(tmp_path, DOCUMENT)
    root = read_xml(path)
    assert find_text(root, "b", path) == "one"
    assert list(find_texts(root, "b")) == [({"id": "1"}, "one"), ({"id": "2"}, "two")]
    assert find_optional_text(root, "d") is None
    with pytest.raises(UnreadableProduct, match="element e is missing"):
        find_text(root, "e", path)


@pytest.mark.parametrize("text", [BOMB, "<a><b></a>", ""])
def test_unsafe_or_damaged_xml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableProduct, match="no usable XML"):
        read_xml(written(tmp_path, text))


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableProduct, match="metadata file is missing"):
        read_xml(tmp_path / "MTD.xml")

"""SAFE XML: safe to parse, plain to read."""

from pathlib import Path

import pytest

from imagery.errors import UnreadableProduct
from imagery.safe import find_optional_text, find_text, find_texts, parse_xml

BOMB = """<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]>
<a>&y;</a>"""
DOCUMENT = (
    """<n:a xmlns:n="urn:x"><b id="1"> one </b><c><b id="2">two</b></c><d/></n:a>"""
)


PATH = Path("product/MTD.xml")


def test_texts_are_found_at_any_depth() -> None:
    root = parse_xml(DOCUMENT.encode(), PATH)
    assert find_text(root, "b", PATH) == "one"
    assert find_text(root, "e", PATH, "b") == "one"
    assert list(find_texts(root, "b")) == [({"id": "1"}, "one"), ({"id": "2"}, "two")]
    assert find_optional_text(root, "d") is None
    with pytest.raises(UnreadableProduct, match="element e is missing"):
        find_text(root, "e", PATH)


@pytest.mark.parametrize("text", [BOMB, "<a><b></a>", ""])
def test_unsafe_or_damaged_xml_is_refused(text: str) -> None:
    with pytest.raises(UnreadableProduct, match=r"no usable XML: product/MTD\.xml"):
        parse_xml(text.encode(), PATH)

"""SAFE XML only, no arrays."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from imagery.errors import UnreadableProduct


def parse_xml(data: bytes, path: Path) -> Element:
    """Root element of an XML text; entities and external references are refused.

    Args:
        data: The bytes of the file.
        path: The file, for the message.

    Raises:
        UnreadableProduct: The text is not well formed or is unsafe.
    """
    try:
        root: Element = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableProduct(
            f"metadata is no usable XML: {path} ({error!r}); fetch the product again"
        ) from error
    return root


def find_text(root: Element, tag: str, path: Path, *others: str) -> str:
    """Text of the first element of a name, anywhere below the root.

    Args:
        root: Root element of the file.
        tag: Element name without namespace, as inside SAFE metadata.
        path: The file, for the message.
        others: Names that older products have in its place.

    Raises:
        UnreadableProduct: There is no such element, or it is empty.
    """
    for name in (tag, *others):
        text = find_optional_text(root, name)
        if text is not None:
            return text
    raise UnreadableProduct(
        f"element {tag} is missing in {path}; is it the metadata of a product?"
    )


def find_optional_text(root: Element, tag: str) -> str | None:
    """Text of the first element of a name, or None where it is missing or empty."""
    return (root.findtext(f".//{tag}") or "").strip() or None


def find_texts(root: Element, tag: str) -> Iterator[tuple[dict[str, str], str]]:
    """Attributes and text of each element of a name, in file order."""
    for element in root.iter(tag):
        yield dict(element.attrib), (element.text or "").strip()

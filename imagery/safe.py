"""SAFE XML only, no arrays."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

from imagery.errors import UnreadableProduct


def read_xml(path: Path) -> Element:
    """Root element of an XML file; entities and external references are refused.

    Raises:
        UnreadableProduct: The file is missing, is not well formed or is unsafe.
    """
    try:
        root = parse(path).getroot()
    except FileNotFoundError as error:
        raise UnreadableProduct(
            f"metadata file is missing: {path}; fetch the product again"
        ) from error
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableProduct(
            f"metadata is no usable XML: {path} ({error!r}); fetch the product again"
        ) from error
    if root is None:
        raise UnreadableProduct(f"metadata is empty: {path}; fetch the product again")
    return root


def find_text(root: Element, tag: str, path: Path) -> str:
    """Text of the first element of a name, anywhere below the root.

    Args:
        root: Root element of the file.
        tag: Element name without namespace, as inside SAFE metadata.
        path: The file, for the message.

    Raises:
        UnreadableProduct: There is no such element, or it is empty.
    """
    text = find_optional_text(root, tag)
    if text is None:
        raise UnreadableProduct(
            f"element {tag} is missing in {path}; is it Level-2A metadata?"
        )
    return text


def find_optional_text(root: Element, tag: str) -> str | None:
    """Text of the first element of a name, or None where it is missing or empty."""
    return (root.findtext(f".//{tag}") or "").strip() or None


def find_texts(root: Element, tag: str) -> Iterator[tuple[dict[str, str], str]]:
    """Attributes and text of each element of a name, in file order."""
    for element in root.iter(tag):
        yield dict(element.attrib), (element.text or "").strip()

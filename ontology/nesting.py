"""How deep a text of strangers nests, told before a parser overruns its stack."""

from collections.abc import Iterable
from itertools import accumulate

MAX_NESTING = 100
"""Levels that a text may nest: more than anybody writes, and far less than a stack."""

_STEPS = {ord(one): 1 for one in "([{"} | {ord(one): -1 for one in ")]}"}


def bracket_depth(text: str) -> int:
    """How deep the round brackets of a text nest, as those of WKT do.

    >>> bracket_depth("POLYGON((0 0, 1 0, 1 1, 0 0), (2 2, 3 2, 3 3, 2 2))")
    2
    """
    most, _ = _depth(text.encode(errors="replace"), b"()", 0)
    return most


def json_depth(chunks: Iterable[bytes]) -> int:
    r"""How deep objects and arrays of JSON nest; brackets in strings do not count.

    Args:
        chunks: The text, one piece after another, cut anywhere.

    >>> json_depth([b'{"a[[\\', b'"[": [1, {"b": ', b'2}]}'])
    3
    """
    most = depth = inside = 0
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        rest = b"\\" if (len(text) - len(text.rstrip(b"\\"))) % 2 else b""
        text = text.removesuffix(rest).replace(b"\\\\", b"").replace(b'\\"', b"")
        pieces = text.split(b'"')
        highest, depth = _depth(b"".join(pieces[inside::2]), b"[]{}", depth)
        most = max(most, highest)
        inside = (inside + len(pieces) - 1) % 2
    return most


def _depth(text: bytes, brackets: bytes, depth: int) -> tuple[int, int]:
    """The greatest depth of a text and that of its end, from the depth before it."""
    kept = text.translate(None, bytes(set(range(256)) - set(brackets)))
    most = end = depth
    for end in accumulate(map(_STEPS.__getitem__, kept), initial=depth):
        most = max(most, end)
    return most, end

"""The state of the Search page in its address, so that a link reopens it."""

import base64
import binascii
import urllib.parse
import zlib
from collections.abc import Mapping

LONGEST = 6000
"""Characters of an address at most; a longer query is left out of it."""

_DIGITS = 7
"""Of the number of a page, at most: the API takes an offset of nine."""

QUERY = "query"
PACKED = "packed"


def pack(state: Mapping[str, str]) -> str:
    """The state as the query part of an address; empty values stand there too.

    A long query of one's own is compressed; one that does not fit is left out.
    """
    kept = {name: value for name, value in state.items() if name != QUERY}
    query = state.get(QUERY, "")
    if query:
        short = base64.urlsafe_b64encode(zlib.compress(query.encode(), 9)).decode()
        plain = urllib.parse.quote_plus(query)
        named = {QUERY: query} if len(plain) <= len(short) else {PACKED: short}
        whole = urllib.parse.urlencode({**kept, **named})
        if len(whole) <= LONGEST:
            return f"?{whole}"
    return f"?{urllib.parse.urlencode(kept)}"


def unpack(search: str) -> dict[str, str]:
    """The state that the query part of an address holds."""
    pairs = urllib.parse.parse_qsl(search.removeprefix("?"), keep_blank_values=True)
    return opened(dict(pairs))


def page_before(text: str) -> int:
    """How many pages lie before the one of this number, from 1; 0 where it is none.

    >>> page_before("3"), page_before("0"), page_before("²"), page_before("9" * 5000)
    (2, 0, 0, 0)
    """
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return 0
    return max(0, int(text) - 1)


def opened(state: Mapping[str, str]) -> dict[str, str]:
    """The state with its query in plain text.

    >>> opened({"packed": "not packed"})
    {}
    """
    kept = {name: value for name, value in state.items() if name != PACKED}
    if PACKED in state:
        try:
            packed = base64.urlsafe_b64decode(state[PACKED])
            worker = zlib.decompressobj()
            text = worker.decompress(packed, 2**20).decode()
            if not worker.eof:
                return kept
        except (ValueError, binascii.Error, zlib.error):
            return kept
        kept[QUERY] = text
    return kept

"""Which of the media types that we offer a client wants (RFC 9110, 12.5.1)."""

from collections.abc import Sequence


def choose_media_type(accept: str | None, offered: Sequence[str]) -> str | None:
    """The offered type that an Accept header likes best; None where it likes none.

    Args:
        accept: The header; empty or None accepts everything.
        offered: Our media types, the default first; of equals the first is taken.

    >>> choose_media_type("text/csv;q=0.9, */*;q=0.1", ["text/turtle", "text/csv"])
    'text/csv'
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = [_parse_range(part) for part in accept.split(",") if part.strip()]
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))
    return best if _quality(best, ranges) > 0 else None


def _parse_range(part: str) -> tuple[str, float]:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return media_range, min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return media_range, 0.0
    return media_range, 1.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality of the most exact range that covers the type."""
    family = media_type.partition("/")[0] + "/*"
    for wanted in (media_type, family, "*/*"):
        found = [quality for media_range, quality in ranges if media_range == wanted]
        if found:
            return max(found)
    return 0.0

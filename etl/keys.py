"""Short keys that stand for content in an IRI: digests, slugs, instruments, times."""

import datetime
import hashlib
import unicodedata

import shapely
from shapely.geometry.base import BaseGeometry


def instrument(platform: str) -> str:
    """The instrument on a Sentinel platform: `msi`, or `c-sar` on Sentinel-1.

    >>> instrument("sentinel-1a"), instrument("sentinel-2b")
    ('c-sar', 'msi')
    """
    return "c-sar" if platform.lower().startswith(("sentinel-1", "s1")) else "msi"


def geometry_key(shape: BaseGeometry) -> str:
    """Twelve hex digits of the SHA-256 of the normalised shape, to 1e-7 degrees."""
    snapped = shapely.set_precision(shape, 1e-7, mode="pointwise")
    return digest(shapely.to_wkb(shapely.normalize(snapped)))


def slug(text: str) -> str:
    """A short name of lower-case ASCII letters, digits and hyphens.

    Where letters of another script are lost, six hex digits keep names apart.

    >>> slug("Communes (33) Gironde")
    'communes-33-gironde'
    """
    folded = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(one for one in folded if not unicodedata.combining(one))
    words = "".join(
        one if one.isascii() and one.isalnum() else " " for one in plain
    ).split()
    lost = any(one.isalnum() and not one.isascii() for one in plain)
    return "-".join([*words, digest(text.encode())[:6]] if lost else words or ["file"])


def digest(content: bytes) -> str:
    """Twelve hex digits of the SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()[:12]


def compact(moment: datetime.datetime) -> str:
    """A moment in UTC, to the second, as letters and digits."""
    return moment.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")

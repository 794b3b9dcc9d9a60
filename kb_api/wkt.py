"""WKT that somebody wrote, never nested so deep that its parser overruns the stack."""

import shapely
from shapely.geometry.base import BaseGeometry

MAX_COLLECTIONS = 100
"""Only collections nest without bound; GEOS fails from about 20 000 levels on."""


def parse_wkt(text: str) -> BaseGeometry:
    """The shape of a WKT text.

    Raises:
        ValueError: It has more collections than anybody writes.
        shapely.errors.GEOSException: It is no WKT.
        NotImplementedError: It is of a kind that shapely does not know.

    >>> parse_wkt("GEOMETRYCOLLECTION(" * 30_000 + "POINT(1 1)" + ")" * 30_000)
    Traceback (most recent call last):
    ...
    ValueError: more than 100 collections in a shape
    """
    if text.upper().count("COLLECTION") > MAX_COLLECTIONS:
        raise ValueError(f"more than {MAX_COLLECTIONS} collections in a shape")
    return shapely.from_wkt(text)

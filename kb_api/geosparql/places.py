"""Coordinate reference systems by IRI: axis order, shapes from one to another."""

import functools
import re
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
"""Longitude and latitude on WGS 84, in that order; what a literal without IRI is in."""

_EPSG = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/|urn:(?:x-)?ogc:def:crs:EPSG:"
    r"[\d.]*:|https?://www\.opengis\.net/gml/srs/epsg\.xml#|EPSG:)(\d{1,6})"
)
_CRS84 = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/OGC/[\d.]+/|urn:ogc:def:crs:OGC:[\d.]*:|"
    r"OGC:)CRS84"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A shape and the reference system that its coordinates are in.

    Attributes:
        shape: Coordinates as (east, north) or (lon, lat), whatever the order of the
            axes in the literal is.
        crs: IRI of the reference system.
    """

    shape: BaseGeometry
    crs: str

    def within(self, crs: str) -> BaseGeometry:
        """The shape in another reference system, (east, north).

        Raises:
            ValueError: A coordinate lies where that system cannot hold it.
        """
        if crs == self.crs or self.shape.is_empty:
            return self.shape
        return transformed(self.shape, self.crs, crs)

    def on_earth(self) -> BaseGeometry:
        """The shape as longitude and latitude on WGS 84."""
        return self.within(CRS84)


def transformed(shape: BaseGeometry, source: str, target: str) -> BaseGeometry:
    """A shape, (east, north) in one reference system, as such in another.

    Raises:
        ValueError: A system is unknown, or cannot hold a coordinate of the shape.
    """
    if reference(source) == reference(target):
        return shape
    change = _transformer(source, target)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        try:
            return np.column_stack(
                change.transform(points[:, 0], points[:, 1], errcheck=True)
            )
        except ProjError as error:
            raise ValueError(f"{source} to {target}: {error}") from error

    return shapely.transform(shapely.force_2d(shape), moved)


@functools.lru_cache(256)
def reference(iri: str) -> pyproj.CRS:
    """The reference system that an IRI names.

    Args:
        iri: Of the OGC (`http://www.opengis.net/def/crs/…`), or a URN or short form of
            the EPSG register.

    Raises:
        ValueError: The register holds no such system, or it is not of the plane or
            of longitude and latitude.
    """
    if _CRS84.fullmatch(iri):
        return pyproj.CRS.from_user_input("OGC:CRS84")
    found = _EPSG.fullmatch(iri)
    try:
        if found is not None:
            crs = pyproj.CRS.from_epsg(int(found[1]))
            if crs.is_geographic or crs.is_projected:
                return crs
            raise ValueError(f"{iri[:100]} has no east and north; transform it before")
    except CRSError as error:
        raise ValueError(f"the EPSG register has no system for {iri[:100]}") from error
    raise ValueError(
        f"the reference system {iri[:100]} is unknown; name one of the EPSG register, "
        "such as http://www.opengis.net/def/crs/EPSG/0/4326"
    )


@functools.lru_cache(256)
def north_first(iri: str) -> bool:
    """Whether literals of a reference system give north or latitude before east.

    >>> north_first("http://www.opengis.net/def/crs/EPSG/0/4326")
    True
    >>> north_first(CRS84)
    False
    """
    axes = reference(iri).axis_info[:2]
    if [axis.direction for axis in axes] == ["north", "east"]:
        return True
    return [axis.name for axis in axes] == ["Northing", "Easting"]  # at the poles


def swapped(shape: BaseGeometry, iri: str) -> BaseGeometry:
    """A shape from the axis order of a literal to (east, north), or back.

    Raises:
        ValueError: The system is unknown, or the shape has measures beside places.
    """
    if shape.is_empty or not north_first(iri):
        return shape
    if shape.has_m:
        raise ValueError(f"measured coordinates (M) are not read in {iri}; leave M out")
    heights = bool(shape.has_z)
    order = [1, 0, 2] if heights else [1, 0]
    return shapely.transform(shape, lambda points: points[:, order], include_z=heights)


@functools.lru_cache(256)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(
        reference(source), reference(target), always_xy=True
    )

"""Labelled points and polygons of a vector file as pixels of a grid."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

from fusion.training_record import ModelClass
from imagery.errors import ImageryError
from imagery.grid import crs_of

if TYPE_CHECKING:
    import geopandas as gpd

MOST_PIXELS = 5000
"""Pixels of one class that are used at most."""

_LARGEST_VALUE = 65534
_NAME_COLUMNS = ("class_name", "label")


@dataclass(frozen=True)
class Samples:
    """Labelled pixels of a grid.

    Attributes:
        rows: Row of each pixel, (n,).
        columns: Column of each.
        values: Class value of each.
        anchors: (n, 2) row and column of the middle of what each pixel comes from:
            the pixels of one polygon share theirs.
        classes: Classes that the pixels have, by value.
        left_out: Pixels or features not used, by reason.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.int64]
    anchors: NDArray[np.float64]
    classes: tuple[ModelClass, ...]
    left_out: Mapping[str, int]

    def chosen(self, mask: NDArray[np.bool_]) -> "Samples":
        """The samples that a mask selects; classes and counts stay."""
        return Samples(
            self.rows[mask],
            self.columns[mask],
            self.values[mask],
            self.anchors[mask],
            self.classes,
            self.left_out,
        )


def read_samples(
    path: Path,
    geobox: GeoBox,
    *,
    class_column: str,
    scheme: str | None = None,
    class_names: Mapping[int, str] | None = None,
    seed: int = 0,
    crs: str | None = None,
    layer: str | None = None,
) -> Samples:
    """The labelled pixels of a vector file on a grid.

    A point labels the pixel it lies in, a polygon those whose centres lie in it. A
    pixel with two different classes is left out, and of more than `MOST_PIXELS` of a
    class a drawing by the seed is kept.

    Args:
        path: Vector file of points or polygons; see `read_features`.
        geobox: The grid.
        class_column: Column of the classes: whole numbers 1 to 65534 are class
            values themselves, words are numbered from 1 in alphabetical order.
        scheme: Scheme that the values are codes of; None without one.
        class_names: Names of class values; without one the text of a column
            `class_name` or `label`, else the word or number itself.
        seed: Of the drawing.
        crs: CRS of the coordinates, for a file that states none.
        layer: Layer of a GeoPackage with several.

    Raises:
        ImageryError: The file cannot be read, has no such column or no CRS, its
            classes are neither numbers nor words, or no sample lies on the grid.
    """
    frame = _read(path, class_column, crs, layer)
    left_out: Counter[str] = Counter()
    known = frame[class_column].notna() & frame.geometry.notna()
    known &= ~frame.geometry.is_empty
    left_out["without class or geometry"] = int((~known).sum())
    frame = frame[known]
    values, words = _class_values(path, class_column, frame[class_column].tolist())
    names = _names(frame, values, words) | dict(class_names or {})
    pixels = [
        _pixels(path, geometry, geobox)
        for geometry in frame.geometry.to_crs(crs_of(geobox).to_wkt())
    ]
    left_out["off the image"] = sum(len(one) == 0 for one in pixels)
    if not any(len(one) for one in pixels):
        raise ImageryError(
            f"{path}: none of the {len(frame)} labelled samples lies on the image; "
            "check place and CRS of both"
        )
    anchors = [np.tile(one.mean(axis=0), (len(one), 1)) for one in pixels if len(one)]
    place = np.concatenate([one for one in pixels if len(one)])
    labels = np.repeat(values, [len(one) for one in pixels])
    kept = _unambiguous(place, labels, left_out)
    kept = _thinned(kept, labels, seed, left_out)
    present = sorted(set(labels[kept].tolist()))
    return Samples(
        rows=place[kept, 0],
        columns=place[kept, 1],
        values=labels[kept],
        anchors=np.concatenate(anchors)[kept],
        classes=tuple(
            ModelClass(one, names.get(one, str(one)), str(one) if scheme else None)
            for one in present
        ),
        left_out={reason: count for reason, count in left_out.items() if count},
    )


def _read(
    path: Path, class_column: str, crs: str | None, layer: str | None
) -> "gpd.GeoDataFrame":
    from imagery.vectors.features import read_features

    frame = read_features(path, crs=crs, layer=layer, option="--samples").frame
    if class_column not in frame.columns or class_column == frame.geometry.name:
        columns = ", ".join(str(c) for c in frame.columns if c != frame.geometry.name)
        raise ImageryError(
            f"{path}: has no class column {class_column!r}; choose one of "
            f"{columns or 'none'}"
        )
    return frame


def _class_values(
    path: Path, column: str, labels: list[Any]
) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Class values, and the words that were numbered."""
    if not labels:
        raise ImageryError(f"{path}: no sample has a class in {column!r}; label some")
    texts = [_text(label) for label in labels]
    whole = [re.fullmatch(r"\d{1,9}", text) is not None for text in texts]
    if all(whole):
        values = np.array([int(text) for text in texts], np.int64)
        if values.min() < 1 or values.max() > _LARGEST_VALUE:
            raise ImageryError(
                f"{path}: class values in {column!r} run from {values.min()} to "
                f"{values.max()}; 1 to {_LARGEST_VALUE} are possible"
            )
        return values, {}
    if any(whole) or not all(isinstance(label, str) for label in labels):
        odd = next(t for t, w, one in zip(texts, whole, labels, strict=True)
                   if w != whole[0] or not isinstance(one, str))  # fmt: skip
        raise ImageryError(
            f"{path}: {column!r} mixes or holds what is no class, such as {odd[:40]!r};"
            " give whole numbers or words"
        )
    words = dict(enumerate(sorted(set(texts)), start=1))
    numbers = {word: number for number, word in words.items()}
    return np.array([numbers[text] for text in texts], np.int64), words


def _text(label: object) -> str:
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label).strip()


def _names(
    frame: "gpd.GeoDataFrame", values: NDArray[np.int64], words: dict[int, str]
) -> dict[int, str]:
    """Names of class values, from words or from a column of names."""
    for column in _NAME_COLUMNS:
        if not words and column in frame.columns:
            named = zip(values.tolist(), frame[column].tolist(), strict=True)
            return {value: name for value, name in named if isinstance(name, str)}
    return words


def _pixels(path: Path, geometry: BaseGeometry, geobox: GeoBox) -> NDArray[np.int64]:
    """(n, 2) rows and columns on the grid under a point or inside a polygon.

    None for a polygon with a corner at infinity, as of degrees that no CRS maps.
    """
    from rasterio.features import geometry_mask

    height, width = geobox.shape
    kind = geometry.geom_type
    if kind in ("Point", "MultiPoint"):
        parts = getattr(geometry, "geoms", [geometry])
        found = [~geobox.affine @ (one.x, one.y) for one in parts]
        place = np.floor([(row, column) for column, row in found])
        inside = ((place >= 0) & (place < (height, width))).all(axis=1)
        return place[inside].astype(np.int64)
    if kind not in ("Polygon", "MultiPolygon"):
        raise ImageryError(f"{path}: a {kind} labels no pixel; give points or polygons")
    west, south, east, north = geometry.bounds
    corners = [~geobox.affine @ corner for corner in (
        (west, south), (west, north), (east, south), (east, north))]  # fmt: skip
    if not np.isfinite(corners).all():
        return np.empty((0, 2), np.int64)
    columns, rows = zip(*corners, strict=True)
    top, left = max(0, int(min(rows))), max(0, int(min(columns)))
    shape = (
        min(height, int(max(rows)) + 1) - top,
        min(width, int(max(columns)) + 1) - left,
    )
    if min(shape) <= 0:
        return np.empty((0, 2), np.int64)
    affine = geobox.affine @ geobox.affine.translation(left, top)
    mask = geometry_mask([geometry], out_shape=shape, transform=affine, invert=True)
    place = np.argwhere(mask) + np.array([top, left])
    return np.asarray(place, np.int64)


def _unambiguous(
    place: NDArray[np.int64], labels: NDArray[np.int64], left_out: Counter[str]
) -> NDArray[np.int64]:
    """First mention of each pixel that has one class only."""
    _, first, pixel = np.unique(place, axis=0, return_index=True, return_inverse=True)
    pixel = pixel.ravel()
    differs = labels != labels[first][pixel]
    torn = np.unique(pixel[differs])
    left_out["pixel with two classes"] = len(torn)
    left_out["pixel named again"] = len(place) - len(first)
    return np.sort(np.delete(first, torn))


def _thinned(
    kept: NDArray[np.int64],
    labels: NDArray[np.int64],
    seed: int,
    left_out: Counter[str],
) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    drawn = []
    for value in np.unique(labels[kept]):
        own = kept[labels[kept] == value]
        if len(own) > MOST_PIXELS:
            left_out[f"more than {MOST_PIXELS} of a class"] += len(own) - MOST_PIXELS
            own = rng.choice(own, MOST_PIXELS, replace=False)
        drawn.append(own)
    return np.sort(np.concatenate(drawn))

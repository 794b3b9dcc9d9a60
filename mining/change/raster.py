"""A pair of scenes into a raster of change scores and one of quality."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from imagery.errors import GridMismatch, ImageryError, MissingBand
from imagery.grid import common_grid, windows
from imagery.masks import CLEAR, CLOUDY, open_quality
from imagery.masks import NODATA as NO_DATA
from imagery.raster import open_raster, open_reflectance
from imagery.scene import Scene, geobox_of, require_bands
from imagery.stream import Output, map_windows
from mining.change.methods import (
    COMPARED_BANDS,
    NODATA,
    ChangeMethod,
    Spectra,
    change_methods,
)

_log = logging.getLogger(__name__)

QUALITY_BANDS = ("both", "before", "after")
"""The bands of a quality raster: of the pair, of the earlier scene, of the later."""


def find_method(name: str) -> ChangeMethod:
    """The change method of that name.

    Raises:
        ImageryError: When there is none; the message lists those there are.
    """
    methods = change_methods()
    if name not in methods:
        known = ", ".join(methods)
        raise ImageryError(f"there is no change method {name!r}; choose one of {known}")
    return methods[name]


def compared_bands(
    before: Scene, after: Scene, method: ChangeMethod
) -> tuple[str, ...]:
    """The bands of both scenes that a method compares.

    A method made for certain bands gets exactly those; another gets all that both
    scenes have, of the ten with 10 m or 20 m pixels.

    Raises:
        MissingBand: When they lack bands of the method, or share fewer than three.
    """
    if method.bands:
        return _fixed_bands(before, after, method)
    shared = tuple(
        band for band in COMPARED_BANDS if band in before.bands and band in after.bands
    )
    if len(shared) < 3:
        raise MissingBand(
            f"{before.product_id} and {after.product_id} share only "
            f"{', '.join(shared) or 'no band'}; three bands or more are compared: "
            "describe both with their band names"
        )
    return shared


def _fixed_bands(before: Scene, after: Scene, method: ChangeMethod) -> tuple[str, ...]:
    for wanted in method.bands:
        if all(band in scene.bands for scene in (before, after) for band in wanted):
            return wanted
    sets = " or ".join(", ".join(wanted) for wanted in method.bands)
    lacking = min(
        (before, after),
        key=lambda scene: max(len(set(scene.bands) & set(one)) for one in method.bands),
    )
    raise MissingBand(
        f"{method.name} compares exactly {sets}, the same in both scenes; "
        f"{lacking.product_id} has {', '.join(lacking.bands) or 'none'}: "
        "choose another method"
    )


def check_pair(before: Scene, after: Scene) -> None:
    """Refuse two scenes that are no pair.

    Raises:
        ImageryError: The same pixels twice, or the later scene first.
    """
    if before.sha256 == after.sha256:
        raise _same_pixels(before, after)
    if before.begins >= after.begins:
        raise ImageryError(
            f"{before.product_id} is not earlier than {after.product_id}; "
            "give the earlier scene first"
        )


def warn_of_offsets(before: Scene, after: Scene, bands: Sequence[str]) -> None:
    """Say where offsets differ that no product metadata vouch for.

    Since baseline 04.00 Sentinel-2 numbers are 1000 higher. Forgotten in one of two
    described rasters, that is a change of 0.1 in every pixel.
    """
    if before.baseline is not None and after.baseline is not None:
        return
    differing = [
        band for band in bands if before.bands[band].offset != after.bands[band].offset
    ]
    if differing:
        first, second = (scene.bands[differing[0]].offset for scene in (before, after))
        _log.warning(
            "%s has the offset %g and %s has %g in %s: right only if their numbers are "
            "so; `lucerna describe` takes the offset from metadata or --offset",
            *(before.product_id, first, after.product_id, second),
            ", ".join(differing),
        )


def check_different(before: Scene, after: Scene, bands: Sequence[str]) -> None:
    """Refuse two scenes whose pixels are the same, whatever their names and times.

    Memory: one window; reads up to the first that differs.

    Raises:
        ImageryError: No pixel of these bands differs.
        GridMismatch: The two scenes have no common grid.
    """
    grid, known = pair_grid(before, after, bands), False
    with (
        open_reflectance(require_bands(before, bands), grid) as first,
        open_reflectance(require_bands(after, bands), grid) as second,
    ):
        for window in windows(grid, 512):
            earlier, later = first(window), second(window)
            if not np.array_equal(earlier, later, equal_nan=True):
                return
            known = known or bool(np.isfinite(earlier).any())
    if known:
        raise _same_pixels(before, after)


def _same_pixels(before: Scene, after: Scene) -> ImageryError:
    return ImageryError(
        f"{before.product_id} and {after.product_id} hold the same pixels; "
        "give two acquisitions"
    )


def pair_grid(before: Scene, after: Scene, bands: Sequence[str]) -> GeoBox:
    """The finest common grid of the compared bands of both scenes.

    Raises:
        GridMismatch: The grids differ in CRS or alignment, or do not meet.
    """
    finest = [
        min(
            (geobox_of(one) for one in require_bands(scene, bands)),
            key=lambda grid: abs(grid.affine.a),
        )
        for scene in (before, after)
    ]
    try:
        return common_grid(*finest)
    except GridMismatch as error:
        raise GridMismatch(
            f"{before.product_id} and {after.product_id} cannot be compared: {error}"
        ) from error


def change_raster(
    before: Scene,
    after: Scene,
    out: Path,
    quality_out: Path,
    *,
    method: ChangeMethod,
    bands: Sequence[str],
    block: int = 512,
    progress: Callable[[int, int], None] | None = None,
) -> GeoBox:
    """Write scores and quality of a pair as COGs; the grid they stand on.

    Scores are uint8, 0 to 100, 255 where either date is cloudy or has no data.
    Quality is 0 where both dates are clear, 2 where either has no data, 1 where
    otherwise either is cloudy; its second and third band say the same of the earlier
    and of the later scene alone. Pixels that are not clear have no say in the score of
    their neighbours. The result does not depend on the window size.

    A method with an offset must have that of the pair, by `pair_offset.for_pair`; it
    stands in the tag `scene_offset` of the scores.

    Memory: one window of all bands of both scenes, with the halo of the method.

    Args:
        before: The earlier scene.
        after: The later scene.
        out: Raster of scores to write.
        quality_out: Raster of quality to write.
        method: What measures the change, with the offset of the pair.
        bands: Bands to compare, of both scenes.
        block: Side of a window in pixels.
        progress: Called with windows done and windows in all.

    Raises:
        GridMismatch: The two scenes have no common grid.
        MissingBand: A scene lacks one of the bands.
    """
    assert method.difference is None or method.offset is not None, (
        f"{method.name} has no offset yet"
    )
    grid = pair_grid(before, after, bands)
    tags = {} if method.offset is None else {"scene_offset": str(method.offset)}
    with (
        open_reflectance(require_bands(before, bands), grid) as first,
        open_reflectance(require_bands(after, bands), grid) as second,
        open_quality(before, grid) as first_quality,
        open_quality(after, grid) as second_quality,
    ):

        def compare(
            earlier: Spectra,
            later: Spectra,
            earlier_quality: NDArray[np.uint8],
            later_quality: NDArray[np.uint8],
        ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
            """Scores (y, x) and quality (band, y, x) of one window.

            Args:
                earlier: Values before, (band, y, x) with the halo; masked in place.
                later: Values after, likewise.
                earlier_quality: What pixels are good for before, (y, x) with the halo.
                later_quality: The same after.
            """
            quality = joint_quality(earlier_quality, later_quality)
            if method.halo:
                for spectra in (earlier, later):
                    spectra[:, quality != CLEAR] = np.nan
                inner = slice(method.halo, -method.halo)
                quality = quality[inner, inner]
                earlier_quality = earlier_quality[inner, inner]
                later_quality = later_quality[inner, inner]
            scores = method.score(earlier, later)
            quality[(scores == NODATA) & (quality == CLEAR)] = NO_DATA
            scores[quality != CLEAR] = NODATA
            return scores, np.stack([quality, earlier_quality, later_quality])

        map_windows(
            compare,
            [first, second, first_quality, second_quality],
            [
                Output(out, "uint8", NODATA, tags),
                Output(quality_out, "uint8", None, {}, 3, QUALITY_BANDS),
            ],
            grid,
            block=block,
            halo=method.halo,
            progress=progress,
        )
    return grid


def check_comparable(scores: Path, before: Scene, after: Scene) -> None:
    """Refuse a raster of scores without any score.

    Memory: one block; reads up to the first score.

    Raises:
        ImageryError: No pixel is clear on both dates.
    """
    with open_raster(scores) as dataset:
        compared = any(
            (dataset.read(1, window=window) != NODATA).any()
            for _, window in dataset.block_windows(1)
        )
    if not compared:
        raise ImageryError(
            f"{before.product_id} and {after.product_id} have no pixel that is clear "
            "and has data on both dates: nothing can be compared; choose another"
        )


def joint_quality(
    before: NDArray[np.uint8], after: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """What pixels are good for on both dates: no data beats cloud, cloud beats clear.

    >>> one = np.array([CLEAR, CLEAR, CLOUDY, NO_DATA], np.uint8)
    >>> joint_quality(one, np.array([CLEAR, CLOUDY, NO_DATA, CLEAR], np.uint8)).tolist()
    [0, 1, 2, 2]
    """
    assert (CLEAR, CLOUDY, NO_DATA) == (0, 1, 2), (
        "the worse state has the higher number"
    )
    worst: NDArray[np.uint8] = np.maximum(before, after)
    return worst

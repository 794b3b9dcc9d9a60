"""Scenes into the patch catalogue: cut, described, painted, stored."""

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from imagery.errors import ImageryError
from imagery.quicklook import open_thumbnails
from imagery.scene import Scene, open_scene
from imagery.scene_record import scene_record
from mining.catalogue.catalogue import Catalogue, DescribedPatch
from mining.catalogue.descriptors import LEAST_SIDE, describe, descriptor_names
from mining.catalogue.patches import CutPatch, cut_patches, patch_grid

_LARGEST_PICTURE = 128
_STORED_AT_ONCE = 256
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Added:
    """What came into the catalogue.

    Attributes:
        scenes: Scenes that were cut.
        patches: Patches added.
        passed_over: Squares of these scenes with too few pixels that have data.
        already: Scenes that were cut into patches of this size before.
    """

    scenes: int
    patches: int
    passed_over: int
    already: int


def add_scenes(
    catalogue: Catalogue,
    paths: Sequence[Path],
    *,
    size: int = 64,
    progress: Callable[[int, int], None] | None = None,
) -> Added:
    """Cut scenes into patches and put these into the catalogue.

    A scene that was wholly cut before is left as it is; one that was interrupted is
    taken up again. A scene without a single usable patch is warned of and counted.

    Args:
        catalogue: Where the patches go.
        paths: Products, as for `open_scene`.
        size: Side of a patch in pixels of the finest band.
        progress: Called with patches done and patches in all, scene by scene.

    Raises:
        ImageryError: A size too small to describe, a scene smaller than a patch, or
            other pixels under the identifier of a scene in the catalogue.
        UnreadableProduct: A product cannot be read.
    """
    if size < LEAST_SIDE:
        raise ImageryError(
            f"patches of {size} pixels are too small to describe; "
            f"give a size of at least {LEAST_SIDE}"
        )
    scenes = patches = passed_over = already = 0
    for path in paths:
        scene = open_scene(path)
        catalogue.put_scene(scene_record(scene))
        if catalogue.has_cut(scene.id, size):
            already += 1
            continue
        added, left_out = _add(catalogue, scene, size, progress)
        if added == 0:
            _log.warning(
                "%s gave no patch: in none of its %d squares of %d pixels has half of "
                "them data",
                scene.product_id,
                left_out,
                size,
            )
        scenes, patches = scenes + 1, patches + added
        passed_over += left_out
    return Added(scenes, patches, passed_over, already)


def _add(
    catalogue: Catalogue,
    scene: Scene,
    size: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[int, int]:
    """Patches added and squares passed over."""
    bands = tuple(scene.bands)
    names = descriptor_names(bands)
    added = passed_over = 0
    grid = patch_grid(scene)
    with open_thumbnails(scene, grid, size_px=min(size, _LARGEST_PICTURE)) as paint:

        def described(cut: CutPatch) -> DescribedPatch:
            return DescribedPatch(
                cut.patch, describe(cut.pixels, bands), paint(cut.window)
            )

        with closing(cut_patches(scene, size, progress=progress)) as squares:
            while some := list(islice(squares, _STORED_AT_ONCE)):
                usable = [described(cut) for cut in some if cut is not None]
                catalogue.put_patches(names, usable)
                added += len(usable)
                passed_over += len(some) - len(usable)
    catalogue.put_cut(scene.id, size, added, passed_over)
    _log.info("%s: %d patches, %d passed over", scene.product_id, added, passed_over)
    return added, passed_over

"""Outputs that cannot be, refused before anything is computed."""

from collections.abc import Sequence
from pathlib import Path

from imagery.errors import ImageryError
from imagery.stac import check_item_place, made_as, sidecar


def check_outputs(
    raster: Path,
    derived: Sequence[Path],
    named: Sequence[Path],
    inputs: Sequence[Path],
    kind: str,
) -> None:
    """Refuse files to write that cannot be written or would replace an input.

    Args:
        raster: The raster that a verb was told to write; its item is written too.
        derived: Further files that get their names from it.
        named: Files that the caller names and writes next.
        inputs: Products, files or folders, that are read.
        kind: What the raster is made as, "change" or "classification".

    Raises:
        ImageryError: No `.tif`, no folder for it, or it would replace an input, a
            raster that `describe` has described, the record of another kind, or a
            file that is no item.
    """
    if raster.suffix.lower() not in (".tif", ".tiff"):
        raise ImageryError(f"{raster}: the raster is a GeoTIFF; name it .tif")
    written = [raster, *derived, sidecar(raster), *named]
    for one in (raster, *named):
        if not one.parent.is_dir():
            raise ImageryError(f"{one}: the folder does not exist; make it first")
        if one.is_dir():
            raise ImageryError(f"{one} is a folder; give the name of a file")
        if written.count(one) > 1:
            raise ImageryError(f"{one} is an output already; give it another name")
    check_item_place(sidecar(raster), kind)
    if raster.exists() and sidecar(raster).exists() and made_as(raster) is None:
        raise ImageryError(
            f"{raster} is described as an input by {sidecar(raster).name} and would be "
            "overwritten; give the output another name"
        )
    for path in inputs:
        for one in written:
            whole = one.resolve()
            if whole == sidecar(path).resolve() or whole.is_relative_to(path.resolve()):
                raise ImageryError(f"{one} is an input; give the output another name")
    for one in derived:
        if one.is_dir():
            raise ImageryError(f"{one} is a folder; give the output another name")

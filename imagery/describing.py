"""Any pixels without metadata of ours → their STAC items, by what they lie in."""

from pathlib import Path

from imagery.band_folder import describe_folder
from imagery.cube import CUBE_SUFFIXES
from imagery.cube_item import describe_cube
from imagery.errors import ImageryError
from imagery.sentinel2 import is_product
from imagery.stac import describe_raster, parse_datetime
from imagery.told import Told


def describe(
    path: Path, told: Told, *, when: str | None, crs: str | None
) -> tuple[list[Path], tuple[str, ...]]:
    """Write the STAC items of a raster, a folder of band files or a NetCDF cube.

    Args:
        path: The raster, the folder or the cube.
        told: What the pixels are.
        when: Time as `parse_datetime` reads it; only a cube may tell it itself.
        crs: CRS of a cube that states none.

    Returns:
        The items; usual bands of the sensor that a folder lacks.

    Raises:
        ImageryError: As `describe_raster`, `describe_folder` and `describe_cube`; or
            an option does not apply.
    """
    period = None if when is None else parse_datetime(when)
    if path.suffix.lower() in CUBE_SUFFIXES and path.is_file():
        return describe_cube(path, told, period, crs), ()
    if crs is not None:
        raise ImageryError(
            f"--crs is for a NetCDF that states none; georeference {path} and leave "
            "it out"
        )
    if period is None:
        raise ImageryError(f"{path} states no time; give --datetime")
    if not path.is_dir():
        begins, ends = period
        return [describe_raster(path, begins=begins, ends=ends, **vars(told))], ()
    if is_product(path):
        raise ImageryError(
            f"{path} is a product with metadata of its own; use it as it is"
        )
    item, lacking = describe_folder(path, told, *period)
    return [item], lacking

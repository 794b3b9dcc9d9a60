"""Folder with a file for each band → its STAC item."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox
from rasterio import DatasetReader

from imagery.errors import GridMismatch, ImageryError
from imagery.grid import crs_name, crs_of
from imagery.item_bands import band_entry
from imagery.naming import CLASSIFICATION, bands_by_name
from imagery.raster import open_raster
from imagery.scene import files_sha256
from imagery.stac import folder_item, write_item
from imagery.stac_item import file_fields, item_of_assets, shape_fields
from imagery.told import Reading, Told, checked, sensor_of

_SUFFIXES = {
    ".tif": "image/tiff; application=geotiff",
    ".tiff": "image/tiff; application=geotiff",
    ".jp2": "image/jp2",
}


@dataclass(frozen=True)
class _Opened:
    path: Path
    dataset: DatasetReader
    geobox: GeoBox


def describe_folder(
    folder: Path, told: Told, begins: datetime, ends: datetime
) -> tuple[Path, tuple[str, ...]]:
    """Write the STAC item beside a folder of band files.

    Files may differ in resolution, as in SAFE; of a band in several the finest is
    taken. A file of scene classes, SCL, tells clouds of Sentinel-2 Level-2A.

    Args:
        folder: With a file of one band for each band, also in folders below it.
        told: What the pixels are; `bands` as in `bands_by_name`.
        begins: Start of sensing, aware UTC.
        ends: End of sensing; the same for an instant.

    Returns:
        The item's path; bands that the sensor usually has and the folder lacks.

    Raises:
        ImageryError: Names and sensor do not fit, a band has two files of one
            resolution, or a file has several bands.
        GridMismatch: The files differ in CRS.
        UnreadableProduct: A file cannot be read.
    """
    reading = checked(told, folder)
    sensor = sensor_of(reading, folder)
    paths = sorted(
        one
        for one in folder.rglob("*")
        if one.suffix.lower() in _SUFFIXES and not one.name.startswith(".")
    )
    names = sorted({one.stem for one in paths})
    meant = bands_by_name(names, sensor, told.bands, folder)
    with ExitStack() as stack:
        chosen = {
            band: _finest(
                band, [one for one in paths if one.stem in stems], folder, stack
            )
            for band, stems in meant.items()
        }
        _check_crs(list(chosen.values()), folder)
        assets = {
            band: _asset(band, one, reading, folder) for band, one in chosen.items()
        }
        finest = min(
            (one.geobox for one in chosen.values()), key=lambda one: abs(one.affine.a)
        )
    item = item_of_assets(
        folder.name, finest, assets, reading.properties(begins, ends), begins, ends
    )
    usual = next(iter(sensor.orders.values()), ())
    lacking = tuple(band for band in usual if band not in meant)
    return write_item(folder_item(folder), item), lacking


def _finest(
    band: str, paths: Sequence[Path], folder: Path, stack: ExitStack
) -> _Opened:
    opened = []
    for path in paths:
        dataset = stack.enter_context(open_raster(path))
        if dataset.count != 1:
            raise ImageryError(
                f"{path} is named as band {band} and holds {dataset.count} bands; "
                "describe it alone, as a raster"
            )
        opened.append(_Opened(path, dataset, GeoBox.from_rio(dataset)))
    opened.sort(key=lambda one: abs(one.geobox.affine.a))
    if len(opened) > 1 and opened[0].geobox.affine.a == opened[1].geobox.affine.a:
        both = " and ".join(
            one.path.relative_to(folder).as_posix() for one in opened[:2]
        )
        raise ImageryError(
            f"band {band} has two files in {folder}: {both}; "
            f"name one: --bands {band}=NAME, or move the other away"
        )
    return opened[0]


def _asset(band: str, one: _Opened, reading: Reading, folder: Path) -> dict[str, Any]:
    entry = band_entry(
        band,
        one.dataset,
        1,
        reading.sensor,
        reading.scaling(band),
        reading.quantity,
        None if band == CLASSIFICATION else reading.told.nodata,
    )
    return {
        "href": f"./{one.path.relative_to(folder.parent).as_posix()}",
        "type": _SUFFIXES[one.path.suffix.lower()],
        "roles": ["data"],
        "bands": [entry],
        **shape_fields(one.geobox),
        **file_fields(one.path, files_sha256([one.path])),
    }


def _check_crs(opened: Sequence[_Opened], folder: Path) -> None:
    first = opened[0]
    for one in opened[1:]:
        if crs_of(one.geobox) != crs_of(first.geobox):
            raise GridMismatch(
                f"{one.path.name} in {folder} is in {crs_name(one.geobox)} and "
                f"{first.path.name} in {crs_name(first.geobox)}; reproject one of them"
            )

"""One acquisition: id, platform, time, footprint, band files."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

from imagery.errors import MissingBand, UnreadableProduct

BACKSCATTER_QUANTITIES = ("backscatter", "backscatter_db", "backscatter_amplitude")


@dataclass(frozen=True)
class BandFile:
    """Where one band lies and how its stored numbers become a physical quantity.

    The value is `DN * scale + offset`, after nodata is taken out.

    Attributes:
        path: The raster file.
        index: Number of the band in that file, from 1.
        scale: Factor from stored number to value (0.0001 for Sentinel-2).
        offset: Value added after the factor (-0.1 from baseline 04.00 on).
        nodata: Stored number that means no data, compared before scaling; may be NaN.
        quantity: What the value is: "reflectance", "index" (-1 to 1), "backscatter"
            (sigma or gamma nought in linear power), "backscatter_db" (the same in
            decibels) or "backscatter_amplitude" (its square root).
        crs: CRS of the file where the file itself states none, "EPSG:32631".
    """

    path: Path
    index: int
    scale: float
    offset: float
    nodata: float | None
    quantity: str = "reflectance"
    crs: str | None = None


@dataclass(frozen=True)
class Scene:
    """An opened product; holds paths and numbers, no pixels and no open file.

    Attributes:
        id: Name of the acquisition, the same for every processing of it.
        product_id: Name of the product: one processing of the acquisition.
        sensor: Sensor and level as one word, "sentinel-2-l2a".
        platform: "sentinel-2a"; "sentinel-2" where only the constellation is known.
        level: Processing level: "L2A", "L1C", "GRD", "RTC", or "index".
        begins: Start of sensing, aware UTC.
        ends: End of sensing, aware UTC; equal to `begins` for an instant, later for
            a composite of a time window.
        footprint: Outline of the pixel grid in CRS84 (lon, lat).
        bands: Band name to its file, finest resolution, in the sensor's band order.
        classification: Scene classification (SCL) codes; None without one.
        tile: MGRS tile as in product names, "T30TYQ"; None where unknown.
        relative_orbit: Relative orbit number; None where unknown.
        cloud_percent: Cloud cover of the product in percent; None where not stated.
        baseline: Processing baseline, "02.04"; None where unknown.
        simulated: True for pixels made by a generator.
        sha256: Hex digest of the pixel files (with product metadata first for SAFE).
        note: A free remark on origin or quality.
    """

    id: str
    product_id: str
    sensor: str
    platform: str
    level: str
    begins: datetime
    ends: datetime
    footprint: BaseGeometry
    bands: Mapping[str, BandFile]
    classification: BandFile | None
    tile: str | None
    relative_orbit: int | None
    cloud_percent: float | None
    baseline: str | None
    simulated: bool
    sha256: str
    note: str | None


def open_scene(path: Path) -> Scene:
    """Open a product: SAFE, or what has a STAC item that `describe` wrote.

    Reads metadata and hashes the pixel files in blocks; decodes no pixel.

    Args:
        path: A Sentinel-2 L1C or L2A SAFE folder or the zip of it; a raster, or a
            folder of band files, with its STAC item beside it; or such an item, as
            of one time of a NetCDF cube.

    Raises:
        UnreadableProduct: There is nothing at `path`, it is no supported product, a
            file named in the metadata is missing, or a raster was not described.
    """
    from imagery.described import read_described
    from imagery.sentinel2 import is_product, read_sentinel2
    from imagery.stac import folder_item

    if path.is_dir() and not is_product(path) and folder_item(path).is_file():
        return read_described(path)
    if path.is_dir() or (path.is_file() and path.suffix.lower() == ".zip"):
        return read_sentinel2(path)
    if path.is_file():
        return read_described(path)
    raise _no_product(path)


def require_products(paths: Iterable[Path]) -> None:
    """Refuse products that are not there, before anything is made for them.

    Raises:
        UnreadableProduct: There is nothing at one of the paths.
    """
    for path in paths:
        if not path.exists():
            raise _no_product(path)


def _no_product(path: Path) -> UnreadableProduct:
    return UnreadableProduct(
        f"no such product: {path}; give a SAFE folder or zip, or a described raster"
    )


def require_bands(scene: Scene, names: Iterable[str]) -> tuple[BandFile, ...]:
    """Band files of a scene in the order asked for.

    Raises:
        MissingBand: The scene lacks one or more of the names.
    """
    wanted = tuple(names)
    missing = [name for name in wanted if name not in scene.bands]
    if missing:
        raise MissingBand(
            f"band {', '.join(missing)} is missing in {scene.product_id}; "
            f"it has {', '.join(scene.bands) or 'none'}"
        )
    return tuple(scene.bands[name] for name in wanted)


def pixel_files(*scenes: Scene) -> list[Path]:
    """Files that scenes are read from; a part of one by the name that GDAL has."""
    files = [one for scene in scenes for one in scene.bands.values()]
    files += [one.classification for one in scenes if one.classification is not None]
    return sorted({one.path for one in files})


def geobox_of(band_file: BandFile) -> GeoBox:
    """Pixel grid of a band's file, in the file's own CRS and resolution.

    Raises:
        UnreadableProduct: The file cannot be opened or has no CRS.
    """
    from imagery.raster import open_raster

    with open_raster(band_file.path, band_file.crs) as dataset:
        return GeoBox.from_rio(dataset)


def files_sha256(paths: Iterable[Path]) -> str:
    """Hex SHA-256 over the bytes of files, one after another in the order given.

    For one file it equals what `sha256sum` prints. Memory: one block of 1 MiB.
    """
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()

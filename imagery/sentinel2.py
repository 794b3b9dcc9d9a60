"""SAFE L1C or L2A → Scene; offset and scale to reflectance."""

import hashlib
import re
from pathlib import Path

from imagery.bands import SENTINEL2_BANDS
from imagery.errors import UnreadableProduct
from imagery.grid import footprint
from imagery.product_files import ProductFiles, product_files
from imagery.product_metadata import (
    METADATA_NAMES,
    ProductMetadata,
    parse_product_metadata,
)
from imagery.scene import BandFile, Scene, geobox_of

SIMULATED_FILE = "SIMULATED"
NODATA_DN = 0
_IMAGE_NAME = re.compile(r"_(?P<name>B\d[0-9A]|SCL)(_(?P<resolution>\d\d)m)?$")


def read_sentinel2(source: Path) -> Scene:
    """Open a Sentinel-2 L1C or L2A product: its SAFE folder, or the zip of it.

    The list of bands is that of the IMAGE_FILE elements; of a band in several
    resolutions the finest is taken. Native sampling is kept: B05 stays at 20 m. A
    product is simulated when its folder holds a file `SIMULATED` or its metadata the
    comment; either mark is enough, so that a copy that loses one keeps the other.
    The digest is over the bytes of the product metadata and of the images by name:
    the same for a product in a folder and in a zip.

    Args:
        source: The SAFE folder, with MTD_MSIL2A.xml or MTD_MSIL1C.xml in it, whose
            name may differ from the product's; or a zip with that one folder in it.

    Raises:
        UnreadableProduct: Metadata are missing or damaged, the product is of another
            level, a file it names is not there, or the zip is unsafe.
    """
    files, metadata = open_product(source)
    images = sorted(metadata.images)
    held = files.names()
    for image in images:
        if image not in held:
            raise UnreadableProduct(
                f"image file is missing: {files.root / image}; fetch the product again"
            )
    band_files = finest_files(metadata, files.root)
    bands = {name: band_files[name] for name in SENTINEL2_BANDS if name in band_files}
    if not bands:
        raise UnreadableProduct(
            f"no band among the IMAGE_FILE entries of {source}; fetch the product again"
        )
    reference = min(bands.values(), key=lambda band: _resolution(band.path))
    return Scene(
        id=_acquisition_id(metadata),
        product_id=metadata.product_id,
        sensor=metadata.level.sensor,
        platform=metadata.platform,
        level=metadata.level.name,
        begins=metadata.begins,
        ends=metadata.ends,
        footprint=footprint(geobox_of(reference)),
        bands=bands,
        classification=band_files.get("SCL"),
        tile=metadata.tile,
        relative_orbit=metadata.relative_orbit,
        cloud_percent=metadata.cloud_percent,
        baseline=metadata.baseline,
        simulated=metadata.simulated or SIMULATED_FILE in held,
        sha256=_sha256(files, [metadata.level.metadata, *images]),
        note=None,
    )


def is_product(folder: Path) -> bool:
    """Whether a folder holds product metadata, of whatever worth."""
    return any((folder / name).is_file() for name in METADATA_NAMES)


def open_product(source: Path) -> tuple[ProductFiles, ProductMetadata]:
    """Files and metadata of a product; needs no pixels.

    Raises:
        UnreadableProduct: It is no product, or its metadata are damaged.
    """
    files = product_files(source, METADATA_NAMES)
    found = [name for name in METADATA_NAMES if files.has(name)]
    if len(found) != 1:
        raise UnreadableProduct(
            f"no Sentinel-2 product: {source} has "
            f"{'both' if found else 'no'} {' and '.join(METADATA_NAMES)}; "
            "give the SAFE folder of one L1C or L2A product, its zip, or a folder of "
            "band files after `lucerna describe`"
        )
    metadata = parse_product_metadata(files.metadata(found[0]), files.root / found[0])
    if metadata.level.metadata != found[0]:
        raise UnreadableProduct(
            f"{found[0]} of {source} tells another level, {metadata.level.name}; "
            "fetch the product again"
        )
    return files, metadata


def _sha256(files: ProductFiles, names: list[str]) -> str:
    digest = hashlib.sha256()
    for name in names:
        for block in files.blocks(name):
            digest.update(block)
    return digest.hexdigest()


def finest_files(metadata: ProductMetadata, folder: Path) -> dict[str, BandFile]:
    """Band name, and SCL, to the finest of its files; of unknown bands none."""
    paths: dict[str, Path] = {}
    for image in metadata.images:
        path = folder / image
        match = _IMAGE_NAME.search(path.stem)
        if match is None or match["name"] not in (*SENTINEL2_BANDS, "SCL"):
            continue
        known = paths.get(match["name"])
        if known is None or _resolution(path) < _resolution(known):
            paths[match["name"]] = path
    files: dict[str, BandFile] = {}
    for name, path in paths.items():
        scale, offset = (1.0, 0.0) if name == "SCL" else metadata.scaling(name)
        files[name] = BandFile(path, 1, scale, offset, NODATA_DN)
    return files


def _resolution(path: Path) -> int:
    match = _IMAGE_NAME.search(path.stem)
    assert match is not None
    if match["resolution"] is None:  # L1C has one file a band
        return SENTINEL2_BANDS[match["name"]].resolution_m
    return int(match["resolution"])


def _acquisition_id(metadata: ProductMetadata) -> str:
    platform = metadata.platform.replace("sentinel-", "S").upper()
    orbit = f"R{metadata.relative_orbit:03d}"
    return f"{platform}_{metadata.begins:%Y%m%dT%H%M%S}_{orbit}_{metadata.tile}"

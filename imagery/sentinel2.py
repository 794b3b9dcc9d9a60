"""SAFE L2A → Scene; offset and scale to reflectance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from imagery.bands import SENTINEL2_BANDS
from imagery.errors import UnreadableProduct
from imagery.grid import footprint
from imagery.safe import find_optional_text, find_text, find_texts, read_xml
from imagery.scene import BandFile, Scene, files_sha256, geobox_of

SENSOR = "sentinel-2-l2a"
METADATA_NAME = "MTD_MSIL2A.xml"
SIMULATED_FILE = "SIMULATED"
SIMULATED_COMMENT = "SIMULATED PRODUCT"
NODATA_DN = 0

_SUFFIXES = {"JPEG2000": ".jp2", "GeoTIFF": ".tif"}
_IMAGE_NAME = re.compile(r"_(?P<name>B\d[0-9A]|SCL)_(?P<resolution>\d\d)m$")
_TILE = re.compile(r"_(T\d\d[A-Z]{3})_")


@dataclass(frozen=True)
class ProductMetadata:
    """What MTD_MSIL2A.xml tells.

    Attributes:
        product_id: Product name without ".SAFE".
        begins: Start of sensing, aware UTC.
        ends: End of sensing, aware UTC.
        platform: "sentinel-2a".
        baseline: Processing baseline, "05.09".
        tile: "T30TYQ".
        relative_orbit: Relative orbit number, 1 to 143.
        cloud_percent: Cloud cover in percent; None where not stated.
        quantification: BOA_QUANTIFICATION_VALUE.
        offsets_dn: BOA_ADD_OFFSET of each band name; 0 where the list has none.
        images: IMAGE_FILE entries, relative paths with their suffix.
        simulated: The file carries the comment of a simulated product.
    """

    product_id: str
    begins: datetime
    ends: datetime
    platform: str
    baseline: str
    tile: str
    relative_orbit: int
    cloud_percent: float | None
    quantification: float
    offsets_dn: Mapping[str, float]
    images: tuple[str, ...]
    simulated: bool

    def scaling(self, band: str) -> tuple[float, float]:
        """Scale and offset of a band to reflectance: `DN * scale + offset`.

        Reflectance is (DN + BOA_ADD_OFFSET) / BOA_QUANTIFICATION_VALUE, both from the
        product metadata (Sentinel-2 Products Specification Document, level 2A).
        """
        return 1 / self.quantification, self.offsets_dn[band] / self.quantification


def read_sentinel2(folder: Path) -> Scene:
    """Open a Sentinel-2 L2A SAFE folder.

    The list of bands is that of the IMAGE_FILE elements; of a band in several
    resolutions the finest is taken. Native sampling is kept: B05 stays at 20 m. A
    product is simulated when its folder holds a file `SIMULATED` or its metadata the
    comment; either mark is enough, so that a copy that loses one keeps the other.

    Args:
        folder: The SAFE folder, with MTD_MSIL2A.xml in it; its name may differ from
            the product's.

    Raises:
        UnreadableProduct: Metadata are missing or damaged, the product is of another
            level, or a file it names is not there.
    """
    path = folder / METADATA_NAME
    if not path.is_file():
        raise UnreadableProduct(
            f"no Sentinel-2 L2A product: {folder} has no {METADATA_NAME}; "
            "give the SAFE folder of a Level-2A product"
        )
    metadata = read_product_metadata(path)
    images = [folder / image for image in sorted(metadata.images)]
    for image in images:
        if not image.is_file():
            raise UnreadableProduct(
                f"image file is missing: {image}; fetch the product again"
            )
    files = _finest(metadata, folder)
    bands = {name: files[name] for name in SENTINEL2_BANDS if name in files}
    if not bands:
        raise UnreadableProduct(
            f"no band among the IMAGE_FILE entries of {path}; fetch the product again"
        )
    reference = min(bands.values(), key=lambda band: _resolution(band.path))
    return Scene(
        id=_acquisition_id(metadata),
        product_id=metadata.product_id,
        sensor=SENSOR,
        platform=metadata.platform,
        level="L2A",
        begins=metadata.begins,
        ends=metadata.ends,
        footprint=footprint(geobox_of(reference)),
        bands=bands,
        classification=files.get("SCL"),
        tile=metadata.tile,
        relative_orbit=metadata.relative_orbit,
        cloud_percent=metadata.cloud_percent,
        baseline=metadata.baseline,
        simulated=metadata.simulated or (folder / SIMULATED_FILE).is_file(),
        sha256=files_sha256([path, *images]),
        note=None,
    )


def read_product_metadata(path: Path) -> ProductMetadata:
    """What a MTD_MSIL2A.xml file tells; needs no pixels beside it.

    Raises:
        UnreadableProduct: The file is missing, damaged or of another level, or a
            number or time in it makes no sense.
    """
    root = read_xml(path)
    level = find_text(root, "PROCESSING_LEVEL", path)
    if level != "Level-2A":
        raise UnreadableProduct(
            f"processing level {level} is not supported: {path}; give a Level-2A one"
        )
    product_id = find_text(root, "PRODUCT_URI", path).removesuffix(".SAFE")
    tile = _TILE.search(product_id)
    if tile is None:
        raise UnreadableProduct(
            f"product name without a tile in {path}: {product_id}; fetch it again"
        )
    cloud = find_optional_text(root, "Cloud_Coverage_Assessment")
    try:
        return ProductMetadata(
            product_id=product_id,
            begins=_utc(find_text(root, "PRODUCT_START_TIME", path)),
            ends=_utc(find_text(root, "PRODUCT_STOP_TIME", path)),
            platform=find_text(root, "SPACECRAFT_NAME", path).lower(),
            baseline=find_text(root, "PROCESSING_BASELINE", path),
            tile=tile[1],
            relative_orbit=int(find_text(root, "SENSING_ORBIT_NUMBER", path)),
            cloud_percent=None if cloud is None else float(cloud),
            quantification=_above_zero(
                find_text(root, "BOA_QUANTIFICATION_VALUE", path)
            ),
            offsets_dn=_offsets(root),
            images=_images(root, path),
            simulated=SIMULATED_COMMENT.encode() in path.read_bytes(),
        )
    except (ValueError, IndexError, ZeroDivisionError) as error:
        raise UnreadableProduct(
            f"a number or time is damaged in {path} ({error}); fetch the product again"
        ) from error


def _above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(f"{text} is not above 0")
    return number


def _offsets(root: Element) -> dict[str, float]:
    names = list(SENTINEL2_BANDS)
    offsets = dict.fromkeys(names, 0.0)
    for attributes, text in find_texts(root, "BOA_ADD_OFFSET"):
        offsets[names[int(attributes.get("band_id", ""))]] = float(text)
    return offsets


def _images(root: Element, path: Path) -> tuple[str, ...]:
    granules = list(root.iter("Granule"))
    if len(granules) != 1:
        raise UnreadableProduct(
            f"{len(granules)} granules in {path}; only products of one tile are read"
        )
    image_format = granules[0].get("imageFormat", "")
    if image_format not in _SUFFIXES:
        raise UnreadableProduct(
            f"image format {image_format!r} in {path}; JPEG2000 and GeoTIFF are read"
        )
    suffix = _SUFFIXES[image_format]
    images = tuple(text + suffix for _, text in find_texts(root, "IMAGE_FILE"))
    for image in images:
        if image.startswith("/") or ".." in image.split("/"):
            raise UnreadableProduct(
                f"image file outside the product in {path}: {image}; do not use it"
            )
    return images


def _finest(metadata: ProductMetadata, folder: Path) -> dict[str, BandFile]:
    paths: dict[str, Path] = {}
    for image in metadata.images:
        path = folder / image
        match = _IMAGE_NAME.search(path.stem)
        if match is None:
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
    return int(match["resolution"])


def _acquisition_id(metadata: ProductMetadata) -> str:
    platform = metadata.platform.replace("sentinel-", "S").upper()
    orbit = f"R{metadata.relative_orbit:03d}"
    return f"{platform}_{metadata.begins:%Y%m%dT%H%M%S}_{orbit}_{metadata.tile}"


def _utc(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)

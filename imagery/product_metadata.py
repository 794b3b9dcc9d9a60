"""Product metadata of Sentinel-2: what MTD_MSIL1C.xml and MTD_MSIL2A.xml say."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from imagery.bands import SENTINEL2_BANDS
from imagery.errors import UnreadableProduct
from imagery.product_files import ProductFiles
from imagery.safe import find_optional_text, find_text, find_texts, parse_xml

SENSOR = "sentinel-2-l2a"
SENSOR_L1C = "sentinel-2-l1c"
METADATA_NAME = "MTD_MSIL2A.xml"
METADATA_NAME_L1C = "MTD_MSIL1C.xml"
SIMULATED_COMMENT = "SIMULATED PRODUCT"
_SUFFIXES = {"JPEG2000": ".jp2", "GeoTIFF": ".tif"}
_TILE = re.compile(r"_(T\d\d[A-Z]{3})_")


@dataclass(frozen=True)
class Level:
    """How the metadata of a processing level say what they say.

    Attributes:
        name: "L2A".
        sensor: Sensor and level as one word.
        metadata: Name of the product metadata.
        quantification: Elements of the quantification value, the newest first.
        offset: Element of a band's offset.
    """

    name: str
    sensor: str
    metadata: str
    quantification: tuple[str, ...]
    offset: str


LEVELS = {
    "Level-2A": Level(
        "L2A", SENSOR, METADATA_NAME,
        ("BOA_QUANTIFICATION_VALUE", "L2A_BOA_QUANTIFICATION_VALUE"), "BOA_ADD_OFFSET",
    ),
    "Level-1C": Level(
        "L1C", SENSOR_L1C, METADATA_NAME_L1C,
        ("QUANTIFICATION_VALUE",), "RADIO_ADD_OFFSET",
    ),
}  # fmt: skip
"""What PROCESSING_LEVEL says to how such metadata are read."""

METADATA_NAMES = tuple(level.metadata for level in LEVELS.values())


@dataclass(frozen=True)
class ProductMetadata:
    """What MTD_MSIL2A.xml or MTD_MSIL1C.xml tells.

    Attributes:
        level: Processing level.
        product_id: Product name without ".SAFE".
        begins: Start of sensing, aware UTC.
        ends: End of sensing, aware UTC.
        platform: "sentinel-2a".
        baseline: Processing baseline, "05.09".
        tile: "T30TYQ".
        relative_orbit: Relative orbit number, 1 to 143.
        cloud_percent: Cloud cover in percent; None where not stated.
        quantification: BOA_QUANTIFICATION_VALUE, or QUANTIFICATION_VALUE of L1C.
        offsets_dn: BOA_ADD_OFFSET, or RADIO_ADD_OFFSET of L1C, of each band name; 0
            where the list has none.
        images: IMAGE_FILE entries, relative paths with their suffix.
        simulated: The file carries the comment of a simulated product.
    """

    level: Level
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

        Reflectance is (DN + offset) / quantification, both from the product metadata
        (Sentinel-2 Products Specification Document, levels 1C and 2A): at the top of
        the atmosphere for L1C, at its bottom for L2A.
        """
        return 1 / self.quantification, self.offsets_dn[band] / self.quantification


def read_product_metadata(path: Path) -> ProductMetadata:
    """What a MTD_MSIL2A.xml or MTD_MSIL1C.xml tells; needs no pixels beside it.

    Raises:
        UnreadableProduct: The file is missing, damaged or of another level, or a
            number or time in it makes no sense.
    """
    files = ProductFiles(path.parent, path.parent)
    return parse_product_metadata(files.metadata(path.name), path)


def parse_product_metadata(data: bytes, path: Path) -> ProductMetadata:
    """What the bytes of such a file tell.

    Args:
        data: The bytes.
        path: The file, for messages.

    Raises:
        UnreadableProduct: They are damaged or of another level.
    """
    root = parse_xml(data, path)
    told = find_text(root, "PROCESSING_LEVEL", path)
    level = LEVELS.get(told.replace("Level-2Ap", "Level-2A"))
    if level is None:
        raise UnreadableProduct(
            f"processing level {told} is not supported: {path}; "
            "give a Level-1C or Level-2A one"
        )
    uri = find_text(root, "PRODUCT_URI", path, "PRODUCT_URI_2A")
    product_id = uri.removesuffix(".SAFE")
    tile = _TILE.search(product_id)
    if tile is None:
        raise UnreadableProduct(
            f"product name without a tile in {path}: {product_id}; fetch it again"
        )
    cloud = find_optional_text(root, "Cloud_Coverage_Assessment")
    try:
        begins = _utc(find_text(root, "PRODUCT_START_TIME", path))
        ends = _utc(find_text(root, "PRODUCT_STOP_TIME", path))
        if ends < begins:
            raise ValueError(f"sensing ends at {ends} before it begins")
        return ProductMetadata(
            level=level,
            product_id=product_id,
            begins=begins,
            ends=ends,
            platform=find_text(root, "SPACECRAFT_NAME", path).lower(),
            baseline=find_text(root, "PROCESSING_BASELINE", path),
            tile=tile[1],
            relative_orbit=int(find_text(root, "SENSING_ORBIT_NUMBER", path)),
            cloud_percent=None if cloud is None else _percent(cloud),
            quantification=_above_zero(
                find_text(
                    root, level.quantification[0], path, *level.quantification[1:]
                )
            ),
            offsets_dn=_offsets(root, level.offset),
            images=_images(root, path),
            simulated=SIMULATED_COMMENT.encode() in data,
        )
    except (ValueError, IndexError, ZeroDivisionError) as error:
        raise UnreadableProduct(
            f"a number or time is damaged in {path} ({error}); fetch the product again"
        ) from error


def _percent(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 100:
        raise ValueError(f"{text} is no percentage")
    return number


def _above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(f"{text} is not above 0")
    return number


def _offsets(root: Element, tag: str) -> dict[str, float]:
    names = list(SENTINEL2_BANDS)
    offsets = dict.fromkeys(names, 0.0)
    for attributes, text in find_texts(root, tag):
        number, offset = int(attributes.get("band_id", "")), float(text)
        if not 0 <= number < len(names):
            raise ValueError(f"no band has the number {number}")
        if not math.isfinite(offset):
            raise ValueError(f"{text} is no offset")
        offsets[names[number]] = offset
    return offsets


def _images(root: Element, path: Path) -> tuple[str, ...]:
    granules = [*root.iter("Granule"), *root.iter("Granules")]
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
    names = ("IMAGE_FILE", "IMAGE_FILE_2A")
    images = tuple(
        text.removesuffix(suffix) + suffix
        for name in names
        for _, text in find_texts(root, name)
    )
    for image in images:
        if image.startswith("/") or ".." in image.split("/"):
            raise UnreadableProduct(
                f"image file outside the product in {path}: {image}; do not use it"
            )
    return images


def _utc(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)

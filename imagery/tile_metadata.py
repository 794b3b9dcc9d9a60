"""MTD_TL.xml of a granule: grids, angles and quality of one tile; no arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj.exceptions import CRSError

from imagery.errors import UnreadableProduct
from imagery.safe import find_text, parse_xml


@dataclass(frozen=True)
class TileMetadata:
    """What MTD_TL.xml tells.

    Attributes:
        tile_id: TILE_ID, the granule's own identifier.
        datastrip_id: DATASTRIP_ID.
        grids: Pixel size in metres to the grid of bands of that size.
        sun_deg: Mean zenith and azimuth of the sun; None where not stated.
        view_deg: Zenith and azimuth of viewing, mean of all bands; None likewise.
        content: Element of Image_Content_QI, "WATER_PERCENTAGE", to its number.
    """

    tile_id: str
    datastrip_id: str
    grids: Mapping[int, GeoBox]
    sun_deg: tuple[float, float] | None
    view_deg: tuple[float, float] | None
    content: Mapping[str, float]


def parse_tile_metadata(data: bytes, path: Path) -> TileMetadata:
    """What the bytes of a MTD_TL.xml tell.

    Args:
        data: The bytes.
        path: The file, for messages.

    Raises:
        UnreadableProduct: They are damaged, or a number makes no sense.
    """
    root = parse_xml(data, path)
    try:
        return TileMetadata(
            tile_id=find_text(root, "TILE_ID", path),
            datastrip_id=find_text(root, "DATASTRIP_ID", path),
            grids=_grids(root, path),
            sun_deg=_mean_angles(root, "Mean_Sun_Angle"),
            view_deg=_mean_angles(root, "Mean_Viewing_Incidence_Angle"),
            content=image_content(root),
        )
    except (ValueError, TypeError, CRSError) as error:
        raise UnreadableProduct(
            f"a number is damaged in {path} ({error}); fetch the product again"
        ) from error


def image_content(root: Element) -> dict[str, float]:
    """Percentages of Image_Content_QI of product or tile metadata, by element name.

    Raises:
        ValueError: One is no number.
    """
    return {
        one.tag: float(one.text or "")
        for content in root.iter("Image_Content_QI")
        for one in content
        if one.tag.endswith("_PERCENTAGE")
    }


def _grids(root: Element, path: Path) -> dict[int, GeoBox]:
    crs = find_text(root, "HORIZONTAL_CS_CODE", path)
    sizes = {one.get("resolution"): one for one in root.iter("Size")}
    grids = {}
    for place in root.iter("Geoposition"):
        size = sizes.get(place.get("resolution"))
        if size is None:
            raise ValueError(f"no Size of resolution {place.get('resolution')}")
        west, north, right, down = (
            _number(place, name) for name in ("ULX", "ULY", "XDIM", "YDIM")
        )
        shape = int(_number(size, "NROWS")), int(_number(size, "NCOLS"))
        transform = Affine(right, 0, west, 0, down, north)
        grids[int(place.get("resolution", ""))] = GeoBox(shape, transform, crs)
    if not grids:
        raise ValueError("no Geoposition")
    return grids


def _mean_angles(root: Element, tag: str) -> tuple[float, float] | None:
    """Zenith and azimuth, mean of all elements of a name; azimuths near each other."""
    pairs = [
        (_number(one, "ZENITH_ANGLE"), _number(one, "AZIMUTH_ANGLE"))
        for one in root.iter(tag)
    ]
    if not pairs:
        return None
    first = pairs[0][1]
    turned = [(azimuth - first + 180) % 360 - 180 for _, azimuth in pairs]
    zenith = sum(one for one, _ in pairs) / len(pairs)
    return zenith, (first + sum(turned) / len(pairs)) % 360


def _number(parent: Element, tag: str) -> float:
    return float(parent.findtext(tag) or "")

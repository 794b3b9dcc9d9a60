"""SAFE product → its STAC item, from metadata alone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from imagery.bands import SENTINEL2_BANDS
from imagery.errors import UnreadableProduct
from imagery.grid import bbox_crs84, footprint, outline_crs84
from imagery.item_bands import spectral_fields
from imagery.product_files import ProductFiles
from imagery.product_metadata import ProductMetadata
from imagery.safe import find_optional_text, parse_xml
from imagery.scene import files_sha256
from imagery.scene_record import iso_time
from imagery.sentinel2 import (
    NODATA_DN,
    SIMULATED_FILE,
    open_product,
)
from imagery.stac import sidecar, write_item
from imagery.stac_item import crs_field, extensions, file_fields, shape_fields
from imagery.tile_metadata import TileMetadata, image_content, parse_tile_metadata

_IMAGE = re.compile(r"_(?P<name>B\d[0-9A]|SCL|AOT|WVP|TCI)(_(?P<resolution>\d\d)m)?$")
_MEDIA_TYPES = {
    ".jp2": "image/jp2",
    ".tif": "image/tiff; application=geotiff; profile=cloud-optimized",
}
_TEXTS = {
    "PRODUCT_TYPE": "s2:product_type",
    "GENERATION_TIME": "s2:generation_time",
    "DATATAKE_TYPE": "s2:datatake_type",
}
_TRUE_COLOUR = ("B04", "B03", "B02")
_QUANTIFIED = ("AOT", "WVP")


def write_product_item(source: Path) -> Path:
    """Write the STAC item beside a SAFE folder or its zip; gives its path.

    Raises:
        UnreadableProduct: As `product_item`.
        ImageryError: A file that is no STAC item is in the way.
    """
    return write_item(sidecar(source), product_item(source))


def product_item(source: Path) -> dict[str, Any]:
    """The STAC 1.1 item of a Sentinel-2 product, as plain data.

    Needs no pixels: files of the product that are there get their checksum, images
    that are not are named without one. Addresses are relative to the folder that
    holds the product. A zip is one asset, with the bands of the product in it.

    Args:
        source: The SAFE folder, or the zip of it.

    Raises:
        UnreadableProduct: It is no product, or its metadata are damaged or missing.
    """
    files, product = open_product(source)
    root = _parsed(files, product.level.metadata)
    granule = "/".join(product.images[0].split("/")[:2]) if product.images else ""
    name = f"{granule}/MTD_TL.xml"
    tile = parse_tile_metadata(files.metadata(name), files.root / name)
    outline = _outline(root, tile, files.root / product.level.metadata)
    try:
        properties = _properties(product, tile, root, outline)
    except ValueError as error:
        raise UnreadableProduct(
            f"a number is damaged in {files.root / product.level.metadata} ({error}); "
            "fetch the product again"
        ) from error
    if SIMULATED_FILE in files.names():
        properties["lucerna:simulated"] = True
    assets = dict(_assets(files, product, tile, root, granule))
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": extensions(properties, assets.values()),
        "id": product.product_id,
        "geometry": mapping(outline),
        "bbox": list(bbox_crs84(outline)),
        "properties": properties,
        "links": [],
        "assets": assets,
    }


def _parsed(files: ProductFiles, name: str) -> Element:
    return parse_xml(files.metadata(name), files.root / name)


def _outline(root: Element, tile: TileMetadata, path: Path) -> BaseGeometry:
    """Outline of the data as the metadata state it, of the tile where they do not."""
    told = find_optional_text(root, "EXT_POS_LIST")
    if told is None:
        return footprint(next(iter(tile.grids.values())))
    try:
        numbers = [float(one) for one in told.split()]
        outline = outline_crs84(numbers[1::2], numbers[::2])
    except (ValueError, shapely.errors.GEOSException) as error:
        raise UnreadableProduct(
            f"the footprint is damaged in {path} ({error}); fetch the product again"
        ) from error
    if not outline.is_valid or outline.is_empty:
        raise UnreadableProduct(
            f"the footprint crosses itself in {path}; fetch the product again"
        )
    return outline


def _properties(
    product: ProductMetadata, tile: TileMetadata, root: Element, outline: BaseGeometry
) -> dict[str, Any]:
    instant = product.begins == product.ends
    mgrs = product.tile.removeprefix("T")
    content = image_content(root) | dict(tile.content)
    told: dict[str, Any] = {
        "datetime": iso_time(product.begins) if instant else None,
        **({} if instant else _interval(product)),
        "platform": product.platform,
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "eo:cloud_cover": product.cloud_percent,
        "eo:snow_cover": content.get("SNOW_ICE_PERCENTAGE"),
        "grid:code": f"MGRS-{mgrs}",
        "mgrs:utm_zone": int(mgrs[:2]),
        "mgrs:latitude_band": mgrs[2],
        "mgrs:grid_square": mgrs[3:],
        **crs_field(next(iter(tile.grids.values()))),
        "proj:centroid": _centroid(outline),
        "sat:relative_orbit": product.relative_orbit,
        "sat:orbit_state": _lower(find_optional_text(root, "SENSING_ORBIT_DIRECTION")),
        **_angles(tile),
        "s2:product_uri": f"{product.product_id}.SAFE",
        "s2:processing_baseline": product.baseline,
        "s2:datatake_id": next(
            (one.get("datatakeIdentifier") for one in root.iter("Datatake")), None
        ),
        "s2:datastrip_id": tile.datastrip_id,
        "s2:tile_id": tile.tile_id,
        "s2:reflectance_conversion_factor": _float(
            root.findtext(".//Reflectance_Conversion/U")
        ),
        **{name: find_optional_text(root, tag) for tag, name in _TEXTS.items()},
        **{f"s2:{tag.lower()}": share for tag, share in content.items()},
        "lucerna:sensor": product.level.sensor,
        "lucerna:simulated": product.simulated,
    }
    return {
        name: value
        for name, value in told.items()
        if value is not None or name == "datetime"
    }


def _interval(product: ProductMetadata) -> dict[str, str]:
    return {
        "start_datetime": iso_time(product.begins),
        "end_datetime": iso_time(product.ends),
    }


def _angles(tile: TileMetadata) -> dict[str, float]:
    told = {}
    if tile.sun_deg is not None:
        zenith, told["view:sun_azimuth"] = tile.sun_deg
        told["view:sun_elevation"] = 90 - zenith
    if tile.view_deg is not None:
        told["view:incidence_angle"], told["view:azimuth"] = tile.view_deg
    return told


def _centroid(outline: BaseGeometry) -> dict[str, float]:
    """Middle of an outline in degrees; across the antimeridian that of both parts."""
    west, _, east, _ = bbox_crs84(outline)
    if west > east:
        outline = shapely.transform(
            outline, lambda points: np.column_stack([points[:, 0] % 360, points[:, 1]])
        )
    middle = outline.centroid
    longitude = (middle.x + 180) % 360 - 180
    return {"lat": round(middle.y, 5), "lon": round(longitude, 5)}


def _assets(
    files: ProductFiles,
    product: ProductMetadata,
    tile: TileMetadata,
    root: Element,
    granule: str,
) -> Iterator[tuple[str, dict[str, Any]]]:
    images = dict(_images(product, tile, root))
    if files.prefix is not None:
        yield (
            "product",
            {
                "href": f"./{files.source.name}",
                "type": "application/zip",
                "roles": ["data"],
                "bands": [
                    {"gsd": one["gsd"], **band}
                    for one in images.values()
                    for band in one["bands"]
                ],
                **_file(files.source),
            },
        )
        return
    held = files.names()
    for name, image in images.items():
        relative = image.pop("path")
        fields = {"href": f"./{files.source.name}/{relative}", **image}
        if relative in held:
            fields |= _file(files.source / relative)
        yield name, fields
    texts = {
        "product_metadata": product.level.metadata,
        "granule_metadata": f"{granule}/MTD_TL.xml",
        "safe_manifest": "manifest.safe",
        "inspire_metadata": "INSPIRE.xml",
    }
    for name, relative in texts.items():
        if relative in held:
            yield (
                name,
                {
                    "href": f"./{files.source.name}/{relative}",
                    "type": "application/xml",
                    "roles": ["metadata"],
                    **_file(files.source / relative),
                },
            )


def _images(
    product: ProductMetadata, tile: TileMetadata, root: Element
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Asset name to fields of each image that the product names."""
    for image in product.images:
        path = Path(image)
        match = _IMAGE.search(path.stem)
        if match is None:
            continue
        name = match["name"]
        metres = int(match["resolution"] or SENTINEL2_BANDS[name].resolution_m)
        grid = shape_fields(tile.grids[metres]) if metres in tile.grids else {}
        yield (
            f"{name}_{metres}m",
            {
                "path": image,
                "type": _MEDIA_TYPES[path.suffix],
                "roles": _roles(name),
                "gsd": metres,
                "bands": _bands(name, product, root),
                **grid,
            },
        )


def _roles(name: str) -> list[str]:
    if name == "TCI":
        return ["visual"]
    return ["data", "reflectance"] if name in SENTINEL2_BANDS else ["data"]


def _bands(name: str, product: ProductMetadata, root: Element) -> list[dict[str, Any]]:
    if name == "TCI":
        return [
            {"name": one, "data_type": "uint8", "nodata": NODATA_DN}
            | spectral_fields(SENTINEL2_BANDS[one])
            for one in _TRUE_COLOUR
        ]
    entry: dict[str, Any] = {
        "name": name,
        "data_type": "uint8" if name == "SCL" else "uint16",
        "nodata": NODATA_DN,
    }
    if name in SENTINEL2_BANDS:
        scale, offset = product.scaling(name)
        entry |= {"raster:scale": scale, "raster:offset": offset}
        entry |= spectral_fields(SENTINEL2_BANDS[name])
    elif name in _QUANTIFIED:
        told = _float(find_optional_text(root, f"{name}_QUANTIFICATION_VALUE"))
        if told:
            entry |= {"raster:scale": 1 / told, "raster:offset": 0.0}
    return [entry]


def _file(path: Path) -> dict[str, Any]:
    return file_fields(path, files_sha256([path]))


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _float(text: str | None) -> float | None:
    return None if text is None else float(text)

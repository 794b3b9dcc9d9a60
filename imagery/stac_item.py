"""Grid, bands and time of one raster file → STAC 1.1 item."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox
from shapely.geometry import mapping

from imagery.grid import bbox_crs84, check_upright, crs_of, footprint
from imagery.scene import files_sha256

SHA256_MULTIHASH = "1220"
"""Prefix of a SHA-256 digest in `file:checksum` (multihash: code 0x12, 0x20 bytes)."""

_EXTENSIONS = "https://stac-extensions.github.io/{}/schema.json"
_EXTENSION_VERSIONS = (
    ("proj", "projection", "v2.0.0"),
    ("raster", "raster", "v2.0.0"),
    ("eo", "eo", "v2.0.0"),
    ("file", "file", "v2.1.0"),
    ("classification", "classification", "v2.0.0"),
    ("grid", "grid", "v1.1.0"),
    ("sat", "sat", "v1.0.0"),
    ("view", "view", "v1.0.0"),
    ("mgrs", "mgrs", "v1.0.0"),
    ("s2", "sentinel-2", "v1.0.0"),
)


def build_item(
    path: Path,
    geobox: GeoBox,
    asset: dict[str, Any],
    properties: dict[str, Any],
    begins: datetime,
    ends: datetime,
) -> dict[str, Any]:
    """The STAC 1.1 item of one raster file, as plain data.

    Hashes the file, so that a later change of it is noticed; notes no time of writing.

    Args:
        path: The raster; its stem, times and digest make the item's identifier.
        geobox: Its grid.
        asset: Fields of the asset: `bands`, `classification:classes`.
        properties: Fields of the item besides time and projection.
        begins: Start of the time it holds for, aware UTC.
        ends: End of that time; the same for an instant.
    """
    import pystac

    media_type = pystac.MediaType.GEOTIFF if path.suffix in (".tif", ".tiff") else None
    item = item_of_assets(
        path.stem,
        geobox,
        {
            "data": {
                "href": f"./{path.name}",
                **({} if media_type is None else {"type": media_type}),
                **asset,
                **file_fields(path, files_sha256([path])),
                "roles": ["data"],
            }
        },
        properties | shape_fields(geobox),
        begins,
        ends,
    )
    return item


def item_of_assets(
    name: str,
    geobox: GeoBox,
    assets: Mapping[str, dict[str, Any]],
    properties: dict[str, Any],
    begins: datetime,
    ends: datetime,
) -> dict[str, Any]:
    """The STAC 1.1 item of files that are seen at one time, as plain data.

    Args:
        name: Of the item; with times and digests of the files it is its identifier.
        geobox: Their common, or their finest grid.
        assets: Name of each asset to its fields, `file:checksum` among them.
        properties: Fields of the item besides time and CRS.
        begins: Start of the time it holds for, aware UTC.
        ends: End of that time; the same for an instant.

    Raises:
        GridMismatch: The grid is rotated or flipped, or lies nowhere on the Earth.
    """
    import pystac

    check_upright(geobox, f"the grid of {name}")
    outline = footprint(geobox)
    properties |= crs_field(geobox)
    digests = [str(one["file:checksum"]) for one in assets.values()]
    digest = digests[0].removeprefix(SHA256_MULTIHASH)
    if len(digests) > 1:
        digest = hashlib.sha256("".join(digests).encode()).hexdigest()
    instant = begins == ends
    item = pystac.Item(
        id=f"{slug(name)}_{_time_part(begins, ends)}_{digest[:8]}",
        geometry=mapping(outline),
        bbox=list(bbox_crs84(outline)),
        datetime=begins if instant else None,
        start_datetime=None if instant else begins,
        end_datetime=None if instant else ends,
        properties=properties,
        stac_extensions=extensions(properties, assets.values()),
    )
    for key, asset in assets.items():
        item.add_asset(key, pystac.Asset.from_dict(asset))
    written: dict[str, Any] = item.to_dict(
        include_self_link=False, transform_hrefs=False
    )
    return written


def shape_fields(geobox: GeoBox) -> dict[str, Any]:
    """Shape and transform of a grid, as the projection extension names them."""
    return {
        "proj:shape": list(geobox.shape),
        "proj:transform": list(geobox.affine)[:6],
    }


def crs_field(geobox: GeoBox) -> dict[str, Any]:
    """The code of a grid's CRS; its WKT 2 where it has no EPSG code."""
    crs = crs_of(geobox)
    if crs.epsg is None:
        return {"proj:wkt2": crs.to_wkt()}
    return {"proj:code": f"EPSG:{crs.epsg}"}


def file_fields(path: Path, sha256: str) -> dict[str, Any]:
    """Checksum and size of a file, as the file extension names them."""
    return {
        "file:checksum": SHA256_MULTIHASH + sha256,
        "file:size": path.stat().st_size,
    }


def class_fields(classes: Mapping[int, str]) -> dict[str, Any]:
    """Meaning of class values, as the classification extension names them.

    >>> class_fields({2: "not seen"})["classification:classes"]
    [{'value': 2, 'name': 'not-seen', 'title': 'not seen'}]
    """
    return {
        "classification:classes": [
            {"value": value, "name": slug(label), "title": label}
            for value, label in sorted(classes.items())
        ]
    }


def extensions(
    properties: Mapping[str, Any], assets: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Schema addresses of the extensions whose fields are used, in fixed order."""
    used = set(properties)
    for asset in assets:
        used |= {*asset, *(key for band in asset.get("bands", []) for key in band)}
    prefixes = {key.partition(":")[0] for key in used if ":" in key}
    return [
        _EXTENSIONS.format(f"{name}/{version}")
        for prefix, name, version in _EXTENSION_VERSIONS
        if prefix in prefixes
    ]


def _time_part(begins: datetime, ends: datetime) -> str:
    if begins == ends:
        return f"{begins:%Y%m%dT%H%M%S}"
    return f"{begins:%Y%m%d}_{ends:%Y%m%d}"


def slug(text: str) -> str:
    """Text as a short machine-readable name.

    >>> slug("Vineyards (AOC)")
    'Vineyards-AOC'
    """
    return re.sub(r"[^0-9A-Za-z_-]+", "-", text).strip("-") or "unnamed"

"""Described raster → Scene, by the STAC item beside it."""

import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from shapely.errors import GEOSException
from shapely.geometry import shape

from imagery.errors import ImageryError, UnreadableProduct
from imagery.item_bands import QUANTITY
from imagery.scene import BACKSCATTER_QUANTITIES, BandFile, Scene, files_sha256
from imagery.sensors import SENSORS
from imagery.stac import parse_datetime, read_item, sidecar
from imagery.stac_item import SHA256_MULTIHASH


def read_described(path: Path) -> Scene:
    """Open a raster by its STAC item.

    Raises:
        UnreadableProduct: There is no item, it is of no known sensor or lacks what a
            scene needs, or the raster has changed since it was described.
    """
    try:
        return _scene(path, read_item(sidecar(path)))
    except (KeyError, TypeError, ValueError, AttributeError, GEOSException) as error:
        raise UnreadableProduct(
            f"the STAC item {sidecar(path)} is damaged ({error!r}); "
            "run `lucerna describe` again"
        ) from error


def _scene(path: Path, item: Mapping[str, Any]) -> Scene:
    properties, asset = item["properties"], asset_of(item, path)
    sensor = str(properties.get("lucerna:sensor", "nothing known"))
    if sensor not in SENSORS:
        raise UnreadableProduct(
            f"no scene: {path} is described as {sensor}; give it "
            "as context, or describe it with a sensor"
        )
    begins, ends = item_times(item, path)
    known = SENSORS[sensor]
    files = {
        str(entry["name"]): _band_file(path, index, entry, known.quantity)
        for index, entry in enumerate(asset.get("bands", []), start=1)
        if entry.get("name") in known.names
    }
    names = [name for name in known.names if name in files]
    if not names:
        raise UnreadableProduct(
            f"no band of {sensor} in {sidecar(path)}; run `lucerna describe` again"
        )
    return Scene(
        id=str(item["id"]),
        product_id=str(item["id"]),
        sensor=sensor,
        platform=properties.get("platform", properties.get("constellation", sensor)),
        level=known.level,
        begins=begins,
        ends=ends,
        footprint=shape(item["geometry"]),
        bands={name: files[name] for name in names},
        classification=None,
        tile=properties.get("grid:code", "").replace("MGRS-", "T") or None,
        relative_orbit=properties.get("sat:relative_orbit"),
        cloud_percent=properties.get("eo:cloud_cover"),
        baseline=properties.get("lucerna:baseline"),
        simulated=bool(properties.get("lucerna:simulated", False)),
        sha256=checked_sha256(asset, path),
        note=properties.get("description"),
    )


def _band_file(
    path: Path, index: int, entry: Mapping[str, Any], usual: str
) -> BandFile:
    quantity = str(entry.get(QUANTITY, usual))
    radar = usual in BACKSCATTER_QUANTITIES
    if quantity not in (BACKSCATTER_QUANTITIES if radar else (usual,)):
        raise ValueError(f"{quantity} is no {usual}")
    return BandFile(
        path,
        index,
        _finite(entry.get("raster:scale", 1)),
        _finite(entry.get("raster:offset", 0)),
        nodata_value(entry.get("nodata")),
        quantity,
    )


def _finite(number: Any) -> float:  # noqa: ANN401
    if not math.isfinite(float(number)):
        raise ValueError(f"{number} is no number")
    return float(number)


def asset_of(item: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The asset of an item that is the raster at `path`.

    Raises:
        UnreadableProduct: The item has no asset of that file name.
    """
    for asset in item.get("assets", {}).values():
        if Path(str(asset.get("href", ""))).name == path.name:
            return dict(asset)
    raise UnreadableProduct(
        f"the STAC item {sidecar(path)} has no asset {path.name}; "
        "run `lucerna describe` again"
    )


def item_times(item: Mapping[str, Any], path: Path) -> tuple[datetime, datetime]:
    """Begin and end of an item, aware UTC.

    Raises:
        UnreadableProduct: The item has no usable time.
    """
    properties = item.get("properties", {})
    instant = properties.get("datetime")
    first = properties.get("start_datetime") or instant
    last = properties.get("end_datetime") or instant
    try:
        return parse_datetime(f"{first}/{last}")
    except ImageryError as error:
        raise UnreadableProduct(
            f"no usable time in {sidecar(path)}: {error}; run `lucerna describe` again"
        ) from error


def checked_sha256(asset: Mapping[str, Any], path: Path) -> str:
    """SHA-256 of a raster as it is now, equal to the one noted in its item if any.

    Raises:
        UnreadableProduct: The raster has changed since it was described.
    """
    digest = files_sha256([path])
    noted = str(asset.get("file:checksum", ""))
    if noted.startswith(SHA256_MULTIHASH) and noted != SHA256_MULTIHASH + digest:
        raise UnreadableProduct(
            f"{path} has changed since it was described; run `lucerna describe` again"
        )
    return digest


def nodata_value(noted: object) -> float | None:
    """Nodata as a number from its STAC form, a number or "nan".

    >>> nodata_value(0), nodata_value("nan"), nodata_value(None)
    (0.0, nan, None)
    """
    return None if noted is None else float(str(noted))

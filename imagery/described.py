"""Described raster, folder or time of a cube → Scene, by its STAC item."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from shapely.errors import GEOSException
from shapely.geometry import shape

from imagery.cube import (
    CUBE_SUFFIXES,
    INDEX,
    TOLD_CRS,
    VARIABLE,
    epsg_name,
    variable_path,
)
from imagery.errors import ImageryError, UnreadableProduct
from imagery.item_bands import QUANTITY
from imagery.naming import CLASSIFICATION
from imagery.scene import BACKSCATTER_QUANTITIES, BandFile, Scene, files_sha256
from imagery.sensors import SENSORS
from imagery.stac import folder_item, parse_datetime, read_item, sidecar
from imagery.stac_item import SHA256_MULTIHASH


def read_described(path: Path) -> Scene:
    """Open pixels by their STAC item.

    Args:
        path: A raster or a folder of band files with its item beside it, or an item.

    Raises:
        UnreadableProduct: There is no item, it is of no known sensor or lacks what a
            scene needs, or a file has changed since it was described.
    """
    item_path = _item_path(path)
    try:
        return _scene(path, item_path, read_item(item_path))
    except (KeyError, TypeError, ValueError, AttributeError, GEOSException) as error:
        raise UnreadableProduct(
            f"the STAC item {item_path} is damaged ({error!r}); "
            "run `lucerna describe` again"
        ) from error


def _item_path(path: Path) -> Path:
    if path.is_dir():
        return folder_item(path)
    if path.suffix.lower() in CUBE_SUFFIXES:
        raise UnreadableProduct(
            f"{path} may hold many times; give the item of one, as `lucerna describe` "
            f"writes it: {path.stem}_….json"
        )
    return path if path.suffix.lower() == ".json" else sidecar(path)


def _scene(path: Path, item_path: Path, item: Mapping[str, Any]) -> Scene:
    properties = item["properties"]
    if "s2:product_uri" in properties:
        raise UnreadableProduct(
            f"{path} is the STAC item of {properties['s2:product_uri']}; "
            "give the product itself"
        )
    sensor = str(properties.get("lucerna:sensor", "nothing known"))
    if sensor not in SENSORS:
        raise UnreadableProduct(
            f"no scene: {path} is described as {sensor}; give it "
            "as context, or describe it with a sensor"
        )
    begins, ends = item_times(item, item_path)
    known = SENSORS[sensor]
    files: dict[str, BandFile] = {}
    digests = []
    for file, asset in _pixel_files(path, item_path, item):
        digests.append(_digest(file, asset))
        for index, entry in enumerate(asset["bands"], start=1):
            name = entry.get("name")
            if name in files:
                raise ValueError(f"band {name} twice")
            if name in known.names:
                files[name] = _band_file(file, index, entry, known.quantity)
            elif name == CLASSIFICATION and len(asset["bands"]) == 1:
                files[name] = _class_file(file, entry)
    names = [name for name in known.names if name in files]
    if not names:
        raise UnreadableProduct(
            f"no band of {sensor} in {item_path}; run `lucerna describe` again"
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
        classification=files.get(CLASSIFICATION) if known.level == "L2A" else None,
        tile=properties.get("grid:code", "").replace("MGRS-", "T") or None,
        relative_orbit=properties.get("sat:relative_orbit"),
        cloud_percent=properties.get("eo:cloud_cover"),
        baseline=properties.get("lucerna:baseline"),
        simulated=bool(properties.get("lucerna:simulated", False)),
        sha256=digests[0] if len(digests) == 1 else _joined(digests),
        note=properties.get("description"),
    )


def _pixel_files(
    path: Path, item_path: Path, item: Mapping[str, Any]
) -> list[tuple[Path, dict[str, Any]]]:
    """Files with bands that an item names, each with its asset."""
    if path != item_path and not path.is_dir():
        return [(path, asset_of(item, path))]
    found = []
    for asset in item["assets"].values():
        if not asset.get("bands"):
            continue
        href = str(asset["href"])
        inside = PurePosixPath(href)
        if inside.is_absolute() or ".." in inside.parts or "://" in href:
            raise UnreadableProduct(
                f"{item_path} names a file outside its folder: {href}; do not use it"
            )
        file = item_path.parent / href
        if not file.is_file():
            raise UnreadableProduct(
                f"{file} is missing; {item_path.name} tells of it: put it back"
            )
        found.append((file, dict(asset)))
    return found


def _digest(file: Path, asset: Mapping[str, Any]) -> str:
    """SHA-256 of what is read of a file: all of it, or the named parts of a cube."""
    digest = checked_sha256(asset, file)
    parts = [
        f"{band[VARIABLE]}:{band[INDEX]}" for band in asset["bands"] if VARIABLE in band
    ]
    return _joined([digest, *parts]) if parts else digest


def _joined(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _band_file(
    file: Path, index: int, entry: Mapping[str, Any], usual: str
) -> BandFile:
    quantity = str(entry.get(QUANTITY, usual))
    radar = usual in BACKSCATTER_QUANTITIES
    if quantity not in (BACKSCATTER_QUANTITIES if radar else (usual,)):
        raise ValueError(f"{quantity} is no {usual}")
    path, crs = file, entry.get(TOLD_CRS)
    if VARIABLE in entry:
        path, index = variable_path(file, str(entry[VARIABLE])), int(entry[INDEX])
    return BandFile(
        path,
        index,
        _finite(entry.get("raster:scale", 1)),
        _finite(entry.get("raster:offset", 0)),
        nodata_value(entry.get("nodata")),
        quantity,
        None if crs is None else epsg_name(str(crs)),
    )


def _class_file(file: Path, entry: Mapping[str, Any]) -> BandFile:
    return BandFile(file, 1, 1.0, 0.0, nodata_value(entry.get("nodata")) or 0)


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

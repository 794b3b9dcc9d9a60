"""What the records of rasters made of scenes have in common."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from odc.geo.geobox import GeoBox
from shapely.geometry import mapping

from imagery.described import checked_sha256
from imagery.errors import ImageryError, UnreadableProduct
from imagery.grid import bbox_crs84, footprint
from imagery.raster import open_raster
from imagery.scene import Scene
from imagery.scene_record import iso_time
from imagery.stac import sidecar
from imagery.stac_item import (
    class_fields,
    crs_field,
    extensions,
    file_fields,
    shape_fields,
)


class ResultRecord(Protocol):
    """The record of a raster that was made of scenes."""

    @property
    def run(self) -> str:
        """Short hash of all that decides the pixels; see `run_digest`."""
        ...


_Record = TypeVar("_Record", bound=ResultRecord)


def read_as(scene: Scene, *, quantity: bool) -> dict[str, Any]:
    """A scene as it enters a run: its pixels, and how they are read.

    Args:
        scene: An input.
        quantity: Whether the quantity of each band decides the result, as where a
            band may hold reflectance or backscatter.
    """
    return {
        "product": scene.product_id,
        "sha256": scene.sha256,
        "times": [iso_time(scene.begins), iso_time(scene.ends)],
        "bands": {
            name: [
                one.index, one.scale, one.offset, str(one.nodata),
                *([one.quantity] if quantity else []),
            ]
            for name, one in scene.bands.items()
        },
        "classification": scene.classification is not None,
    }  # fmt: skip


def run_digest(inputs: Mapping[str, Any]) -> str:
    """Twelve hex digits of SHA-256 over all that decides a result, as JSON.

    >>> run_digest({"code": "1.0", "scenes": []}) == run_digest(
    ...     {"scenes": [], "code": "1.0"}
    ... )
    True
    """
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def checked_run(text: str) -> str:
    """A run as `run_digest` gives it.

    Raises:
        ValueError: The text is none.
        TypeError: It is no text.
    """
    if not re.fullmatch(r"[0-9a-f]{12}", text):
        raise ValueError(f"{text!r} is no run")
    return text


def raster_asset(
    path: Path,
    sha256: str,
    *,
    kept_as: str | None = None,
    classes: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """The STAC asset of a raster beside its item: file, bands, meaning of values.

    Args:
        path: The raster.
        sha256: Its digest.
        kept_as: The file name it has beside the item; its own if not given.
        classes: Meaning of its values, where they are classes.
    """
    with open_raster(path) as dataset:
        grid = shape_fields(GeoBox.from_rio(dataset))
        bands = [
            {
                "name": str(name) if name else path.stem,
                "data_type": dtype,
                **({} if nodata is None else {"nodata": nodata}),
            }
            for name, dtype, nodata in zip(
                dataset.descriptions, dataset.dtypes, dataset.nodatavals, strict=True
            )
        ]
    asset: dict[str, Any] = {
        "href": f"./{kept_as or path.name}",
        "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        "roles": ["data"],
        "bands": bands,
        **grid,
        **file_fields(path, sha256),
    }
    return asset | ({} if classes is None else class_fields(classes))


def result_item(
    raster: Path,
    *,
    identifier: str,
    begins: datetime,
    ends: datetime,
    properties: Mapping[str, Any],
    assets: Mapping[str, dict[str, Any]],
) -> dict[str, Any]:
    """The STAC item of a raster that was made of scenes, as plain data.

    Place, CRS and footprint are those of the raster; assets tell shape and transform.

    Args:
        raster: The raster.
        identifier: Of the item.
        begins: Start of the time that the raster tells of, aware UTC.
        ends: End of that time.
        properties: Fields of the item besides time and projection.
        assets: Name of each asset to its fields.
    """
    with open_raster(raster) as dataset:
        geobox = GeoBox.from_rio(dataset)
    outline = footprint(geobox)
    told = {
        "datetime": None,
        "start_datetime": iso_time(begins),
        "end_datetime": iso_time(ends),
        **crs_field(geobox),
        **properties,
    }
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": extensions(told, assets.values()),
        "id": identifier,
        "geometry": mapping(outline),
        "bbox": list(bbox_crs84(outline)),
        "properties": told,
        "links": [],
        "assets": dict(assets),
    }


def checked_raster(
    path: Path, asset: Mapping[str, Any], *, beside: str, command: str
) -> str:
    """SHA-256 of a raster, as noted when it was made.

    Args:
        path: The raster.
        asset: Its asset in the record.
        beside: What it stands beside, for the message: "change raster".
        command: What makes both again: "lucerna change".

    Raises:
        UnreadableProduct: The file is missing or has changed since.
    """
    if not path.is_file():
        raise UnreadableProduct(
            f"{path} is missing; it stands beside the {beside}: "
            f"make both again with `{command}`"
        )
    return checked_sha256(asset, path)


def held_record(out: Path, run: str, read: Callable[[Path], _Record]) -> _Record | None:
    """The record of a raster when it holds this run already and is sound.

    Args:
        out: The raster, there or not.
        run: The run that is to be made.
        read: Reads the record of a raster.
    """
    if not (out.exists() and sidecar(out).exists()):
        return None
    try:
        record = read(out)
    except ImageryError:
        return None
    return record if record.run == run else None

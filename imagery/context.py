"""Class raster beside the pair, such as land cover: values, meaning, time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imagery.described import asset_of, checked_sha256, item_times, nodata_value
from imagery.errors import UnreadableProduct
from imagery.raster import open_raster
from imagery.scene import files_sha256
from imagery.stac import read_item, sidecar

_UNDESCRIBED = "classes undocumented; date not stated"


@dataclass(frozen=True)
class ContextRaster:
    """A raster of class numbers that says what the ground is, not how it changed.

    Attributes:
        path: The raster; class numbers in its first band.
        sha256: Hex digest of the file.
        scheme: Scheme that the numbers are codes of, "clc"; None where not stated.
        classes: Meaning of each number, as far as documented.
        begins: Start of the time it holds for, aware UTC; None where not stated.
        ends: End of that time; None where not stated.
        note: Remark on origin, date or classes; None without one.
        simulated: True for pixels made by a generator.
        nodata: Number that means no class known; None without one.
    """

    path: Path
    sha256: str
    scheme: str | None
    classes: Mapping[int, str]
    begins: datetime | None
    ends: datetime | None
    note: str | None
    simulated: bool
    nodata: float | None


def read_context(path: Path) -> ContextRaster:
    """What is known of a class raster; reads no pixel.

    A raster without a STAC item is accepted: its classes and date are then unknown
    and the note says so.

    Raises:
        UnreadableProduct: The raster cannot be read, its item is damaged, it has
            changed since it was described, or it holds scores of change.
    """
    with open_raster(path) as dataset:
        nodata = dataset.nodatavals[0]
    if not sidecar(path).exists():
        return ContextRaster(
            path=path,
            sha256=files_sha256([path]),
            scheme=None,
            classes={},
            begins=None,
            ends=None,
            note=_UNDESCRIBED,
            simulated=False,
            nodata=nodata,
        )
    item = read_item(sidecar(path))
    asset, properties = asset_of(item, path), item.get("properties", {})
    if properties.get("lucerna:kind") == "change":
        raise UnreadableProduct(
            f"{path} holds scores of change, no classes; give a class raster"
        )
    begins, ends = item_times(item, path)
    noted = [band.get("nodata") for band in asset.get("bands", [])][:1]
    return ContextRaster(
        path=path,
        sha256=checked_sha256(asset, path),
        scheme=properties.get("lucerna:scheme"),
        classes={
            int(entry["value"]): str(entry.get("title", entry["name"]))
            for entry in asset.get("classification:classes", [])
        },
        begins=begins,
        ends=ends,
        note=properties.get("description"),
        simulated=bool(properties.get("lucerna:simulated", False)),
        nodata=nodata if noted in ([], [None]) else nodata_value(noted[0]),
    )

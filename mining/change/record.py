"""What a change raster says of itself: written beside it, read before a lift."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagery.errors import UnreadableProduct
from imagery.masks import CLEAR, CLOUDY, NODATA
from imagery.result_record import (
    checked_raster,
    checked_run,
    raster_asset,
    read_as,
    result_item,
    run_digest,
)
from imagery.scene import Scene, files_sha256
from imagery.scene_record import (
    SceneRecord,
    aware_time,
    iso_time,
    scene_from_json,
    scene_json,
)
from imagery.stac import read_item, sidecar, write_item
from imagery.stac_item import file_fields

KIND = "change"
_MASKED = "lucerna:clouds_known"
_KEPT = {"beside": "change raster", "command": "lucerna change"}
_DATES = ("before", "after")
_QUALITY = {CLEAR: "clear", CLOUDY: "cloudy", NODATA: "no data"}


@dataclass(frozen=True)
class ChangeRecord:
    """How a change raster came to be.

    Attributes:
        run: Short hash of method, parameters, inputs and code version: the same
            inputs give the same run.
        parameters: Method, its version and constant, bands compared.
        clouds_known: Whether both scenes came with a cloud mask.
        before: The earlier scene.
        after: The later scene.
        started: When the first computation of this raster began.
        ended: When it was complete.
        code_version: Of the software that made it.
        change: The raster of scores.
        quality: The raster of 0 clear, 1 cloudy, 2 no data, same grid; first of the
            pair, then of each date where `masked` is known.
        sha256: Of the raster of scores.
        quality_sha256: Of the quality raster.
        quicklooks: Pictures of both dates in EPSG:3857; a kept raster has none.
        quicklook_bounds: West, south, east, north in EPSG:3857 metres.
        resolution_m: Side of a square with the ground area of the middle pixel.
        masked: Whether the earlier and the later scene came with a cloud mask; None
            for a raster whose quality was not kept by date.
    """

    run: str
    parameters: dict[str, Any]
    clouds_known: bool
    before: SceneRecord
    after: SceneRecord
    started: datetime.datetime
    ended: datetime.datetime
    code_version: str
    change: Path
    quality: Path
    sha256: str
    quality_sha256: str
    quicklooks: tuple[Path, Path]
    quicklook_bounds: tuple[float, float, float, float]
    resolution_m: float
    masked: tuple[bool, bool] | None = None


def run_identifier(
    parameters: dict[str, Any], before: Scene, after: Scene, code_version: str
) -> str:
    """Twelve hex digits of SHA-256 over code version, parameters and inputs.

    An input is its pixels and how they are read: the same file described otherwise
    is another input.

    Args:
        parameters: Of the method; see `ChangeMethod.parameters`.
        before: The earlier scene.
        after: The later scene.
        code_version: Of the software.
    """
    return run_digest(
        {
            "code": code_version,
            "parameters": parameters,
            "scenes": [read_as(one, quantity=False) for one in (before, after)],
        }
    )


def write_record(record: ChangeRecord, kept_as: Path | None = None) -> Path:
    """Write the STAC item beside the change raster; the path of the item.

    The item carries the record under `lucerna:` properties; pictures and quality
    raster are its other assets.

    Args:
        record: The record.
        kept_as: Where the raster is kept, its item beside it and the quality raster
            under a name after it, without the pictures; its own place if not given.
    """
    kept = record.change if kept_as is None else kept_as
    beside = record.quality.name
    if kept_as is not None:
        beside = f"{kept.stem}-quality.tif"
    pictures = {} if kept_as else dict(zip(_DATES, record.quicklooks, strict=True))
    item = result_item(
        record.change,
        identifier=kept.stem,
        begins=record.before.begins,
        ends=record.after.ends,
        properties={
            "created": iso_time(record.ended),
            "lucerna:kind": KIND,
            "lucerna:run": record.run,
            "lucerna:parameters": record.parameters,
            "lucerna:clouds_known": record.clouds_known,
            "lucerna:before": scene_json(record.before),
            "lucerna:after": scene_json(record.after),
            "lucerna:started": iso_time(record.started),
            "lucerna:ended": iso_time(record.ended),
            "lucerna:code_version": record.code_version,
            "lucerna:quicklook_bounds_3857": list(record.quicklook_bounds),
            "lucerna:resolution_m": record.resolution_m,
            "lucerna:simulated": record.before.simulated or record.after.simulated,
        },
        assets={
            "change": raster_asset(record.change, record.sha256, kept_as=kept.name),
            "quality": _quality_asset(record, beside),
            **{one: _picture_asset(record, path) for one, path in pictures.items()},
        },
    )
    return write_item(sidecar(kept), item)


def read_record(change: Path) -> ChangeRecord:
    """The record of a change raster.

    Raises:
        UnreadableProduct: When the raster has no item beside it, or the item is of
            another kind or incomplete.
    """
    item = read_item(sidecar(change))
    told = item["properties"]
    if told.get("lucerna:kind") != KIND:
        raise UnreadableProduct(
            f"{change}: the item beside it describes no change raster; "
            "make one with `lucerna change BEFORE AFTER -o OUT.tif`"
        )
    try:
        assets = {
            name: change.parent / Path(str(asset["href"])).name
            for name, asset in item["assets"].items()
        }
        return ChangeRecord(
            run=checked_run(told["lucerna:run"]),
            parameters=dict(told["lucerna:parameters"]),
            clouds_known=bool(told["lucerna:clouds_known"]),
            before=scene_from_json(told["lucerna:before"]),
            after=scene_from_json(told["lucerna:after"]),
            started=aware_time(told["lucerna:started"]),
            ended=aware_time(told["lucerna:ended"]),
            code_version=told["lucerna:code_version"],
            change=change,
            quality=assets["quality"],
            sha256=checked_raster(change, item["assets"]["change"], **_KEPT),
            quality_sha256=checked_raster(
                assets["quality"], item["assets"]["quality"], **_KEPT
            ),
            quicklooks=(
                assets.get("before", change.with_name(f"{change.stem}-before.png")),
                assets.get("after", change.with_name(f"{change.stem}-after.png")),
            ),
            quicklook_bounds=_bounds(told["lucerna:quicklook_bounds_3857"]),
            resolution_m=float(told["lucerna:resolution_m"]),
            masked=_masked(item["assets"]["quality"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableProduct(
            f"{sidecar(change)}: the record of the change raster is incomplete "
            f"({error!r}); make the raster again with `lucerna change`"
        ) from error


def _quality_asset(record: ChangeRecord, kept_as: str) -> dict[str, Any]:
    """The asset of the quality raster: which bands of it had a cloud mask."""
    asset = raster_asset(
        record.quality, record.quality_sha256, kept_as=kept_as, classes=_QUALITY
    )
    if record.masked is not None:
        for band, masked in zip(asset["bands"][1:], record.masked, strict=True):
            band[_MASKED] = masked
    return asset


def _picture_asset(record: ChangeRecord, path: Path) -> dict[str, Any]:
    return {
        "href": f"./{path.name}",
        "type": "image/png",
        "roles": ["overview"],
        "proj:code": "EPSG:3857",
        "proj:bbox": list(record.quicklook_bounds),
        **file_fields(path, files_sha256([path])),
    }


def _masked(asset: Mapping[str, Any]) -> tuple[bool, bool] | None:
    told = [bool(band[_MASKED]) for band in asset.get("bands", []) if _MASKED in band]
    if not told:
        return None
    before, after = told
    return before, after


def _bounds(numbers: Sequence[float]) -> tuple[float, float, float, float]:
    west, south, east, north = (float(one) for one in numbers)
    return west, south, east, north

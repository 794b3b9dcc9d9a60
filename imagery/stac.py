"""STAC item beside a plain raster: described, written, read."""

import calendar
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox

from imagery.errors import ImageryError, UnreadableProduct
from imagery.files import replaced
from imagery.item_bands import band_entry, band_names
from imagery.raster import open_raster
from imagery.stac_item import build_item, class_fields
from imagery.told import Told, checked

_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{8})([Tt ].+)?")


def sidecar(path: Path) -> Path:
    """Where the STAC item of a raster lies: same folder, same stem.

    >>> sidecar(Path("scenes/place.tif")).as_posix()
    'scenes/place.json'
    """
    return path.with_suffix(".json")


def folder_item(folder: Path) -> Path:
    """Where the STAC item of a folder of band files lies: beside it.

    >>> folder_item(Path("scenes/2019.04")).as_posix()
    'scenes/2019.04.json'
    """
    return folder.with_name(f"{folder.name}.json")


def made_as(raster: Path) -> str | None:
    """What a verb made a raster as, "change" or "classification"; None for others.

    Raises:
        UnreadableProduct: The item beside it is damaged.
    """
    if not sidecar(raster).exists():
        return None
    told = read_item(sidecar(raster)).get("properties", {}).get("lucerna:kind")
    return None if told is None else str(told)


def parse_datetime(text: str) -> tuple[datetime, datetime]:
    """Begin and end, aware UTC, of an ISO 8601 instant or interval `begin/end`.

    A date is written as 2019-09-01 or 20190901; without a time it means the whole day,
    to 23:59:59, and a month all its days. A time without a zone is taken as UTC. An
    instant begins and ends at the same time.

    >>> [t.isoformat() for t in parse_datetime("2019-09-01/2019-09-30")]
    ['2019-09-01T00:00:00+00:00', '2019-09-30T23:59:59+00:00']

    Raises:
        ImageryError: The text is no such time, or the interval ends before it begins.
    """
    first, slash, last = text.strip().partition("/")
    try:
        begins = _instant(first, end=False)
        ends = _instant(last if slash else first, end=True)
    except (ValueError, OverflowError) as error:
        raise ImageryError(
            f"not a date or time: {text!r}; write 2019-09-01, 2019-09-01T10:50:31Z "
            "or two of them with a slash between"
        ) from error
    if ends < begins:
        raise ImageryError(
            f"the interval ends before it begins: {text!r}; write the earlier first"
        )
    return begins, ends


def describe_raster(
    path: Path,
    *,
    sensor: str,
    begins: datetime,
    ends: datetime,
    bands: Sequence[str] | None = None,
    scale: float | None = None,
    offset: float | None = None,
    nodata: float | None = None,
    metadata: Path | None = None,
    note: str | None = None,
    simulated: bool = False,
    classes: Mapping[int, str] | None = None,
    classes_scheme: str | None = None,
    quantity: str | None = None,
) -> Path:
    """Write the STAC 1.1 item that tells what a plain raster is; gives its path.

    Args:
        path: The raster; the item gets the same stem beside it and replaces only an
            older STAC item.
        sensor: A name of `SENSORS`: "sentinel-2-l2a", "sentinel-2-l1c",
            "sentinel-2-index", "sentinel-1-grd" or "sentinel-1-rtc"; or "context" for
            a class raster such as land cover.
        begins: Start of sensing, aware UTC.
        ends: End of sensing, aware UTC; the same for an instant.
        bands: Band names in file order; "-" passes a band of the file over. Without
            them the file's own band names are taken, or the order of Sentinel-2 where
            the file has 12 bands (no B10) or 13.
        scale: Factor from stored number to value, written as `raster:scale`. If not
            given 0.0001 for reflectance, 1 for indices and backscatter.
        offset: Value added after the factor, 0 if not given: -0.1 for Sentinel-2
            products from baseline 04.00 on whose offset is not applied.
        nodata: Stored number without data; the file's own if not given, and 0 for
            integers of reflectance, linear power or amplitude that state none.
        metadata: MTD_MSIL2A.xml for level L2A or MTD_MSIL1C.xml for L1C, to take
            quantification and the offset of each band from. Platform, tile and orbit
            are taken too where it is of the same time.
        note: A remark on origin or quality.
        simulated: Pixels were made by a generator.
        classes: For context: meaning of the class values.
        classes_scheme: For context: the scheme that the values are codes of, "clc".
        quantity: For Sentinel-1: what the scaled values are, "linear" for sigma or
            gamma nought in linear power, "db" for decibels (taken if not given), or
            "amplitude" for its square root. With dB = 20 log10(DN) - 83 it is
            "amplitude" with `scale` 10 ** (-83 / 20).

    Raises:
        ImageryError: The sensor or a band is unknown, bands and file do not fit, or a
            file that is no STAC item is in the way.
        UnreadableProduct: The raster or the metadata cannot be read.
    """
    told = Told(
        sensor, bands, scale, offset, nodata, metadata, quantity, classes_scheme,
        note, simulated,
    )  # fmt: skip
    reading = checked(told, path)
    known = reading.sensor
    with open_raster(path) as dataset:
        geobox = GeoBox.from_rio(dataset)
        names = (
            [str(name or "class") for name in dataset.descriptions]
            if known is None
            else band_names(path, dataset, bands, known)
        )
        entries = [
            band_entry(
                name, dataset, index, known, reading.scaling(name), reading.quantity,
                nodata,
            )
            for index, name in enumerate(names, start=1)
        ]  # fmt: skip
    asset: dict[str, Any] = {"bands": entries}
    if classes is not None:
        asset |= class_fields(classes)
    properties = reading.properties(begins, ends)
    return write_item(
        sidecar(path), build_item(path, geobox, asset, properties, begins, ends)
    )


def read_item(path: Path) -> dict[str, Any]:
    """The STAC item in a JSON file, as plain data.

    Raises:
        UnreadableProduct: The file is missing, is no JSON or no STAC item.
    """
    try:
        item = json.loads(
            path.read_text(encoding="utf-8"),
            parse_float=_number,
            parse_constant=_number,
        )
    except FileNotFoundError as error:
        raise UnreadableProduct(
            f"no STAC item: {path}; run `lucerna describe` on the raster first"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableProduct(
            f"no JSON: {path} ({error}); run `lucerna describe` again"
        ) from error
    if not isinstance(item, dict) or not (
        item.get("type") == "Feature"
        and "stac_version" in item
        and isinstance(item.get("properties"), dict)
        and isinstance(item.get("assets"), dict)
        and all(isinstance(one, dict) for one in item["assets"].values())
    ):
        raise UnreadableProduct(
            f"no STAC item: {path}; move it away and run `lucerna describe`"
        )
    return item


def check_item_place(path: Path, kind: str | None) -> None:
    """Refuse a place for an item that holds something else, or another kind of record.

    Args:
        path: Where the item is to be written.
        kind: "change" or "classification" for the record of a verb; None for others.

    Raises:
        ImageryError: As said.
    """
    if not path.exists():
        return
    try:
        held = read_item(path)["properties"].get("lucerna:kind")
    except (UnreadableProduct, OSError) as error:
        raise ImageryError(
            f"{path} is no STAC item and would be overwritten; move it away"
        ) from error
    if held is not None and held != kind:
        raise ImageryError(
            f"{path} is the record of a {held} raster and would be "
            "overwritten; move it away"
        )


def write_item(path: Path, item: Mapping[str, Any]) -> Path:
    """Write a STAC item as JSON, whole or not at all; gives the path.

    Raises:
        ImageryError: A file that is no STAC item, or another record, has that name.
    """
    check_item_place(path, item.get("properties", {}).get("lucerna:kind"))
    text = json.dumps(item, indent=2, ensure_ascii=False, allow_nan=False)
    with replaced(path) as part:
        part.write_text(text + "\n", encoding="utf-8")
    return path


def _number(text: str) -> float:
    """A number of JSON, which knows neither NaN nor Infinity."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is no number")
    return number


def _instant(text: str, *, end: bool) -> datetime:
    text = text.strip()
    if re.fullmatch(r"\d{4}-\d{2}", text):
        year, month = int(text[:4]), int(text[5:])
        days = calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 0
        text = f"{text}-{days if end else 1:02d}"
    if not _INSTANT.fullmatch(text):
        raise ValueError(f"{text!r} is no date or time")
    if len(text) <= len("2019-09-01"):
        day = date.fromisoformat(text)
        return datetime.combine(day, time(23, 59, 59) if end else time(0), UTC)
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    return instant.astimezone(UTC)

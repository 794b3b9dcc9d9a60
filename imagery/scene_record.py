"""A scene as its facts, without its files: kept beside what was made from it."""

import datetime
from dataclasses import dataclass
from types import NoneType
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from imagery.scene import Scene

_KINDS: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "product_id": (str,),
    "sensor": (str,),
    "platform": (str,),
    "level": (str,),
    "sha256": (str,),
    "simulated": (bool,),
    "tile": (str, NoneType),
    "relative_orbit": (int, NoneType),
    "cloud_percent": (float, int, NoneType),
    "baseline": (str, NoneType),
    "note": (str, NoneType),
}
"""Field of a record to the types that JSON gives it."""


@dataclass(frozen=True)
class SceneRecord:
    """A scene as its facts, without its files."""

    id: str
    product_id: str
    sensor: str
    platform: str
    level: str
    begins: datetime.datetime
    ends: datetime.datetime
    footprint: BaseGeometry
    sha256: str
    simulated: bool
    tile: str | None = None
    relative_orbit: int | None = None
    cloud_percent: float | None = None
    baseline: str | None = None
    note: str | None = None


def scene_record(scene: Scene) -> SceneRecord:
    """The facts of an opened scene."""
    return SceneRecord(
        **{name: getattr(scene, name) for name in SceneRecord.__dataclass_fields__}
    )


def scene_json(record: SceneRecord) -> dict[str, Any]:
    """A record as JSON: times in UTC with Z, the footprint as GeoJSON."""
    told = {name: getattr(record, name) for name in SceneRecord.__dataclass_fields__}
    told["begins"], told["ends"] = iso_time(record.begins), iso_time(record.ends)
    told["footprint"] = mapping(record.footprint)
    return told


def scene_from_json(told: dict[str, Any]) -> SceneRecord:
    """The record that `scene_json` wrote.

    Raises:
        KeyError: A time or the footprint is missing.
        TypeError: A field is missing or unknown.
        ValueError: A time has no zone, or a field has another type.
    """
    times = {"begins": aware_time(told["begins"]), "ends": aware_time(told["ends"])}
    try:
        footprint = shape(told["footprint"])
    except (ShapelyError, AttributeError, LookupError) as error:
        raise ValueError("the footprint of a scene is no GeoJSON") from error
    record = SceneRecord(**(told | times | {"footprint": footprint}))
    for name, kinds in _KINDS.items():
        if type(getattr(record, name)) not in kinds:
            raise ValueError(f"unusable {name} of a scene: {told[name]!r:.80}")
    return record


def iso_time(moment: datetime.datetime) -> str:
    """A moment in UTC as ISO 8601 with Z.

    >>> iso_time(datetime.datetime(2017, 4, 19, 12, tzinfo=datetime.UTC))
    '2017-04-19T12:00:00Z'
    """
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def aware_time(text: str) -> datetime.datetime:
    """The moment that an ISO 8601 text with a zone names.

    Raises:
        ValueError: The text is no time, has no zone, or is none of UTC's years 1 to
            9999.
    """
    time = datetime.datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    try:
        time.astimezone(datetime.UTC)
    except OverflowError as error:
        raise ValueError(f"{text} is beyond the calendar in UTC") from error
    return time

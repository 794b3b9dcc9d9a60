"""What a user tells of a raster, checked: sensor, bands, numbers, metadata."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from imagery.errors import ImageryError
from imagery.item_bands import quantity_of
from imagery.product_metadata import SENSOR as SENTINEL2_L2A
from imagery.product_metadata import SENSOR_L1C as SENTINEL2_L1C
from imagery.product_metadata import ProductMetadata, read_product_metadata
from imagery.sensors import SENSORS, Sensor, is_radar

CONTEXT = "context"


@dataclass(frozen=True)
class Told:
    """What a user tells of pixels that tell it not themselves.

    Attributes:
        sensor: A name of `SENSORS`, or "context" for a class raster.
        bands: Band names; see those who read them.
        scale: Factor from stored number to value; None where not told.
        offset: Value added after the factor; None where not told.
        nodata: Stored number without data; None where not told.
        metadata: MTD_MSIL2A.xml or MTD_MSIL1C.xml to take scale and offset from.
        quantity: Of radar: "linear", "db" or "amplitude".
        classes_scheme: Of a context: the scheme that values are codes of.
        note: A remark on origin or quality.
        simulated: Pixels were made by a generator.
    """

    sensor: str
    bands: Sequence[str] | None = None
    scale: float | None = None
    offset: float | None = None
    nodata: float | None = None
    metadata: Path | None = None
    quantity: str | None = None
    classes_scheme: str | None = None
    note: str | None = None
    simulated: bool = False


@dataclass(frozen=True)
class Reading:
    """What was told, checked: how stored numbers are read.

    Attributes:
        told: What was told.
        sensor: The sensor; None for a class raster.
        quantity: What values are, as in `BandFile`; "class" for a class raster.
        product: Metadata of the product; None without.
    """

    told: Told
    sensor: Sensor | None
    quantity: str
    product: ProductMetadata | None

    def scaling(self, band: str) -> tuple[float, float]:
        """Scale and offset of a band; 1 and 0 of one that is none of the sensor's."""
        if self.sensor is None or band not in self.sensor.names:
            return 1.0, 0.0
        if self.product is not None:
            return self.product.scaling(band)
        scale, offset = self.told.scale, self.told.offset
        return (self.sensor.scale if scale is None else scale), offset or 0.0

    def properties(self, begins: datetime, ends: datetime) -> dict[str, Any]:
        """Properties of the STAC item of pixels of a time, without time and grid."""
        told = self.told
        properties: dict[str, Any] = {
            "lucerna:sensor": told.sensor,
            "lucerna:simulated": told.simulated,
        }
        if told.note is not None:
            properties["description"] = told.note
        if told.classes_scheme is not None:
            properties["lucerna:scheme"] = told.classes_scheme
        if self.sensor is None:
            return properties
        properties |= {
            "constellation": self.sensor.constellation,
            "instruments": [self.sensor.instrument],
        }
        product = self.product
        if product is not None and begins <= product.begins <= ends:
            properties |= {
                "platform": product.platform,
                "grid:code": "MGRS-" + product.tile.removeprefix("T"),
                "sat:relative_orbit": product.relative_orbit,
                "lucerna:baseline": product.baseline,
            }
            if product.cloud_percent is not None:
                properties["eo:cloud_cover"] = product.cloud_percent
        return properties


def checked(told: Told, path: Path) -> Reading:
    """What was told of a file or folder, when it makes sense.

    Raises:
        ImageryError: The sensor is unknown, or what is told does not apply to it.
        UnreadableProduct: The metadata cannot be read.
    """
    if told.sensor not in (*SENSORS, CONTEXT):
        raise ImageryError(
            f"unknown sensor: {told.sensor}; known are {', '.join((*SENSORS, CONTEXT))}"
        )
    if unused := _unused(told):
        raise ImageryError(
            f"{unused} means nothing for sensor {told.sensor}; "
            f"leave it out of {path.name}"
        )
    metadata = told.metadata
    if metadata is not None and (told.scale is not None or told.offset is not None):
        raise ImageryError(
            f"scale or offset beside metadata {metadata}; give the one or the other"
        )
    product = None if metadata is None else read_product_metadata(metadata)
    if product is not None and product.level.sensor != told.sensor:
        raise ImageryError(
            f"{metadata} is of {product.level.sensor} and {path} is described as "
            f"{told.sensor}; give the metadata of the same level"
        )
    sensor = SENSORS.get(told.sensor)
    quantity = "class" if sensor is None else quantity_of(sensor, told.quantity)
    return Reading(told, sensor, quantity, product)


def sensor_of(reading: Reading, path: Path) -> Sensor:
    """The sensor of what is read in bands.

    Raises:
        ImageryError: It is told to be a class raster.
    """
    if reading.sensor is None:
        raise ImageryError(
            f"{path} holds bands and no classes; give a sensor instead of context"
        )
    return reading.sensor


def _unused(told: Told) -> str | None:
    """The name of an option that was given and does not apply to the sensor."""
    options: dict[str, object] = {"scheme": told.classes_scheme}
    if told.sensor == CONTEXT:
        options = {"bands": told.bands, "scale": told.scale, "offset": told.offset}
    if told.sensor not in (SENTINEL2_L2A, SENTINEL2_L1C):
        options["metadata"] = told.metadata
    if not is_radar(told.sensor):
        options["quantity"] = told.quantity
    return next((name for name, value in options.items() if value is not None), None)

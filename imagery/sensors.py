"""Sensors that a plain raster can be described as: level, bands, quantity."""

from collections.abc import Mapping
from dataclasses import dataclass

from imagery.bands import INDEX_BANDS, SENTINEL1_POLARISATIONS, SENTINEL2_BANDS, Band
from imagery.product_metadata import SENSOR as SENTINEL2_L2A

_WITHOUT_B10 = tuple(name for name in SENTINEL2_BANDS if name != "B10")
_ALL_13 = tuple(SENTINEL2_BANDS)

DECIBELS = "db"
RADAR_QUANTITIES: dict[str, str] = {
    "linear": "backscatter",
    DECIBELS: "backscatter_db",
    "amplitude": "backscatter_amplitude",
}
"""What a user calls the quantity of a Sentinel-1 raster, and its name in `BandFile`."""


@dataclass(frozen=True)
class Sensor:
    """A sensor at one processing level.

    Attributes:
        level: Processing level, "L2A".
        constellation: "sentinel-2".
        instrument: "msi".
        names: Names of its bands in the order of the sensor.
        spectral: Band table, for names that are spectral bands.
        orders: Band orders of files without band names, by their number of bands.
        quantity: What its values are, as in `BandFile`.
        scale: Factor from stored number to value where nothing else is known.
    """

    level: str
    constellation: str
    instrument: str
    names: tuple[str, ...]
    spectral: Mapping[str, Band]
    orders: Mapping[int, tuple[str, ...]]
    quantity: str
    scale: float


def _optical(level: str, orders: Mapping[int, tuple[str, ...]]) -> Sensor:
    return Sensor(
        level, "sentinel-2", "msi", _ALL_13, SENTINEL2_BANDS, orders, "reflectance",
        1e-4,
    )  # fmt: skip


def _radar(level: str) -> Sensor:
    return Sensor(
        level, "sentinel-1", "c-sar", SENTINEL1_POLARISATIONS, {}, {},
        RADAR_QUANTITIES[DECIBELS], 1.0,
    )  # fmt: skip


SENSORS: dict[str, Sensor] = {
    SENTINEL2_L2A: _optical("L2A", {12: _WITHOUT_B10, 13: _ALL_13}),
    "sentinel-2-l1c": _optical("L1C", {13: _ALL_13}),
    "sentinel-2-index": Sensor(
        "index", "sentinel-2", "msi", INDEX_BANDS, {}, {}, "index", 1.0
    ),
    "sentinel-1-grd": _radar("GRD"),
    "sentinel-1-rtc": _radar("RTC"),
}
"""Sensor names of `describe_raster` and `open_scene`."""


def is_radar(sensor: str) -> bool:
    """Whether a sensor name is one of Sentinel-1.

    >>> is_radar("sentinel-1-grd"), is_radar("sentinel-2-l2a")
    (True, False)
    """
    return sensor in SENSORS and SENSORS[sensor].constellation == "sentinel-1"

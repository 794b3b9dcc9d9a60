"""What weather files measure, in which units, and what cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """A kind of measurement, kept in one unit of ours.

    Attributes:
        unit: The unit that we keep it in.
        units: Unit that a file may declare to the factor and the summand that turn
            its numbers into ours.
        usual: Least and greatest of what a whole series usually holds, in our unit.
    """

    unit: str
    units: Mapping[str, tuple[float, float]]
    usual: tuple[float, float]


TEMPERATURE = Quantity(
    "°C",
    {
        "°C": (1, 0),
        "K": (1, -273.15),
        "°F": (5 / 9, -160 / 9),
        "0.1 °C": (0.1, 0),
    },
    (-60, 50),
)
RAIN = Quantity(
    "mm",
    {"mm": (1, 0), "0.1 mm": (0.1, 0), "cm": (10, 0), "m": (1000, 0), "in": (25.4, 0)},
    (0, 1000),
)
WIND = Quantity(
    "m/s",
    {
        "m/s": (1, 0),
        "0.1 m/s": (0.1, 0),
        "km/h": (1 / 3.6, 0),
        "kn": (1852 / 3600, 0),
        "mph": (0.44704, 0),
    },
    (0, 60),
)

RESOLUTIONS = ("hour", "day", "month")

QUANTITY = {
    "air_temperature": TEMPERATURE,
    "ground_temperature": TEMPERATURE,
    "air_mean": TEMPERATURE,
    "air_minimum": TEMPERATURE,
    "air_maximum": TEMPERATURE,
    "rain": RAIN,
    "gust": WIND,
}

VARIABLES = {
    "hour": ("air_temperature", "ground_temperature", "rain", "gust"),
    "day": ("air_mean", "air_minimum", "air_maximum", "rain", "gust"),
    "month": ("air_mean", "air_minimum", "air_maximum", "rain", "gust"),
}
"""Resolution to what a file of it may hold."""

_MOST_RAIN_MM = {"hour": 500.0, "day": 2000.0, "month": 10_000.0}


def possible(variable: str, resolution: str) -> tuple[float, float]:
    """Least and greatest value on Earth, in our unit, a little beyond the records.

    References:
        WMO World Weather and Climate Extremes Archive: -89.2 and 56.7 °C, 1825 mm in a
        day, 9300 mm in a month, gust of 113.2 m/s.

    >>> possible("rain", "day"), possible("air_mean", "month")
    ((0.0, 2000.0), (-95.0, 60.0))
    """
    quantity = QUANTITY[variable]
    if quantity is RAIN:
        return 0.0, _MOST_RAIN_MM[resolution]
    return (0.0, 115.0) if quantity is WIND else (-95.0, 60.0)

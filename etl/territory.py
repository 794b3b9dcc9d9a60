"""Units that are lifted together, by the raster that shows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from shapely.geometry.base import BaseGeometry

from imagery.errors import GridMismatch
from mining.units import Unit


class Counted(Protocol):
    """Statistics of a raster in a unit."""

    @property
    def total_pixels(self) -> int:
        """Pixels whose centre lies in the unit."""
        ...


Statistics = TypeVar("Statistics", bound=Counted)


@dataclass(frozen=True)
class Territory:
    """Units that are lifted together.

    Attributes:
        name: Names the graphs; lifting other units under it replaces these.
        units: The units themselves.
    """

    name: str
    units: tuple[Unit, ...]


def units_met(seen: Mapping[str, Mapping[Unit, object]]) -> dict[str, int]:
    """Territory to number of its units that a raster shows."""
    return {name: len(units) for name, units in seen.items()}


def statistics_by_unit(
    territories: Sequence[Territory],
    raster: Path,
    statistics: Callable[[Sequence[BaseGeometry]], Sequence[Statistics]],
) -> dict[str, dict[Unit, Statistics]]:
    """For each territory the units with a pixel centre on the raster.

    Args:
        territories: All units, also those off the raster.
        raster: What the statistics are of, for the message.
        statistics: Gives them for polygons in CRS84, in their order.

    Raises:
        GridMismatch: There are units, and none meets the raster.
    """
    everything = [unit for territory in territories for unit in territory.units]
    found = iter(statistics([unit.geometry for unit in everything]))
    seen = {
        territory.name: {
            unit: one
            for unit, one in zip(territory.units, found, strict=False)
            if one.total_pixels
        }
        for territory in territories
    }
    if territories and not any(seen.values()):
        raise GridMismatch(
            f"no unit of {', '.join(seen)} meets {raster}; check place and CRS of both"
        )
    return seen

"""All that is expected of a written sample, before any question is asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from expected_ground import pixel_ha
from expected_pixels import FULL, Acquisition, Comparison, compare, read_safe
from expected_units import Seen, Unit, observe, read_classes, read_units
from expected_weather import Night, Station, read_nights, read_stations


@dataclass(frozen=True)
class Facts:
    """What the files of a sample say.

    Attributes:
        before: The earlier acquisition.
        after: The later acquisition.
        comparisons: Method to scores and quality.
        units: All units, parcels and communes.
        seen: Method to what it shows in each unit.
        labels: Class number to its name.
        stations: Weather stations.
        nights: Their nights.
    """

    before: Acquisition
    after: Acquisition
    comparisons: Mapping[str, Comparison]
    units: list[Unit]
    seen: Mapping[str, Mapping[Unit, Seen]]
    labels: Mapping[int, str]
    stations: list[Station]
    nights: list[Night]

    def nearest(self, unit: Unit) -> tuple[Station, float]:
        """The nearest station of a unit and its distance in metres."""
        distances = {unit.distance_m(one.lon, one.lat): one for one in self.stations}
        nearest = min(distances)
        return distances[nearest], nearest

    def commune(self, unit: Unit) -> Unit | None:
        """The commune that a parcel names."""
        own = unit.properties.get("commune")
        return next((one for one in self.units if one.id == own), None)


def read_pair(folder: Path) -> tuple[Acquisition, Acquisition]:
    """Both acquisitions of a sample, the earlier first."""
    both = [read_safe(one) for one in sorted(folder.glob("*.SAFE"))]
    assert len(both) == 2, f"{len(both)} SAFE folders in {folder}"
    first, second = sorted(both, key=lambda one: one.begins)
    return first, second


def compare_pair(before: Acquisition, after: Acquisition) -> dict[str, Comparison]:
    """Scores of all methods."""
    return {method: compare(before, after, method) for method in FULL}


def read_facts(
    folder: Path,
    pair: tuple[Acquisition, Acquisition],
    comparisons: Mapping[str, Comparison],
) -> Facts:
    """Everything else of a sample.

    Args:
        folder: The sample.
        pair: Both acquisitions.
        comparisons: Scores of each method.
    """
    grid = pair[0].grid
    units = read_units(folder / "parcels.geojson")
    units += read_units(folder / "communes.geojson")
    hectares = pixel_ha(grid)
    classes = read_classes(folder / "land_cover.tif", grid)
    item = json.loads((folder / "land_cover.json").read_text("utf-8"))
    named = next(iter(item["assets"].values()))["classification:classes"]
    return Facts(
        before=pair[0],
        after=pair[1],
        comparisons=comparisons,
        units=units,
        seen={
            method: observe(units, one, grid, hectares, classes)
            for method, one in comparisons.items()
        },
        labels={one["value"]: one["title"] for one in named},
        stations=read_stations(folder / "weather"),
        nights=read_nights(folder / "weather"),
    )

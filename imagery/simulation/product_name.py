"""Name of a simulated product, and what follows from it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from imagery.simulation.place import TILE


@dataclass(frozen=True)
class ProductName:
    """The parts of a product's name.

    Attributes:
        sensing: Start of sensing as in names, "20170419T105621".
        baseline: "02.04".
        orbit: Relative orbit number.
        absolute_orbit: Absolute orbit number of Sentinel-2A at that date.
        discriminator: Last time in the name.
    """

    sensing: str
    baseline: str
    orbit: int
    absolute_orbit: int
    discriminator: str

    @property
    def product_id(self) -> str:
        """Product name without ".SAFE"."""
        number = "N" + self.baseline.replace(".", "")
        return (
            f"S2A_MSIL2A_{self.sensing}_{number}_R{self.orbit:03d}_{TILE}_"
            f"{self.discriminator}"
        )

    @property
    def granule(self) -> str:
        """Name of the granule folder."""
        return f"L2A_{TILE}_A{self.absolute_orbit:06d}_{self.discriminator}"

    @property
    def begins(self) -> str:
        """Start of sensing, ISO 8601 in UTC."""
        return _iso(self.sensing)

    @property
    def made(self) -> str:
        """Time of processing, ISO 8601 in UTC."""
        return _iso(self.discriminator)


def _iso(compact: str) -> str:
    time = datetime.strptime(compact, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return f"{time:%Y-%m-%dT%H:%M:%S}.026Z"

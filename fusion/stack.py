"""Sentinel-1 and Sentinel-2 of one place and time on one grid."""

from dataclasses import dataclass

from odc.geo.geobox import GeoBox

from imagery.bands import SENTINEL1_POLARISATIONS, SENTINEL2_BANDS
from imagery.errors import GridMismatch, ImageryError, MissingBand
from imagery.scene import Scene, geobox_of

NONE, OPTICAL, RADAR, BOTH = 0, 1, 2, 3
"""Sensor basis of a pixel: which sensors had something valid to say there."""

BASIS_NAMES = {OPTICAL: "optical", RADAR: "radar", BOTH: "both"}


@dataclass(frozen=True)
class FusedStack:
    """One or two scenes to be read on one grid; holds no pixels and no open file.

    Attributes:
        optical: The Sentinel-2 scene; None without one.
        radar: The Sentinel-1 scene; None without one.
        geobox: Grid that both are read on.
    """

    optical: Scene | None
    radar: Scene | None
    geobox: GeoBox

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """The scenes that there are, Sentinel-2 first."""
        return tuple(one for one in (self.optical, self.radar) if one is not None)


def fuse(
    optical: Scene | None, radar: Scene | None, *, max_gap_days: float = 15.0
) -> FusedStack:
    """Put a Sentinel-2 and a Sentinel-1 scene on one grid; either may be missing.

    The grid is that of the finest Sentinel-2 band, or the radar's own where it is
    alone. Reads metadata only.

    Args:
        optical: Sentinel-2 scene with reflectance bands.
        radar: Sentinel-1 scene with backscatter.
        max_gap_days: Longest time between the two; nothing for composites that
            overlap in time.

    Raises:
        ImageryError: No scene, one of the other sensor, or the two are too far apart
            in time.
        MissingBand: A scene has no band that features can be made of.
        GridMismatch: The two do not meet.
    """
    if optical is None and radar is None:
        raise ImageryError("no scene to fuse; give a Sentinel-2 or a Sentinel-1 scene")
    if optical is not None:
        _check(optical, "sentinel-2", tuple(SENTINEL2_BANDS))
    if radar is not None:
        _check(radar, "sentinel-1", tuple(SENTINEL1_POLARISATIONS))
    if optical is not None and radar is not None:
        _check_together(optical, radar, max_gap_days)
    leading = optical if optical is not None else radar
    assert leading is not None
    return FusedStack(optical, radar, _finest_grid(leading))


def gap_days(one: Scene, other: Scene) -> float:
    """Days between two acquisitions; 0 where they overlap in time."""
    apart = max(one.begins, other.begins) - min(one.ends, other.ends)
    return max(0.0, apart.total_seconds() / 86_400)


def _check(scene: Scene, sensor: str, names: tuple[str, ...]) -> None:
    if not scene.sensor.startswith(sensor):
        raise ImageryError(
            f"{scene.product_id} is of {scene.sensor}, not of {sensor}; "
            "give each scene as what it is"
        )
    if not any(name in scene.bands for name in names):
        raise MissingBand(
            f"{scene.product_id} has no band of {sensor} to classify with: "
            f"{', '.join(scene.bands) or 'none'}; one of {', '.join(names)} is needed"
        )


def _check_together(optical: Scene, radar: Scene, max_gap_days: float) -> None:
    apart = gap_days(optical, radar)
    if apart > max_gap_days:
        raise ImageryError(
            f"{optical.product_id} and {radar.product_id} are {apart:.1f} days apart "
            f"and {max_gap_days:g} are allowed; give scenes closer in time"
        )
    if not optical.footprint.intersects(radar.footprint):
        raise GridMismatch(
            f"{optical.product_id} and {radar.product_id} do not meet; "
            "give two scenes of one place"
        )


def _finest_grid(scene: Scene) -> GeoBox:
    """Grid of the scene's finest band."""
    grids = [geobox_of(one) for one in scene.bands.values()]
    return min(grids, key=lambda grid: abs(grid.affine.a))

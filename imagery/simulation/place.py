"""Where the simulated landscape lies, and smooth random fields on its grid."""

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from scipy.ndimage import zoom

CRS = "EPSG:32630"
TILE = "T30TYQ"
TILE_WEST_M, TILE_NORTH_M = 699_960, 5_000_040
WEST_M, NORTH_M = 721_560, 4_977_480
SIZE_PX = 600
RESOLUTION_M = 10
SIDE_M = SIZE_PX * RESOLUTION_M
EAST_M = WEST_M + SIDE_M
MARK = "SIMULATED: made by Lucerna's generator, no observation"

TRANSFORM = Affine(RESOLUTION_M, 0, WEST_M, 0, -RESOLUTION_M, NORTH_M)
GRID = GeoBox((SIZE_PX, SIZE_PX), TRANSFORM, CRS)
TO_CRS84 = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)

Plane = NDArray[np.float64]


def generator(seed: int, subject: str) -> np.random.Generator:
    """A random generator of its own for each subject, the same for the same seed.

    So a subject that draws more numbers does not move the others.
    """
    return np.random.default_rng([seed, *subject.encode()])


def pixel_centres() -> tuple[Plane, Plane]:
    """Easting and northing in metres, each (y, x), of the pixel centres."""
    offsets = (np.arange(SIZE_PX) + 0.5) * RESOLUTION_M
    x, y = np.meshgrid(WEST_M + offsets, NORTH_M - offsets)
    return x, y


def smooth_noise(rng: np.random.Generator, scale_px: float) -> Plane:
    """A random field (y, x) of zero mean and unit spread.

    Args:
        rng: Source of randomness.
        scale_px: Distance in pixels over which the field changes.
    """
    count = int(np.ceil(SIZE_PX / scale_px)) + 4
    coarse = rng.standard_normal((count, count))
    fine = zoom(coarse, scale_px, order=3, mode="nearest", grid_mode=True)
    margin = int(rng.integers(0, max(1, min(fine.shape) - SIZE_PX)))
    field = fine[margin : margin + SIZE_PX, margin : margin + SIZE_PX]
    centred: Plane = (field - field.mean()) / field.std()
    return centred


def smoothstep(value: Plane) -> Plane:
    """0 below 0, 1 above 1, and 3 v^2 - 2 v^3 between: smooth at both ends."""
    clipped = np.clip(value, 0.0, 1.0)
    result: Plane = clipped * clipped * (3.0 - 2.0 * clipped)
    return result

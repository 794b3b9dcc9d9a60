"""Expected backscatter → a Sentinel-1 raster with speckle, on a grid of its own."""

from datetime import datetime
from pathlib import Path

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy.ndimage import map_coordinates

from imagery.simulation.backscatter import POLARISATIONS
from imagery.simulation.geotiff import write_geotiff
from imagery.simulation.place import CRS, MARK, NORTH_M, RESOLUTION_M, WEST_M
from imagery.stac import describe_raster

RADAR_SENSOR = "sentinel-1-grd"
LOOKS = 4.4
"""Equivalent number of looks of an IW GRDH product (Sentinel-1 Product Definition)."""

_WEST_M, _NORTH_M, _SIZE_PX = WEST_M - 203.75, NORTH_M + 196.25, 640
RADAR_GRID = GeoBox(
    (_SIZE_PX, _SIZE_PX),
    Affine(RESOLUTION_M, 0, _WEST_M, 0, -RESOLUTION_M, _NORTH_M),
    CRS,
)
"""20 pixels wider than the landscape on each side, shifted by 3/8 of a pixel."""


def write_radar(
    path: Path,
    expected: NDArray[np.float64],
    time: datetime,
    rng: np.random.Generator,
) -> None:
    """Write one acquisition as GeoTIFF of VV and VH, with its STAC item beside it.

    Values are sigma nought in linear power, float32, with multiplicative speckle that
    is gamma-distributed with `LOOKS` looks, independent from pixel to pixel. Beyond
    the landscape its mirror image is seen.

    Args:
        path: The GeoTIFF.
        expected: (VV and VH, y, x) linear power on the grid of the landscape.
        time: Of the acquisition, aware UTC.
        rng: Source of the speckle.
    """
    offsets = (np.arange(_SIZE_PX) + 0.5) * RESOLUTION_M
    rows = (NORTH_M - (_NORTH_M - offsets)) / RESOLUTION_M - 0.5
    columns = (_WEST_M + offsets - WEST_M) / RESOLUTION_M - 0.5
    places = np.meshgrid(rows, columns, indexing="ij")
    signal = np.stack(
        [map_coordinates(plane, places, order=1, mode="mirror") for plane in expected]
    )
    seen = signal * rng.gamma(LOOKS, 1 / LOOKS, signal.shape)
    write_geotiff(
        path,
        seen.astype(np.float32),
        RADAR_GRID.affine,
        nodata=np.nan,
        names=POLARISATIONS,
        zlevel=1,
        tiled=True,
        blockxsize=256,
        blockysize=256,
    )
    describe_raster(
        path,
        sensor=RADAR_SENSOR,
        begins=time,
        ends=time,
        note=MARK,
        simulated=True,
        quantity="linear",
    )

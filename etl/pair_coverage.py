"""How much of each unit the two scenes of a change raster show."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from etl.graphs import NamedGraphs, coverage_graphs
from etl.iris import Iris
from etl.load import Replacing
from etl.territory import Territory
from imagery.grid import footprint
from imagery.raster import open_raster
from imagery.scene_record import SceneRecord
from imagery.sensors import is_radar
from mining.change.record import ChangeRecord
from mining.units import Unit
from mining.zonal.scene import Look, SceneStatistics, scene_statistics

_EDGE_DEGREES = 1e-4
"""Outlines of one grid and of a part of it may run this far apart: a pixel."""


def pair_coverage(
    iris: Iris, record: ChangeRecord, territories: Sequence[Territory]
) -> NamedGraphs:
    """Coverage of the units by each scene of a pair, from the quality of each date.

    The grid of a pair is what both scenes have. A unit that a scene shows beyond it
    too is left out for that scene: only the lift of the scene itself sees it whole.
    Coverage that was lifted before stays for all other units.

    Args:
        iris: Mints the IRIs.
        record: Of the change raster; without quality by date it gives nothing.
        territories: All units, also those off the raster.
    """
    if record.masked is None or not territories:
        return {}
    units = [unit for territory in territories for unit in territory.units]
    shapes = [unit.geometry for unit in units]
    with _open_dates(record) as (grid, looks):
        found = scene_statistics(shapes, grid, looks)
        outline = footprint(grid)
    graphs: NamedGraphs = {}
    pair = (record.before, record.after)
    for scene, masked, seen in zip(pair, record.masked, found, strict=True):
        whole = _whole(scene, outline, shapes)
        by_unit = dict(zip(units, zip(seen, whole, strict=True), strict=True))
        graphs |= coverage_graphs(
            iris,
            scene.id,
            {one.name: _kept(one.units, by_unit) for one in territories},
            clouds_known=masked or is_radar(scene.sensor),
            replacing=Replacing.RECORDS,
        )
    return {iri: one for iri, one in graphs.items() if len(one.facts)}


def _kept(
    units: Sequence[Unit], by_unit: dict[Unit, tuple[SceneStatistics, bool]]
) -> dict[Unit, SceneStatistics]:
    """The units that meet the grid and are seen as whole as the scene shows them."""
    kept = {}
    for unit in units:
        seen, whole = by_unit[unit]
        if seen.total_pixels and whole:
            kept[unit] = seen
    return kept


def _whole(
    scene: SceneRecord, outline: BaseGeometry, shapes: Sequence[BaseGeometry]
) -> NDArray[np.bool_]:
    """For each shape whether the scene shows nothing of it beyond the outline."""
    beyond = shapely.difference(scene.footprint, outline).buffer(-_EDGE_DEGREES)
    shapely.prepare(beyond)
    meets: NDArray[np.bool_] = ~shapely.intersects(beyond, np.array(shapes))
    return meets


@contextlib.contextmanager
def _open_dates(record: ChangeRecord) -> Iterator[tuple[GeoBox, list[Look]]]:
    """The grid of a quality raster, and a look at it for each date."""
    with open_raster(record.quality) as dataset:
        yield (
            GeoBox.from_rio(dataset),
            [Look(_reader(dataset, band)) for band in (2, 3)],
        )


def _reader(
    dataset: rasterio.DatasetReader, band: int
) -> Callable[[Window], NDArray[np.uint8]]:
    def read(window: Window) -> NDArray[np.uint8]:
        values: NDArray[np.uint8] = dataset.read(band, window=window)
        return values

    return read

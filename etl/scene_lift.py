"""The walk from one scene to what it shows of each unit: coverage, and NDVI."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from etl.graphs import coverage_graphs, index_graphs, place_graphs, scene_graphs
from etl.iris import Iris
from etl.load import GraphSink, Loaded, load
from etl.scheme import vegetation_bounds
from etl.territory import Territory, statistics_by_unit, units_met
from imagery.indices import ndvi
from imagery.masks import open_quality
from imagery.raster import open_reflectance
from imagery.scene import Scene, geobox_of, open_scene, require_bands
from imagery.scene_record import scene_record
from imagery.sensors import is_radar
from mining.units import Unit
from mining.zonal.scene import Look, SceneStatistics, scene_statistics


@dataclass(frozen=True)
class LiftedScene:
    """What the lift of a scene brought into the knowledge base.

    Attributes:
        scene: IRI of the scene.
        units: Territory to number of units that meet the scene.
        indexed: How many of those have an NDVI; None where the scene has no bands
            for it.
        clouds_known: Whether the scene has a cloud mask, or needs none.
        loaded: The graphs, and which of them changed.
    """

    scene: str
    units: dict[str, int]
    indexed: int | None
    clouds_known: bool
    loaded: Loaded


def lift_scene(
    product: Path,
    territories: Sequence[Territory],
    open_sink: Callable[[], AbstractContextManager[GraphSink]],
    *,
    iri_base: str,
    progress: Callable[[int, int], None] | None = None,
) -> LiftedScene:
    """Turn what a scene shows of each unit into facts, and load them whole.

    Coverage of any scene; NDVI where it has the bands B04 and B08, or is an index
    raster with a band NDVI.

    Args:
        product: A SAFE product, or a described raster of a sensor.
        territories: Units that get facts; those off the scene get none.
        open_sink: Opens the knowledge base that the graphs go into.
        iri_base: Beginning of every minted IRI.
        progress: Called with blocks done and blocks in all.

    Raises:
        ImageryError: The product cannot be read, or no unit meets it.
        InvalidGraph: The facts break a shape.
    """
    scene, iris = open_scene(product), Iris(iri_base)
    clouds_known = scene.classification is not None or is_radar(scene.sensor)
    seen = _statistics(scene, product, territories, progress)
    graphs = (
        scene_graphs(iris, [scene_record(scene)])
        | place_graphs(iris, territories)
        | coverage_graphs(iris, scene.id, seen, clouds_known=clouds_known)
    )
    if _index_bands(scene):
        graphs |= index_graphs(iris, scene.id, seen)
    return LiftedScene(
        scene=str(iris.scene(scene.id)),
        units=units_met(seen),
        indexed=_indexed(seen) if _index_bands(scene) else None,
        clouds_known=clouds_known,
        loaded=load(open_sink, graphs, {}),
    )


def _statistics(
    scene: Scene,
    product: Path,
    territories: Sequence[Territory],
    progress: Callable[[int, int], None] | None,
) -> dict[str, dict[Unit, SceneStatistics]]:
    """For each territory the units with a pixel centre on the scene's finest grid."""
    files = require_bands(scene, _index_bands(scene) or tuple(scene.bands))
    grid = min((geobox_of(one) for one in files), key=lambda one: abs(one.affine.a))
    with open_quality(scene, grid) as quality, _open_index(scene, grid) as index:
        look = Look(quality, index)

        def measured(polygons: Sequence[BaseGeometry]) -> list[SceneStatistics]:
            bounds = vegetation_bounds()
            return scene_statistics(
                polygons, grid, [look], bounds=bounds, progress=progress
            )[0]

        return statistics_by_unit(territories, product, measured)


@contextlib.contextmanager
def _open_index(
    scene: Scene, grid: GeoBox
) -> Iterator[Callable[[Window], NDArray[np.float32]] | None]:
    """Reads NDVI of a scene on a grid; None where the scene has no bands for it."""
    names = _index_bands(scene)
    if not names:
        yield None
        return
    with open_reflectance(require_bands(scene, names), grid) as read_bands:

        def read(window: Window) -> NDArray[np.float32]:
            bands = read_bands(window)
            return bands[0] if len(bands) == 1 else ndvi(bands[0], bands[1])

        yield read


def _index_bands(scene: Scene) -> tuple[str, ...]:
    """The bands that give the NDVI of a scene; none where it has none."""
    for names in (("NDVI",), ("B04", "B08")):
        if all(name in scene.bands for name in names):
            return names
    return ()


def _indexed(seen: Mapping[str, Mapping[Unit, SceneStatistics]]) -> int:
    return sum(
        one.index is not None for units in seen.values() for one in units.values()
    )

"""Results of change detection and lifts, and scenes, as plain facts to print."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from etl.land_cover.lift import LiftedClasses
from etl.load import Loaded
from etl.pipelines import Lifted
from etl.scene_lift import LiftedScene
from imagery.grid import bbox_crs84
from imagery.product_item import product_item
from imagery.scene import Scene
from imagery.scene_record import iso_time
from imagery.sentinel2 import is_product
from imagery.stac import folder_item, read_item, sidecar
from mining.change.record import ChangeRecord
from mining.change.regions import Region


def item_of(product: Path) -> dict[str, Any]:
    """The STAC item of a product; of what is described the one beside it.

    Raises:
        UnreadableProduct: It is no product, or was not described.
    """
    if product.is_dir() and not is_product(product):
        return read_item(folder_item(product))
    if product.is_dir() or product.suffix.lower() == ".zip":
        return product_item(product)
    return read_item(sidecar(product))


def scene_facts(scene: Scene) -> dict[str, Any]:
    """What `lucerna info` tells of a product."""
    west, south, east, north = (round(one, 5) for one in bbox_crs84(scene.footprint))
    return {
        "product": scene.product_id,
        "scene": scene.id,
        "sensor": scene.sensor,
        "platform": scene.platform,
        "begins": iso_time(scene.begins),
        "ends": iso_time(scene.ends),
        "tile": scene.tile,
        "relative orbit": scene.relative_orbit,
        "baseline": scene.baseline,
        "cloud percent": scene.cloud_percent,
        "bands": " ".join(scene.bands),
        "scale": _of_bands([one.scale for one in scene.bands.values()]),
        "offset": _of_bands([one.offset for one in scene.bands.values()]),
        "scene classification": "yes" if scene.classification else "no",
        "west south east north": f"{west} {south} {east} {north}",
        "simulated": "yes" if scene.simulated else "no",
        "sha256": scene.sha256,
        "note": scene.note,
    }


def _of_bands(values: Sequence[float]) -> str:
    """A number that all bands share, else one for each in their order."""
    shown = [f"{one:g}" for one in values]
    return shown[0] if len(set(shown)) == 1 else " ".join(shown)


def change_facts(record: ChangeRecord, regions: Sequence[Region]) -> dict[str, Any]:
    """What `lucerna change` tells of its result."""
    return {
        "raster": str(record.change),
        "run": record.run,
        "method": record.parameters["method"],
        "before": record.before.product_id,
        "after": record.after.product_id,
        "regions": len(regions),
        "region hectares": round(sum(one.area_m2 for one in regions) / 10_000, 4),
        "simulated": "yes" if _simulated(record) else "no",
        "clouds": "masked" if record.clouds_known else "unknown: a scene has no mask",
    }


def _simulated(record: ChangeRecord) -> bool:
    return record.before.simulated or record.after.simulated


_NO_COVERAGE = "none: the raster has no quality by date; run `lucerna change` again"


def lift_facts(lifted: Lifted) -> dict[str, Any]:
    """What `lucerna lift` tells of the load of a change raster."""
    return {
        "result": lifted.result,
        "regions": lifted.regions,
        **_counted(lifted.units),
        "not assessable": lifted.not_assessable,
        **({} if lifted.coverage else {"coverage": _NO_COVERAGE}),
        **_weather_facts(lifted),
        **_load_facts(lifted.loaded),
    }


def _weather_facts(lifted: Lifted) -> dict[str, Any]:
    if lifted.station_m is None:
        return {}
    weather = lifted.weather
    kinds = [one.kind for one in weather.periods]
    counted = {
        "nights": len(weather.nights),
        "days": kinds.count("day"),
        "months": kinds.count("month"),
    }
    nearest, farthest = (round(one / 1000, 2) for one in lifted.station_m)
    return {
        "stations": len(weather.stations),
        **{name: count for name, count in counted.items() if count},
        "nearest station km": nearest,
        "farthest station km": farthest,
    }


def land_cover_facts(lifted: LiftedClasses) -> dict[str, Any]:
    """What `lucerna lift` tells of the load of a class raster."""
    return {
        "result": lifted.result,
        **_counted(lifted.units),
        **_load_facts(lifted.loaded),
    }


def coverage_facts(lifted: LiftedScene) -> dict[str, Any]:
    """What `lucerna lift` tells of the load of a scene."""
    return {
        "scene": lifted.scene,
        **_counted(lifted.units),
        "with NDVI": "no bands for it" if lifted.indexed is None else lifted.indexed,
        "clouds": "known" if lifted.clouds_known else "unknown: the scene has no mask",
        **_load_facts(lifted.loaded),
    }


def _counted(units: Mapping[str, int]) -> dict[str, int]:
    return {f"units of {name}": count for name, count in units.items()}


def _load_facts(loaded: Loaded) -> dict[str, int]:
    return {
        "graphs": len(loaded.triples),
        "graphs changed": len(loaded.changed),
        "triples": sum(loaded.triples.values()),
    }

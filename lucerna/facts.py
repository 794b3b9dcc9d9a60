"""Results of the verbs as plain facts to print, and files they take and give."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from shapely.geometry import mapping

from etl.graphs import Territory
from etl.iris import slug
from etl.pipelines import Lifted
from imagery.errors import InvalidUnits
from imagery.files import replaced
from imagery.scene import Scene
from mining.change_record import ChangeRecord
from mining.regions import Region
from mining.units import read_units


def scene_facts(scene: Scene) -> dict[str, Any]:
    """What `lucerna info` tells of a product."""
    west, south, east, north = (round(one, 5) for one in scene.footprint.bounds)
    return {
        "product": scene.product_id,
        "scene": scene.id,
        "sensor": scene.sensor,
        "platform": scene.platform,
        "begins": _iso(scene.begins),
        "ends": _iso(scene.ends),
        "tile": scene.tile,
        "relative orbit": scene.relative_orbit,
        "baseline": scene.baseline,
        "cloud percent": scene.cloud_percent,
        "bands": " ".join(scene.bands),
        "scene classification": "yes" if scene.classification else "no",
        "west south east north": f"{west} {south} {east} {north}",
        "simulated": "yes" if scene.simulated else "no",
        "sha256": scene.sha256,
        "note": scene.note,
    }


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


def lift_facts(lifted: Lifted) -> dict[str, Any]:
    """What `lucerna lift` tells of its load."""
    return {
        "result": lifted.result,
        "regions": lifted.regions,
        **{f"units of {name}": count for name, count in lifted.units.items()},
        "not assessable": lifted.not_assessable,
        "graphs": len(lifted.loaded.triples),
        "graphs changed": len(lifted.loaded.changed),
        "triples": sum(lifted.loaded.triples.values()),
    }


def read_territories(
    paths: Sequence[Path], **columns: str | None
) -> tuple[Territory, ...]:
    """One territory a file, named after it.

    Raises:
        InvalidUnits: A file cannot be used, or two files have the same name.
    """
    territories = tuple(
        Territory(slug(path.stem), tuple(read_units(path, **columns))) for path in paths
    )
    names = [one.name for one in territories]
    if len(set(names)) < len(names):
        twice = next(one for one in names if names.count(one) > 1)
        raise InvalidUnits(
            f"two files of units are called {twice!r}, which names their graphs; "
            "rename one"
        )
    return territories


def write_regions(path: Path, regions: Sequence[Region]) -> None:
    """Write regions as GeoJSON in CRS84 (RFC 7946), whole or not at all."""
    features = [
        {
            "type": "Feature",
            "geometry": mapping(region.geometry),
            "properties": {
                "area_m2": round(region.area_m2, 1),
                "perimeter_m": round(region.perimeter_m, 1),
                "mean_score": round(region.mean_score, 2),
                "max_score": region.max_score,
            },
        }
        for region in regions
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    with replaced(path) as part:
        part.write_text(text, encoding="utf-8")


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")

"""Vector files of the verbs: units that they take, regions that they give."""

import json
from collections.abc import Sequence
from pathlib import Path

from shapely.geometry import mapping

from etl.iris import slug
from etl.territory import Territory
from imagery.errors import InvalidUnits
from imagery.files import replaced
from mining.change.regions import Region
from mining.units import read_units


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

"""Vector files of the verbs: units that they take, regions that they give."""

from collections.abc import Sequence
from pathlib import Path

from etl.keys import slug
from etl.territory import Territory
from imagery.errors import InvalidUnits
from imagery.vectors.writing import write_features
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
    """Write regions in the format of the suffix, in CRS84, whole or not at all.

    Raises:
        ImageryError: The suffix names no format.
    """
    rows = [
        {
            "area_m2": round(region.area_m2, 1),
            "perimeter_m": round(region.perimeter_m, 1),
            "mean_score": round(region.mean_score, 2),
            "max_score": region.max_score,
        }
        for region in regions
    ]
    columns = ("area_m2", "perimeter_m", "mean_score", "max_score")
    write_features(path, columns, rows, [region.geometry for region in regions])

"""Parcels, communes and land cover of the landscape, as a user would be given them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely import Polygon
from shapely.geometry import mapping

from imagery.simulation.geotiff import write_geotiff
from imagery.simulation.landscape import Cover, Landscape
from imagery.simulation.place import MARK, TO_CRS84, TRANSFORM, generator
from imagery.stac import describe_raster
from imagery.told import CONTEXT

COMMUNE_NAMES = (
    "Saint-Modèle",
    "Maquette-les-Vignes",
    "Essai-la-Forêt",
    "Fausserive",
    "Saint-Exemple-sur-Lume",
    "Les Épures",
)
CLC = {
    Cover.MARGIN: 242,
    Cover.VINEYARD: 221,
    Cover.MEADOW: 231,
    Cover.ARABLE: 211,
    Cover.FOREST: 311,
    Cover.VILLAGE: 112,
    Cover.WATER: 511,
    Cover.HEDGE: 242,
    Cover.ROAD: 242,
}
CLC_LABELS = {
    112: "Discontinuous urban fabric",
    211: "Non-irrigated arable land",
    221: "Vineyards",
    231: "Pastures",
    242: "Complex cultivation patterns",
    311: "Broad-leaved forest",
    511: "Water courses",
}
_CROPS = {
    Cover.VINEYARD: "vineyard",
    Cover.MEADOW: "meadow",
    Cover.ARABLE: "arable",
}
_PLACE_NAMES = (
    "La Combe", "Les Graves", "Le Pré Long", "La Palu", "Les Sables", "Le Moulin",
    "La Croix", "Les Terres Noires", "Le Bourdieu", "La Garenne", "Le Petit Bois",
    "Les Marnes",
)  # fmt: skip
_PER_COMMUNE = 42
_SMALL_PER_COMMUNE = 2
_VALID_FROM = "2017-01-01"
_WGS84 = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Parcel:
    """A field that stands in the register.

    Attributes:
        id: Identifier, "SIM01-0007".
        field_number: Number of the field in the landscape.
        commune: Index of its commune.
        altitude_m: Mean height above sea level.
        longitude: CRS84 longitude of a point inside.
        latitude: CRS84 latitude of that point.
    """

    id: str
    field_number: int
    commune: int
    altitude_m: float
    longitude: float
    latitude: float


def commune_id(number: int) -> str:
    """Identifier of a commune by its index; plainly no real one.

    >>> commune_id(0)
    'SIM01'
    """
    return f"SIM{number + 1:02d}"


def list_parcels(landscape: Landscape) -> tuple[Parcel, ...]:
    """The fields nearest to each village, among them a few very small ones."""
    parcels: list[Parcel] = []
    for commune, (x, y) in enumerate(landscape.villages):
        own = [
            (field.polygon.centroid.distance(shapely.Point(x, y)), number)
            for number, field in enumerate(landscape.fields, start=1)
            if field.commune == commune
        ]
        near = [number for _, number in sorted(own)]
        tiny = [n for n in near if landscape.fields[n - 1].polygon.area < 1_000]
        chosen = sorted({*near[:_PER_COMMUNE], *tiny[:_SMALL_PER_COMMUNE]})
        for count, number in enumerate(chosen, start=1):
            inside = landscape.fields[number - 1].polygon.representative_point()
            column, row = ~TRANSFORM @ (inside.x, inside.y)
            longitude, latitude = TO_CRS84.transform(inside.x, inside.y)
            parcels.append(
                Parcel(
                    id=f"{commune_id(commune)}-{count:04d}",
                    field_number=number,
                    commune=commune,
                    altitude_m=round(
                        float(landscape.elevation_m[int(row), int(column)]), 1
                    ),
                    longitude=longitude,
                    latitude=latitude,
                )
            )
    return tuple(parcels)


def write_parcels(path: Path, landscape: Landscape, parcels: Sequence[Parcel]) -> None:
    """Write the parcels as GeoJSON in CRS84, with crop, register area and altitude."""
    rng = generator(landscape.seed, "register")
    features = []
    for parcel in parcels:
        field = landscape.fields[parcel.field_number - 1]
        outline = _crs84(field.polygon)
        area_m2, _ = _WGS84.geometry_area_perimeter(outline)
        legal_ha = area_m2 / 10_000 * (1 + float(rng.normal(0, 0.008)))
        name = f"{rng.choice(_PLACE_NAMES)} {int(parcel.id[-4:])}"
        properties = {
            "id": parcel.id,
            "level": "parcel",
            "name": name,
            "commune": commune_id(parcel.commune),
            "crop": _CROPS[field.cover],
            "legal_ha": round(legal_ha, 4),
            "altitude_m": parcel.altitude_m,
            "valid_from": _VALID_FROM,
        }
        features.append(_feature(outline, properties))
    write_geojson(path, "parcels", features)


def write_communes(path: Path, landscape: Landscape) -> None:
    """Write the communes as GeoJSON in CRS84; they tile the area."""
    features = [
        _feature(
            _crs84(outline),
            {
                "id": commune_id(number),
                "level": "commune",
                "name": COMMUNE_NAMES[number],
                "valid_from": _VALID_FROM,
            },
        )
        for number, outline in enumerate(landscape.communes)
    ]
    write_geojson(path, "communes", features)


def land_cover_codes(landscape: Landscape) -> NDArray[np.uint16]:
    """CLC code of each pixel, (y, x)."""
    codes = np.zeros(max(Cover) + 1, np.uint16)
    codes[list(CLC)] = list(CLC.values())
    return codes[landscape.cover]


def write_land_cover(path: Path, landscape: Landscape) -> None:
    """Write the land cover as CLC codes at 10 m, with its STAC item beside it."""
    write_geotiff(
        path,
        land_cover_codes(landscape)[None],
        TRANSFORM,
        nodata=0,
        tiled=True,
        blockxsize=256,
        blockysize=256,
    )
    describe_raster(
        path,
        sensor=CONTEXT,
        begins=datetime(2012, 1, 1, tzinfo=UTC),
        ends=datetime(2018, 12, 31, 23, 59, 59, tzinfo=UTC),
        note=MARK,
        simulated=True,
        classes=CLC_LABELS,
        classes_scheme="clc",
    )


def write_geojson(path: Path, name: str, features: list[dict[str, Any]]) -> None:
    """Write features, one a line, as a collection that is marked as simulated."""
    collection = {
        "type": "FeatureCollection",
        "name": name,
        "simulated": True,
        "description": MARK,
        "features": features,
    }
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    path.write_text(
        text.replace('{"type":"Feature",', '\n{"type":"Feature",') + "\n",
        encoding="utf-8",
    )


def _crs84(polygon: Polygon) -> Polygon:
    lonlat = shapely.transform(
        polygon,
        lambda points: np.round(
            np.column_stack(TO_CRS84.transform(points[:, 0], points[:, 1])), 7
        ),
    )
    return shapely.orient_polygons(lonlat)


def _feature(outline: Polygon, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": dict(properties),
        "geometry": mapping(outline),
    }

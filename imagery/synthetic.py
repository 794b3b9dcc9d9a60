"""A small sample of simulated products, with a known change in them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from imagery.files import filled
from imagery.product_item import write_product_item
from imagery.simulation.backscatter import mean_backscatter
from imagery.simulation.events import (
    HAPPENED,
    Events,
    Sky,
    apply_events,
    clouds,
    no_events,
    plan_events,
)
from imagery.simulation.geotiff import write_geotiff
from imagery.simulation.instrument import acquire, clear_sky
from imagery.simulation.landscape import Cover, Landscape, build_landscape
from imagery.simulation.place import MARK, RESOLUTION_M, TRANSFORM, generator
from imagery.simulation.points import write_points
from imagery.simulation.product_name import ProductName
from imagery.simulation.radar import LOOKS, write_radar
from imagery.simulation.safe_product import write_safe
from imagery.simulation.spectra import brightness, ground_mixture, reflectance
from imagery.simulation.territory import (
    Parcel,
    list_parcels,
    write_communes,
    write_land_cover,
    write_parcels,
)
from imagery.simulation.weather import write_weather
from imagery.stac import describe_raster
from imagery.told import CONTEXT

BEFORE = ProductName("20170419T105621", "02.04", 94, 9529, "20170419T110054")
AFTER = ProductName("20170429T105651", "02.05", 94, 9672, "20170429T110123")
RADAR_BEFORE = datetime(2017, 4, 18, 17, 57, tzinfo=UTC)
RADAR_AFTER = datetime(2017, 4, 30, 17, 57, tzinfo=UTC)

_README = f"""{MARK}.

truth.json   what was planted, by parcel
frost.tif    strength of the frost damage, 0 to 1 (float32)
change.tif   what happened: 0 nothing, 1 frost, 2 pruning, 3 mowing (uint8)

The radar rasters show little of it: at most 0.7 dB for frost and 1.5 dB for mowing,
under speckle of {LOOKS} looks. The points carry the code of the land cover.
"""


@dataclass(frozen=True)
class Sample:
    """Where the files of a written sample lie.

    Attributes:
        folder: The folder that holds them all.
        seed: Seed it was made from.
        before: SAFE folder of 19 April 2017.
        after: SAFE folder of 29 April 2017.
        parcels: GeoJSON of parcels, CRS84.
        communes: GeoJSON of communes, CRS84.
        land_cover: GeoTIFF of CLC codes, with a STAC item.
        weather: Folder of stations.csv and one table a station.
        radar_before: Sentinel-1 GeoTIFF of 18 April 2017, VV and VH, with a STAC item.
        radar_after: The same of 30 April 2017.
        points: GeoJSON of points, CRS84, with their CLC code as `class`.
        truth: Folder of truth.json, frost.tif and change.tif.
    """

    folder: Path
    seed: int
    before: Path
    after: Path
    parcels: Path
    communes: Path
    land_cover: Path
    weather: Path
    radar_before: Path
    radar_after: Path
    points: Path
    truth: Path


def write_sample(folder: Path, seed: int = 2017, no_change: bool = False) -> Sample:
    """Write a simulated pair of scenes of each sensor, with all that belongs to them.

    Two Sentinel-2 L2A products of tile T30TYQ around a frost in vineyards in the night
    of 27 April 2017, 600 x 600 pixels at 10 m in EPSG:32630; two Sentinel-1 rasters of
    the same days on a wider and shifted grid; parcels, communes, land cover, labelled
    points, hourly weather and the truth. Everything is invented and marked so. The
    same seed writes the same bytes. The landscape stays the same with `no_change`.

    Args:
        folder: Made if missing; files of an earlier sample in it are replaced, all at
            the end.
        seed: Any whole number from 0.
        no_change: Plant nothing: growth, noise and clouds remain.
    """
    landscape = build_landscape(seed)
    parcels = list_parcels(landscape)
    listed = tuple(parcel.field_number for parcel in parcels)
    planned = plan_events(landscape, listed)
    events = no_events() if no_change else planned
    sky = clouds(landscape, _field_under_cloud(landscape, parcels, planned))
    mixture, light = ground_mixture(landscape), brightness(landscape)
    ground_after = apply_events(landscape, mixture, events)
    with filled(folder) as part:
        sample = _paths(part, seed)
        for name, ground, above in (
            (BEFORE, mixture, clear_sky()),
            (AFTER, ground_after, sky),
        ):
            rng = generator(seed, f"noise {name.sensing}")
            seen = reflectance(ground, light)
            safe = write_safe(part, name, acquire(landscape, seen, above, rng))
            write_product_item(safe)
        write_parcels(sample.parcels, landscape, parcels)
        write_communes(sample.communes, landscape)
        write_land_cover(sample.land_cover, landscape)
        write_points(sample.points, landscape)
        for path, time, mean in zip(
            (sample.radar_before, sample.radar_after),
            (RADAR_BEFORE, RADAR_AFTER),
            mean_backscatter(landscape, mixture, events),
            strict=True,
        ):
            write_radar(path, mean, time, generator(seed, f"speckle {time:%Y%m%d}"))
        write_weather(sample.weather, seed, parcels)
        _write_truth(sample, landscape, parcels, events, sky)
    return _paths(folder, seed)


def _paths(folder: Path, seed: int) -> Sample:
    return Sample(
        folder=folder,
        seed=seed,
        before=folder / f"{BEFORE.product_id}.SAFE",
        after=folder / f"{AFTER.product_id}.SAFE",
        parcels=folder / "parcels.geojson",
        communes=folder / "communes.geojson",
        land_cover=folder / "land_cover.tif",
        weather=folder / "weather",
        radar_before=folder / "radar_before.tif",
        radar_after=folder / "radar_after.tif",
        points=folder / "points.geojson",
        truth=folder / "truth",
    )


def _field_under_cloud(
    landscape: Landscape, parcels: Sequence[Parcel], events: Events
) -> int:
    """A parcel of vines that nothing happens to and that is well inside the image."""
    rng = generator(landscape.seed, "cloud place")
    counts = np.bincount(
        landscape.field_number.ravel(), minlength=len(landscape.fields) + 1
    )
    touched = set(np.unique(landscape.field_number[events.kind > 0]).tolist())
    candidates = [
        parcel.field_number
        for parcel in parcels
        if landscape.fields[parcel.field_number - 1].cover == Cover.VINEYARD
        and parcel.field_number not in touched
        and 40 <= counts[parcel.field_number] <= 120
    ]
    return int(rng.choice(candidates or [parcels[0].field_number]))


def _write_truth(
    sample: Sample,
    landscape: Landscape,
    parcels: Sequence[Parcel],
    events: Events,
    sky: Sky,
) -> None:
    sample.truth.mkdir(parents=True, exist_ok=True)
    (sample.truth / "README.txt").write_text(_README, encoding="utf-8")
    frost = events.frost.astype(np.float32)
    write_geotiff(sample.truth / "frost.tif", frost[None], TRANSFORM)
    write_geotiff(sample.truth / "change.tif", events.kind[None], TRANSFORM)
    for raster, classes in (("frost.tif", None), ("change.tif", HAPPENED)):
        describe_raster(
            sample.truth / raster,
            sensor=CONTEXT,
            begins=datetime.fromisoformat(BEFORE.begins),
            ends=datetime.fromisoformat(AFTER.begins),
            note=MARK,
            simulated=True,
            classes=classes,
        )
    hectares = RESOLUTION_M**2 / 10_000
    truth: dict[str, Any] = {
        "simulated": True,
        "description": MARK,
        "seed": sample.seed,
        "before": BEFORE.product_id,
        "after": AFTER.product_id,
        "frost_night": "2017-04-27",
        "frost_ha": round(float((events.frost > 0).sum()) * hectares, 2),
        "pruned_ha": round(float((events.kind == 2).sum()) * hectares, 2),
        "mown_ha": round(float((events.kind == 3).sum()) * hectares, 2),
        "hectares": "nominal, pixels of 100 m2",
        "parcels": {
            parcel.id: _parcel_truth(landscape, parcel, events, sky)
            for parcel in parcels
        },
    }
    text = json.dumps(truth, indent=1, ensure_ascii=False)
    (sample.truth / "truth.json").write_text(text + "\n", encoding="utf-8")


def _parcel_truth(
    landscape: Landscape, parcel: Parcel, events: Events, sky: Sky
) -> dict[str, Any]:
    own = landscape.field_number == parcel.field_number
    pixels = max(int(own.sum()), 1)
    happened = "nothing"
    if parcel.field_number in events.pruned:
        happened = "pruning"
    elif parcel.field_number in events.mown:
        happened = "mowing"
    elif (events.frost[own] > 0).any():
        happened = "frost"
    hidden = (sky.opacity > 0) | (sky.shadow > 0)
    return {
        "pixels": int(own.sum()),
        "happened": happened,
        "frost_mean": round(float(events.frost[own].sum()) / pixels, 4),
        "frost_pixels": int((events.frost[own] > 0).sum()),
        "hidden_share": round(float(hidden[own].sum()) / pixels, 4),
    }

"""Damage of parcels from a change raster, by the rules of a peril."""

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

from pyproj import Transformer
from shapely.geometry import box

from imagery.errors import ImageryError
from imagery.ground import ground_area_m2
from imagery.raster import open_raster
from mining.damage.assessment import (
    MET,
    NO_VISIBLE_DAMAGE,
    NOT_ASSESSED,
    NOT_MET,
    NOT_OBSERVED,
    Assessment,
    DamageRules,
    Event,
    NightRecord,
)
from mining.damage.parcels import Parcel
from mining.damage.weather_key import nights_of, weather_key
from mining.zonal.change import UnitStatistics, zonal_statistics
from mining.zonal.polygons import reproject


def assess_parcels(
    parcels: Sequence[Parcel],
    event: Event,
    rules: DamageRules,
    change: Path,
    quality: Path,
    *,
    bounds: Sequence[float],
    before_time: datetime.datetime,
    after_time: datetime.datetime,
    nights: Sequence[NightRecord] = (),
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Assessment, ...]:
    """One assessment for each parcel, in their order.

    Hectares are rounded to four decimals before shares are taken, so that a reader
    finds the same shares and grades from what the report prints. What the images show
    decides the grade; the weather key stands beside it and does not change it.

    Args:
        parcels: In CRS84.
        event: Its begin must lie between the two images.
        rules: Those of the event's peril.
        change: Raster of scores, uint8 0 to 100, 255 where not compared.
        quality: Raster of the same grid: 0 clear, 1 cloudy, 2 no data.
        bounds: Lower bounds of the change levels, ascending, first 0.
        before_time: Acquisition of the earlier image.
        after_time: Acquisition of the later image.
        nights: What stations measured; those outside the event are passed over.
        progress: Called with parcels done and all of them.

    Raises:
        ImageryError: The images do not bracket the event.

    Memory: a block of 1024 x 1024 pixels of each raster.
    """
    check_bracket(event, rules, before_time, after_time)
    fine = sorted({*bounds, rules.affected_from})
    statistics = zonal_statistics(
        [one.geometry for one in parcels],
        change,
        quality,
        bounds=fine,
        progress=progress,
    )
    pixels = _whole_pixels(parcels, change, statistics)
    seen = nights_of(event, nights)
    found = []
    for parcel, one, total in zip(parcels, statistics, pixels, strict=True):
        hectares = [round(ha, 4) for ha in one.level_ha]
        observed = round(sum(hectares), 4)
        affected = round(
            sum(
                ha
                for least, ha in zip(fine, hectares, strict=True)
                if least >= rules.affected_from
            ),
            4,
        )
        grade, crop_key, told = _grade(rules, one, total, observed, affected)
        station = weather_key(parcel, rules.weather, seen)
        found.append(
            Assessment(
                parcel=parcel,
                grade=grade,
                weather_key=station.key,
                crop_key=crop_key,
                area_ha=round(ground_area_m2(parcel.geometry) / 10_000, 4),
                observed_ha=observed,
                affected_ha=affected,
                share=round(affected / observed, 4) if observed else None,
                level_ha=_levels(bounds, fine, hectares),
                mean_score=None if one.mean is None else round(one.mean, 4),
                valid_pixels=one.valid_pixels,
                cloudy_pixels=one.cloudy_pixels,
                total_pixels=total,
                station=station.night.station if station.night else None,
                station_name=station.night.station_name if station.night else None,
                station_km=station.km,
                night=station.night.night if station.night else None,
                night_variable=station.variable,
                night_value=station.value,
                reason=f"{told} {station.told}",
            )
        )
    return tuple(found)


def check_bracket(
    event: Event,
    rules: DamageRules,
    before_time: datetime.datetime,
    after_time: datetime.datetime,
) -> None:
    """Return only when one image lies before the event and one after its begin.

    Raises:
        ImageryError: They do not, or lie too far from it.
    """
    images = f"the images are of {before_time:%Y-%m-%d} and {after_time:%Y-%m-%d}"
    begins = f"the event begins {event.begins:%Y-%m-%d %H:%M} UTC"
    if not before_time <= event.begins <= after_time:
        side = "before" if event.begins < before_time else "after"
        raise ImageryError(
            f"{begins}, {side} both images: {images}; choose a pair with one image "
            "before the event and one after"
        )
    days_before = (event.begins - before_time) / datetime.timedelta(days=1)
    days_after = (after_time - event.begins) / datetime.timedelta(days=1)
    if days_before > rules.max_days_before or days_after > rules.max_days_after:
        raise ImageryError(
            f"{begins} and {images}, {days_before:.0f} days before and "
            f"{days_after:.0f} after; at most {rules.max_days_before:g} and "
            f"{rules.max_days_after:g} are allowed for {event.peril}: choose a closer "
            "pair"
        )


def _levels(
    bounds: Sequence[float], fine: Sequence[float], hectares: Sequence[float]
) -> tuple[float, ...]:
    """Hectares of the change levels from those of the finer bins."""
    sums = [0.0] * len(bounds)
    for least, ha in zip(fine, hectares, strict=True):
        sums[sum(one <= least for one in bounds) - 1] += ha
    return tuple(round(one, 4) for one in sums)


def _whole_pixels(
    parcels: Sequence[Parcel], change: Path, statistics: Sequence[UnitStatistics]
) -> list[int]:
    """Pixels of each parcel with those that it has off the raster, by its area."""
    with open_raster(change) as raster:
        frame = box(*raster.bounds)
        pixel = abs(raster.transform.determinant)
        to_raster = Transformer.from_crs("OGC:CRS84", raster.crs, always_xy=True)
    whole = []
    for parcel, one in zip(parcels, statistics, strict=True):
        shape = reproject(parcel.geometry, to_raster)
        off = 0.0 if frame.covers(shape) else shape.difference(frame).area / pixel
        whole.append(one.total_pixels + round(off))
    return whole


def _grade(
    rules: DamageRules,
    seen: UnitStatistics,
    total: int,
    observed: float,
    affected: float,
) -> tuple[str, str, str]:
    """Grade, crop key and the sentence that tells why."""
    valid = seen.valid_pixels
    off = total - seen.total_pixels
    if seen.total_pixels == 0:
        why = "The parcel lies off the images" if off else "The parcel holds no pixel"
        return NOT_ASSESSED, NOT_OBSERVED, f"{why}."
    if valid < max(1, rules.least_valid_pixels) or valid < (
        rules.least_valid_share * total
    ):
        parts = [f"{seen.cloudy_pixels} cloudy"] * bool(seen.cloudy_pixels)
        parts += [f"{off} off the images"] * bool(off)
        aside = f" ({', '.join(parts)})" if parts else ""
        return (
            NOT_ASSESSED,
            NOT_OBSERVED,
            f"Only {valid} of {total} pixels could be compared{aside}; the rules ask "
            f"for {rules.least_valid_pixels} and {rules.least_valid_share:.0%}.",
        )
    share = round(affected / observed, 4) if observed else 0.0
    reached = (word for word, least in rules.grades if share >= least)
    grade = next(reached, NO_VISIBLE_DAMAGE)
    crop_key = MET if share >= rules.crop_share else NOT_MET
    return (
        grade,
        crop_key,
        f"{affected:.2f} of {observed:.2f} observed ha ({share:.0%}) changed with a "
        f"score of {rules.affected_from:g} or more.",
    )
